"""Highway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import serialized
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class Highway(Layer):
    """A layer of Keras 1: a gate decides, feature by feature, how much is transformed and how much passes as it is.

    With t = sigmoid(inputs @ W_carry + b_carry): t * activation(inputs @ W + b) + (1 - t) * inputs.

    Args:
        init: Initializer, its name or config, for both kernels.
        activation: name or function applied to what is transformed; None for none.
        weights: list of arrays, the weights to begin with; None for those of the initializers.
        W_regularizer: Regularizer, its name or config, for the kernel W; None for none.
        b_regularizer: Regularizer, its name or config, for the bias b; None for none.
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        W_constraint: Constraint, its name or config, for the kernel W after each update; None for none.
        b_constraint: Constraint, its name or config, for the bias b after each update; None for none.
        bias: bool, whether learnt biases are added.
        input_dim: int or None; in the first layer of a model, the size of the last axis of the inputs.
        transform_bias: float, with which the bias of the gate begins (1 since Keras 1.2, -2 before).
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, features).

    Output shape:
        that of the inputs.

    Reference:
        Srivastava et al., "Highway networks", 2015.

    >>> import kerasish as keras
    >>> keras.layers.Highway(activation="relu")(keras.ops.ones((2, 3))).shape
    (2, 3)
    """

    def __init__(
        self,
        init: InitializerLike = "glorot_uniform",
        activation: ActivationLike = None,
        weights: Any = None,
        W_regularizer: RegularizerLike = None,
        b_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        W_constraint: ConstraintLike = None,
        b_constraint: ConstraintLike = None,
        bias: bool = True,
        input_dim: int | None = None,
        transform_bias: float = 1.0,
        **kwargs: Any,
    ) -> None:
        given = {"weights": weights, "input_dim": input_dim}
        kwargs.update({name: value for name, value in given.items() if value is not None})
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.init: Callable[..., Any] = initializers.get(init)
        self.activation: Callable[..., Any] = activations.get(activation)
        self.W_regularizer: Callable[..., Any] | None = regularizers.get(W_regularizer)
        self.b_regularizer: Callable[..., Any] | None = regularizers.get(b_regularizer)
        self.W_constraint: Callable[..., Any] | None = constraints.get(W_constraint)
        self.b_constraint: Callable[..., Any] | None = constraints.get(b_constraint)
        self.bias: bool = bias
        self.transform_bias: float = float(transform_bias)
        self.input_spec = InputSpec(ndim=2)

    def build(self, input_shape: ShapeLike) -> None:
        size = input_shape[-1]
        if size is None:
            raise ValueError(
                f"{self.name!r} needs to know the number of features; the input shape is {tuple(input_shape)}."
            )
        self.input_spec: InputSpec = InputSpec(ndim=2, axes={-1: size})
        self.W: Variable = self.add_weight(
            (size, size), self.init, name="W", regularizer=self.W_regularizer, constraint=self.W_constraint
        )
        self.W_carry: Variable = self.add_weight((size, size), self.init, name="W_carry")
        self.b: Variable | None = None
        self.b_carry: Variable | None = None
        if self.bias:
            self.b = self.add_weight(
                (size,), "zeros", name="b", regularizer=self.b_regularizer, constraint=self.b_constraint
            )
            self.b_carry = self.add_weight((size,), initializers.Constant(self.transform_bias), name="b_carry")

    def call(self, inputs: Any) -> Any:
        gate, new = ops.matmul(inputs, self.W_carry), ops.matmul(inputs, self.W)
        if self.bias:
            gate, new = gate + self.b_carry, new + self.b
        gate = activations.sigmoid(gate)
        return gate * self.activation(new) + (1.0 - gate) * inputs

    def get_config(self) -> Config:
        objects = {
            "init": initializers,
            "activation": activations,
            "W_regularizer": regularizers,
            "b_regularizer": regularizers,
            "activity_regularizer": regularizers,
            "W_constraint": constraints,
            "b_constraint": constraints,
        }
        made = serialized(self, objects)
        return {**super().get_config(), **made, "bias": self.bias, "transform_bias": self.transform_bias}
