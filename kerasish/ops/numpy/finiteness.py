"""Which numbers are finite, infinite or no numbers."""

from __future__ import annotations

import math

from kerasish.backend.dtypes import is_float_dtype, is_inexact_dtype
from kerasish.backend.primitives import p
from kerasish.ops.convert import dtype_of, value_of
from kerasish.ops.numpy.complex_numbers import is_complex, refuse_complex
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _all_of(x, value):
    return p.full(shape=tuple(x.shape), value=value, dtype="bool")


@operation
def isfinite(x: TensorLike) -> AnyTensor:
    """Whether x is neither infinite nor NaN.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isfinite([1.0, float("inf"), float("nan")]).tolist()
        [True, False, False]
    """
    x = value_of(x)
    return p.isfinite(x) if is_inexact_dtype(dtype_of(x)) else _all_of(x, True)


@operation
def isinf(x: TensorLike) -> AnyTensor:
    """Whether x is infinite.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isinf([1.0, float("-inf"), float("nan")]).tolist()
        [False, True, False]
    """
    x = value_of(x)
    return p.isinf(x) if is_inexact_dtype(dtype_of(x)) else _all_of(x, False)


@operation
def isnan(x: TensorLike) -> AnyTensor:
    """Whether x is NaN.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isnan([1.0, float("nan")]).tolist()
        [False, True]
    """
    x = value_of(x)
    return p.isnan(x) if is_inexact_dtype(dtype_of(x)) else _all_of(x, False)


@operation
def isposinf(x: TensorLike) -> AnyTensor:
    """Whether x is +infinity.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isposinf([float("inf"), float("-inf")]).tolist()
        [True, False]
    """
    x = value_of(x)
    refuse_complex("isposinf", x)
    return p.equal(x, math.inf) if is_float_dtype(dtype_of(x)) else _all_of(x, False)


@operation
def isneginf(x: TensorLike) -> AnyTensor:
    """Whether x is -infinity.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isneginf([float("inf"), float("-inf")]).tolist()
        [False, True]
    """
    x = value_of(x)
    refuse_complex("isneginf", x)
    return p.equal(x, -math.inf) if is_float_dtype(dtype_of(x)) else _all_of(x, False)


@operation
def isreal(x: TensorLike) -> AnyTensor:
    """Whether the imaginary part of x is 0, as it is of all real numbers.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isreal([1.0, 2.0]).tolist()
        [True, True]
    """
    x = value_of(x)
    return p.equal(p.imag(x), 0.0) if is_complex(x) else _all_of(x, True)
