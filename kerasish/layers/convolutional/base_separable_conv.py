"""What SeparableConv1D and SeparableConv2D share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import positive
from kerasish.layers.convolutional.base_convolution import BaseConvolution
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike, ShapeLike


class BaseSeparableConv(BaseConvolution):
    """A convolution of each channel by itself, then a point-by-point mix of the channels.

    The outputs are activation(point-by-point mix of (convolution of each channel by itself) + bias) over `rank` axes
    of space.

    Args:
        rank: 1 or 2. The rest as in `SeparableConv2D`.
    """

    strided_dilation = True
    config_names: tuple[str, ...] = ("filters", "depth_multiplier", *BaseConvolution.config_names)

    def __init__(
        self,
        rank: int,
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
        self.filters: int = positive(filters, "filters")
        self.depth_multiplier: int = positive(depth_multiplier, "depth_multiplier")

    def build(self, input_shape: ShapeLike) -> None:
        channels = self._channels(input_shape)
        between = channels * self.depth_multiplier
        self.depthwise_kernel: Variable = self._add_kernel(
            "depthwise", "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier)
        )
        self.pointwise_kernel: Variable = self._add_kernel(
            "pointwise", "pointwise_kernel", (1,) * self.rank + (between, self.filters)
        )
        self.bias: Variable | None = self._add_bias(self.filters)

    def convolve(self, inputs: Any) -> Any:
        return ops.separable_conv(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
