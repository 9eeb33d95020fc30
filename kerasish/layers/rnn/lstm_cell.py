"""LSTMCell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations, ops
from kerasish.layers.rnn.recurrent_cell import OLD_ARGUMENTS, RecurrentCell
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, RegularizerLike, SeedLike


class LSTMCell(RecurrentCell):
    """One step of a long short-term memory.

    With the gates i, f, o = recurrent_activation(x @ kernel + bias + h @ recurrent_kernel) and the candidate g =
    activation(likewise): c = f * c + i * g; h = o * activation(c). The columns of the kernels are i, f, g, o.

    Args:
        units: int > 0, the size of the states h and c.
        activation: name or function, of the candidate and of c where it becomes the output.
        recurrent_activation: names or functions.
        use_bias: bool, whether a learnt bias is added.
        kernel_initializer: Initializer, its name or config, for the kernel.
        recurrent_initializer: Initializer, its name or config, for the recurrent kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        unit_forget_bias: whether the bias of the forget gate starts at 1.
        kernel_regularizer: Regularizer, its name or config, for the kernel; None for none.
        recurrent_regularizer: Regularizer, its name or config, for the recurrent kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the bias; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        recurrent_constraint: Constraint, its name or config, for the recurrent kernel after each update; None for
            none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        dropout: floats from 0 to 1, the parts of the inputs and of h that are dropped in training.
        recurrent_dropout: floats from 0 to 1, the parts of the inputs and of h that are dropped in training.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        inputs: tensor (batch, features), one step.
        states: list of tensors (batch, units), the states before the step.
        training: bool or None; whether dropout acts. None takes it from the call around.

    Returns:
        (h, [h, c]).

    Reference:
        Hochreiter and Schmidhuber, "Long short-term memory", 1997.

    >>> import kerasish as keras
    >>> h, states = keras.layers.LSTMCell(3)(keras.ops.ones((2, 5)), [keras.ops.zeros((2, 3))] * 2)
    >>> h.shape, len(states)
    ((2, 3), 2)
    """

    gates = 4
    old_arguments: dict[str, str] = {**OLD_ARGUMENTS, "forget_bias_init": "unit_forget_bias"}

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
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
        self.unit_forget_bias: bool = unit_forget_bias in (True, "one", "ones")  # Keras 1 named an initializer here
        self.state_size: list[int] = [self.units, self.units]

    def initializer_of(self, part: Any) -> Any:
        initializer = super().initializer_of(part)
        if part != "bias" or not self.unit_forget_bias:
            return initializer
        units = self.units

        def with_ones(shape, dtype=None, **kwargs):
            first, rest = initializer((units,), dtype=dtype), initializer((2 * units,), dtype=dtype)
            return ops.concatenate([first, ops.ones((units,), dtype=dtype), rest], axis=0)

        return with_ones

    def stepper(self, state: Any, training: bool) -> Any:
        """A function (inputs' half, [h, c]) -> [new h, new c]."""
        recur, gate, squash = self.recur(state, training), self.recurrent_activation or _same, self.activation or _same
        joined = not (training and self.recurrent_dropout)
        kernel = self.cast(self.recurrent_kernel) if joined else None

        def step(z, states):
            h, c = states
            if joined:
                i, f, g, o = self.cut(ops.add(z, self.through(h, kernel)))
            else:
                i, f, g, o = (ops.add(a, b) for a, b in zip(self.cut(z), recur(h, 0, 4)))
            c = ops.add(ops.multiply(gate(f), c), ops.multiply(gate(i), squash(g)))
            return [ops.multiply(gate(o), squash(c)), c]

        return step

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        return self.one_step(inputs, states, training)

    _halves = call

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }


def _same(x):
    return x
