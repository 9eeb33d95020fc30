"""PReLU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import serialized
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Axis, Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class PReLU(Layer):
    """inputs where they are positive, else inputs times a learnt slope.

    Args:
        alpha_initializer: Initializer, its name or config, for the slope.
        alpha_regularizer: Regularizer, its name or config, for the slope; None for none.
        alpha_constraint: Constraint, its name or config, for the slope after each update; None for none.
        shared_axes: axes along which one slope is shared.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Reference:
        He et al., "Delving Deep into Rectifiers", 2015.

    >>> import kerasish as keras
    >>> keras.layers.PReLU(alpha_initializer="ones")(keras.ops.convert_to_tensor([[-1.0, 2.0]])).tolist()
    [[-1.0, 2.0]]
    """

    old_arguments: dict[str, str] = {"init": "alpha_initializer"}

    def __init__(
        self,
        alpha_initializer: InitializerLike = "Zeros",
        alpha_regularizer: RegularizerLike = None,
        alpha_constraint: ConstraintLike = None,
        shared_axes: Axis = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer: Callable[..., Any] = initializers.get(alpha_initializer)
        self.alpha_regularizer: Callable[..., Any] | None = regularizers.get(alpha_regularizer)
        self.alpha_constraint: Callable[..., Any] | None = constraints.get(alpha_constraint)
        self.shared_axes = (
            None
            if shared_axes is None
            else list(shared_axes)
            if isinstance(shared_axes, (list, tuple))
            else [shared_axes]
        )
        self.supports_masking = True
        self.input_spec: InputSpec = InputSpec()  # one tensor

    def build(self, input_shape: ShapeLike) -> None:
        shared = self.shared_axes or ()
        shape = [1 if i in shared else d for i, d in enumerate(input_shape)][1:]
        self.alpha: Variable = self.add_weight(
            shape,
            self.alpha_initializer,
            name="alpha",
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        self.input_spec: InputSpec = InputSpec(
            ndim=len(input_shape), axes={i: d for i, d in enumerate(input_shape) if i and i not in shared}
        )

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs) - self.alpha * activations.relu(ops.negative(inputs))

    def get_config(self) -> Config:
        objects = {
            "alpha_initializer": initializers,
            "alpha_regularizer": regularizers,
            "alpha_constraint": constraints,
        }
        return {**super().get_config(), **serialized(self, objects), "shared_axes": self.shared_axes}
