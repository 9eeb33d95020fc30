"""Functions of two floating-point operands: angles, lengths, logarithms of sums, neighbours."""

from __future__ import annotations

from kerasish.backend.dtypes import is_inexact_dtype
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, as_float, dtype_of, is_number, value_of
from kerasish.ops.numpy.arithmetic import as_floats
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def hypot(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """sqrt(x1^2 + x2^2), scaled so that the squares do not overflow.

    Args:
        x1: tensor: one side of a right angle.
        x2: tensor that broadcasts with `x1`: the other side.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.hypot([3.0, 5.0], [4.0, 12.0]).tolist()
        [5.0, 13.0]
    """
    x, y = as_floats(x1, x2)
    x, y = (abs(v) if is_number(v) else p.absolute(v) for v in (x, y))
    longer, shorter = p.maximum(x, y), p.minimum(x, y)
    ratio = p.divide(shorter, p.where(p.equal(longer, 0), 1, longer))
    return p.multiply(longer, p.sqrt(p.add(p.square(ratio), 1)))


@operation
def arctan2(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The angle in (-pi, pi] of the point (x2, x1), in radians.

    Args:
        x1: tensor of ordinates (y).
        x2: tensor of abscissas (x) that broadcasts with `x1`.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arctan2([0.0, 1.0], [1.0, 0.0]).tolist() == [0.0, float(keras.ops.arcsin(1.0))]
        True
    """
    return p.arctan2(*as_floats(x1, x2))


@operation
def heaviside(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """0 where x1 < 0, x2 where x1 is 0, 1 where x1 > 0.

    Args:
        x1: tensor whose sign decides.
        x2: tensor that broadcasts with `x1`: the values at 0.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.heaviside([-2.0, 0.0, 3.0], 0.5).tolist()
        [0.0, 0.5, 1.0]
    """
    x, y = as_floats(x1, x2)
    x, y = (value_of(v, dtype_of(other)) if is_number(v) else v for v, other in ((x, y), (y, x)))
    step = p.where(p.greater(x, 0), 1, p.where(p.less(x, 0), 0, y))
    return p.where(p.isnan(x), x, step)


@operation
def logaddexp(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """log(exp(x1) + exp(x2)) without overflow.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.logaddexp(1000.0, 1000.0)), 3)
        1000.693
    """
    return _log_of_sum(*as_floats(x1, x2))


@operation
def logaddexp2(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """log2(2^x1 + 2^x2) without overflow.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.logaddexp2(1000.0, 1000.0))
        1001.0
    """
    x, y = as_floats(x1, x2)
    log2 = 0.6931471805599453
    x, y = (v * log2 if is_number(v) else p.multiply(v, log2) for v in (x, y))
    return p.multiply(_log_of_sum(x, y), 1 / log2)


def _log_of_sum(x, y):
    """The larger, plus log(1 + exp(-distance)); an infinite larger one is the answer."""
    larger, smaller = p.maximum(x, y), p.minimum(x, y)
    finite = p.isfinite(larger)
    distance = p.where(finite, p.subtract(smaller, larger), 0)
    return p.where(finite, p.add(larger, p.log1p(p.exp(distance))), larger)


@operation
def ldexp(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """x1 * 2^x2 for integers x2.

    Args:
        x1: tensor of factors.
        x2: tensor of integer exponents that broadcasts with `x1`.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Raises:
        TypeError: when `x2` holds no integers.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.ldexp([1.0, 0.75], [3, 2]).tolist()
        [8.0, 3.0]
    """
    if not is_number(x2):
        x2 = value_of(x2)
    if dtype_of(x2) is float or is_inexact_dtype(dtype_of(x2)):
        raise TypeError(f"`x2` of `ldexp` must hold integers, got {dtype_of(x2)}.")
    x = as_float(x1)
    if is_number(x2):  # beyond 5,000 powers nothing but 0 and infinity is left, and Python's own power fails
        x2 = as_dtype(value_of(max(-5000, min(5000, x2))), dtype_of(x))
    factor = p.power(2.0, as_dtype(x2, dtype_of(x)))
    return p.multiply(x, factor)


@operation
def nextafter(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The floating-point number next to x1 in the direction of x2.

    Args:
        x1: tensor of numbers to start from.
        x2: tensor that broadcasts with `x1`: where to go.

    Returns:
        Float tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nextafter([0.0, 1.0], [1.0, 1.0])[1].tolist()
        1.0
    """
    return p.nextafter(*as_floats(x1, x2))
