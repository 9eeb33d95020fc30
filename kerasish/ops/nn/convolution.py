"""Convolutions over 1, 2 or 3 axes of space, in both data formats."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.windows import counts, span
from kerasish.backend.sizes import is_open, unlike
from kerasish.ops.convert import promote, value_of
from kerasish.ops.nn.space import AxisOrder, check_windows, padding_for, rank_of, sizes
from kerasish.ops.numpy.helpers import reshape_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


def _operands(inputs, kernel, data_format):
    """(inputs with channels last, kernel, order, rank), of one dtype."""
    inputs, kernel = promote(value_of(inputs), value_of(kernel))
    rank, order = rank_of(inputs), AxisOrder(data_format)
    if len(kernel.shape) != rank + 2:
        raise ValueError(f"`kernel` must have {rank + 2} axes, as the inputs have, got shape {tuple(kernel.shape)}.")
    return order.last(inputs), kernel, order, rank


def _convolved(x, kernel, strides, padding, dilation_rate, groups):
    """The convolution of a value whose channels are last."""
    rank, window = len(x.shape) - 2, tuple(kernel.shape[:-2])
    strides, dilation = sizes(strides, rank, "strides"), sizes(dilation_rate, rank, "dilation_rate")
    pads = padding_for(padding, x.shape[1:-1], window, strides, dilation)
    check_windows(
        x, counts(x.shape[1:-1], window, strides, pads, dilation), f"A window of {window} points, {dilation} apart,"
    )
    return p.conv(x, kernel, strides=strides, padding=pads, dilation=dilation, groups=groups)


@operation
def conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: IntOrInts = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: IntOrInts = 1,
) -> AnyTensor:
    """Convolution: each output is a weighted sum of a window of the inputs.

    Args:
        inputs: tensor (batch, *space, channels), or (batch, channels, *space) with "channels_first".
        kernel: tensor (*window, channels / groups, filters); the number of groups follows from the two shapes.
        strides: int or one an axis of space, from window to window.
        padding: "valid" (windows lie within the inputs) or "same" (zeros around, so that there is one for every
            stride).
        data_format: "channels_last", "channels_first" or None for the global setting.
        dilation_rate: int or one an axis of space, from point to point within a window.

    Returns:
        Float tensor (batch, *windows, filters), or with the filters first.

    Raises:
        ValueError: when the shapes do not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.conv([[[1.0], [2.0], [3.0]]], [[[1.0]], [[1.0]]]).tolist()
        [[[3.0], [5.0]]]
    """
    x, kernel, order, _ = _operands(inputs, kernel, data_format)
    channels, taken = x.shape[-1], kernel.shape[-2]
    if is_open(channels):
        raise ValueError(
            f"The number of channels of `inputs` must be known, got shape {tuple(x.shape)} (channels last)."
        )
    if not taken:
        raise ValueError(f"`kernel` must take at least one channel, got shape {tuple(kernel.shape)}.")
    if channels % taken:
        raise ValueError(
            f"`inputs` has {channels} channels, which is no multiple of the {taken} that `kernel` of shape "
            f"{tuple(kernel.shape)} takes."
        )
    return order.back(_convolved(x, kernel, strides, padding, dilation_rate, channels // taken))


def _each_channel(x, kernel, strides, padding, dilation_rate):
    """A convolution of each channel by itself; kernel (*window, channels, multiplier)."""
    channels, multiplier = kernel.shape[-2:]
    if unlike(x.shape[-1], channels):
        raise ValueError(
            f"A depthwise kernel of shape {tuple(kernel.shape)} is for {channels} channels, the inputs have "
            f"{x.shape[-1]}."
        )
    kernel = reshape_to(kernel, (*kernel.shape[:-2], 1, channels * multiplier))
    return _convolved(x, kernel, strides, padding, dilation_rate, channels)


@operation
def depthwise_conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: IntOrInts = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: IntOrInts = 1,
) -> AnyTensor:
    """A convolution of each channel by itself.

    Args:
        inputs: tensor (batch, *space, channels), or (batch, channels, *space) with "channels_first".
        kernel: tensor (*window, channels, multiplier).
        strides: int or one an axis of space, from window to window.
        padding: "valid" (windows lie within the inputs) or "same" (zeros around, so that there is one for every
            stride).
        data_format: "channels_last", "channels_first" or None for the global setting.
        dilation_rate: int or one an axis of space, from point to point within a window.

    Returns:
        Float tensor with channels * multiplier outputs, those of one channel side by side.

    Raises:
        ValueError: when the shapes do not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.depthwise_conv([[[1.0, 1.0], [2.0, 3.0]]], [[[1.0], [2.0]], [[1.0], [2.0]]]).tolist()
        [[[3.0, 8.0]]]
    """
    x, kernel, order, _ = _operands(inputs, kernel, data_format)
    return order.back(_each_channel(x, kernel, strides, padding, dilation_rate))


@operation
def separable_conv(
    inputs: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: IntOrInts = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: IntOrInts = 1,
) -> AnyTensor:
    """A convolution of each channel by itself, then one that mixes the channels point by point.

    Args:
        inputs: tensor (batch, *space, channels), or (batch, channels, *space) with "channels_first".
        depthwise_kernel: tensor (*window, channels, multiplier).
        pointwise_kernel: tensor (1, ..., channels * multiplier, filters).
        strides: int or one an axis of space, from window to window.
        padding: "valid" (windows lie within the inputs) or "same" (zeros around, so that there is one for every
            stride).
        data_format: "channels_last", "channels_first" or None for the global setting.
        dilation_rate: int or one an axis of space, from point to point within a window.

    Returns:
        Float tensor (batch, *windows, filters), or with the filters first.

    Raises:
        ValueError: when the shapes do not fit.

    Example:
        >>> import kerasish as keras
        >>> x, depthwise = keras.ops.ones((1, 5, 2)), keras.ops.ones((3, 2, 1))
        >>> keras.ops.separable_conv(x, depthwise, keras.ops.ones((1, 2, 4))).shape
        (1, 3, 4)
    """
    x, kernel, order, rank = _operands(inputs, depthwise_kernel, data_format)
    x, mixing = promote(_each_channel(x, kernel, strides, padding, dilation_rate), value_of(pointwise_kernel))
    if len(mixing.shape) != rank + 2 or unlike(mixing.shape[-2], x.shape[-1]):
        wanted = (*[1] * rank, x.shape[-1], "filters")
        raise ValueError(f"`pointwise_kernel` must have shape {wanted}, got {tuple(mixing.shape)}.")
    return order.back(_convolved(x, mixing, 1, "valid", 1, 1))


def _transposed_padding(padding, size, stride, dilation, extra):
    """(before, after): what the convolution that is transposed adds to its input.

    Its windows span (n - 1) * stride + reach points, and `cut` is by how much that is more than the wanted output: with
    "valid" nothing is cut, with "same" the output is n * stride long; and `output_padding` counts from a cut of reach
    // 2 on both sides ("same").
    """
    reach = span(size, dilation)
    if extra is None:
        cut = reach - stride if padding == "same" else min(reach - stride, 0)
    else:
        cut = (2 * (reach // 2) if padding == "same" else 0) - extra
    before = max(cut, 0) // 2
    return before, cut - before


@operation
def conv_transpose(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: IntOrInts = 1,
    padding: str = "valid",
    output_padding: IntOrInts | None = None,
    data_format: str | None = None,
    dilation_rate: IntOrInts = 1,
) -> AnyTensor:
    """The transpose of `conv`: each input adds a weighted window to the outputs.

    The outputs are larger than the inputs by the factor `strides`.

    Args:
        inputs: as in `conv`.
        kernel: tensor (*window, filters, channels).
        strides: int or one an axis of space, from window to window of the convolution that is transposed.
        padding: "valid" or "same", of the convolution that is transposed.
        output_padding: int, one an axis, or None: points that the outputs have more at the end than they need.
        data_format: those of the convolution that is transposed.
        dilation_rate: int or one an axis of space, from point to point within a window.

    Returns:
        Float tensor (batch, *space, filters), or with the filters first.

    Raises:
        ValueError: when the shapes do not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.conv_transpose([[[1.0], [2.0]]], [[[1.0]], [[10.0]]], strides=2).tolist()
        [[[1.0], [10.0], [2.0], [20.0]]]
    """
    x, kernel, order, rank = _operands(inputs, kernel, data_format)
    window, filters = tuple(kernel.shape[:-2]), kernel.shape[-2]
    if unlike(x.shape[-1], kernel.shape[-1]):
        raise ValueError(
            f"A kernel of shape {tuple(kernel.shape)} (*window, filters, channels) takes {kernel.shape[-1]} channels, "
            f"the inputs have {x.shape[-1]}."
        )
    strides, dilation = sizes(strides, rank, "strides"), sizes(dilation_rate, rank, "dilation_rate")
    padding_for(padding, window, window, (1,) * rank, dilation)  # refuses an unknown word
    extra = (None,) * rank if output_padding is None else sizes(output_padding, rank, "output_padding", least=0)
    pads = tuple(_transposed_padding(padding.lower(), *axis) for axis in zip(window, strides, dilation, extra))
    space = [
        (n - 1) * s + span(w, d) - sum(pad) for n, w, s, d, pad in zip(x.shape[1:-1], window, strides, dilation, pads)
    ]
    out = p.conv_input_gradient(
        x, kernel, strides=strides, padding=pads, dilation=dilation, groups=1, input_shape=(x.shape[0], *space, filters)
    )
    return order.back(out)
