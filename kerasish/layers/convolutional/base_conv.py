"""What all convolution layers share."""

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.backend.config import standardize_data_format
from kerasish.layers.base.arguments import one_of, positive, sizes
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer


class BaseConv(Layer):
    """outputs = activation(convolution(inputs, kernel) + bias) over `rank` axes of space.

    Args:
        rank: 1, 2 or 3. The rest as in `Conv2D`.
    """

    paddings = ("valid", "same")

    def __init__(
        self, rank, filters, kernel_size, strides=1, padding="valid", data_format=None, dilation_rate=1, groups=1, activation=None, use_bias=True,
        kernel_initializer="glorot_uniform", bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, bias_constraint=None, **kwargs,
    ):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.rank = rank
        self.filters = positive(filters, "filters")
        self.groups = positive(groups, "groups")
        if self.filters % self.groups:
            raise ValueError(f"`filters` must be a multiple of `groups`, got filters={filters} and groups={groups}.")
        self.kernel_size = sizes(kernel_size, rank, "kernel_size")
        self.strides = sizes(strides, rank, "strides")
        self.dilation_rate = sizes(dilation_rate, rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(f"`strides` > 1 and `dilation_rate` > 1 can't be combined, got strides={self.strides} and dilation_rate={self.dilation_rate}.")
        self.padding = one_of(padding, self.paddings, "padding")
        self.data_format = standardize_data_format(data_format)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer, self.bias_initializer = initializers.get(kernel_initializer), initializers.get(bias_initializer)
        self.kernel_regularizer, self.bias_regularizer = regularizers.get(kernel_regularizer), regularizers.get(bias_regularizer)
        self.kernel_constraint, self.bias_constraint = constraints.get(kernel_constraint), constraints.get(bias_constraint)
        self.input_spec = InputSpec(ndim=rank + 2)

    @property
    def _channel_axis(self):
        return -1 if self.data_format == "channels_last" else 1

    def build(self, input_shape):
        channels = input_shape[self._channel_axis]
        if channels is None:
            raise ValueError(f"{self.name!r} needs to know the number of channels; the input shape is {input_shape} ({self.data_format}).")
        if channels % self.groups:
            raise ValueError(f"The number of input channels ({channels}) must be a multiple of `groups` ({self.groups}); the input shape is {input_shape}.")
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._channel_axis: channels})
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_weight(
            shape, self.kernel_initializer, name="kernel", regularizer=self.kernel_regularizer, constraint=self.kernel_constraint
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.filters,), self.bias_initializer, name="bias", regularizer=self.bias_regularizer, constraint=self.bias_constraint
            )

    def call(self, inputs):
        outputs = self.convolve(inputs)
        if self.use_bias:
            outputs = outputs + self._along_channels(self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def convolve(self, inputs):
        """The convolution alone."""
        outputs = ops.conv(
            inputs, self.kernel, strides=self.strides, padding=self.padding, dilation_rate=self.dilation_rate, data_format=self.data_format
        )
        return outputs

    def _along_channels(self, bias):
        return bias if self._channel_axis == -1 else ops.reshape(bias, (1, self.filters) + (1,) * self.rank)

    def get_config(self):
        config = {name: getattr(self, name) for name in ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "use_bias")}
        return {
            **super().get_config(),
            **config,
            "activation": activations.serialize(self.activation),
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }
