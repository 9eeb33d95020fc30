"""Exponentials, logarithms, roots and powers of one operand, element by element.

Integers become `floatx()`, except in `square`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, as_float, dtype_of, value_of
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


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
