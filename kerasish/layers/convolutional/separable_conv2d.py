"""SeparableConv2D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.convolutional.base_separable_conv import BaseSeparableConv
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike


class SeparableConv2D(BaseSeparableConv):
    """A convolution over images of each channel by itself, then one that mixes the channels point by point.

    Args:
        filters: int, number of output channels.
        kernel_size: an int or 2 ints, the size of the window in height and width.
        strides: an int or 2 ints, how far the window goes in a step.
        padding: "valid" (none), or "same" (zeros, so that stride 1 keeps the size).
        data_format: "channels_last", "channels_first", or None for the global setting.
        dilation_rate: an int or 2 ints, the distance of the points that the window reads.
        depth_multiplier: int, the number of channels that each one becomes before they are mixed.
        activation: name or function applied to the outputs; None for none.
        use_bias: bool, whether a learnt bias is added.
        depthwise_initializer: Initializer, its name or config, for the depthwise kernel.
        pointwise_initializer: Initializer, its name or config, for the pointwise kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        depthwise_regularizer: Regularizer, its name or config, for the depthwise kernel; None for none.
        pointwise_regularizer: Regularizer, its name or config, for the pointwise kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the bias; None for none.
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        depthwise_constraint: Constraint, its name or config, for the depthwise kernel after each update; None for
            none.
        pointwise_constraint: Constraint, its name or config, for the pointwise kernel after each update; None for
            none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, new_height, new_width, filters).

    Raises:
        ValueError: for an argument out of range, and when the number of channels is unknown.

    Reference:
        Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017.

    >>> import kerasish as keras
    >>> keras.layers.SeparableConv2D(4, 3)(keras.ops.ones((2, 8, 8, 3))).shape
    (2, 6, 6, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: IntOrInts = (1, 1),
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
            2,
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
