"""Segments, top-k, special functions and Fourier transforms: the part of `keras.ops` beyond NumPy's vocabulary."""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import broadcast, normalize_axes, product, reduced
from kerasish.ops.convert import as_dtype, as_float, dtype_of, is_traced, promote, value_of
from kerasish.ops.numpy.helpers import at_once, caller_for, iota, known_int, reshape_to, transpose_to, window
from kerasish.ops.numpy.indexing import as_index
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, TensorLike


def _segments(data, segment_ids, num_segments):
    """(data, ids, count): a spare last segment takes what belongs to none."""
    data, ids = value_of(data), as_index(segment_ids)
    if tuple(ids.shape) != tuple(data.shape[: len(ids.shape)]) and None not in (*ids.shape, *data.shape):
        raise ValueError(
            f"`segment_ids` must have the leading axes of `data`, {tuple(data.shape)}, got shape {tuple(ids.shape)}."
        )
    if num_segments is None:
        if is_traced(ids):
            raise ValueError("`num_segments` is needed inside a compiled function: it decides the shape of the result.")
        num_segments = int(p.max(ids, axis=None, keepdims=False)) + 1 if 0 not in ids.shape else 0
    count = known_int(num_segments, "num_segments")
    outside = p.logical_or(p.less(ids, 0), p.greater_equal(ids, count))
    ids = p.where(outside, count, ids)
    return data, p.reshape(ids, shape=(*ids.shape, 1)), count


def _start(data, ids, count, value):
    return p.full(shape=(count + 1, *data.shape[len(ids.shape) - 1 :]), value=value, dtype=dtype_of(data))


@operation
def segment_sum(data: Any, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False) -> AnyTensor:
    """The sum of the elements of each segment.

    Args:
        data: tensor; segment_ids: ints with its leading axes, the segment of each element (outside of 0 ...
            num_segments - 1: none).
        num_segments: int, by default the largest id plus 1; sorted: accepted, and not needed.

    >>> import kerasish as keras
    >>> keras.ops.segment_sum([1, 2, 10, 20], [0, 0, 1, 1]).tolist()
    [3, 30]
    """
    data, ids, count = _segments(data, segment_ids, num_segments)
    return window(p.scatter_nd_add(_start(data, ids, count, 0), ids, data), 0, 0, count)


def _combined(data, segment_ids, num_segments, mode, start):
    data, ids, count = _segments(data, segment_ids, num_segments)
    return window(
        p.scatter_nd_combine(_start(data, ids, count, start(dtype_of(data))), ids, data, mode=mode), 0, 0, count
    )


def _lowest(dtype):
    from kerasish.ops.core import limits

    return -math.inf if is_float_dtype(dtype) else limits(dtype)[0]


def _highest(dtype):
    from kerasish.ops.core import limits

    return math.inf if is_float_dtype(dtype) else limits(dtype)[1]


@operation
def segment_max(data: Any, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False) -> AnyTensor:
    """The largest element of each segment, -inf (the smallest integer) for an empty one; see `segment_sum`."""
    return _combined(data, segment_ids, num_segments, "max", _lowest)


@operation
def segment_min(data: Any, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False) -> AnyTensor:
    """The smallest element of each segment, inf (the largest integer) for an empty one; see `segment_sum`."""
    return _combined(data, segment_ids, num_segments, "min", _highest)


