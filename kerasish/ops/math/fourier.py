"""Fourier transforms, of whole signals and of windowed frames."""

from __future__ import annotations

import math

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import broadcast, product
from kerasish.backend.sizes import exceeds, is_open, smallest
from kerasish.ops.convert import as_dtype, as_float, dtype_of, promote, value_of
from kerasish.ops.numpy.helpers import at_once, caller_for, iota, known_int, open_value, transpose_to, window
from kerasish.ops.numpy.padding import pad
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _frames(x, length, stride):
    """Windows of `length` elements of the last axis, `stride` apart, on a new axis before the last."""
    size = x.shape[-1]
    if exceeds(length, size):
        raise ValueError(f"`sequence_length`={length} is more than the {size} elements of the last axis.")
    count = 1 + (size - length) // stride
    places = at_once(p.add, at_once(p.reshape, iota(count, "int32", 0, stride), shape=(count, 1)), iota(length))
    return p.take(x, places, axis=len(x.shape) - 1)


def _positive(value, name):
    value = known_int(value, name)
    if value < 1:
        raise ValueError(f"`{name}` must be 1 or more, got {value}.")
    return value


@operation
def extract_sequences(x: TensorLike, sequence_length: int, sequence_stride: int) -> AnyTensor:
    """Windows of the last axis.

    Args:
        x: tensor (..., n).
        sequence_length: int, the elements of a window.
        sequence_stride: int, from the start of a window to the next.

    Returns:
        Tensor (..., windows, sequence_length).

    Raises:
        ValueError: when a length or stride is below 1, or the window longer than the axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.extract_sequences([1, 2, 3, 4, 5], 3, 2).tolist()
        [[1, 2, 3], [3, 4, 5]]
    """
    return _frames(
        value_of(x), _positive(sequence_length, "sequence_length"), _positive(sequence_stride, "sequence_stride")
    )


def _parts(x):
    """The real and imaginary parts of a complex operand."""
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ValueError(f"`x` must be a pair (real, imaginary), got {type(x).__name__}.")
    parts = [value_of(part) for part in x]
    if any(not is_float_dtype(dtype_of(part)) for part in parts):
        raise ValueError(f"Both parts of `x` must be of floating-point type, got {[dtype_of(part) for part in parts]}.")
    real, imag = promote(*parts)
    if tuple(real.shape) != tuple(imag.shape):
        shape = broadcast(tuple(real.shape), tuple(imag.shape))
        real, imag = (v if tuple(v.shape) == shape else p.broadcast_to(v, shape=shape) for v in (real, imag))
    return real, imag


@operation
def fft(x: tuple[TensorLike, TensorLike]) -> tuple[AnyTensor, AnyTensor]:
    """The Fourier transform along the last axis.

    Args:
        x: pair (real, imaginary) of float tensors of one shape.

    Returns:
        Pair of the same shape.

    Raises:
        ValueError: when `x` is no pair of floats.

    Example:
        >>> import kerasish as keras
        >>> [part.tolist() for part in keras.ops.fft(([1.0, 2.0], [0.0, 1.0]))]
        [[3.0, -1.0], [1.0, -1.0]]
    """
    return tuple(p.fft(*_parts(x), inverse=False))


def _two_axes(x, inverse):
    parts = list(_parts(x))
    rank = len(parts[0].shape)
    if rank < 2:
        raise ValueError(f"`x` must have two axes or more, got shape {tuple(parts[0].shape)}.")
    swap = (*range(rank - 2), rank - 1, rank - 2)
    for _ in range(2):
        parts = [transpose_to(part, swap) for part in p.fft(*parts, inverse=inverse)]
    return tuple(parts)


@operation
def fft2(x: tuple[TensorLike, TensorLike]) -> tuple[AnyTensor, AnyTensor]:
    """The Fourier transform along the last two axes.

    Args:
        x: pair (real, imaginary) of float tensors of one shape.

    Returns:
        Pair of the same shape.

    Raises:
        ValueError: when `x` is no pair of floats, or has fewer than two axes.

    Example:
        >>> import kerasish as keras
        >>> x = [[1.0, 2.0], [3.0, 4.0]]
        >>> keras.ops.fft2((x, keras.ops.zeros((2, 2))))[0].tolist()
        [[10.0, -2.0], [-4.0, 0.0]]
    """
    return _two_axes(x, False)


