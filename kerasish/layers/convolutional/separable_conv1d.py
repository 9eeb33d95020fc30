"""SeparableConv1D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.convolutional.base_separable_conv import BaseSeparableConv
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike


class SeparableConv1D(BaseSeparableConv):
    """A convolution along time of each channel by itself, then one that mixes the channels point by point.

    Args:
        filters: int, number of output channels. kernel_size: an int. strides, dilation_rate: likewise.
        padding: "valid" (none), or "same" (zeros, so that stride 1 keeps the size).
        depth_multiplier: int, the number of channels that each one becomes before they are mixed.
        data_format: "channels_last", "channels_first", or None for the global setting.
        activation: name or function. use_bias: bool. *_initializer, *_regularizer, *_constraint: names or objects.

    Input: (batch, steps, channels). Output: (batch, new_steps, filters).

    Raises: ValueError for an argument out of range, and when the number of channels is unknown.

    Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017.

    >>> import kerasish as keras
    >>> keras.layers.SeparableConv1D(4, 3)(keras.ops.ones((2, 10, 3))).shape
    (2, 8, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: IntOrInts = 1,
        depth_multiplier: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        pointwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        pointwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
        pointwise_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            depth_multiplier,
            activation,
            use_bias,
            depthwise_initializer,
            pointwise_initializer,
            bias_initializer,
            depthwise_regularizer,
            pointwise_regularizer,
            bias_regularizer,
            activity_regularizer,
            depthwise_constraint,
            pointwise_constraint,
            bias_constraint,
            **kwargs,
        )
