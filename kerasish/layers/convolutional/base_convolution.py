"""What all convolution layers share: windows, a bias along the channels, an activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.backend.settings import standardize_data_format
from kerasish.layers.base.arguments import one_of, sizes
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike


class BaseConvolution(Layer):
    """outputs = activation(convolve(inputs) + bias) over `rank` axes of space.

    A subclass makes its kernels in `build` and defines `convolve`.

    Args:
        rank: 1, 2 or 3.
        kernels: dict from the prefix of a kernel's arguments to its (initializer, regularizer, constraint).

    The rest is as in `Conv2D`.
    """

    paddings: tuple[str, ...] = ("valid", "same")
    strided_dilation = False  # whether strides > 1 may be combined with a dilation rate > 1
    config_names: tuple[str, ...] = ("kernel_size", "strides", "padding", "data_format", "dilation_rate", "use_bias")

    def __init__(
        self,
        rank: int,
        kernel_size: IntOrInts,
        strides: IntOrInts,
        padding: str,
        data_format: str,
        dilation_rate: IntOrInts,
        activation: ActivationLike,
        use_bias: bool,
        kernels: Any,
        bias_initializer: InitializerLike,
        bias_regularizer: RegularizerLike,
        activity_regularizer: RegularizerLike,
        bias_constraint: ConstraintLike,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.rank = rank
        self.kernel_size: tuple[int, ...] = sizes(kernel_size, rank, "kernel_size")
        self.strides: tuple[int, ...] = sizes(strides, rank, "strides")
        self.dilation_rate: tuple[int, ...] = sizes(dilation_rate, rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1 and not self.strided_dilation:
            raise ValueError(
                f"`strides` > 1 and `dilation_rate` > 1 can't be combined, got strides={self.strides} and "
                f"dilation_rate={self.dilation_rate}."
            )
        self.padding: str = one_of(padding, self.paddings, "padding")
        self.data_format: str = standardize_data_format(data_format)
        self.activation: Callable[..., Any] = activations.get(activation)
        self.use_bias = use_bias
        self._weighted = (*kernels, "bias")
        for prefix, objects in {**kernels, "bias": (bias_initializer, bias_regularizer, bias_constraint)}.items():
            for kind, module, item in zip(
                ("initializer", "regularizer", "constraint"), (initializers, regularizers, constraints), objects
            ):
                setattr(self, f"{prefix}_{kind}", module.get(item))
        self.input_spec = InputSpec(ndim=rank + 2)

    @property
    def _channel_axis(self):
        return -1 if self.data_format == "channels_last" else 1

    def _channels(self, input_shape):
        """The number of channels of the inputs, which from now on must have it.

        Raises ValueError where it is unknown.
        """
        channels = input_shape[self._channel_axis]
        if channels is None:
            raise ValueError(
                f"{self.name!r} needs to know the number of channels; the input shape is {input_shape} "
                f"({self.data_format})."
            )
        self.input_spec: InputSpec = InputSpec(ndim=self.rank + 2, axes={self._channel_axis: channels})
        return channels

    def _add_kernel(self, prefix, name, shape):
        """The weight `name` with the initializer, regularizer and constraint that the arguments with `prefix` gave."""
        objects = {kind: getattr(self, f"{prefix}_{kind}") for kind in ("initializer", "regularizer", "constraint")}
        return self.add_weight(shape, name=name, **objects)

    def _add_bias(self, count):
        """The bias of `count` output channels, or None."""
        return self._add_kernel("bias", "bias", (count,)) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        outputs = self.convolve(inputs)
        if self.bias is not None:
            outputs = ops.add(outputs, self._along_channels(self.bias))
        return outputs if self.activation is None else self.activation(outputs)

    def convolve(self, inputs: Any) -> Any:
        """The convolution alone."""
        raise TypeError(f"{type(self).__name__} must define `convolve`.")

    def _along_channels(self, bias):
        return bias if self._channel_axis == -1 else ops.reshape(bias, (1, bias.shape[0]) + (1,) * self.rank)

    def get_config(self) -> Config:
        config = {**super().get_config(), **{name: getattr(self, name) for name in self.config_names}}
        for prefix in self._weighted:
            for kind, module in (
                ("initializer", initializers),
                ("regularizer", regularizers),
                ("constraint", constraints),
            ):
                config[f"{prefix}_{kind}"] = module.serialize(getattr(self, f"{prefix}_{kind}"))
        config["activation"] = activations.serialize(self.activation)
        config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config
