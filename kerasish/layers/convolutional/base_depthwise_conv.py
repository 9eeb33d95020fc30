"""What DepthwiseConv1D and DepthwiseConv2D share."""

from kerasish import ops
from kerasish.layers.base.arguments import positive
from kerasish.layers.convolutional.base_convolution import BaseConvolution


class BaseDepthwiseConv(BaseConvolution):
    """outputs = activation(convolution of each channel by itself + bias) over `rank` axes of space.

    Args:
        rank: 1 or 2. The rest as in `DepthwiseConv2D`.
    """

    strided_dilation = True
    config_names = ("depth_multiplier", *BaseConvolution.config_names)

    def __init__(
        self,
        rank,
        kernel_size,
        strides=1,
        padding="valid",
        depth_multiplier=1,
        data_format=None,
        dilation_rate=1,
        activation=None,
        use_bias=True,
        depthwise_initializer="glorot_uniform",
        bias_initializer="zeros",
        depthwise_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        depthwise_constraint=None,
        bias_constraint=None,
        **kwargs,
    ):
        super().__init__(
            rank,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            {"depthwise": (depthwise_initializer, depthwise_regularizer, depthwise_constraint)},
            bias_initializer,
            bias_regularizer,
            activity_regularizer,
            bias_constraint,
            **kwargs,
        )
        self.depth_multiplier = positive(depth_multiplier, "depth_multiplier")

    def build(self, input_shape):
        channels = self._channels(input_shape)
        self.kernel = self._add_kernel("depthwise", "kernel", (*self.kernel_size, channels, self.depth_multiplier))
        self.bias = self._add_bias(channels * self.depth_multiplier)

    def convolve(self, inputs):
        return ops.depthwise_conv(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
