"""LayerNormalization."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from kerasish import constraints, initializers, ops, regularizers
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.float_formats import HALVES
from kerasish.backend.variable import Variable
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class LayerNormalization(Layer):
    """Each sample shifted and scaled over `axis` to mean 0 and variance 1, then to a learnt mean and scale.

    Args:
        axis: int or list of ints, usually the channels.
        epsilon: float, added to the variance.
        center: bool, whether to add `beta`, whose shape is that of `axis`.
        scale: bool, whether to multiply by `gamma`, whose shape is that of `axis`.
        beta_initializer: Initializer, its name or config, for `beta`.
        gamma_initializer: Initializer, its name or config, for `gamma`.
        beta_regularizer: Regularizer, its name or config, for `beta`; None for none.
        gamma_regularizer: Regularizer, its name or config, for `gamma`; None for none.
        beta_constraint: Constraint, its name or config, for `beta` after each update; None for none.
        gamma_constraint: Constraint, its name or config, for `gamma` after each update; None for none.
        **kwargs: `rms_scaling` as in old configs: the mean is not subtracted, while the divisor is still the
            deviation from it. There is a `gamma` always and no `beta`, whatever `scale` and `center` say.
            `RMSNormalization` divides by the root mean square. The others are those of `Layer`.

    Reference:
        Ba, Kiros and Hinton, "Layer Normalization", 2016.

    >>> import kerasish as keras
    >>> outputs = keras.layers.LayerNormalization()(keras.ops.convert_to_tensor([[0.0, 4.0]]))
    >>> [round(float(x), 2) for x in outputs[0]]
    [-1.0, 1.0]
    """

    def __init__(
        self,
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
        self.rms_scaling: Any = kwargs.pop("rms_scaling", False)
        if self.rms_scaling:
            warnings.warn(
                "`rms_scaling=True` divides by the deviation, as old configs want it; `RMSNormalization` by the root "
                "mean square.",
                stacklevel=2,
            )
        super().__init__(**kwargs)
        if not isinstance(axis, int) and not (
            isinstance(axis, (list, tuple)) and all(isinstance(a, int) for a in axis)
        ):
            raise TypeError(f"`axis` must be an int or a list of ints, got {axis!r}.")
        self.axis = axis if isinstance(axis, int) else sorted(axis)
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
        axes = self.axis = [self.axis] if isinstance(self.axis, int) else self.axis
        if any(not -rank <= a < rank for a in axes):
            raise ValueError(f"`axis`={self.axis} of {self.name!r} is out of range for inputs of shape {input_shape}.")
        shape = tuple(input_shape[a] for a in axes)
        self.gamma = self.beta = None
        if self.scale or self.rms_scaling:
            self.gamma: Variable | None = self.add_weight(
                shape,
                self.gamma_initializer,
                name="gamma",
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                autocast=False,
            )
        if self.center and not self.rms_scaling:
            self.beta: Variable | None = self.add_weight(
                shape,
                self.beta_initializer,
                name="beta",
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                autocast=False,
            )

    def call(self, inputs: Any) -> Any:
        dtype = standardize_dtype(inputs.dtype)
        half = dtype in HALVES
        if half:
            inputs = ops.cast(inputs, "float32")
        more = {"rms_scaling": True} if self.rms_scaling else {}
        outputs = ops.layer_normalization(
            inputs, gamma=self.gamma, beta=self.beta, axis=self.axis, epsilon=self.epsilon, **more
        )
        return ops.cast(outputs, dtype) if half else outputs

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "rms_scaling": self.rms_scaling,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }
