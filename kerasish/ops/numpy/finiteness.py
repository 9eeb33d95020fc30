"""Which numbers are finite, infinite or no numbers."""

from __future__ import annotations

import math

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.ops.convert import dtype_of, value_of
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
    return p.isfinite(x) if is_float_dtype(dtype_of(x)) else _all_of(x, True)


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
    return p.isinf(x) if is_float_dtype(dtype_of(x)) else _all_of(x, False)


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
    return p.isnan(x) if is_float_dtype(dtype_of(x)) else _all_of(x, False)


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
    return p.equal(x, -math.inf) if is_float_dtype(dtype_of(x)) else _all_of(x, False)


@operation
def isreal(x: TensorLike) -> AnyTensor:
    """Whether x has no imaginary part: true everywhere, as values here are real.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isreal([1.0, 2.0]).tolist()
        [True, True]
    """
    return _all_of(value_of(x), True)
