"""GRUCell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations, ops
from kerasish.layers.rnn.recurrent_cell import RecurrentCell
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, RegularizerLike, SeedLike


class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit.

    With the gates z, r = recurrent_activation(x @ kernel + bias + h @ recurrent_kernel) and the candidate g =
    activation(x @ kernel + bias + r * (h @ recurrent_kernel + recurrent bias)), or (r * h) @ recurrent_kernel where
    `reset_after` is False: h = z * h + (1 - z) * g. The columns of the kernels are z, r, g.

    Args:
        units: int > 0, the size of the state.
        activation: name or function, of the candidate for the new state.
        recurrent_activation: names or functions.
        use_bias: bool, whether a learnt bias is added.
        kernel_initializer: Initializer, its name or config, for the kernel.
        recurrent_initializer: Initializer, its name or config, for the recurrent kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        kernel_regularizer: Regularizer, its name or config, for the kernel; None for none.
        recurrent_regularizer: Regularizer, its name or config, for the recurrent kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the bias; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        recurrent_constraint: Constraint, its name or config, for the recurrent kernel after each update; None for
            none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        dropout: floats from 0 to 1, the parts of the inputs and of h that are dropped in training.
        recurrent_dropout: floats from 0 to 1, the parts of the inputs and of h that are dropped in training.
        reset_after: whether the reset gate comes after the multiplication; the bias has shape (2, 3 * units) then,
            else (3 * units,).
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        inputs: tensor (batch, features), one step.
        states: list of tensors (batch, units), the states before the step.
        training: bool or None; whether dropout acts. None takes it from the call around.

    Returns:
        (h, new state).

    Reference:
        Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
        2014.

    >>> import kerasish as keras
    >>> h, states = keras.layers.GRUCell(3)(keras.ops.ones((2, 5)), [keras.ops.zeros((2, 3))])
    >>> h.shape, len(states)
    ((2, 3), 1)
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        parts = {
            "kernel": (kernel_initializer, kernel_regularizer, kernel_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
            "recurrent": (recurrent_initializer, recurrent_regularizer, recurrent_constraint),
        }
        super().__init__(units, activation, use_bias, parts, dropout, recurrent_dropout, seed, **kwargs)
        self.recurrent_activation: Callable[..., Any] = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def bias_shape(self) -> Any:
        return (2, 3 * self.units) if self.reset_after else super().bias_shape()

    def input_bias(self) -> Any:
        bias = super().input_bias()
        return bias[0] if self.reset_after and bias is not None else bias

    def spans(self) -> list[Any]:
        return [(0, 3)] if self.reset_after else [(0, 2), (2, 3)]

    def stepper(self, state: Any, training: bool) -> Any:
        """A function (inputs' half, [h]) -> [new h]."""
        recur, gate = self.recur(state, training), self.recurrent_activation or _same
        squash = self.activation or _same
        biases = self.cut(self.cast(self.bias)[1]) if self.reset_after and self.use_bias else None

        def step(x, states):
            h = states[0]
            x_z, x_r, x_g = self.cut(x)
            if self.reset_after:
                inner = recur(h, 0, 3)
                h_z, h_r, h_g = inner if biases is None else (ops.add(a, b) for a, b in zip(inner, biases))
            else:
                h_z, h_r = recur(h, 0, 2)
            z, r = gate(ops.add(x_z, h_z)), gate(ops.add(x_r, h_r))
            h_g = ops.multiply(r, h_g) if self.reset_after else recur(ops.multiply(r, h), 2, 3)[0]
            g = squash(ops.add(x_g, h_g))
            return [ops.add(g, ops.multiply(z, ops.subtract(h, g)))]

        return step

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        return self.one_step(inputs, states, training)

    _halves = call

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "reset_after": self.reset_after,
        }


def _same(x):
    return x
