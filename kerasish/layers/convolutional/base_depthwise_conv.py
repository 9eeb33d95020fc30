"""What DepthwiseConv1D and DepthwiseConv2D share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import positive
from kerasish.layers.convolutional.base_convolution import BaseConvolution
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike, ShapeLike


class BaseDepthwiseConv(BaseConvolution):
    """outputs = activation(convolution of each channel by itself + bias) over `rank` axes of space.

    Args:
        rank: 1 or 2. The rest as in `DepthwiseConv2D`.
    """

    strided_dilation = True
    config_names: tuple[str, ...] = ("depth_multiplier", *BaseConvolution.config_names)

    def __init__(
        self,
        rank: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: IntOrInts = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
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
            {"depthwise": (depthwise_initializer, depthwise_regularizer, depthwise_constraint)},
            bias_initializer,
            bias_regularizer,
            activity_regularizer,
            bias_constraint,
            **kwargs,
        )
        self.depth_multiplier: int = positive(depth_multiplier, "depth_multiplier")

    def build(self, input_shape: ShapeLike) -> None:
        channels = self._channels(input_shape)
        self.kernel: Variable = self._add_kernel(
            "depthwise", "kernel", (*self.kernel_size, channels, self.depth_multiplier)
        )
        self.bias: Variable | None = self._add_bias(channels * self.depth_multiplier)

    def convolve(self, inputs: Any) -> Any:
        return ops.depthwise_conv(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
