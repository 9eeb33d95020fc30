"""Initializers that draw nothing: zeros, ones, a constant, the identity matrix."""

from __future__ import annotations

from kerasish import ops
from kerasish.backend import standardize_dtype
from kerasish.backend.fixed_arrays import fixed
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.initializers.initializer import Initializer
from kerasish.typing import AnyTensor, Config, DTypeLike, ShapeLike, TensorLike


class Zeros(Initializer):
    """All 0.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.Zeros()((2,)).tolist()
        [0.0, 0.0]
    """

    draws_nothing: bool = True

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        return ops.zeros(shape, dtype=standardize_dtype(dtype))


class Ones(Initializer):
    """All 1.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.Ones()((2,)).tolist()
        [1.0, 1.0]
    """

    draws_nothing: bool = True

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        return ops.ones(shape, dtype=standardize_dtype(dtype))


class Constant(Initializer):
    """All `value`.

    Args:
        value: number, or an array that broadcasts to the shape asked for, of which a copy is kept.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.Constant(3.0)((2,)).tolist()
        [3.0, 3.0]
    """

    def __init__(self, value: TensorLike = 0.0) -> None:
        self.value = fixed(value)

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        dtype = standardize_dtype(dtype)
        return ops.multiply(ops.cast(self.value, dtype), ops.ones(shape, dtype=dtype))

    def get_config(self) -> Config:
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: Config) -> Constant:
        return cls(deserialize_keras_object(config["value"]))


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere.

    Args:
        gain: number, on the diagonal.

    Raises:
        ValueError: for a shape that is no matrix.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.Identity(gain=2.0)((2, 3)).tolist()
        [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        if len(shape) != 2:
            raise ValueError(f"Identity makes matrices: `shape` must have two sizes, got {tuple(shape)}.")
        dtype = standardize_dtype(dtype)
        return ops.multiply(ops.eye(*shape, dtype=dtype), ops.cast(self.gain, dtype))

    def get_config(self) -> Config:
        # Keras never saves the gain. At its default the config equals Keras's; a changed one survives a save.
        return {} if self.gain == 1.0 else {"gain": self.gain}
