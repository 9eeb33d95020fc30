"""GroupNormalization."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish import constraints, initializers, ops, regularizers
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.float_formats import HALVES
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import serialized
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class GroupNormalization(Layer):
    """Each sample's channels, in groups, shifted and scaled to mean 0 and variance 1 over a group and all of space.

    Then to a learnt mean and scale.

    Args:
        groups: int that divides the number of channels; -1 for a group each channel.
        axis: int, the axis of the channels.
        epsilon: float, added to the variance.
        center: bool, whether to add `beta`, one a channel.
        scale: bool, whether to multiply by `gamma`, one a channel.
        beta_initializer: Initializer, its name or config, for `beta`.
        gamma_initializer: Initializer, its name or config, for `gamma`.
        beta_regularizer: Regularizer, its name or config, for `beta`; None for none.
        gamma_regularizer: Regularizer, its name or config, for `gamma`; None for none.
        beta_constraint: Constraint, its name or config, for `beta` after each update; None for none.
        gamma_constraint: Constraint, its name or config, for `gamma` after each update; None for none.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Raises:
        ValueError: when `groups` does not divide the number of channels, or that is unknown.

    Reference:
        Wu and He, "Group Normalization", 2018.

    >>> import kerasish as keras
    >>> outputs = keras.layers.GroupNormalization(1)(keras.ops.convert_to_tensor([[0.0, 4.0]]))
    >>> [round(float(x), 2) for x in outputs[0]]
    [-1.0, 1.0]
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int | Sequence[int] = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (("groups", groups), ("axis", axis)):
            if isinstance(value, bool) or not isinstance(value, int) or name == "groups" and value < 1 and value != -1:
                raise ValueError(f"`{name}` must be an int{' > 0, or -1' if name == 'groups' else ''}, got {value!r}.")
        self.groups = groups
        self.axis: int | Sequence[int] = axis
        self.epsilon: float = epsilon
        self.center: bool = center
        self.scale: bool = scale
        self.beta_initializer: Callable[..., Any] = initializers.get(beta_initializer)
        self.gamma_initializer: Callable[..., Any] = initializers.get(gamma_initializer)
        self.beta_regularizer: Callable[..., Any] | None = regularizers.get(beta_regularizer)
        self.gamma_regularizer: Callable[..., Any] | None = regularizers.get(gamma_regularizer)
        self.beta_constraint: Callable[..., Any] | None = constraints.get(beta_constraint)
        self.gamma_constraint: Callable[..., Any] | None = constraints.get(gamma_constraint)
        self.supports_masking = True
        self.input_spec: InputSpec = InputSpec()  # one tensor

    def build(self, input_shape: ShapeLike) -> None:
        rank = len(input_shape)
        if not -rank <= self.axis < rank or self.axis % rank == 0:
            raise ValueError(
                f"`axis`={self.axis} of {self.name!r} must be an axis of the inputs, of shape {input_shape}, and not "
                "the batch."
            )
        channels = input_shape[self.axis]
        if channels is None:
            raise ValueError(
                f"{self.name!r} needs to know the size of axis {self.axis}; the input shape is {input_shape}."
            )
        groups = channels if self.groups == -1 else self.groups
        if channels % groups:
            raise ValueError(
                f"The number of channels ({channels}) must be a multiple of `groups` ({groups}); the input shape is "
                f"{input_shape}."
            )
        self.groups: int = groups
        self.input_spec: InputSpec = InputSpec(ndim=rank, axes={self.axis: channels})
        self.gamma = self.beta = None
        if self.scale:
            self.gamma: Variable | None = self.add_weight(
                (channels,),
                self.gamma_initializer,
                name="gamma",
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta: Variable | None = self.add_weight(
                (channels,),
                self.beta_initializer,
                name="beta",
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )

    def call(self, inputs: Any) -> Any:
        dtype = standardize_dtype(inputs.dtype)
        if dtype not in HALVES:
            return self._normalized(inputs)
        return ops.cast(self._normalized(ops.cast(inputs, "float32")), dtype)  # squares overflow in half precision

    def _normalized(self, inputs):
        shape = tuple(inputs.shape)
        axis = self.axis % len(shape)
        channels = shape[axis]
        grouped = ops.reshape(inputs, (*shape[:axis], self.groups, channels // self.groups, *shape[axis + 1 :]))
        across = tuple(a for a in range(1, len(shape) + 1) if a != axis)
        mean, variance = ops.moments(grouped, across, keepdims=True)
        normal = ops.multiply(ops.subtract(grouped, mean), ops.rsqrt(ops.add(variance, self.epsilon)))
        outputs = ops.reshape(normal, shape)
        along = tuple(channels if a == axis else 1 for a in range(len(shape)))
        if self.gamma is not None:
            outputs = ops.multiply(outputs, ops.reshape(self.gamma, along))
        return outputs if self.beta is None else ops.add(outputs, ops.reshape(self.beta, along))

    def get_config(self) -> Config:
        objects = {f"{name}_{kind}": module for name in ("beta", "gamma") for kind, module in _KINDS.items()}
        plain = {name: getattr(self, name) for name in ("groups", "axis", "epsilon", "center", "scale")}
        return {**super().get_config(), **plain, **serialized(self, objects)}


_KINDS = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
