"""Norms of vectors and matrices."""

from __future__ import annotations

import math

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, reduced
from kerasish.ops.convert import as_dtype, dtype_of, is_number, widened
from kerasish.ops.linalg.factorizations import two_axes_last
from kerasish.ops.numpy.complex_numbers import is_complex, size_of
from kerasish.ops.numpy.helpers import flattened, reshape_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, TensorLike


def _euclidean(x, axes, keepdims):
    x = size_of(x) if is_complex(x) else x
    return p.sqrt(p.sum(p.square(x), axis=axes, keepdims=keepdims))


def _vector_norm(x, order, axes, keepdims):
    if order in (None, 2):
        return _euclidean(x, axes, keepdims)
    if order == 0:
        return p.sum(p.cast(p.not_equal(x, 0.0), dtype=dtype_of(size_of(x))), axis=axes, keepdims=keepdims)
    size = size_of(x)
    if order == math.inf:
        return p.max(size, axis=axes, keepdims=keepdims)
    if order == -math.inf:
        return p.min(size, axis=axes, keepdims=keepdims)
    if order == 1:
        return p.sum(size, axis=axes, keepdims=keepdims)
    if not is_number(order):
        raise ValueError(f"`ord` must be a number, inf, -inf or None for vectors, got {order!r}.")
    return p.power(p.sum(p.power(size, float(order)), axis=axes, keepdims=keepdims), 1.0 / order)


def _matrix_norm(x, order, axis, keepdims):
    """Of the matrices that the two axes of `axis` hold."""
    axes = normalize_axes(axis, len(x.shape))
    if order in (None, "fro"):
        return _euclidean(x, axes, keepdims)
    moved = two_axes_last(x, axis)
    last = len(x.shape) - 1
    if order in ("nuc", 2, -2):
        values = p.singular_values(moved)
        reduce = {"nuc": p.sum, 2: p.max, -2: p.min}[order]
        found = reduce(values, axis=(last - 1,), keepdims=False)
    elif order in (1, -1, math.inf, -math.inf):
        lines = p.sum(size_of(moved), axis=(last - 1 if order in (1, -1) else last,), keepdims=False)
        found = (p.max if order > 0 else p.min)(lines, axis=(last - 1,), keepdims=False)
    else:
        raise ValueError(f"`ord` must be None, 'fro', 'nuc', 1, -1, 2, -2, inf or -inf for matrices, got {order!r}.")
    return reshape_to(found, reduced(x.shape, axes, True)) if keepdims else found


@operation
def norm(x: TensorLike, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The norm of vectors along one axis, or of matrices along two.

    Args:
        x: tensor.
        ord: for vectors any number, inf or -inf (default 2; 0 counts nonzeros); for matrices "fro" (default), "nuc", 1,
            -1, 2, -2, inf or -inf.
        axis: int, pair of ints, or None: all of `x`, which with an `ord` must have one or two axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes.

    Raises:
        ValueError: when `axis` names more than two axes, or `ord` does not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.norm([3.0, 4.0]).tolist()
        5.0
    """
    x, dtype = widened(x)
    found = _norm(x, ord, axis, keepdims)
    return found if is_complex(x) else as_dtype(found, dtype)


def _norm(x, ord, axis, keepdims):
    rank = len(x.shape)
    if axis is None:
        if ord is None:
            found = _euclidean(flattened(x), (0,), False)
            return reshape_to(found, (1,) * rank) if keepdims else found
        if rank not in (1, 2):
            raise ValueError(
                f"`x` must have one or two axes when `ord` is given without `axis`, got shape {tuple(x.shape)}."
            )
        axis = tuple(range(rank))
    axis = (axis,) if isinstance(axis, int) else tuple(axis)
    if len(axis) == 1:
        return _vector_norm(x, ord, normalize_axes(axis, rank), keepdims)
    if len(axis) != 2:
        raise ValueError(f"`axis` must name one or two axes, got {axis}.")
    return _matrix_norm(x, ord, axis, keepdims)
