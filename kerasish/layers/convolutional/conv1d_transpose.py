"""Conv1DTranspose."""

from __future__ import annotations

from typing import Any

from kerasish.layers.convolutional.base_conv_transpose import BaseConvTranspose
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike


class Conv1DTranspose(BaseConvTranspose):
    """The transpose of a convolution over series: each input adds a weighted window to the outputs, which are larger.

    Args:
        filters: int, number of output channels. kernel_size: an int. strides, dilation_rate: likewise; only one of them
            may be more than 1.
        padding: "valid" (every window whole), or "same" (the outputs are `strides` times as large as the inputs).
        output_padding: an int less than `strides`: points that the outputs have more at the end than they need; None
            lets it follow.
        data_format: "channels_last", "channels_first", or None for the global setting.
        activation: name or function. use_bias: bool. *_initializer, *_regularizer, *_constraint: names or objects.

    Input: (batch, steps, channels). Output: (batch, new_steps, filters).

    Raises: ValueError for an argument out of range, and when the number of channels is unknown.

    Source: Zeiler et al., "Deconvolutional Networks", 2010.

    >>> import kerasish as keras
    >>> keras.layers.Conv1DTranspose(4, 3, strides=2)(keras.ops.ones((2, 5, 3))).shape
    (2, 11, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        output_padding: IntOrInts | None = None,
        data_format: str | None = None,
        dilation_rate: IntOrInts = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            filters,
            kernel_size,
            strides,
            padding,
            output_padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
