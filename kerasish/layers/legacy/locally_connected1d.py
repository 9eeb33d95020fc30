"""LocallyConnected1D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.legacy.locally_connected import LocallyConnected
from kerasish.typing import ActivationLike, ConstraintLike, InitializerLike, IntOrInts, RegularizerLike


class LocallyConnected1D(LocallyConnected):
    """A layer of Keras 1 and 2: a convolution along time with a kernel of its own at every output position.

    Args:
        filters: int > 0, number of output channels.
        kernel_size: an int, the size of the window in steps.
        strides: an int, how far the window goes in a step.
        padding: "valid" (none), or "same" (zeros, so that stride 1 keeps the size), which asks for `implementation` 2
            or 3.
        data_format: "channels_last", "channels_first", or None for the global setting.
        activation: name or function applied to the outputs; None for none.
        use_bias: bool, whether a learnt bias is added, one a position and channel.
        kernel_initializer: Initializer, its name or config, for the kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        kernel_regularizer: Regularizer, its name or config, for the kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the bias; None for none.
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        implementation: 1, 2 or 3, how the kernel is stored: a matrix for each position; one from all inputs to all
            outputs; or a list of the entries of that one that count.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, steps, channels); all but the batch are known.

    Output shape:
        (batch, new_steps, filters).

    Raises:
        ValueError: for an argument out of range, and where the size of an axis of space is unknown.

    >>> import kerasish as keras
    >>> keras.layers.LocallyConnected1D(4, 3)(keras.ops.ones((2, 10, 3))).shape
    (2, 8, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        implementation: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            filters,
            kernel_size,
            (kernel_initializer, kernel_regularizer, kernel_constraint),
            implementation,
            strides=strides,
            padding=padding,
            data_format=data_format,
            activation=activation,
            use_bias=use_bias,
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            bias_constraint=bias_constraint,
            **kwargs,
        )
