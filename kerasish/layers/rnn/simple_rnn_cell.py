"""SimpleRNNCell."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.rnn.recurrent_cell import RecurrentCell
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, RegularizerLike, SeedLike


class SimpleRNNCell(RecurrentCell):
    """One step of a fully connected recurrent layer: h = activation(x @ kernel + bias + h @ recurrent_kernel).

    Args:
        units: int > 0, the size of the state.
        activation: name or function, of the new state.
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
        dropout: floats from 0 to 1, the parts of the inputs and of the state that are dropped in training.
        recurrent_dropout: floats from 0 to 1, the parts of the inputs and of the state that are dropped in
            training.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        states: list of tensors (batch, units), the states before the step.
        training: bool or None; whether dropout acts. None takes it from the call around.

    Returns:
        (h, new state).

    >>> import kerasish as keras
    >>> h, states = keras.layers.SimpleRNNCell(3)(keras.ops.ones((2, 5)), [keras.ops.zeros((2, 3))])
    >>> h.shape, len(states)
    ((2, 3), 1)
    """

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
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
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        parts = {
            "kernel": (kernel_initializer, kernel_regularizer, kernel_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
            "recurrent": (recurrent_initializer, recurrent_regularizer, recurrent_constraint),
        }
        super().__init__(units, activation, use_bias, parts, dropout, recurrent_dropout, seed, **kwargs)

    def stepper(self, state: Any, training: bool) -> Any:
        """A function (inputs' half, [h]) -> [new h]."""
        recur = self.recur(state, training)

        def step(z, states):
            h = ops.add(z, recur(states[0], 0, 1)[0])
            return [h if self.activation is None else self.activation(h)]

        return step

    def call(self, sequence: Any, states: Any, training: bool = False) -> Any:
        return self.one_step(sequence, states, training)

    _halves = call

    def get_config(
        self,
    ) -> Config:  # defined beside `__init__`: a class that has only that gets its arguments recorded, old ones too
        return super().get_config()
