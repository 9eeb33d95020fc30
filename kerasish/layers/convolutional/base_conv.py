"""What Conv1D, Conv2D and Conv3D share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import positive
from kerasish.layers.convolutional.base_convolution import BaseConvolution
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike, ShapeLike


class BaseConv(BaseConvolution):
    """outputs = activation(convolution(inputs, kernel) + bias) over `rank` axes of space.

    Args:
        rank: 1, 2 or 3. The rest as in `Conv2D`.
    """

    config_names: tuple[str, ...] = ("filters", "groups", *BaseConvolution.config_names)

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: IntOrInts = 1,
        groups: int = 1,
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
        self.filters: int = positive(filters, "filters")
        self.groups: int = positive(groups, "groups")
        if self.filters % self.groups:
            raise ValueError(f"`filters` must be a multiple of `groups`, got filters={filters} and groups={groups}.")

    def build(self, input_shape: ShapeLike) -> None:
        channels = input_shape[self._channel_axis]
        if channels is not None and channels % self.groups:
            raise ValueError(
                f"The number of input channels ({channels}) must be a multiple of `groups` ({self.groups}); the input "
                f"shape is {input_shape}."
            )
        channels = self._channels(input_shape)
        self.kernel: Variable = self._add_kernel(
            "kernel", "kernel", (*self.kernel_size, channels // self.groups, self.filters)
        )
        self.bias: Variable | None = self._add_bias(self.filters)

    def convolve(self, inputs: Any) -> Any:
        return ops.conv(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )
