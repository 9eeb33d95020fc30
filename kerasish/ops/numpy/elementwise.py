"""Signs, rounding and copies of one operand, element by element."""

from __future__ import annotations

import math

from kerasish.backend.dtypes import is_float_dtype, is_inexact_dtype, standardize_dtype
from kerasish.backend.float_formats import LARGEST
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, as_float, dtype_of, value_of
from kerasish.ops.numpy.complex_numbers import by_parts, is_complex, size_of
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, DTypeLike, TensorLike

_UNSIGNED_OR_BOOL = ("bool", "uint8", "uint16", "uint32", "uint64")


@operation
def absolute(x: TensorLike) -> AnyTensor:
    """The magnitude |x|, element by element.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`; floats for complex numbers.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.absolute([-2, 3]).tolist()
        [2, 3]
    """
    x = value_of(x)
    return x if dtype_of(x) in _UNSIGNED_OR_BOOL else size_of(x)


@operation
def abs(x: TensorLike) -> AnyTensor:
    """`absolute` under its short name.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`; floats for complex numbers.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.abs([-2, 3]).tolist()
        [2, 3]
    """
    return absolute(x)


@operation
def fabs(x: TensorLike) -> AnyTensor:
    """|x| as a floating-point number.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.fabs([-2, 3]).tolist()
        [2.0, 3.0]
    """
    return p.absolute(as_float(x))


@operation
def negative(x: TensorLike) -> AnyTensor:
    """The number -x, element by element.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.negative([1, -2]).tolist()
        [-1, 2]
    """
    return p.negative(value_of(x))


@operation
def sign(x: TensorLike) -> AnyTensor:
    """-1, 0 or 1, by the sign of x; of complex numbers x / |x|.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sign([-2.5, 0.0, 3.0]).tolist()
        [-1.0, 0.0, 1.0]
    """
    x = value_of(x)
    if not is_complex(x):
        return p.sign(x)
    size = p.magnitude(x)  # whose gradient does not count: it is that of a constant, as of real numbers
    return p.stop_gradient(p.divide(x, as_dtype(p.where(p.equal(size, 0.0), 1.0, size), dtype_of(x))))


@operation
def signbit(x: TensorLike) -> AnyTensor:
    """Whether the sign bit is set: true for negative numbers and for -0.0.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.signbit([-1.0, 0.0, -0.0]).tolist()
        [True, False, True]
    """
    x = value_of(x)
    dtype = dtype_of(x)
    if dtype == "bool":
        return p.not_equal(x, x)
    # the angle of (-1, x) tells -0.0 from 0.0, which a comparison can't
    return p.less(p.arctan2(x, -1.0) if is_float_dtype(dtype) else x, 0)


@operation
def floor(x: TensorLike) -> AnyTensor:
    """The largest integer not above x, as a float.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.floor([1.7, -1.2]).tolist()
        [1.0, -2.0]
    """
    return p.floor(as_float(x))


@operation
def ceil(x: TensorLike) -> AnyTensor:
    """The smallest integer not below x, as a float.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.ceil([1.2, -1.7]).tolist()
        [2.0, -1.0]
    """
    return p.ceil(as_float(x))


@operation
def trunc(x: TensorLike) -> AnyTensor:
    """`x` without its fraction: rounded toward zero.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.trunc([1.7, -1.7]).tolist()
        [1.0, -1.0]
    """
    x = value_of(x)
    return p.trunc(x) if is_inexact_dtype(dtype_of(x)) else x


@operation
def round(x: TensorLike, decimals: int = 0) -> AnyTensor:
    """`x` rounded to `decimals` places; halves go to the even neighbour.

    Args:
        x: tensor of integers or floats.
        decimals: int; negative ones round to tens, hundreds and so on.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        ValueError: when `x` holds bools.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.round([0.5, 1.5, 2.26], decimals=0).tolist()
        [0.0, 2.0, 2.0]
    """
    x = value_of(x)
    dtype = dtype_of(x)
    if dtype == "bool":
        raise ValueError("`x` must hold numbers to be rounded, got bool.")
    if is_complex(x):
        return by_parts(lambda part: round.body(part, decimals), x)
    if not is_float_dtype(dtype):
        if decimals >= 0:
            return x
        rounded = p.multiply(p.round(p.multiply(as_dtype(x, "float64"), 10.0**decimals)), 10.0**-decimals)
        return as_dtype(rounded, dtype)
    if decimals == 0:
        return p.round(x)
    return p.divide(p.round(p.multiply(x, 10.0**decimals)), 10.0**decimals)


@operation
def nan_to_num(x: TensorLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> AnyTensor:
    """Numbers in place of NaN and infinities.

    Args:
        x: tensor.
        nan: number that replaces NaN.
        posinf: number that replaces infinity, by default the largest finite one.
        neginf: number that replaces -infinity, by default the smallest finite one.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nan_to_num([1.0, float("nan"), float("inf")], posinf=9.0).tolist()
        [1.0, 0.0, 9.0]
    """
    x = value_of(x)
    dtype = dtype_of(x)
    if is_complex(x):
        return by_parts(lambda part: nan_to_num.body(part, nan, posinf, neginf), x)
    if not is_float_dtype(dtype):
        return x
    posinf = LARGEST[dtype] if posinf is None else posinf
    neginf = -LARGEST[dtype] if neginf is None else neginf
    x = p.where(p.isnan(x), nan, x)
    x = p.where(p.equal(x, math.inf), posinf, x)
    return p.where(p.equal(x, -math.inf), neginf, x)


@operation
def copy(x: TensorLike) -> AnyTensor:
    """A copy of `x`, which later assignments leave alone.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.copy([1, 2]).tolist()
        [1, 2]
    """
    return p.identity(value_of(x))


@operation
def view(x: TensorLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """The bytes of `x` read as another dtype.

    The last axis grows or shrinks with the width of an element.

    Args:
        x: tensor.
        dtype: dtype to read the bytes as, by default that of `x`.

    Returns:
        Tensor of `dtype`.

    Raises:
        ValueError: when the last axis does not divide into elements of the new width.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.view(keras.ops.array([1.0]), "int32").tolist()
        [1065353216]
    """
    x = value_of(x)
    wanted = dtype_of(x) if dtype is None else standardize_dtype(dtype)
    return x if wanted == dtype_of(x) else p.bitcast(x, dtype=wanted)
