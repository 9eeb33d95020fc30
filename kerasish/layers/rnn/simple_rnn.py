"""SimpleRNN."""

from __future__ import annotations

from typing import Any

from kerasish.layers.rnn.cell_layer import CellLayer
from kerasish.layers.rnn.simple_rnn_cell import SimpleRNNCell
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, RegularizerLike, SeedLike


class SimpleRNN(CellLayer):
    """A fully connected recurrent layer: h = activation(x @ kernel + bias + h @ recurrent_kernel) over the steps.

    Args: those of `SimpleRNNCell` (units, activations, initializers, regularizers, constraints, dropout) and of `RNN`
    (what is returned, direction, states).

    Input: (batch, steps, features). Output: (batch, units) or, with `return_sequences`, (batch, steps, units).

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
