"""SimpleRNN."""

from __future__ import annotations

from typing import Any

from kerasish.layers.rnn.cell_layer import CellLayer
from kerasish.layers.rnn.simple_rnn_cell import SimpleRNNCell
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, RegularizerLike, SeedLike


class SimpleRNN(CellLayer):
    """A fully connected recurrent layer: h = activation(x @ kernel + bias + h @ recurrent_kernel) over the steps.

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
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        recurrent_constraint: Constraint, its name or config, for the recurrent kernel after each update; None for
            none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        dropout: float from 0 to 1, the part of the inputs that is dropped in training.
        recurrent_dropout: float from 0 to 1, the part of the state h that is dropped in training.
        return_sequences: bool, whether to return the outputs of all steps or only that of the last.
        return_state: bool, whether to return the final states as well.
        go_backwards: bool, whether to go from the last step to the first; the outputs are in that order then.
        stateful: bool, whether the final states are the initial states of the next batch; the batch size must be
            known then.
        unroll: bool; True asks for a known number of steps. The loop runs the same way.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        sequences: tensor (batch, steps, features).
        initial_state: list of tensors (batch, units), the states to begin with; None for zeros (or the last ones,
            where `stateful`).
        mask: bool tensor (batch, steps): where it is False a step leaves the states as they are.
        training: bool or None; whether dropout acts. None takes it from the call around.

    Input shape:
        (batch, steps, features).

    Output shape:
        (batch, units) or, with `return_sequences`, (batch, steps, units).

    >>> import kerasish as keras
    >>> keras.layers.SimpleRNN(3, return_sequences=True)(keras.ops.ones((2, 5, 4))).shape
    (2, 5, 3)
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
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        arguments = dict(
            units=units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
        )
        super().__init__(
            SimpleRNNCell,
            arguments,
            "simple_rnn_cell",
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )

    def get_config(self) -> Config:
        config = super().get_config()
        config.pop("seed")  # Keras's config has none
        return config
