"""ConvLSTM2D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.rnn.conv_lstm import ConvLSTM
from kerasish.typing import (
    ActivationLike,
    Config,
    ConstraintLike,
    InitializerLike,
    IntOrInts,
    RegularizerLike,
    SeedLike,
)


class ConvLSTM2D(ConvLSTM):
    """Long short-term memory over films: sequences of images, with convolutions in place of products of matrices.

    What the inputs bring to the gates is one convolution for all steps; the loop adds that of the state h, which keeps
    its size.

    Args:
        filters: int > 0, the channels of the states and outputs.
        kernel_size: an int or 2 ints, the size of the window in height and width.
        strides: an int or 2 ints, how far the window over the inputs goes in a step.
        padding: "valid" (none), or "same" (zeros, so that stride 1 keeps the size), for the inputs.
        data_format: "channels_last", "channels_first" (channels right behind the steps), or None for the global
            setting.
        dilation_rate: an int or 2 ints, the distance of the points that this window reads; only one of it and
            `strides` may be more than 1.
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
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...; `unroll` is accepted.

    Call arguments:
        sequences: tensor (batch, steps, height, width, channels).
        initial_state: list of two tensors (batch, new_height, new_width, filters);
            None for zeros (or the last ones, where `stateful`).
        mask: bool tensor (batch, steps): where it is False a step leaves the states as they are.
        training: bool or None; whether dropout acts. None takes it from the call around.

    Input shape:
        (batch, steps, height, width, channels).

    Output shape:
        (batch, new_height, new_width, filters) or, with `return_sequences`, the
        same with the steps behind the batch; with `return_state` a tuple of it, h and c.

    Raises:
        ValueError: for an argument out of range, and where the size of an axis of space is unknown.

    Reference:
        Shi et al., "Convolutional LSTM network: a machine learning approach for precipitation nowcasting", 2015
        (without its connections from c to the gates).

    >>> import kerasish as keras
    >>> keras.layers.ConvLSTM2D(4, 3)(keras.ops.ones((2, 5, 8, 8, 3))).shape
    (2, 6, 6, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: IntOrInts = 1,
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
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            recurrent_activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            unit_forget_bias,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            **kwargs,
        )

    def get_config(self) -> Config:  # beside `__init__`: a class that has only that gets its arguments recorded
        return super().get_config()
