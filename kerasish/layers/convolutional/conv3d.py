"""Conv3D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.convolutional.base_conv import BaseConv
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike


class Conv3D(BaseConv):
    """A convolution over volumes.

    Args:
        filters: int, number of output channels.
        kernel_size: an int or 3 ints, the size of the window in depth, height and width.
        strides: an int or 3 ints, how far the window goes in a step.
        padding: "valid" (none), or "same" (zeros, so that stride 1 keeps the size).
        data_format: "channels_last", "channels_first", or None for the global setting.
        dilation_rate: an int or 3 ints, the distance of the points that the window reads; only one of it and
            `strides` may be more than 1.
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
        (batch, depth, height, width, channels).

    Output shape:
        (batch, new_depth, new_height, new_width, filters).

    Raises:
        ValueError: for an argument out of range, and when the channels are no multiple of `groups`.

    >>> import kerasish as keras
    >>> keras.layers.Conv3D(4, 3)(keras.ops.ones((2, 5, 5, 5, 1))).shape
    (2, 3, 3, 3, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: IntOrInts = (1, 1, 1),
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
            3,
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
