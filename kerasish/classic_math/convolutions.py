"""Convolutions over one to three axes."""

from __future__ import annotations

from kerasish import ops
from kerasish.classic_math.images import channels_last, padded, temporal_padding
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, IntOrInts, ShapeLike, TensorLike


@suggesting
def conv1d(
    x: TensorLike,
    kernel: TensorLike,
    strides: int = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int = 1,
) -> AnyTensor:
    """Convolution over one axis.

    Args:
        x: tensor (batch, steps, channels), or (batch, channels, ...) with "channels_first".
        kernel: tensor (*sizes, channels, filters).
        strides: int, or one an axis.
        padding: "valid", "same", or "causal" (no step sees later ones).
        data_format: "channels_last" or "channels_first"; None for the setting.
        dilation_rate: int, or one an axis.

    Returns:
        Tensor (batch, *sizes, filters), or with the filters second.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.conv1d(keras.ops.ones((1, 5, 2)), keras.ops.ones((3, 2, 4))).shape
        (1, 3, 4)
    """
    if padding == "causal":
        ahead = (dilation_rate * (kernel.shape[0] - 1), 0)
        x, padding = temporal_padding(x, ahead) if channels_last(data_format) else padded(x, [ahead], False), "valid"
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


@suggesting
def conv2d(
    x: TensorLike,
    kernel: TensorLike,
    strides: IntOrInts = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: IntOrInts = (1, 1),
) -> AnyTensor:
    """Convolution over two axes.

    Args:
        x: tensor (batch, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        kernel: tensor (*sizes, channels, filters).
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.
        dilation_rate: int, or one an axis.

    Returns:
        Tensor (batch, *sizes, filters), or with the filters second.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.conv2d(keras.ops.ones((1, 5, 5, 2)), keras.ops.ones((3, 3, 2, 4))).shape
        (1, 3, 3, 4)
    """
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


@suggesting
def conv3d(
    x: TensorLike,
    kernel: TensorLike,
    strides: IntOrInts = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: IntOrInts = (1, 1, 1),
) -> AnyTensor:
    """Convolution over three axes.

    Args:
        x: tensor (batch, depth, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        kernel: tensor (*sizes, channels, filters).
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.
        dilation_rate: int, or one an axis.

    Returns:
        Tensor (batch, *sizes, filters), or with the filters second.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.conv3d(keras.ops.ones((1, 5, 5, 5, 2)), keras.ops.ones((3, 3, 3, 2, 4))).shape
        (1, 3, 3, 3, 4)
    """
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


@suggesting
def conv2d_transpose(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: ShapeLike,
    strides: IntOrInts = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: IntOrInts = (1, 1),
) -> AnyTensor:
    """The gradient of a convolution with respect to its input, as an operation.

    Args:
        x: tensor (batch, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        kernel: tensor (*sizes, filters, channels).
        output_shape: tuple of ints, the shape of the result; its batch size is not looked at.
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.
        dilation_rate: int, or one an axis.

    Returns:
        Tensor of the shape `output_shape`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x, kernel = keras.ops.ones((1, 2, 2, 1)), keras.ops.ones((3, 3, 1, 1))
        >>> K.conv2d_transpose(x, kernel, (1, 4, 4, 1), strides=(2, 2), padding="same").shape
        (1, 4, 4, 1)
    """
    return _transposed(x, kernel, output_shape, strides, padding, data_format, dilation_rate)


@suggesting
def conv3d_transpose(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: ShapeLike,
    strides: IntOrInts = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
) -> AnyTensor:
    """The gradient of a convolution with respect to its input, as an operation.

    Args:
        x: tensor (batch, depth, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        kernel: tensor (*sizes, filters, channels).
        output_shape: tuple of ints, the shape of the result; its batch size is not looked at.
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.

    Returns:
        Tensor of the shape `output_shape`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x, kernel = keras.ops.ones((1, 2, 2, 2, 1)), keras.ops.ones((3, 3, 3, 1, 1))
        >>> K.conv3d_transpose(x, kernel, (1, 4, 4, 4, 1), strides=(2, 2, 2), padding="same").shape
        (1, 4, 4, 4, 1)
    """
    return _transposed(x, kernel, output_shape, strides, padding, data_format, 1)


@suggesting
def depthwise_conv2d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    strides: IntOrInts = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: IntOrInts = (1, 1),
) -> AnyTensor:
    """A convolution of each channel by itself.

    Args:
        x: tensor (batch, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        depthwise_kernel: tensor (*sizes, channels, multiplier).
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.
        dilation_rate: int, or one an axis.

    Returns:
        Tensor (batch, *sizes, channels * multiplier), or with these second.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.depthwise_conv2d(keras.ops.ones((1, 5, 5, 2)), keras.ops.ones((3, 3, 2, 2))).shape
        (1, 3, 3, 4)
    """
    return ops.depthwise_conv(x, depthwise_kernel, strides, padding, data_format, dilation_rate)


@suggesting
def separable_conv1d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: int = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int = 1,
) -> AnyTensor:
    """A convolution of each channel, then one that mixes them.

    Args:
        x: tensor (batch, steps, channels), or (batch, channels, ...) with "channels_first".
        depthwise_kernel: tensor (*sizes, channels, multiplier).
        pointwise_kernel: tensor (1, channels * multiplier, filters).
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.
        dilation_rate: int, or one an axis.

    Returns:
        Tensor (batch, *sizes, filters), or with the filters second.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x, depthwise = keras.ops.ones((1, 5, 2)), keras.ops.ones((3, 2, 1))
        >>> K.separable_conv1d(x, depthwise, keras.ops.ones((1, 2, 4))).shape
        (1, 3, 4)
    """
    return ops.separable_conv(x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate)


