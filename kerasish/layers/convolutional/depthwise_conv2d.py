"""DepthwiseConv2D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.convolutional.base_depthwise_conv import BaseDepthwiseConv
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike


class DepthwiseConv2D(BaseDepthwiseConv):
    """A convolution over images of each channel by itself.

    Args:
        kernel_size: an int or 2 ints. strides, dilation_rate: likewise.
        padding: "valid" (none), or "same" (zeros, so that stride 1 keeps the size).
        depth_multiplier: int, the number of outputs that each channel gets.
        data_format: "channels_last", "channels_first", or None for the global setting.
        activation: name or function. use_bias: bool. *_initializer, *_regularizer, *_constraint: names or objects.

    Input: (batch, height, width, channels). Output: (batch, new_height, new_width, channels * depth_multiplier).

    Raises: ValueError for an argument out of range, and when the number of channels is unknown.

    >>> import kerasish as keras
    >>> keras.layers.DepthwiseConv2D(3, depth_multiplier=2)(keras.ops.ones((2, 8, 8, 3))).shape
    (2, 6, 6, 6)
    """

    def __init__(
        self,
        kernel_size: IntOrInts,
        strides: IntOrInts = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: IntOrInts = (1, 1),
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            kernel_size,
            strides,
            padding,
            depth_multiplier,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            depthwise_initializer,
            bias_initializer,
            depthwise_regularizer,
            bias_regularizer,
            activity_regularizer,
            depthwise_constraint,
            bias_constraint,
            **kwargs,
        )
