"""What Conv1DTranspose, Conv2DTranspose and Conv3DTranspose share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import positive, sizes
from kerasish.layers.convolutional.base_convolution import BaseConvolution
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike, ShapeLike


class BaseConvTranspose(BaseConvolution):
    """outputs = activation(transposed convolution(inputs, kernel) + bias) over `rank` axes of space.

    Args:
        rank: 1, 2 or 3. The rest as in `Conv2DTranspose`.
    """

    config_names: tuple[str, ...] = ("filters", "output_padding", *BaseConvolution.config_names)

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        output_padding: IntOrInts | None = None,
        data_format: str | None = None,
        dilation_rate: IntOrInts = 1,
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
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = sizes(output_padding, rank, "output_padding", allow_zero=True)
            if any(extra >= stride for extra, stride in zip(self.output_padding, self.strides)):
                raise ValueError(
                    "`output_padding` must be less than `strides` on each axis, got "
                    f"output_padding={self.output_padding} and strides={self.strides}."
                )

    def build(self, input_shape: ShapeLike) -> None:
        channels = self._channels(input_shape)
        self.kernel: Variable = self._add_kernel("kernel", "kernel", (*self.kernel_size, self.filters, channels))
        self.bias: Variable | None = self._add_bias(self.filters)

    def convolve(self, inputs: Any) -> Any:
        return ops.conv_transpose(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
