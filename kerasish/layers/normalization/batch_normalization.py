"""BatchNormalization."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from kerasish import constraints, initializers, ops, regularizers
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.float_formats import HALVES
from kerasish.backend.variable import Variable
from kerasish.distribution import shares
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.layers.normalization.batch_renormalization import BatchRenormalization, checked_clipping
from kerasish.typing import Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class BatchNormalization(Layer):
    """Inputs shifted and scaled, channel by channel, to mean 0 and variance 1, then to a learnt mean and scale.

    In training the statistics are the batch's, and moving averages of them are kept; otherwise the moving averages are
    used. A frozen layer (`trainable = False`) uses them in training too.

    Masked steps do not count in the statistics.

    Args:
        axis: int, the axis of the channels.
        momentum: float, how much of a moving average stays.
        epsilon: float, added to the variance.
        center: bool, whether to add the learnt `beta`.
        scale: bool, whether to multiply by the learnt `gamma`.
        beta_initializer: Initializer, its name or config, for `beta`.
        gamma_initializer: Initializer, its name or config, for `gamma`.
        moving_mean_initializer: Initializer, its name or config, for the moving mean.
        moving_variance_initializer: Initializer, its name or config, for the moving variance.
        beta_regularizer: Regularizer, its name or config, for `beta`; None for none.
        gamma_regularizer: Regularizer, its name or config, for `gamma`; None for none.
        beta_constraint: Constraint, its name or config, for `beta` after each update; None for none.
        gamma_constraint: Constraint, its name or config, for `gamma` after each update; None for none.
        renorm: bool, whether to correct the batch's statistics towards moving ones in training, which helps where
            batches are small; predictions are as without it.
        renorm_clipping: dict with bounds of the correction r * normalized + d, all optional: "rmin" and "rmax" of r,
            "dmax" of |d|; None for none.
        renorm_momentum: float, how much of the moving averages that correct stays.
        synchronized: bool, whether the statistics are those of the whole batch where several processes compute it
            (`keras.distribution`); False: each takes those of its share, and the moving averages are of all.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...; and `mode` of Keras 1: 0 (the default), 1 to
            normalize each sample by itself over its last axis, or 2 to use the batch's statistics in predictions too.

    Call arguments:
        training: bool or None; whether the layer acts as in training. None takes it from the call around.
        mask: bool tensor, where the inputs count in the statistics; None for everywhere.

    Raises:
        ValueError: for an axis out of range, an unknown number of channels, or bounds of `renorm_clipping` that no
            number meets.

    Reference:
        Ioffe and Szegedy, "Batch Normalization", 2015.

    >>> import kerasish as keras
    >>> layer = keras.layers.BatchNormalization()
    >>> outputs = layer(keras.ops.convert_to_tensor([[1.0], [3.0]]), training=True)
    >>> [round(float(x), 2) for x in outputs[:, 0]]
    [-1.0, 1.0]
    """

    old_arguments: dict[str, str] = {"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"}

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        moving_mean_initializer: InitializerLike = "zeros",
        moving_variance_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        self.mode: int = _checked_mode(kwargs.pop("mode", 0), axis)
        super().__init__(**kwargs)
        if not isinstance(axis, int):
            raise ValueError(f"`axis` must be an int, got {axis!r}.")
        self.axis: int = axis
        self.momentum: float = float(momentum)
        self.epsilon: float = float(epsilon)
        self.center: bool = center
        self.scale: bool = scale
        self.synchronized: bool = synchronized
        self.renorm: bool = renorm
        self.renorm_clipping: Any = checked_clipping(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum: float = renorm_momentum
        self.beta_initializer: Callable[..., Any] = initializers.get(beta_initializer)
        self.gamma_initializer: Callable[..., Any] = initializers.get(gamma_initializer)
        self.moving_mean_initializer: Callable[..., Any] = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer: Callable[..., Any] = initializers.get(moving_variance_initializer)
        self.beta_regularizer: Callable[..., Any] | None = regularizers.get(beta_regularizer)
        self.gamma_regularizer: Callable[..., Any] | None = regularizers.get(gamma_regularizer)
        self.beta_constraint: Callable[..., Any] | None = constraints.get(beta_constraint)
        self.gamma_constraint: Callable[..., Any] | None = constraints.get(gamma_constraint)
        self.supports_masking = True
        self.input_spec: InputSpec = InputSpec()  # one tensor

    def build(self, input_shape: ShapeLike) -> None:
        rank = len(input_shape)
        if not -rank <= self.axis < rank:
            raise ValueError(f"`axis`={self.axis} of {self.name!r} is out of range for inputs of shape {input_shape}.")
        channels = input_shape[self.axis]
        if channels is None:
            raise ValueError(
                f"{self.name!r} needs to know the size of axis {self.axis}; the input shape is {input_shape}."
            )
        self.input_spec: InputSpec = InputSpec(ndim=rank, axes={self.axis: channels})
        self.gamma = self.beta = None
        if self.scale:
            self.gamma: Variable | None = self.add_weight(
                (channels,),
                self.gamma_initializer,
                name="gamma",
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                autocast=False,
            )
        if self.center:
            self.beta: Variable | None = self.add_weight(
                (channels,),
                self.beta_initializer,
                name="beta",
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                autocast=False,
            )
        self.moving_mean: Variable = self.add_weight(
            (channels,), self.moving_mean_initializer, name="moving_mean", trainable=False, autocast=False
        )
        self.moving_variance: Variable = self.add_weight(
            (channels,), self.moving_variance_initializer, name="moving_variance", trainable=False, autocast=False
        )
        self._renormalization = BatchRenormalization(self, channels) if self.renorm else None

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        dtype = standardize_dtype(inputs.dtype)
        half = dtype in HALVES
        if half:  # sums of squares overflow in half precision
            inputs = ops.cast(inputs, "float32")
        if self.mode == 1:
            outputs = self._sample_by_sample(inputs)
            return ops.cast(outputs, dtype) if half else outputs
        scale, offset = self.gamma, self.beta
        if self.mode == 2:
            mean, variance = self._moments(inputs, mask)
        elif training and self.trainable:
            mean, variance = self._moments(inputs, mask)
            if self._renormalization is None:
                self.move(self.moving_mean, mean, self.momentum)
                self.move(self.moving_variance, variance, self.momentum)
            else:
                r, d = self._renormalization(mean, variance)
                scale, offset = (r, d) if scale is None else (r * scale, d * scale)
                offset = offset if self.beta is None else offset + self.beta
        else:
            mean, variance = self.moving_mean, self.moving_variance
        outputs = ops.batch_normalization(
            inputs, mean, variance, axis=self.axis, offset=offset, scale=scale, epsilon=self.epsilon
        )
        return ops.cast(outputs, dtype) if half else outputs

    def _sample_by_sample(self, inputs):
        """As Keras 1 did in mode 1: `epsilon` is added to the variance, and to its root."""
        mean, variance = ops.moments(inputs, axes=-1, keepdims=True)
        outputs = (inputs - mean) / (ops.sqrt(variance + self.epsilon) + self.epsilon)
        outputs = outputs if self.gamma is None else outputs * self.gamma
        return outputs if self.beta is None else outputs + self.beta

    def move(self, average: Variable, value: Any, momentum: float) -> None:
        """Let a moving average keep so much of what it is, and take the rest from `value`: of all ranks the mean."""
        value = value if self.synchronized else shares.averaged(value)
        average.assign(average * momentum + value * (1.0 - momentum))

    def _moments(self, inputs, mask):
        """Mean and variance of each channel, over what the mask leaves."""
        rank = len(inputs.shape)
        axes = [i for i in range(rank) if i != self.axis % rank]
        if self.synchronized and shares.current() is not None:
            return self._moments_of_all(inputs, mask, axes)
        if mask is None:
            return ops.moments(inputs, axes=axes)
        weights = self._weights(inputs, mask)
        count = ops.sum(weights, axis=axes) + 1e-7
        mean = ops.sum(inputs * weights, axis=axes) / count
        return mean, ops.sum(ops.square(inputs - self._broadcast(mean, rank)) * weights, axis=axes) / count

    def _moments_of_all(self, inputs, mask, axes):
        """As `_moments`, over the samples of all ranks."""
        rank = len(inputs.shape)
        if mask is None:
            count = shares.count_of_all(math.prod(inputs.shape[axis] for axis in axes), inputs.shape[0])
            mean = shares.summed(ops.sum(inputs, axis=axes)) / count
            around = ops.square(inputs - self._broadcast(mean, rank))
            return mean, shares.summed(ops.sum(around, axis=axes)) / count
        weights = self._weights(inputs, mask)
        count = shares.summed(ops.sum(weights, axis=axes)) + 1e-7
        mean = shares.summed(ops.sum(inputs * weights, axis=axes)) / count
        around = ops.square(inputs - self._broadcast(mean, rank)) * weights
        return mean, shares.summed(ops.sum(around, axis=axes)) / count

    def _broadcast(self, channels, rank):
        return ops.reshape(channels, [-1 if i == self.axis % rank else 1 for i in range(rank)])

    @staticmethod
    def _weights(inputs, mask):
        """The mask as numbers in the shape of the inputs."""
        weights = ops.cast(mask, standardize_dtype(inputs.dtype))
        weights = ops.reshape(weights, (*mask.shape, *[1] * (len(inputs.shape) - len(mask.shape))))
        return ops.broadcast_to(weights, ops.shape(inputs))

    def get_config(self) -> Config:
        plain = {
            name: getattr(self, name)
            for name in (
                "axis",
                "momentum",
                "epsilon",
                "center",
                "scale",
                "synchronized",
                "renorm",
                "renorm_clipping",
                "renorm_momentum",
            )
        }
        made = {
            name: initializers.serialize(getattr(self, name))
            for name in (
                "beta_initializer",
                "gamma_initializer",
                "moving_mean_initializer",
                "moving_variance_initializer",
            )
        }
        return {
            **super().get_config(),
            **plain,
            **made,
            **({"mode": self.mode} if self.mode else {}),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }


def _checked_mode(mode, axis):
    """Keras 1's `mode`. Raises ValueError for an unknown one, and for 1 along another axis than the last."""
    if mode not in (0, 1, 2):
        raise ValueError(f"`mode` must be 0, 1 or 2, got {mode!r}.")
    if mode == 1 and axis != -1:
        raise ValueError(f"`mode=1` normalizes each sample over its last axis: `axis` must be -1, got {axis!r}.")
    return mode
