"""Comparisons and tests, element by element: the results are bools."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.dtypes import result_type
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, dtype_of, is_number, promote, value_of
from kerasish.ops.numpy.complex_numbers import size_of
from kerasish.ops.numpy.helpers import flattened
from kerasish.ops.numpy.indexing import nonzero
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def equal(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether x1 == x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.equal([1, 2], 2).tolist()
        [False, True]
    """
    return p.equal(*promote(x1, x2))


@operation
def not_equal(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether x1 != x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.not_equal([1, 2], 2).tolist()
        [True, False]
    """
    return p.not_equal(*promote(x1, x2))


@operation
def less(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether x1 < x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.less([1, 2], 2).tolist()
        [True, False]
    """
    return p.less(*promote(x1, x2))


@operation
def less_equal(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether x1 <= x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.less_equal([1, 2, 3], 2).tolist()
        [True, True, False]
    """
    return p.less_equal(*promote(x1, x2))


@operation
def greater(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether x1 > x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.greater([1, 3], 2).tolist()
        [False, True]
    """
    return p.greater(*promote(x1, x2))


@operation
def greater_equal(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether x1 >= x2, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.greater_equal([1, 2, 3], 2).tolist()
        [False, True, True]
    """
    return p.greater_equal(*promote(x1, x2))


def _close(x1, x2, rtol, atol, equal_nan):
    operands = [x if is_number(x) else value_of(x) for x in (x1, x2)]
    x, y = promote(*operands, dtype=result_type(*(dtype_of(x) for x in operands), float))
    x, y = (value_of(v, dtype_of(other)) if is_number(v) else v for v, other in ((x, y), (y, x)))
    near = p.less_equal(size_of(p.subtract(x, y)), p.add(p.multiply(size_of(y), rtol), atol))
    # an infinity is close to itself alone
    close = p.logical_or(p.logical_and(near, p.isfinite(y)), p.equal(x, y))
    return p.logical_or(close, p.logical_and(p.isnan(x), p.isnan(y))) if equal_nan else close


@operation
def isclose(
    x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> AnyTensor:
    """Whether |x1 - x2| <= atol + rtol |x2|, element by element.

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.
        rtol: float, the distance allowed as a share of |x2|.
        atol: float, the distance allowed besides.
        equal_nan: bool, whether NaNs are close to each other.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isclose([1.0, 1.1], 1.0).tolist()
        [True, False]
    """
    return _close(x1, x2, rtol, atol, equal_nan)


@operation
def allclose(
    x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> AnyTensor:
    """Whether all elements are close (see `isclose`).

    Args:
        x1: tensor.
        x2: tensor that broadcasts with `x1`.
        rtol: float, the distance allowed as a share of |x2|.
        atol: float, the distance allowed besides.
        equal_nan: bool, whether NaNs are close to each other.

    Returns:
        Bool scalar.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.allclose([1.0, 2.0], [1.0, 2.000001]).tolist()
        True
    """
    return p.all(_close(x1, x2, rtol, atol, equal_nan), axis=None, keepdims=False)


@operation
def isin(x1: TensorLike, x2: TensorLike, assume_unique: bool = False, invert: bool = False) -> AnyTensor:
    """Which elements of `x1` occur in `x2`.

    Args:
        x1: tensor of elements to look for.
        x2: tensor of any shape to look in.
        assume_unique: bool, accepted, as it changes nothing here.
        invert: bool, whether to tell those that do not occur instead.

    Returns:
        Bool tensor of the shape of `x1`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.isin([1, 2, 3], [3, 1]).tolist()
        [True, False, True]
    """
    x, y = promote(x1, x2)
    x, y = (value_of(v, dtype_of(other)) if is_number(v) else v for v, other in ((x, y), (y, x)))
    found = p.any(p.equal(p.reshape(x, shape=(*x.shape, 1)), flattened(y)), axis=len(x.shape), keepdims=False)
    return p.logical_not(found) if invert else found


@operation
def logical_and(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether both are nonzero.

    Args:
        x1: tensor, where nonzero is true.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.logical_and([True, False], True).tolist()
        [True, False]
    """
    return p.logical_and(*_conditions(x1, x2))


@operation
def logical_or(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether at least one is nonzero.

    Args:
        x1: tensor, where nonzero is true.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.logical_or([True, False], False).tolist()
        [True, False]
    """
    return p.logical_or(*_conditions(x1, x2))


@operation
def logical_xor(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """Whether exactly one is nonzero.

    Args:
        x1: tensor, where nonzero is true.
        x2: tensor that broadcasts with `x1`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.logical_xor([True, False], True).tolist()
        [False, True]
    """
    return p.logical_xor(*_conditions(x1, x2))


def _conditions(*operands):
    return [as_dtype(value_of(x), "bool") for x in operands]


@operation
def logical_not(x: TensorLike) -> AnyTensor:
    """Whether x is zero.

    Args:
        x: tensor.

    Returns:
        Bool tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.logical_not([True, False]).tolist()
        [False, True]
    """
    return p.logical_not(*_conditions(x))


@operation
def where(condition: TensorLike, x1: TensorLike | None = None, x2: TensorLike | None = None) -> AnyTensor:
    """`x1` where `condition` is nonzero, else `x2`; the three broadcast.

    With `condition` alone: the indices of its nonzero elements.

    Args:
        condition: tensor, where nonzero is true.
        x1: tensor of the values where `condition` is true.
        x2: tensor of the values elsewhere, given exactly when `x1` is.

    Returns:
        Tensor of the broadcast shape in the promoted dtype of `x1` and `x2`; with `condition` alone a tuple of int32
        vectors, one an axis.

    Raises:
        ValueError: when only one of `x1` and `x2` is given.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.where([True, False], [1, 2], 0).tolist()
        [1, 0]
    """
    if (x1 is None) != (x2 is None):
        raise ValueError("`where` takes both `x1` and `x2`, or neither.")
    if x1 is None:
        return nonzero(condition)
    return p.where(*_conditions(condition), *promote(x1, x2))


@operation
def select(condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: TensorLike = 0) -> AnyTensor:
    """The element of the first choice whose condition holds there, else `default`.

    Args:
        condlist: list of bool tensors.
        choicelist: list of as many tensors, which broadcast with the conditions.
        default: number or tensor, the value where no condition holds.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the choices.

    Raises:
        ValueError: when the lists are empty or differ in length.

    Example:
        >>> import kerasish as keras
        >>> x = keras.ops.arange(4)
        >>> keras.ops.select([x < 1, x < 3], [x - 10, x * 10], 7).tolist()
        [-10, 10, 20, 7]
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(
            f"`condlist` and `choicelist` must have one length above 0, got {len(condlist)} and {len(choicelist)}."
        )
    *choices, result = promote(*choicelist, default)
    for condition, choice in zip(reversed(_conditions(*condlist)), reversed(choices)):
        result = p.where(condition, choice, result)
    return result
