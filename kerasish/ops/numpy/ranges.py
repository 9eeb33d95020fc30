"""Numbers at even distances or ratios."""

from __future__ import annotations

import math

from kerasish.backend.dtypes import is_float_dtype, result_type, standardize_dtype
from kerasish.backend.primitives import p
from kerasish.backend.settings import floatx
from kerasish.backend.sizes import exceeds, is_open, largest
from kerasish.ops.convert import as_dtype, dtype_of, is_number, value_of
from kerasish.ops.numpy.helpers import at_once, iota
from kerasish.ops.numpy.shape import moveaxis
from kerasish.ops.operation import operation
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, TensorLike


def _scalar(x, name):
    """A static number: as it is, or the value of a scalar array."""
    x = getattr(x, "open_size", x)
    if x is None or is_number(x):
        return x
    if not hasattr(x, "shape"):
        return float(x)
    if tuple(x.shape):
        raise ValueError(f"`{name}` must be a scalar, got shape {tuple(x.shape)}.")
    return float(x) if is_float_dtype(dtype_of(x)) else int(x)


@suggesting
def arange(
    start: float, stop: float | None = None, step: float | None = None, dtype: DTypeLike | None = None
) -> AnyTensor:
    """The numbers start, start + step, ... up to but without `stop`.

    `arange(n)` counts from 0. The arguments are known when the computation is built.

    Args:
        start: number to start from; where `stop` is left out, the end, with 0 as the start.
        stop: number at which to end, itself left out.
        step: number, not 0; by default 1.
        dtype: dtype of the result, by default int32 for integers, else `floatx()`.

    Returns:
        Vector.

    Raises:
        ValueError: when `step` is 0.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arange(1, 6, 2).tolist()
        [1, 3, 5]
    """
    if dtype is None:
        dtype = result_type(*(dtype_of(v) for v in (start, 0 if stop is None else stop, 1 if step is None else step)))
    start, stop, step = (_scalar(v, name) for v, name in ((start, "start"), (stop, "stop"), (step, "step")))
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    if step == 0:
        raise ValueError("`step` must not be 0.")
    return iota(_steps(start, stop, step), standardize_dtype(dtype), start, step)


def _steps(start, stop, step):
    """How many steps lead from `start` up to but not to `stop`."""
    if is_open((start, stop, step)):
        return largest(0, -((start - stop) // step)) if not isinstance(step, float) else largest(0, stop - start)
    return max(0, math.ceil((stop - start) / step))


def _ends(start, stop, dtype):
    """`start` and `stop` as floats of one dtype that broadcast, and the dtype of the result."""
    start, stop = (v if is_number(v) else value_of(v) for v in (start, stop))
    result = (
        standardize_dtype(dtype) if dtype is not None else result_type(*(dtype_of(v) for v in (start, stop)), float)
    )
    inner = result if is_float_dtype(result) else floatx()
    return as_dtype(value_of(start), inner), as_dtype(value_of(stop), inner), result, inner


def _spaced(start, stop, num, endpoint, inner):
    """`num` points from start to stop along a new first axis, and the distance between them.

    None for a single point.
    """
    if exceeds(0, num):
        raise ValueError(f"`num` must be 0 or more, got {num}.")
    gaps = num - 1 if endpoint else num
    rank = max(len(start.shape), len(stop.shape))
    shares = iota(num, inner, 0, 1 / gaps if gaps > 0 else 0.0)
    rest = iota(num, inner, 1.0, -1 / gaps if gaps > 0 else 0.0)
    shares, rest = (at_once(p.reshape, v, shape=(num,) + (1,) * rank) for v in (shares, rest))
    points = p.add(p.multiply(rest, start), p.multiply(shares, stop))  # this form hits both ends exactly
    return points, p.multiply(p.subtract(stop, start), 1 / gaps) if gaps > 0 else None


def _placed(points, axis):
    """The new first axis moved to `axis`."""
    return points if axis == 0 else moveaxis(points, 0, axis)


@operation
def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> AnyTensor:
    """`num` evenly spaced points from `start` to `stop` (with it when `endpoint`) along a new axis.

    Args:
        start: number or tensor: the first point.
        stop: number or tensor that broadcasts with `start`: the last point.
        num: int, how many points.
        endpoint: bool, whether `stop` is one of them.
        retstep: bool, whether to return the distance between points too.
        dtype: dtype of the points, by default the float type of the operands.
        axis: int, where the axis of size `num` goes.

    Returns:
        Tensor of the points, or (points, distance) with `retstep`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.linspace(0.0, 1.0, 5).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    start, stop, result, inner = _ends(start, stop, dtype)
    points, step = _spaced(start, stop, num, endpoint, inner)
    if not is_float_dtype(result):
        points = p.floor(points)
    points = _placed(as_dtype(points, result), axis)
    if not retstep:
        return points
    return points, step if step is not None else p.full(shape=tuple(points.shape[1:]), value=math.nan, dtype=inner)


@operation
def logspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> AnyTensor:
    """`base` to the power of evenly spaced exponents.

    Args:
        start: number or tensor: the first exponent.
        stop: number or tensor that broadcasts with `start`: the last exponent.
        num: int, how many points.
        endpoint: bool, whether `stop` is one of the exponents.
        base: number that is raised to the exponents.
        dtype: dtype of the points, by default the float type of the operands.
        axis: int, where the axis of size `num` goes.

    Returns:
        Tensor of the points.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.logspace(0, 3, 4, base=2).tolist()
        [1.0, 2.0, 4.0, 8.0]
    """
    start, stop, result, inner = _ends(start, stop, dtype)
    points, _ = _spaced(start, stop, num, endpoint, inner)
    return _placed(as_dtype(p.power(value_of(base, inner), points), result), axis)


@operation
def geomspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> AnyTensor:
    """Points with a constant ratio from `start` to `stop`, both of one sign and not 0.

    Args:
        start: number or tensor: the first point.
        stop: number or tensor that broadcasts with `start`: the last point.
        num: int, how many points.
        endpoint: bool, whether `stop` is one of them.
        dtype: dtype of the points, by default the float type of the operands.
        axis: int, where the axis of size `num` goes.

    Returns:
        Tensor of the points.

    Example:
        >>> import kerasish as keras
        >>> [round(v, 3) for v in keras.ops.geomspace(1.0, 1000.0, 4).tolist()]
        [1.0, 10.0, 100.0, 1000.0]
    """
    start, stop, result, inner = _ends(start, stop, dtype)
    sign = p.sign(start)
    exponents, _ = _spaced(p.log(p.absolute(start)), p.log(p.absolute(stop)), num, endpoint, inner)
    return _placed(as_dtype(p.multiply(sign, p.exp(exponents)), result), axis)
