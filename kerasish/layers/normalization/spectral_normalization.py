"""SpectralNormalization."""

from __future__ import annotations

from typing import Any

from kerasish import initializers, ops
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import positive
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.core.wrapper import Wrapper
from kerasish.typing import Config, ShapeLike


class SpectralNormalization(Wrapper):
    """A layer whose kernel is divided by its largest singular value, in each step of training.

    The value is found by power iteration, which goes on from step to step.

    Args:
        layer: a layer with a `kernel` (Dense, Conv2D, ...) or `embeddings`.
        power_iterations: int > 0, iterations in a step.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        training: bool or None; whether the layer acts as in training. None takes it from the call around.

    Raises:
        ValueError: when the layer has no kernel.

    Reference:
        Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018.

    >>> import kerasish as keras
    >>> layer = keras.layers.SpectralNormalization(keras.layers.Dense(2), power_iterations=50)
    >>> outputs = layer(keras.ops.ones((1, 3)), training=True)
    >>> round(float(keras.ops.max(keras.ops.svd(layer.kernel.value, compute_uv=False))), 2)
    1.0
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations: int = positive(power_iterations, "power_iterations")

    def build(self, input_shape: ShapeLike) -> None:
        super().build(input_shape)
        self.input_spec: InputSpec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernel = next(
            (getattr(self.layer, name) for name in ("kernel", "embeddings") if hasattr(self.layer, name)), None
        )
        if kernel is None:
            raise ValueError(
                f"`layer` must have a `kernel` or `embeddings`, and {type(self.layer).__name__} has neither."
            )
        self.kernel = kernel
        self.vector_u: Variable = self.add_weight(
            (1, kernel.shape[-1]),
            initializers.TruncatedNormal(stddev=0.02),
            name="vector_u",
            trainable=False,
            dtype=kernel.dtype,
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            vector, kernel = self.normalized_weights()
            self.vector_u.assign(vector)
            self.kernel.assign(kernel)
        return ops.cast(self.layer(inputs), inputs.dtype)

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def normalized_weights(self) -> tuple[Any, ...]:
        """The next vector of the iteration, and the kernel divided by its largest singular value.

        A kernel of zeros stays.
        """
        kernel, vector = self.kernel.value, self.vector_u.value
        weights, u = ops.reshape(kernel, (-1, kernel.shape[-1])), vector
        for _ in range(self.power_iterations):
            v = _unit(ops.matmul(u, ops.transpose(weights)))
            u = _unit(ops.matmul(v, weights))
        sigma = ops.reshape(ops.matmul(ops.matmul(v, weights), ops.transpose(u)), ())
        empty = ops.all(ops.equal(kernel, 0))
        return ops.where(empty, vector, u), kernel / ops.where(empty, ops.ones_like(sigma), sigma)

    def get_config(self) -> Config:
        return {**super().get_config(), "power_iterations": self.power_iterations}


def _unit(row):
    """A row vector of length 1."""
    return ops.normalize(row, axis=-1)