@operation
def segment_prod(
    data: Any, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> AnyTensor:
    """The product of the elements of each segment, 1 for an empty one; see `segment_sum`."""
    return _combined(data, segment_ids, num_segments, "mul", lambda dtype: 1)


@operation
def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[AnyTensor, ...]:
    """The `k` largest elements along the last axis, the largest first, and their indices (int32).

    >>> import kerasish as keras
    >>> values, indices = keras.ops.top_k([5, 2, 7], 2)
    >>> values.tolist(), indices.tolist()
    ([7, 5], [2, 0])
    """
    x, k = value_of(x), known_int(k, "k")
    if not x.shape:
        raise ValueError("`x` must have an axis, got a scalar.")
    if k < 0 or (x.shape[-1] is not None and k > x.shape[-1]):
        raise ValueError(f"`k` must be between 0 and the size of the last axis, {x.shape[-1]}; got {k}.")
    values, indices = p.top_k(x, k=k)
    return values, indices


@operation
def in_top_k(targets: TensorLike, predictions: Any, k: int) -> AnyTensor:
    """Whether fewer than `k` predictions are larger than the one of the target.

    Args:
        targets: ints (...); predictions: tensor (..., classes).

    >>> import kerasish as keras
    >>> keras.ops.in_top_k([0, 1], [[0.9, 0.1], [0.9, 0.1]], k=1).tolist()
    [True, False]
    """
    targets, predictions = as_index(targets), value_of(predictions)
    axis = len(predictions.shape) - 1
    chosen = p.take_along_axis(predictions, p.reshape(targets, shape=(*targets.shape, 1)), axis=axis)
    larger = p.sum(p.cast(p.greater(predictions, chosen), dtype="int32"), axis=(axis,), keepdims=False)
    return p.logical_and(p.less(larger, known_int(k, "k")), p.isfinite(reshape_to(chosen, targets.shape)))


@operation
def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """log(sum(exp(x))) without overflow.

    >>> import kerasish as keras
    >>> round(float(keras.ops.logsumexp([0.0, 0.0])), 4)
    0.6931
    """
    x = as_float(x)
    axes = normalize_axes(axis, len(x.shape))
    largest = p.stop_gradient(p.max(x, axis=axes, keepdims=True))
    largest = p.where(p.isfinite(largest), largest, 0)
    total = p.add(p.log(p.sum(p.exp(p.subtract(x, largest)), axis=axes, keepdims=True)), largest)
    return total if keepdims else reshape_to(total, reduced(x.shape, axes, False))


@operation
def erf(x: TensorLike) -> AnyTensor:
    """The error function: the share of a normal distribution of variance 1/2 within [-x, x]."""
    return p.erf(as_float(x))


@operation
def erfc(x: TensorLike) -> AnyTensor:
    """1 - erf(x), exact where that is small."""
    return p.erfc(as_float(x))


@operation
def erfinv(x: TensorLike) -> AnyTensor:
    """The inverse of `erf`, on (-1, 1)."""
    return p.erfinv(as_float(x))


@operation
def rsqrt(x: TensorLike) -> AnyTensor:
    """1 / sqrt(x).

    >>> import kerasish as keras
    >>> keras.ops.rsqrt([4.0]).tolist()
    [0.5]
    """
    return p.rsqrt(as_float(x))


@operation
def cdist(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The Euclidean distance of every row of `x` (..., m, d) from every row of `y` (..., n, d): (..., m, n).

    >>> import kerasish as keras
    >>> keras.ops.cdist([[0.0, 0.0]], [[3.0, 4.0]]).tolist()
    [[5.0]]
    """
    x, y = promote(as_float(x), as_float(y))
    if len(x.shape) < 2 or len(y.shape) < 2:
        raise ValueError(f"`x` and `y` must have two axes or more, got shapes {tuple(x.shape)} and {tuple(y.shape)}.")
    left = p.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))
    right = p.reshape(y, shape=(*y.shape[:-2], 1, *y.shape[-2:]))
    difference = p.subtract(left, right)
    return p.sqrt(p.sum(p.square(difference), axis=(len(difference.shape) - 1,), keepdims=False))


@operation
def logdet(x: TensorLike) -> AnyTensor:
    """The logarithm of the determinant of symmetric positive definite matrices (..., n, n)."""
    from kerasish.ops.numpy.products import slogdet

    return slogdet(x)[1]


def _frames(x, length, stride):
    """Windows of `length` elements of the last axis, `stride` apart, on a new axis before the last."""
    size = x.shape[-1]
    if size is None:
        raise TypeError("The last axis must be known.")
    if length > size:
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
    """Windows of the last axis: (..., n) becomes (..., number of windows, sequence_length).

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
def fft(x: TensorLike) -> tuple[AnyTensor, ...]:
    """The Fourier transform along the last axis.

    Args:
        x: pair (real, imaginary) of float tensors of one shape.

    Returns: a pair of the same shape.

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
def fft2(x: TensorLike) -> AnyTensor:
    """The Fourier transform along the last two axes of a pair (real, imaginary)."""
    return _two_axes(x, False)


@operation
def ifft2(x: TensorLike) -> tuple[AnyTensor, ...]:
    """The inverse of `fft2`."""
    real, imag = _two_axes(x, True)
    scale = 1 / product(real.shape[-2:])
    return p.multiply(real, scale), p.multiply(imag, scale)


def _resized_last(x, size):
    """The last axis cropped or filled up with zeros to `size`."""
    last = len(x.shape) - 1
    if x.shape[last] > size:
        return window(x, last, 0, size)
    return p.pad(x, widths=((0, 0),) * last + ((0, size - x.shape[last]),), value=0) if x.shape[last] < size else x


@operation
def rfft(x: TensorLike, fft_length: int | None = None) -> tuple[AnyTensor, ...]:
    """The Fourier transform of a real signal: its first n // 2 + 1 frequencies, as a pair (real, imaginary).

    Args:
        x: float tensor (..., n); fft_length: int, to which the last axis is cropped or filled up with zeros.

    >>> import kerasish as keras
    >>> keras.ops.rfft([1.0, 2.0, 1.0, 0.0])[0].tolist()
    [4.0, 0.0, 0.0]
    """
    x = as_float(x)
    return tuple(p.rfft(x if fft_length is None else _resized_last(x, _positive(fft_length, "fft_length"))))


@operation
def irfft(x: TensorLike, fft_length: int | None = None) -> AnyTensor:
    """The real signal of `fft_length` points (default: 2 (frequencies - 1)) whose `rfft` is the pair `x`."""
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
    window: str = "hann",
    center: bool = True,
) -> tuple[AnyTensor, ...]:
    """The Fourier transforms of windowed frames of a signal.

    Args:
        x: float tensor (..., n).
        sequence_length, sequence_stride: length of a frame and the distance of their starts; fft_length: points of a
            transform.
        window: "hann", "hamming", a tensor (sequence_length,) or None.
        center: whether the signal is mirrored at both ends, so that frame t is centred at t * sequence_stride.

    Returns: a pair (real, imaginary), each (..., frames, fft_length // 2 + 1).
    """
    from kerasish.ops.numpy.shape import pad

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
    x: TensorLike,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: str = "hann",
    center: bool = True,
) -> AnyTensor:
    """The signal whose `stft` is the pair `x` (..., frames, frequencies).

    Frames are windowed again, added up where they overlap, and
    divided by the sum of the squared windows.

    Args: as of `stft`; length: int, to which the signal is cut.
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
    return window(signal, last, start, min(stop, signal.shape[last]))
