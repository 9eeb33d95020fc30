"""What Conv1DTranspose, Conv2DTranspose and Conv3DTranspose share."""

from kerasish import ops
from kerasish.layers.base.arguments import positive, sizes
from kerasish.layers.convolutional.base_convolution import BaseConvolution


class BaseConvTranspose(BaseConvolution):
    """outputs = activation(transposed convolution(inputs, kernel) + bias) over `rank` axes of space.

    Args:
        rank: 1, 2 or 3. The rest as in `Conv2DTranspose`.
    """

    config_names = ("filters", "output_padding", *BaseConvolution.config_names)

    def __init__(
        self,
        rank,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        output_padding=None,
        data_format=None,
        dilation_rate=1,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
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
            {"kernel": (kernel_initializer, kernel_regularizer, kernel_constraint)},
            bias_initializer,
            bias_regularizer,
            activity_regularizer,
            bias_constraint,
            **kwargs,
        )
        self.filters = positive(filters, "filters")
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = sizes(output_padding, rank, "output_padding", allow_zero=True)
            if any(extra >= stride for extra, stride in zip(self.output_padding, self.strides)):
                raise ValueError(
                    "`output_padding` must be less than `strides` on each axis, got "
                    f"output_padding={self.output_padding} and strides={self.strides}."
                )

    def build(self, input_shape):
        channels = self._channels(input_shape)
        self.kernel = self._add_kernel("kernel", "kernel", (*self.kernel_size, self.filters, channels))
        self.bias = self._add_bias(self.filters)

    def convolve(self, inputs):
        return ops.conv_transpose(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