@operation
def ifft2(x: tuple[TensorLike, TensorLike]) -> tuple[AnyTensor, AnyTensor]:
    """The inverse Fourier transform along the last two axes, which undoes `fft2`.

    Args:
        x: pair (real, imaginary) of float tensors of one shape.

    Returns:
        Pair of the same shape.

    Raises:
        ValueError: when `x` is no pair of floats, or has fewer than two axes.

    Example:
        >>> import kerasish as keras
        >>> x = [[10.0, -2.0], [-4.0, 0.0]]
        >>> keras.ops.ifft2((x, keras.ops.zeros((2, 2))))[0].tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    real, imag = _two_axes(x, True)
    scale = 1 / product(real.shape[-2:])
    return p.multiply(real, scale), p.multiply(imag, scale)


def _resized_last(x, size):
    """The last axis cropped or filled up with zeros to `size`."""
    last = len(x.shape) - 1
    if is_open((x.shape[last], size)):
        return open_value((*x.shape[:-1], size), dtype_of(x))
    if x.shape[last] > size:
        return window(x, last, 0, size)
    return p.pad(x, widths=((0, 0),) * last + ((0, size - x.shape[last]),), value=0) if x.shape[last] < size else x


@operation
def rfft(x: TensorLike, fft_length: int | None = None) -> tuple[AnyTensor, AnyTensor]:
    """The Fourier transform of a real signal along the last axis: its first n // 2 + 1 frequencies.

    Args:
        x: float tensor (..., n).
        fft_length: int, to which the last axis is cropped or filled up with zeros; None for n.

    Returns:
        Pair (real, imaginary) of float tensors.

    Raises:
        ValueError: when `fft_length` is below 1.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.rfft([1.0, 2.0, 1.0, 0.0])[0].tolist()
        [4.0, 0.0, 0.0]
    """
    x = as_float(x)
    if not x.shape:
        raise ValueError("`x` of `rfft` must have an axis, of the points in time; got a scalar.")
    return tuple(p.rfft(x if fft_length is None else _resized_last(x, _positive(fft_length, "fft_length"))))


@operation
def irfft(x: tuple[TensorLike, TensorLike], fft_length: int | None = None) -> AnyTensor:
    """The real signal whose `rfft` is given.

    Args:
        x: pair (real, imaginary) of float tensors of one shape.
        fft_length: int, the points of the signal; by default 2 (frequencies - 1).

    Returns:
        Float tensor (..., fft_length).

    Raises:
        ValueError: when `x` is no pair of floats, or `fft_length` below 1.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.irfft(([4.0, 0.0, 0.0], [0.0, -2.0, 0.0])).tolist()
        [1.0, 2.0, 1.0, 0.0]
    """
    real, imag = _parts(x)
    length = 2 * (real.shape[-1] - 1) if fft_length is None else _positive(fft_length, "fft_length")
    real, imag = (_resized_last(part, length // 2 + 1) for part in (real, imag))
    return p.multiply(p.irfft(real, imag, length=length), 1 / length)


def _window_values(name, sequence_length, fft_length, dtype):
    """The window (periodic, as is usual for frames) with zeros on both sides up to `fft_length`.

    Ones throughout for None.
    """
    before = (fft_length - sequence_length) // 2
    after = fft_length - sequence_length - before
    if name is None:
        return at_once(p.full, shape=(fft_length,), value=1.0, dtype=dtype)
    if isinstance(name, str):
        weights = {"hann": (0.5, 0.5), "hamming": (0.54, 0.46)}.get(name)
        if weights is None:
            raise ValueError(f"`window` must be 'hann', 'hamming', a tensor or None, got {name!r}.")
        angle = at_once(p.cos, iota(sequence_length, "float64", 0.0, 2 * math.pi / sequence_length))
        values = at_once(p.cast, at_once(p.subtract, weights[0], at_once(p.multiply, angle, weights[1])), dtype=dtype)
    else:
        values = as_dtype(value_of(name), dtype)
        if tuple(values.shape) != (sequence_length,):
            raise ValueError(f"`window` must have shape ({sequence_length},), got {tuple(values.shape)}.")
    return p.pad(values, widths=((before, after),), value=0) if before or after else values


def _check_frames(sequence_length, fft_length):
    length, fft_length = _positive(sequence_length, "sequence_length"), _positive(fft_length, "fft_length")
    if fft_length < length:
        raise ValueError(f"`fft_length` must be at least `sequence_length`={length}, got {fft_length}.")
    return length, fft_length


@operation
def stft(
    x: TensorLike,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: str | TensorLike | None = "hann",
    center: bool = True,
) -> tuple[AnyTensor, AnyTensor]:
    """The Fourier transforms of windowed frames of a signal.

    Args:
        x: float tensor (..., n).
        sequence_length: int, the points of a frame.
        sequence_stride: int, from the start of a frame to the next.
        fft_length: int, the points of a transform, at least `sequence_length`.
        window: "hann", "hamming", a tensor (sequence_length,) or None for weights of 1.
        center: bool, whether the signal is mirrored at both ends, so that frame t is centred at t * sequence_stride.

    Returns:
        Pair (real, imaginary) of tensors (..., frames, fft_length // 2 + 1).

    Raises:
        ValueError: for lengths that do not fit, or an unknown window.

    Example:
        >>> import kerasish as keras
        >>> real, imaginary = keras.ops.stft(keras.ops.ones((16,)), 4, 2, 8)
        >>> real.shape
        (9, 5)
    """
    x = as_float(x)
    length, fft_length = _check_frames(sequence_length, fft_length)
    weights = _window_values(window, length, fft_length, dtype_of(x))
    if center:
        x = pad(x, ((0, 0),) * (len(x.shape) - 1) + ((fft_length // 2,) * 2,), mode="reflect")
    frames = _frames(x, fft_length, _positive(sequence_stride, "sequence_stride"))
    return tuple(p.rfft(p.multiply(frames, weights)))


def _overlap_added(frames, stride):
    """The sum of frames (..., count, length) laid `stride` apart."""
    *lead, count, length = frames.shape
    size = (count - 1) * stride + length
    moved = transpose_to(frames, [len(lead), len(lead) + 1, *range(len(lead))])
    places = at_once(p.add, at_once(p.reshape, iota(count, "int32", 0, stride), shape=(count, 1)), iota(length))
    places = at_once(p.reshape, places, shape=(count, length, 1))
    total = p.scatter_nd_add(p.full(shape=(size, *lead), value=0, dtype=dtype_of(frames)), places, moved)
    return transpose_to(total, [*range(1, len(lead) + 1), 0])


@operation
def istft(
    x: tuple[TensorLike, TensorLike],
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: str | TensorLike | None = "hann",
    center: bool = True,
) -> AnyTensor:
    """The signal whose `stft` is given.

    Frames are windowed again, added up where they overlap, and divided by the sum of the squared windows.

    Args:
        x: pair (real, imaginary) of float tensors (..., frames, fft_length // 2 + 1).
        sequence_length: int, the points of a frame.
        sequence_stride: int, from the start of a frame to the next.
        fft_length: int, the points of a transform, at least `sequence_length`.
        length: int, to which the signal is cut, or None.
        window: "hann", "hamming", a tensor (sequence_length,) or None for weights of 1.
        center: bool, whether the signal was mirrored at both ends.

    Returns:
        Float tensor (..., n).

    Raises:
        ValueError: for lengths that do not fit, or an unknown window.

    Example:
        >>> import kerasish as keras
        >>> x = keras.ops.arange(16.0)
        >>> again = keras.ops.istft(keras.ops.stft(x, 8, 2, 8), 8, 2, 8, length=16)
        >>> keras.ops.allclose(again, x, atol=1e-4).tolist()
        True

    Reference:
        Griffin and Lim, "Signal Estimation from Modified Short-Time Fourier Transform", 1984, equation 6.
    """
    real, imag = _parts(x)
    span, fft_length = _check_frames(sequence_length, fft_length)
    stride = _positive(sequence_stride, "sequence_stride")
    weights = _window_values(window, span, fft_length, dtype_of(real))
    frames = p.multiply(irfft((real, imag), fft_length), weights)
    count = frames.shape[-2]
    now = caller_for(weights)
    squares = now(p.broadcast_to, now(p.square, weights), shape=(count, fft_length))
    norm = now(_overlap_added, squares, stride)
    small = now(p.less_equal, norm, 1e-10)
    signal = p.divide(_overlap_added(frames, stride), now(p.where, small, 1.0, norm))
    return _trimmed(signal, fft_length, length, center)


def _trimmed(signal, fft_length, length, center):
    """Without what was added for centring; at most `length` elements, where given."""
    last = len(signal.shape) - 1
    start = fft_length // 2 if center else 0
    stop = start + length if length is not None else signal.shape[last] - start
    return window(signal, last, start, smallest(stop, signal.shape[last]))
