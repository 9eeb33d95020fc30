"""CuDNNLSTM."""

from __future__ import annotations

from typing import Any

from kerasish.layers.legacy.cudnn import CuDNNLayer, CuDNNLSTMCell
from kerasish.layers.rnn.cell_layer import of_cell
from kerasish.typing import Config, ConstraintLike, InitializerLike, RegularizerLike


class CuDNNLSTM(CuDNNLayer):
    """A layer of Keras 2: long short-term memory, as cuDNN computed it on GPUs; here on any device.

    It is `LSTM` with `activation="tanh"` and `recurrent_activation="sigmoid"` whose weights have
    cuDNN's layout: each gate's kernels transposed, and two biases, one behind the other.

    Args:
        units: int > 0, the size of the state.
        kernel_initializer: Initializer, its name or config, for the kernel.
        recurrent_initializer: Initializer, its name or config, for the recurrent kernel.
        bias_initializer: Initializer, its name or config, for the biases.
        unit_forget_bias: bool, whether the bias of the forget gate starts at 1.
        kernel_regularizer: Regularizer, its name or config, for the kernel; None for none.
        recurrent_regularizer: Regularizer, its name or config, for the recurrent kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the biases; None for none.
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        recurrent_constraint: Constraint, its name or config, for the recurrent kernel after each update; None for
            none.
        bias_constraint: Constraint, its name or config, for the biases after each update; None for none.
        return_sequences: bool, whether to return the outputs of all steps or only that of the last.
        return_state: bool, whether to return the final states as well.
        go_backwards: bool, whether to go from the last step to the first; the outputs are in that order then.
        stateful: bool, whether the final states are the initial states of the next batch; the batch size must be
            known then.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, steps, features).

    Output shape:
        (batch, units) or, with `return_sequences`, (batch, steps, units); with `return_state` a tuple of it, h and c.

    >>> import kerasish as keras
    >>> layer = keras.layers.CuDNNLSTM(3)
    >>> layer(keras.ops.ones((2, 5, 4))).shape, layer.weights[2].shape
    ((2, 3), (24,))
    """

    def __init__(
        self,
        units: int,
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        arguments = dict(
            units=units,
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
        )
        super().__init__(
            CuDNNLSTMCell,
            arguments,
            "cu_dnnlstm_cell",
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )

    unit_forget_bias: Any = of_cell("unit_forget_bias")

    def get_config(self) -> Config:  # beside `__init__`: a class that has only that gets its arguments recorded
        return super().get_config()
