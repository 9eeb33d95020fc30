"""LSTM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.layers.rnn.cell_layer import CellLayer, checked_use_cudnn, of_cell
from kerasish.layers.rnn.lstm_cell import LSTMCell
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, RegularizerLike, SeedLike


class LSTM(CellLayer):
    """Long short-term memory over the steps of a sequence.

    What the inputs bring to the gates is one product for all steps; the loop adds what h brings.

    Args:
        units: int > 0, the size of the states h and c.
        activation: name or function, of the candidate and of c where it becomes the output.
        recurrent_activation: name or function, of the gates.
        use_bias: bool, whether a learnt bias is added.
        kernel_initializer: Initializer, its name or config, for the kernel.
        recurrent_initializer: Initializer, its name or config, for the recurrent kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        unit_forget_bias: bool, whether the bias of the forget gate starts at 1.
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
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        return_sequences: bool, whether to return the outputs of all steps or only that of the last.
        return_state: bool, whether to return the final states as well.
        go_backwards: bool, whether to go from the last step to the first; the outputs are in that order then.
        stateful: bool, whether the final states are the initial states of the next batch; the batch size must be
            known then.
        unroll: bool; True asks for a known number of steps. The loop runs the same way.
        use_cudnn: "auto", True or False; it changes nothing here.
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
        (batch, units) or, with `return_sequences`, (batch, steps, units); with `return_state` a tuple of it, h and
        c.

    Reference:
        Hochreiter and Schmidhuber, "Long short-term memory", 1997.

    >>> import kerasish as keras
    >>> output, h, c = keras.layers.LSTM(3, return_sequences=True, return_state=True)(keras.ops.ones((2, 5, 4)))
    >>> output.shape, c.shape
    ((2, 5, 3), (2, 3))

    In a model that reads numbered words:

    >>> words = keras.Input((None,), dtype="int32")
    >>> x = keras.layers.Embedding(100, 8, mask_zero=True)(words)
    >>> model = keras.Model(words, keras.layers.Dense(1, "sigmoid")(keras.layers.LSTM(16)(x)))
    >>> model.output_shape
    (None, 1)
    """

    old_arguments: dict[str, str] = LSTMCell.old_arguments

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
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: SeedLike = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: str = "auto",
        **kwargs: Any,
    ) -> None:
        self.use_cudnn: Any = checked_use_cudnn(use_cudnn)
        arguments = dict(
            units=units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
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
            LSTMCell,
            arguments,
            "lstm_cell",
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )

    recurrent_activation: Callable[..., Any] = of_cell("recurrent_activation")
    unit_forget_bias: Any = of_cell("unit_forget_bias")

    def get_config(
        self,
    ) -> Config:  # defined beside `__init__`: a class that has only that gets its arguments recorded, `use_cudnn` too
        return super().get_config()
