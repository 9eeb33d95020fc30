"""Arithmetic with two operands. They broadcast, and combine to one dtype by `result_type`."""

from __future__ import annotations

from kerasish.backend.dtypes import is_float_dtype, result_type
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, as_float, dtype_of, is_number, promote, value_of
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _numbers(x1, x2):
    """Promoted operands, bools as int32."""
    x, y = promote(x1, x2)
    if "bool" in (None if is_number(x) else dtype_of(x), None if is_number(y) else dtype_of(y)):
        x, y = promote(x, y, dtype="int32")
    return x, y


def _floats(x1, x2):
    """Promoted operands of a floating-point type."""
    x1, x2 = (x if is_number(x) else value_of(x) for x in (x1, x2))
    return promote(x1, x2, dtype=result_type(*(dtype_of(x) for x in (x1, x2)), float))


@operation
def add(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """x1 + x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.add([1, 2], [[10], [20]]).tolist()
        [[11, 12], [21, 22]]
    """
    return p.add(*promote(x1, x2))


@operation
def subtract(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """x1 - x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.subtract([3, 4], 1).tolist()
        [2, 3]
    """
    return p.subtract(*promote(x1, x2))


@operation
def multiply(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """x1 * x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.multiply([1, 2], [3, 4]).tolist()
        [3, 8]
    """
    return p.multiply(*promote(x1, x2))


@operation
def divide(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """x1 / x2 as floating-point numbers; integers become `floatx()`.

    Args:
        x1: tensor of dividends.
        x2: tensor of divisors that broadcasts with `x1`.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.divide([1, 2], 4).tolist()
        [0.25, 0.5]
    """
    return p.divide(*_floats(x1, x2))


@operation
def true_divide(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """`divide` under its NumPy name.

    Args:
        x1: tensor of dividends.
        x2: tensor of divisors that broadcasts with `x1`.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.true_divide([1, 2], 4).tolist()
        [0.25, 0.5]
    """
    return p.divide(*_floats(x1, x2))


@operation
def divide_no_nan(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """x1 / x2, and 0 where x2 is 0.

    Args:
        x1: tensor of dividends.
        x2: tensor of divisors that broadcasts with `x1`.

    Returns:
        Float tensor of the broadcast shape; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.divide_no_nan([1.0, 2.0], [0.0, 4.0]).tolist()
        [0.0, 0.5]
    """
    x, y = _floats(x1, x2)
    y = value_of(y, dtype_of(x)) if is_number(y) else y
    empty = p.equal(y, 0)
    return p.where(empty, 0, p.divide(x, p.where(empty, 1, y)))


@operation
def floor_divide(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The largest integer not above x1 / x2, in the operands' dtype.

    Args:
        x1: tensor of dividends.
        x2: tensor of divisors that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands (int32 for bools).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.floor_divide([7, -7], 2).tolist()
        [3, -4]
    """
    return p.floor_divide(*_numbers(x1, x2))


@operation
def mod(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The remainder of floor division; it has the sign of `x2`.

    Args:
        x1: tensor of dividends.
        x2: tensor of divisors that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands (int32 for bools).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.mod([7, -7], 3).tolist()
        [1, 2]
    """
    return p.remainder(*_numbers(x1, x2))


@operation
def fmod(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The remainder of division that rounds toward zero; it has the sign of `x1`.

    Args:
        x1: tensor of dividends.
        x2: tensor of divisors that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands (int32 for bools).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.fmod([7, -7], 3).tolist()
        [1, -1]
    """
    x, y = _numbers(x1, x2)
    x = value_of(x, dtype_of(y)) if is_number(x) else x
    below = p.less(x, 0)
    y = abs(y) if is_number(y) else p.absolute(y)
    rest = p.remainder(p.where(below, p.negative(x), x), y)
    return p.where(below, p.negative(rest), rest)


@operation
def power(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """x1 to the power x2.

    Small constant exponents become products and roots.

    Args:
        x1: tensor of bases.
        x2: tensor of exponents that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.power([2.0, 3.0], 2).tolist()
        [4.0, 9.0]
    """
    x, y = promote(x1, x2)
    if is_number(y) and not isinstance(y, bool):
        if y == 1:
            return x
        if y == 2:
            return p.square(x)
        if y == 3:
            return p.multiply(x, p.square(x))
        if is_float_dtype(dtype_of(x)) and y in (0.5, -0.5, -1):
            return {0.5: p.sqrt, -0.5: p.rsqrt, -1: p.reciprocal}[y](x)
    return p.power(x, y)


@operation
def maximum(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The larger of x1 and x2; NaN where either is NaN.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.maximum([1, 5], 3).tolist()
        [3, 5]
    """
    return p.maximum(*promote(x1, x2))


@operation
def minimum(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The smaller of x1 and x2; NaN where either is NaN.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.minimum([1, 5], 3).tolist()
        [1, 3]
    """
    return p.minimum(*promote(x1, x2))


def _ignoring_nan(primitive, x1, x2):
    x, y = promote(x1, x2)
    x, y = (value_of(v, dtype_of(other)) if is_number(v) else v for v, other in ((x, y), (y, x)))
    if not is_float_dtype(dtype_of(x)):
        return primitive(x, y)
    return p.where(p.isnan(x), y, p.where(p.isnan(y), x, primitive(x, y)))


@operation
def fmax(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The larger of x1 and x2; where one is NaN, the other.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.fmax([1.0, float("nan")], 3.0).tolist()
        [3.0, 3.0]
    """
    return _ignoring_nan(p.maximum, x1, x2)


@operation
def fmin(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The smaller of x1 and x2; where one is NaN, the other.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.fmin([1.0, float("nan")], 3.0).tolist()
        [1.0, 3.0]
    """
    return _ignoring_nan(p.minimum, x1, x2)


@operation
def clip(x: TensorLike, x_min: TensorLike | None, x_max: TensorLike | None) -> AnyTensor:
    """`x` held between `x_min` and `x_max`.

    Args:
        x: tensor.
        x_min: number or tensor that broadcasts with `x`: the least value, or None for no bound below.
        x_max: number or tensor that broadcasts with `x`: the largest value, or None for no bound above.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of `x` and the bounds (int32 for bools).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.clip([-1.0, 0.5, 2.0], 0.0, 1.0).tolist()
        [0.0, 0.5, 1.0]
    """
    x = value_of(x)
    bounds = [b if b is None or is_number(b) else value_of(b) for b in (x_min, x_max)]
    dtype = result_type(dtype_of(x), *(dtype_of(b) for b in bounds if b is not None))
    x = as_dtype(x, "int32" if dtype == "bool" else dtype)
    for primitive, bound in zip((p.maximum, p.minimum), bounds):
        if bound is not None:
            x = primitive(x, bound if is_number(bound) else as_dtype(bound, dtype_of(x)))
    return x


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
    x, y = _floats(x1, x2)
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
    return p.arctan2(*_floats(x1, x2))


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
    x, y = _floats(x1, x2)
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
    return _log_of_sum(*_floats(x1, x2))


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
    x, y = _floats(x1, x2)
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
    if dtype_of(x2) is float or is_float_dtype(dtype_of(x2)):
        raise TypeError(f"`x2` of `ldexp` must hold integers, got {dtype_of(x2)}.")
    x = as_float(x1)
    factor = 2.0**x2 if is_number(x2) else p.power(2.0, as_dtype(x2, dtype_of(x)))
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
    return p.nextafter(*_floats(x1, x2))


def _integers(name, x1, x2):
    x, y = promote(x1, x2)
    for v in (x, y):
        if isinstance(v, float) or (not is_number(v) and is_float_dtype(dtype_of(v))):
            raise TypeError(f"`{name}` takes integers, got {dtype_of(v)}.")
    return x, y


@operation
def gcd(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The greatest common divisor of integers.

    Args:
        x1: tensor of integers.
        x2: tensor of integers that broadcasts with `x1`.

    Returns:
        Integer tensor of the broadcast shape.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.gcd([12, 7], 8).tolist()
        [4, 1]
    """
    return p.gcd(*_integers("gcd", x1, x2))


@operation
def lcm(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The least common multiple of integers.

    Args:
        x1: tensor of integers.
        x2: tensor of integers that broadcasts with `x1`.

    Returns:
        Integer tensor of the broadcast shape.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.lcm([4, 0], 6).tolist()
        [12, 0]
    """
    x, y = _integers("lcm", x1, x2)
    divisor = p.gcd(x, y)
    return p.absolute(p.multiply(p.floor_divide(x, p.where(p.equal(divisor, 0), 1, divisor)), y))


def _bits(name, x, y):
    return _integers(name, x, y)


@operation
def bitwise_and(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits set in both integers.

    Args:
        x: tensor of integers or bools.
        y: tensor of integers or bools that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_and([6, 5], 3).tolist()
        [2, 1]
    """
    return p.bitwise_and(*_bits("bitwise_and", x, y))


@operation
def bitwise_or(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits set in either integer.

    Args:
        x: tensor of integers or bools.
        y: tensor of integers or bools that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_or([6, 5], 3).tolist()
        [7, 7]
    """
    return p.bitwise_or(*_bits("bitwise_or", x, y))


@operation
def bitwise_xor(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits set in one integer but not the other.

    Args:
        x: tensor of integers or bools.
        y: tensor of integers or bools that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_xor([6, 5], 3).tolist()
        [5, 6]
    """
    return p.bitwise_xor(*_bits("bitwise_xor", x, y))


@operation
def bitwise_not(x: TensorLike) -> AnyTensor:
    """Every bit of an integer flipped; of a bool, its negation.

    Args:
        x: tensor of integers or bools.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: when `x` holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_not([0, 5]).tolist()
        [-1, -6]
    """
    x = value_of(x)
    if is_float_dtype(dtype_of(x)):
        raise TypeError(f"`bitwise_not` takes integers, got {dtype_of(x)}.")
    return p.bitwise_not(x)


@operation
def bitwise_invert(x: TensorLike) -> AnyTensor:
    """`bitwise_not` under another name.

    Args:
        x: tensor of integers or bools.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: when `x` holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_invert([0, 5]).tolist()
        [-1, -6]
    """
    return bitwise_not(x)


@operation
def bitwise_left_shift(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits of x moved y places up: x * 2**y.

    Args:
        x: tensor of integers.
        y: tensor of integers that broadcasts with `x`: by how many places.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_left_shift([1, 3], 2).tolist()
        [4, 12]
    """
    return p.left_shift(*_bits("bitwise_left_shift", x, y))


@operation
def left_shift(x: TensorLike, y: TensorLike) -> AnyTensor:
    """`bitwise_left_shift` under its short name.

    Args:
        x: tensor of integers.
        y: tensor of integers that broadcasts with `x`: by how many places.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.left_shift([1, 3], 2).tolist()
        [4, 12]
    """
    return p.left_shift(*_bits("left_shift", x, y))


@operation
def bitwise_right_shift(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits of x moved y places down; the sign stays.

    Args:
        x: tensor of integers.
        y: tensor of integers that broadcasts with `x`: by how many places.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_right_shift([8, -8], 2).tolist()
        [2, -2]
    """
    return p.right_shift(*_bits("bitwise_right_shift", x, y))


@operation
def right_shift(x: TensorLike, y: TensorLike) -> AnyTensor:
    """`bitwise_right_shift` under its short name.

    Args:
        x: tensor of integers.
        y: tensor of integers that broadcasts with `x`: by how many places.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.right_shift([8, -8], 2).tolist()
        [2, -2]
    """
    return p.right_shift(*_bits("right_shift", x, y))
