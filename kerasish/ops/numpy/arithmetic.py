"""Arithmetic with two operands. They broadcast, and combine to one dtype by `result_type`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.dtypes import is_float_dtype, is_inexact_dtype, result_type
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, dtype_of, is_number, promote, value_of
from kerasish.ops.numpy.helpers import own
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _numbers(x1, x2):
    """Promoted operands, bools as int32."""
    x, y = promote(x1, x2)
    if "bool" in (None if is_number(x) else dtype_of(x), None if is_number(y) else dtype_of(y)):
        x, y = promote(x, y, dtype="int32")
    return x, y


def as_floats(x1: TensorLike, x2: TensorLike) -> Sequence[Any]:
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
    return p.divide(*as_floats(x1, x2))


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
    return p.divide(*as_floats(x1, x2))


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
    x, y = as_floats(x1, x2)
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
        Tensor of the broadcast shape, in the promoted dtype of the operands (int32 for bools). An integer divided by 0
        is -2, 0 divided by 0 is -1, and for unsigned dtypes both are the largest number, as in Keras on JAX.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.floor_divide([7, -7], 2).tolist()
        [3, -4]
    """
    x, y = _numbers(x1, x2)
    if is_float_dtype(dtype_of(y if is_number(x) else x)) or (is_number(y) and y != 0):
        return p.floor_divide(x, y)
    dtype = dtype_of(y if is_number(x) else x)
    x, y = (value_of(item, dtype) if is_number(item) else item for item in (x, y))
    return p.where(p.equal(y, 0), _by_zero(x, dtype), p.floor_divide(x, y))


def _by_zero(x, dtype):
    """Integers divided by 0 as XLA divides them, and so Keras on JAX: all bits set, and then rounded down."""
    if dtype.startswith("u"):
        return 2 ** int(dtype.removeprefix("uint")) - 1
    return p.where(p.equal(x, 0), -1, value_of(-2, dtype))


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

    Small constant exponents become products and roots. Integers to negative powers are 0, but for 1 and -1.

    Args:
        x1: tensor of bases.
        x2: tensor of exponents that broadcasts with `x1`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands (int32 for bools).

    Raises:
        TypeError: for integers to a negative power that is a Python number: cast them to floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.power([2.0, 3.0], 2).tolist()
        [4.0, 9.0]
    """
    x, y = _numbers(x1, x2)
    if isinstance(x2, int) and x2 < 0 and not is_inexact_dtype(dtype_of(x)):
        raise TypeError(f"Integers can't be raised to the negative power {x2}: cast them to floats.")
    if is_number(y) and not isinstance(y, bool):
        if y == 1:
            return own(x)
        if y == 2:
            return p.square(x)
        if y == 3:
            return p.multiply(x, p.square(x))
        if is_inexact_dtype(dtype_of(x)) and y in (0.5, -0.5, -1):
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
