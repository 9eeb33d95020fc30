"""Functions of one operand, element by element. Where a result is no integer, integer operands become `floatx()`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerasish.backend.dtypes import is_float_dtype, standardize_dtype
from kerasish.backend.float_formats import LARGEST
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, as_float, dtype_of, value_of
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, DTypeLike, TensorLike

_UNSIGNED_OR_BOOL = ("bool", "uint8", "uint16", "uint32", "uint64")


@operation
def absolute(x: TensorLike) -> AnyTensor:
    """The magnitude |x|, element by element.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.absolute([-2, 3]).tolist()
        [2, 3]
    """
    x = value_of(x)
    return x if dtype_of(x) in _UNSIGNED_OR_BOOL else p.absolute(x)


@operation
def abs(x: TensorLike) -> AnyTensor:
    """`absolute` under its short name.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

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
    """-1, 0 or 1, by the sign of x.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sign([-2.5, 0.0, 3.0]).tolist()
        [-1.0, 0.0, 1.0]
    """
    return p.sign(value_of(x))


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
def square(x: TensorLike) -> AnyTensor:
    """The square x * x, element by element.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.square([2.0, -3.0]).tolist()
        [4.0, 9.0]
    """
    x = value_of(x)
    return p.square(as_dtype(x, "int32") if dtype_of(x) == "bool" else x)


@operation
def reciprocal(x: TensorLike) -> AnyTensor:
    """1 / x, element by element.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.reciprocal([2.0, 4.0]).tolist()
        [0.5, 0.25]
    """
    return p.reciprocal(as_float(x))


@operation
def sqrt(x: TensorLike) -> AnyTensor:
    """The square root; NaN below 0.

    Args:
        x: tensor of numbers of 0 or more.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sqrt([4.0, 9.0]).tolist()
        [2.0, 3.0]
    """
    return p.sqrt(as_float(x))


@operation
def cbrt(x: TensorLike) -> AnyTensor:
    """The real cube root.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cbrt([0.0, 1.0, -1.0]).tolist()
        [0.0, 1.0, -1.0]
    """
    x = as_float(x)
    return p.multiply(p.sign(x), p.power(p.absolute(x), 1 / 3))


@operation
def exp(x: TensorLike) -> AnyTensor:
    """The number e to the power x.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.exp([0.0]).tolist()
        [1.0]
    """
    return p.exp(as_float(x))


@operation
def exp2(x: TensorLike) -> AnyTensor:
    """2 to the power x.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.exp2([0.0, 3.0]).tolist()
        [1.0, 8.0]
    """
    return p.power(2.0, as_float(x))


@operation
def expm1(x: TensorLike) -> AnyTensor:
    """exp(x) - 1, exact near 0.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.expm1([0.0]).tolist()
        [0.0]
    """
    return p.expm1(as_float(x))


@operation
def log(x: TensorLike) -> AnyTensor:
    """The natural logarithm; -inf at 0, NaN below.

    Args:
        x: tensor of positive numbers.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.log([1.0]).tolist()
        [0.0]
    """
    return p.log(as_float(x))


@operation
def log2(x: TensorLike) -> AnyTensor:
    """The logarithm to base 2; -inf at 0, NaN below.

    Args:
        x: tensor of positive numbers.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.log2([1.0, 8.0]).tolist()
        [0.0, 3.0]
    """
    return p.multiply(p.log(as_float(x)), 1 / math.log(2))


@operation
def log10(x: TensorLike) -> AnyTensor:
    """The logarithm to base 10; -inf at 0, NaN below.

    Args:
        x: tensor of positive numbers.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> [f"{v:.2f}" for v in keras.ops.log10([1.0, 1000.0]).tolist()]
        ['0.00', '3.00']
    """
    return p.multiply(p.log(as_float(x)), 1 / math.log(10))


@operation
def log1p(x: TensorLike) -> AnyTensor:
    """log(1 + x), exact near 0.

    Args:
        x: tensor of numbers above -1.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.log1p([0.0]).tolist()
        [0.0]
    """
    return p.log1p(as_float(x))


@operation
def sin(x: TensorLike) -> AnyTensor:
    """The sine of x radians.

    Args:
        x: tensor of angles in radians.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sin([0.0]).tolist()
        [0.0]
    """
    return p.sin(as_float(x))


@operation
def cos(x: TensorLike) -> AnyTensor:
    """The cosine of x radians.

    Args:
        x: tensor of angles in radians.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cos([0.0]).tolist()
        [1.0]
    """
    return p.cos(as_float(x))


@operation
def tan(x: TensorLike) -> AnyTensor:
    """The tangent of x radians.

    Args:
        x: tensor of angles in radians.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tan([0.0]).tolist()
        [0.0]
    """
    return p.tan(as_float(x))


@operation
def arcsin(x: TensorLike) -> AnyTensor:
    """The angle in [-pi/2, pi/2] whose sine is x.

    Args:
        x: tensor of numbers in [-1, 1]; others give NaN.

    Returns:
        Float tensor of angles in radians.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.arcsin([0.0, 1.0]).tolist()]
        ['0.0000', '1.5708']
    """
    return p.arcsin(as_float(x))


@operation
def arccos(x: TensorLike) -> AnyTensor:
    """The angle in [0, pi] whose cosine is x.

    Args:
        x: tensor of numbers in [-1, 1]; others give NaN.

    Returns:
        Float tensor of angles in radians.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.arccos([1.0, 0.0]).tolist()]
        ['0.0000', '1.5708']
    """
    return p.arccos(as_float(x))


@operation
def arctan(x: TensorLike) -> AnyTensor:
    """The angle in (-pi/2, pi/2) whose tangent is x.

    Args:
        x: tensor.

    Returns:
        Float tensor of angles in radians.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.arctan([0.0, 1.0]).tolist()]
        ['0.0000', '0.7854']
    """
    return p.arctan(as_float(x))


