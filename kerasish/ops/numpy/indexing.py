"""Elements by position: gather, diagonals, searches, and `x[key]`."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis, product
from kerasish.backend.sizes import is_open
from kerasish.ops.convert import as_dtype, dtype_of, is_traced, promote, value_of
from kerasish.ops.numpy.helpers import as_bool, broadcast_shape, flattened, iota, last_int, reshape_to, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def as_index(indices: TensorLike) -> AnyTensor:
    """Indices as an integer value. Raises TypeError for floats."""
    indices = value_of(indices)
    dtype = dtype_of(indices)
    if is_float_dtype(dtype):
        if 0 in indices.shape:  # an empty list has no type of its own
            return as_dtype(indices, "int32")
        raise TypeError(f"Indices must be integers, got {dtype}. Write `ops.cast(indices, 'int32')`.")
    return as_dtype(indices, "int32") if dtype == "bool" else indices


@operation
def take(x: TensorLike, indices: TensorLike, axis: int | None = None) -> AnyTensor:
    """The elements of `x` at `indices` along an axis.

    Negative indices count from the end.

    Args:
        x: tensor.
        indices: tensor of ints.
        axis: int, or None for the flattened tensor.

    Returns:
        Tensor whose `axis` is replaced by the axes of `indices`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.take([10, 20, 30], [2, 0]).tolist()
        [30, 10]
    """
    x = value_of(x)
    if axis is None:
        x, axis = flattened(x), 0
    axis = normalize_axis(axis, len(x.shape))
    size = x.shape[axis]
    if type(indices) is int and (is_open(size) or -size <= indices < size):
        place = indices + size if is_open(size) and indices < 0 else indices if is_open(size) else indices % size
        return reshape_to(window(x, axis, place, place + 1), [d for i, d in enumerate(x.shape) if i != axis])
    return p.take(x, as_index(indices), axis=axis)


@operation
def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = None) -> AnyTensor:
    """For each vector along an axis, its elements at the matching vector of indices.

    Args:
        x: tensor.
        indices: tensor of ints with as many axes as `x`.
        axis: int, or None for the flattened tensor.

    Returns:
        Tensor of the shape of `indices`, broadcast with `x` in the other axes.

    Raises:
        ValueError: when `x` and `indices` differ in the number of axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.take_along_axis([[1, 2], [3, 4]], [[1], [0]], axis=1).tolist()
        [[2], [3]]
    """
    x, indices = value_of(x), as_index(indices)
    if axis is None:
        return p.take_along_axis(flattened(x), flattened(indices), axis=0)
    if len(x.shape) != len(indices.shape):
        raise ValueError(
            f"`x` and `indices` must have as many axes, got shapes {tuple(x.shape)} and {tuple(indices.shape)}."
        )
    axis = normalize_axis(axis, len(x.shape))
    sizes = [n if m == 1 else m for n, m in zip(x.shape, indices.shape)]
    x = broadcast_shape(x, [x.shape[i] if i == axis else d for i, d in enumerate(sizes)])
    indices = broadcast_shape(indices, [indices.shape[i] if i == axis else d for i, d in enumerate(sizes)])
    return p.take_along_axis(x, indices, axis=axis)


@operation
def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = "left") -> AnyTensor:
    """Where values would go in a rising vector so that it stays in order.

    Args:
        sorted_sequence: vector in rising order.
        values: tensor.
        side: "left" (before equal elements) or "right" (after them).

    Returns:
        Int32 tensor of the shape of `values`.

    Raises:
        ValueError: for another `side`, or a `sorted_sequence` that is no vector.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.searchsorted([1, 3, 5], [3, 4]).tolist()
        [1, 2]
    """
    if side not in ("left", "right"):
        raise ValueError(f"`side` must be 'left' or 'right', got {side!r}.")
    edges, values = value_of(sorted_sequence), value_of(values)
    if len(edges.shape) != 1:
        raise ValueError(
            f"`sorted_sequence` must be a vector, got shape {tuple(edges.shape)}. Search one row at a time."
        )
    return p.searchsorted(*promote(edges, values), side=side)


@operation
def digitize(x: TensorLike, bins: TensorLike) -> AnyTensor:
    """The number of the bin that holds each element: how many of the rising `bins` are at or below it.

    Args:
        x: tensor.
        bins: rising vector of the bins' edges.

    Returns:
        Int32 tensor of the shape of `x`.

    Raises:
        ValueError: when `bins` is no vector.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.digitize([0.5, 1.0, 9.0], [1.0, 2.0]).tolist()
        [0, 1, 2]
    """
    bins = value_of(bins)
    if len(bins.shape) != 1:
        raise ValueError(f"`bins` must be a vector, got shape {tuple(bins.shape)}.")
    return searchsorted(bins, x, side="right")


def true_positions(mask: TensorLike) -> AnyTensor:
    """The indices of the true elements of a bool vector whose values are known."""
    if is_traced(mask):
        raise TypeError(
            "How many elements are true is not known while the computation is built, so the shape of the result is "
            "not either. Use "
            "`ops.where(condition, x1, x2)` with both choices, or run eagerly."
        )
    running = p.cumsum(as_dtype(mask, "int32"), axis=0, reverse=False)
    return p.searchsorted(running, iota(last_int(running), "int32", 1), side="left")


@operation
def nonzero(x: TensorLike) -> tuple[AnyTensor, ...]:
    """The indices of the nonzero elements.

    On known values only, as they decide the shape.

    Args:
        x: tensor.

    Returns:
        Tuple of int32 vectors, one an axis.

    Raises:
        TypeError: for a symbolic tensor.

    Example:
        >>> import kerasish as keras
        >>> [i.tolist() for i in keras.ops.nonzero([[0, 1], [2, 0]])]
        [[0, 1], [1, 0]]
    """
    x = as_bool(x)
    shape = tuple(x.shape)
    return tuple(_unraveled(true_positions(flattened(x)), shape or (1,)))


def _unraveled(flat, shape):
    found, size = [], product(shape)
    for d in shape:
        size = size // d if d else 0
        step = p.floor_divide(flat, size) if size > 1 else flat
        found.append(p.remainder(step, d) if found else step)
    return found


@operation
def unravel_index(indices: TensorLike, shape: Sequence[int]) -> tuple[AnyTensor, ...]:
    """Indices into a flattened tensor as one index an axis.

    Args:
        indices: tensor of ints.
        shape: tuple of ints, the shape of the tensor before it was flattened.

    Returns:
        Tuple of tensors of the shape of `indices`, one an axis.

    Example:
        >>> import kerasish as keras
        >>> [i.tolist() for i in keras.ops.unravel_index([1, 5], (2, 3))]
        [[0, 1], [1, 2]]
    """
    indices = as_index(indices)
    total = product(shape)
    indices = p.where(p.less(indices, 0), p.add(indices, total), indices)
    return tuple(_unraveled(indices, tuple(shape)))
