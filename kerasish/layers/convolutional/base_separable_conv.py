"""What SeparableConv1D and SeparableConv2D share."""

from kerasish import ops
from kerasish.layers.base.arguments import positive
from kerasish.layers.convolutional.base_convolution import BaseConvolution


class BaseSeparableConv(BaseConvolution):
    """A convolution of each channel by itself, then a point-by-point mix of the channels.

    The outputs are activation(point-by-point mix of (convolution of each channel by itself) + bias) over `rank` axes
    of space.

    Args:
        rank: 1 or 2. The rest as in `SeparableConv2D`.
    """

    strided_dilation = True
    config_names = ("filters", "depth_multiplier", *BaseConvolution.config_names)

    def __init__(
        self,
        rank,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        data_format=None,
        dilation_rate=1,
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
        kernels = {
            "depthwise": (depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            "pointwise": (pointwise_initializer, pointwise_regularizer, pointwise_constraint),
        }
        super().__init__(
            rank,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            kernels,
            bias_initializer,
            bias_regularizer,
            activity_regularizer,
            bias_constraint,
            **kwargs,
        )
        self.filters = positive(filters, "filters")
        self.depth_multiplier = positive(depth_multiplier, "depth_multiplier")

    def build(self, input_shape):
        channels = self._channels(input_shape)
        between = channels * self.depth_multiplier
        self.depthwise_kernel = self._add_kernel(
            "depthwise", "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier)
        )
        self.pointwise_kernel = self._add_kernel(
            "pointwise", "pointwise_kernel", (1,) * self.rank + (between, self.filters)
        )
        self.bias = self._add_bias(self.filters)

    def convolve(self, inputs):
        return ops.separable_conv(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
