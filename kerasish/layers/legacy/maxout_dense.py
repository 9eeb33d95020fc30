"""MaxoutDense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import constraints, initializers, ops, regularizers
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import positive, serialized
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class MaxoutDense(Layer):
    """A layer of Keras 1: the largest of `nb_feature` linear functions of the inputs, for each output.

    Args:
        output_dim: int > 0, the number of outputs.
        nb_feature: int > 0, of how many functions the largest is taken.
        init: Initializer, its name or config, for the kernel.
        weights: list of arrays, the weights to begin with; None for those of the initializers.
        W_regularizer: Regularizer, its name or config, for the kernel; None for none.
        b_regularizer: Regularizer, its name or config, for the bias; None for none.
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        W_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        b_constraint: Constraint, its name or config, for the bias after each update; None for none.
        bias: bool, whether a learnt bias is added.
        input_dim: int or None; in the first layer of a model, the size of the last axis of the inputs.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, features).

    Output shape:
        (batch, output_dim).

    Reference:
        Goodfellow et al., "Maxout networks", 2013.

    >>> import kerasish as keras
    >>> keras.layers.MaxoutDense(4, nb_feature=3)(keras.ops.ones((2, 5))).shape
    (2, 4)
    """

    def __init__(
        self,
        output_dim: int,
        nb_feature: int = 4,
        init: InitializerLike = "glorot_uniform",
        weights: Any = None,
        W_regularizer: RegularizerLike = None,
        b_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        W_constraint: ConstraintLike = None,
        b_constraint: ConstraintLike = None,
        bias: bool = True,
        input_dim: int | None = None,
        **kwargs: Any,
    ) -> None:
        given = {"weights": weights, "input_dim": input_dim}
        kwargs.update({name: value for name, value in given.items() if value is not None})
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.output_dim: int = positive(output_dim, "output_dim")
        self.nb_feature: int = positive(nb_feature, "nb_feature")
        self.init: Callable[..., Any] = initializers.get(init)
        self.W_regularizer: Callable[..., Any] | None = regularizers.get(W_regularizer)
        self.b_regularizer: Callable[..., Any] | None = regularizers.get(b_regularizer)
        self.W_constraint: Callable[..., Any] | None = constraints.get(W_constraint)
        self.b_constraint: Callable[..., Any] | None = constraints.get(b_constraint)
        self.bias: bool = bias
        self.input_spec = InputSpec(ndim=2)

    def build(self, input_shape: ShapeLike) -> None:
        size = input_shape[-1]
        if size is None:
            raise ValueError(
                f"{self.name!r} needs to know the number of features; the input shape is {tuple(input_shape)}."
            )
        self.input_spec: InputSpec = InputSpec(ndim=2, axes={-1: size})
        self.W: Variable = self.add_weight(
            (self.nb_feature, size, self.output_dim),
            self.init,
            name="W",
            regularizer=self.W_regularizer,
            constraint=self.W_constraint,
        )
        self.b: Variable | None = None
        if self.bias:
            self.b = self.add_weight(
                (self.nb_feature, self.output_dim),
                "zeros",
                name="b",
                regularizer=self.b_regularizer,
                constraint=self.b_constraint,
            )

    def call(self, inputs: Any) -> Any:
        outputs = ops.einsum("ni,kio->nko", inputs, self.W)
        return ops.max(outputs if self.b is None else outputs + self.b, axis=1)

    def get_config(self) -> Config:
        objects = {
            "init": initializers,
            "W_regularizer": regularizers,
            "b_regularizer": regularizers,
            "activity_regularizer": regularizers,
            "W_constraint": constraints,
            "b_constraint": constraints,
        }
        plain = {name: getattr(self, name) for name in ("output_dim", "nb_feature", "bias")}
        return {**super().get_config(), **serialized(self, objects), **plain}