@operation
def sinh(x: TensorLike) -> AnyTensor:
    """The hyperbolic sine: (exp(x) - exp(-x)) / 2.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sinh([0.0]).tolist()
        [0.0]
    """
    return p.sinh(as_float(x))


@operation
def cosh(x: TensorLike) -> AnyTensor:
    """The hyperbolic cosine: (exp(x) + exp(-x)) / 2.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cosh([0.0]).tolist()
        [1.0]
    """
    return p.cosh(as_float(x))


@operation
def tanh(x: TensorLike) -> AnyTensor:
    """The hyperbolic tangent: sinh(x) / cosh(x).

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tanh([0.0]).tolist()
        [0.0]
    """
    return p.tanh(as_float(x))


@operation
def arcsinh(x: TensorLike) -> AnyTensor:
    """The inverse hyperbolic sine.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arcsinh([0.0]).tolist()
        [0.0]
    """
    return p.arcsinh(as_float(x))


@operation
def arccosh(x: TensorLike) -> AnyTensor:
    """The inverse hyperbolic cosine; NaN below 1.

    Args:
        x: tensor of numbers of 1 or more.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arccosh([1.0]).tolist()
        [0.0]
    """
    return p.arccosh(as_float(x))


@operation
def arctanh(x: TensorLike) -> AnyTensor:
    """The inverse hyperbolic tangent; NaN outside [-1, 1].

    Args:
        x: tensor of numbers in [-1, 1].

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arctanh([0.0]).tolist()
        [0.0]
    """
    return p.arctanh(as_float(x))


@operation
def deg2rad(x: TensorLike) -> AnyTensor:
    """Degrees to radians.

    Args:
        x: tensor of angles in degrees.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.deg2rad([0.0, 180.0]).tolist()]
        ['0.0000', '3.1416']
    """
    return p.multiply(as_float(x), math.pi / 180)


@operation
def rad2deg(x: TensorLike) -> AnyTensor:
    """Radians to degrees.

    Args:
        x: tensor of angles in radians.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.rad2deg([0.0]).tolist()
        [0.0]
    """
    return p.multiply(as_float(x), 180 / math.pi)


@operation
def sinc(x: TensorLike) -> AnyTensor:
    """sin(pi x) / (pi x), and 1 at 0.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sinc([0.0]).tolist()
        [1.0]
    """
    x = as_float(x)
    zero = p.equal(x, 0)
    angle_ = p.multiply(p.where(zero, 1, x), math.pi)
    return p.where(zero, 1, p.divide(p.sin(angle_), angle_))


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
    return p.trunc(x) if is_float_dtype(dtype_of(x)) else x


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
    if not is_float_dtype(dtype):
        return x
    posinf = LARGEST[dtype] if posinf is None else posinf
    neginf = -LARGEST[dtype] if neginf is None else neginf
    x = p.where(p.isnan(x), nan, x)
    x = p.where(p.equal(x, math.inf), posinf, x)
    return p.where(p.equal(x, -math.inf), neginf, x)


@operation
def real(x: TensorLike) -> AnyTensor:
    """The real part: `x`, as values here are real.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.real([1.0, 2.0]).tolist()
        [1.0, 2.0]
    """
    return value_of(x)


@operation
def imag(x: TensorLike) -> AnyTensor:
    """The imaginary part: zeros, as values here are real.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.imag([1.0, 2.0]).tolist()
        [0.0, 0.0]
    """
    x = value_of(x)
    return p.full(shape=tuple(x.shape), value=0, dtype=dtype_of(x))


@operation
def conj(x: TensorLike) -> AnyTensor:
    """The complex conjugate: `x`, as values here are real.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.conj([1.0, 2.0]).tolist()
        [1.0, 2.0]
    """
    return value_of(x)


@operation
def conjugate(x: TensorLike) -> AnyTensor:
    """`conj` under its long name.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.conjugate([1.0, 2.0]).tolist()
        [1.0, 2.0]
    """
    return value_of(x)


@operation
def angle(x: TensorLike) -> AnyTensor:
    """The angle in the complex plane: 0 for positive numbers, pi for negative ones.

    Args:
        x: tensor.

    Returns:
        Float tensor of angles in radians; NaN for NaN.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.angle([1.0, -1.0]).tolist()]
        ['0.0000', '3.1416']
    """
    x = as_float(x)
    turned = p.multiply(as_dtype(p.less(x, 0), dtype_of(x)), math.pi)
    return p.where(p.isnan(x), x, turned)


_SMALL = (1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813)
_LARGE = (0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377)


@operation
def i0(x: TensorLike) -> AnyTensor:
    """The modified Bessel function of the first kind of order 0, to 2e-7.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.i0([0.0]).tolist()
        [1.0]

    Reference:
        Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 9.8.1 and 9.8.2.
    """
    x = p.absolute(as_float(x))
    small = p.less(x, 3.75)
    ratio = p.multiply(p.where(small, x, 0), 1 / 3.75)
    far = p.where(small, 3.75, x)
    below = polynomial(p.square(ratio), _SMALL)
    above = p.multiply(polynomial(p.divide(3.75, far), _LARGE), p.multiply(p.exp(far), p.rsqrt(far)))
    return p.where(small, below, above)


def polynomial(x: TensorLike, coefficients: Sequence[float]) -> AnyTensor:
    """c0 + x (c1 + x (c2 + ...)), by Horner's rule."""
    total = p.add(p.multiply(x, coefficients[-1]), coefficients[-2])
    for c in reversed(coefficients[:-2]):
        total = p.add(p.multiply(total, x), c)
    return total


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