@suggesting
def separable_conv2d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: IntOrInts = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: IntOrInts = (1, 1),
) -> AnyTensor:
    """A convolution of each channel, then one that mixes them.

    Args:
        x: tensor (batch, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        depthwise_kernel: tensor (*sizes, channels, multiplier).
        pointwise_kernel: tensor (1, 1, channels * multiplier, filters).
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.
        dilation_rate: int, or one an axis.

    Returns:
        Tensor (batch, *sizes, filters), or with the filters second.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x, depthwise = keras.ops.ones((1, 5, 5, 2)), keras.ops.ones((3, 3, 2, 1))
        >>> K.separable_conv2d(x, depthwise, keras.ops.ones((1, 1, 2, 4))).shape
        (1, 3, 3, 4)
    """
    return ops.separable_conv(x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate)


@suggesting
def local_conv1d(
    inputs: TensorLike, kernel: TensorLike, kernel_size: IntOrInts, strides: IntOrInts, data_format: str | None = None
) -> AnyTensor:
    """A convolution with a kernel of its own at each place.

    Args:
        inputs: tensor (batch, steps, channels).
        kernel: tensor (places, size * channels, filters).
        kernel_size: int.
        strides: int.
        data_format: "channels_last" or "channels_first"; None for the setting.

    Returns:
        Tensor (batch, places, filters), or with the filters second.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.local_conv1d(keras.ops.ones((1, 5, 2)), keras.ops.ones((3, 6, 4)), (3,), (1,)).shape
        (1, 3, 4)
    """
    last, (size,), (stride,) = channels_last(data_format), _ints(kernel_size), _ints(strides)
    inputs = inputs if last else ops.transpose(inputs, (0, 2, 1))
    windows = ops.take(inputs, _places(kernel.shape[0], size, stride), axis=1)
    windows = windows if last else ops.transpose(windows, (0, 1, 3, 2))
    outputs = _at_each_place(windows, kernel)
    return outputs if last else ops.transpose(outputs, (0, 2, 1))


@suggesting
def local_conv2d(
    inputs: TensorLike,
    kernel: TensorLike,
    kernel_size: IntOrInts,
    strides: IntOrInts,
    output_shape: ShapeLike,
    data_format: str | None = None,
) -> AnyTensor:
    """A convolution with a kernel of its own at each place.

    Args:
        inputs: tensor (batch, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        kernel: tensor (places, rows of a window * columns * channels, filters).
        kernel_size: pair of ints.
        strides: pair of ints.
        output_shape: pair of ints, the rows and columns of the result.
        data_format: "channels_last" or "channels_first"; None for the setting.

    Returns:
        Tensor (batch, *output_shape, filters), or with the filters second.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x, kernel = keras.ops.ones((1, 4, 4, 2)), keras.ops.ones((9, 8, 3))
        >>> K.local_conv2d(x, kernel, (2, 2), (1, 1), (3, 3)).shape
        (1, 3, 3, 3)
    """
    last = channels_last(data_format)
    inputs = inputs if last else ops.transpose(inputs, (0, 2, 3, 1))
    (rows, columns), (height, width), (down, right) = output_shape, kernel_size, strides
    windows = ops.take(inputs, _places(rows, height, down), axis=1)
    windows = ops.take(windows, _places(columns, width, right), axis=3)
    order = (0, 1, 3, 2, 4, 5) if last else (0, 1, 3, 5, 2, 4)
    windows = ops.transpose(windows, order)
    flat = ops.reshape(windows, (-1, rows * columns, *windows.shape[3:]))
    outputs = ops.reshape(_at_each_place(flat, kernel), (-1, rows, columns, kernel.shape[2]))
    return outputs if last else ops.transpose(outputs, (0, 3, 1, 2))


def _ints(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _places(count, size, stride):
    """Which elements the windows along an axis see: (windows, elements of each)."""
    return [[stride * place + i for i in range(size)] for place in range(count)]


def _at_each_place(windows, kernel):
    """Windows (batch, places, ...) times the kernel (places, elements of a window, filters) of their place."""
    flat = ops.reshape(windows, (-1, kernel.shape[0], kernel.shape[1]))
    return ops.einsum("bpe,pef->bpf", flat, kernel)


def _transposed(x, kernel, output_shape, strides, padding, data_format, dilation_rate):
    """Spread everything out, then cut what "same" leaves over on both sides, or fill up with zeros at the ends."""
    last = channels_last(data_format)
    data_format = "channels_last" if last else "channels_first"
    whole = ops.conv_transpose(x, kernel, strides, "valid", None, data_format, dilation_rate)
    first = 1 if last else 2
    for axis in range(first, first + len(kernel.shape) - 2):
        wanted, extra = output_shape[axis], whole.shape[axis] - output_shape[axis]
        if extra > 0:
            before = extra // 2 if padding == "same" else 0
            whole = whole[(slice(None),) * axis + (slice(before, before + wanted),)]
        elif extra < 0:
            whole = ops.pad(whole, [(0, -extra if i == axis else 0) for i in range(len(whole.shape))])
    return whole
