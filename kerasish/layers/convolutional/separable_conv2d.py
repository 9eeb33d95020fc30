"""SeparableConv2D."""

from kerasish.layers.convolutional.base_separable_conv import BaseSeparableConv


class SeparableConv2D(BaseSeparableConv):
    """A convolution over images of each channel by itself, then one that mixes the channels point by point.

    Args:
        filters: int, number of output channels. kernel_size: an int or 2 ints. strides, dilation_rate: likewise.
        padding: "valid" (none), or "same" (zeros, so that stride 1 keeps the size).
        depth_multiplier: int, the number of channels that each one becomes before they are mixed.
        data_format: "channels_last", "channels_first", or None for the global setting.
        activation: name or function. use_bias: bool. *_initializer, *_regularizer, *_constraint: names or objects.

    Input: (batch, height, width, channels). Output: (batch, new_height, new_width, filters).

    Raises: ValueError for an argument out of range, and when the number of channels is unknown.

    Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017.

    >>> import kerasish as keras
    >>> keras.layers.SeparableConv2D(4, 3)(keras.ops.ones((2, 8, 8, 3))).shape
    (2, 6, 6, 4)
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        data_format=None,
        dilation_rate=(1, 1),
        depth_multiplier=1,
        activation=None,
        use_bias=True,
        depthwise_initializer="glorot_uniform",
        pointwise_initializer="glorot_uniform",
        bias_initializer="zeros",
        depthwise_regularizer=None,
        pointwise_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        depthwise_constraint=None,
        pointwise_constraint=None,
        bias_constraint=None,
        **kwargs,
    ):
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
