"""Conv1D."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.convolutional.base_conv import BaseConv
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike


class Conv1D(BaseConv):
    """A convolution along time: each output is a weighted sum of `kernel_size` neighbouring steps.

    Args:
        filters: int, number of output channels.
        kernel_size: an int, the size of the window in steps.
        strides: an int, how far the window goes in a step.
        padding: "valid" (none), or "same" (zeros, so that stride 1 keeps the size). "causal" pads only in front, so
            that no output sees later steps.
        data_format: "channels_last", "channels_first", or None for the global setting.
        dilation_rate: an int, the distance of the points that the window reads; only one of it and `strides` may be
            more than 1.
        groups: int; the channels are split into groups that are convolved each by itself.
        activation: name or function applied to the outputs; None for none.
        use_bias: bool, whether a learnt bias is added.
        kernel_initializer: Initializer, its name or config, for the kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        kernel_regularizer: Regularizer, its name or config, for the kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the bias; None for none.
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, steps, channels).

    Output shape:
        (batch, new_steps, filters).

    Raises:
        ValueError: for an argument out of range, and when the channels are no multiple of `groups`.

    >>> import kerasish as keras
    >>> keras.layers.Conv1D(4, 3)(keras.ops.ones((2, 10, 3))).shape
    (2, 8, 4)
    """

    paddings: tuple[str, ...] = ("valid", "same", "causal")

    def __init__(
        self,
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
            1,
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            groups,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )

    def convolve(self, inputs: Any) -> Any:
        if self.padding != "causal":
            return super().convolve(inputs)
        before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
        widths = [(0, 0), (before, 0), (0, 0)] if self._channel_axis == -1 else [(0, 0), (0, 0), (before, 0)]
        return ops.conv(
            ops.pad(inputs, widths),
            self.kernel,
            strides=self.strides,
            padding="valid",
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )
