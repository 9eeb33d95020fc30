"""Orders of elements. NaN goes to the end."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis, product
from kerasish.backend.sizes import is_open
from kerasish.ops.convert import as_dtype, dtype_of, is_traced, value_of
from kerasish.ops.numpy.helpers import (
    at_once,
    flattened,
    iota,
    known_int,
    last_int,
    moved_back,
    moved_last,
    own,
    reshape_to,
    window,
)
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def sorted_along(x: TensorLike, axis: int) -> AnyTensor:
    """`x` in rising order along `axis`."""
    if 0 in x.shape:
        return own(x)  # devices need not look for places in nothing
    return p.take_along_axis(x, p.argsort(x, axis=axis), axis=axis)


@operation
def sort(x: TensorLike, axis: int | None = -1) -> AnyTensor:
    """The elements in rising order along an axis.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.

    Returns:
        Tensor of the shape and dtype of `x`, or a vector where `axis` is None.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sort([3, 1, 2]).tolist()
        [1, 2, 3]
    """
    x = value_of(x)
    if axis is None:
        return sorted_along(flattened(x), 0)
    return sorted_along(x, normalize_axis(axis, len(x.shape)))


@operation
def argsort(x: TensorLike, axis: int | None = -1) -> AnyTensor:
    """The indices that put `x` in rising order along an axis; equal elements keep their order.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.

    Returns:
        Int32 tensor of the shape of `x`, or a vector where `axis` is None.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.argsort([3, 1, 2]).tolist()
        [1, 2, 0]
    """
    x = value_of(x)
    if axis is None:
        return p.argsort(flattened(x), axis=0)
    return p.argsort(x, axis=normalize_axis(axis, len(x.shape)))


@operation
def argpartition(x: TensorLike, kth: int, axis: int | None = -1) -> AnyTensor:
    """Indices that put the element of rank `kth` in its place, smaller ones before it and larger ones after.

    Here all are sorted.

    Args:
        x: tensor.
        kth: int, a rank from 0; negative ones count from the end.
        axis: int, or None for the flattened tensor.

    Returns:
        Int32 tensor of the shape of `x`, or a vector where `axis` is None.

    Raises:
        ValueError: when `kth` is out of range.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.argpartition([3, 1, 2], 1).tolist()
        [1, 2, 0]
    """
    x = value_of(x)
    if axis is None:
        x, axis = flattened(x), 0
    axis = normalize_axis(axis, len(x.shape))
    size = x.shape[axis]
    if not is_open(size) and not -size <= known_int(kth, "kth") < size:
        raise ValueError(f"`kth`={kth} is out of range for an axis of size {size}.")
    return p.argsort(x, axis=axis)


@operation
def unique(
    x: TensorLike,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: float | None = None,
) -> AnyTensor:
    """The distinct elements in rising order, or the distinct slices along `axis`.

    Args:
        x: tensor.
        sorted: bool, accepted, as the result is always in order.
        return_index: bool, whether to return where each first occurs.
        return_inverse: bool, whether to return which of them each element is.
        return_counts: bool, whether to return how often each occurs.
        axis: int, whose slices are compared, or None for the elements.
        size: int, the number of elements to return: more are dropped, fewer filled up. Needed inside a compiled
            function, where the shape must be known.
        fill_value: number that fills up to `size`, by default the smallest element.

    Returns:
        Tensor of the distinct elements; with any of the three flags a tuple of it and, in their order, int32 tensors.

    Raises:
        TypeError: inside a compiled function, when `size` is left out.

    Example:
        >>> import kerasish as keras
        >>> values, counts = keras.ops.unique([3, 1, 3], return_counts=True)
        >>> values.tolist(), counts.tolist()
        ([1, 3], [1, 2])
    """
    x = value_of(x)
    if size is None and is_traced(x):
        raise TypeError(
            "`unique` needs `size` inside a compiled function: how many elements are distinct decides the shape of "
            "the result."
        )
    rows = flattened(x) if axis is None else moved_last(x, axis)
    count = rows.shape[-1]
    lead = tuple(rows.shape[:-1])
    keys = [rows] if axis is None else _keys(rows, count)
    order = _lexical_order(keys, count)
    ordered = [p.take(key, order, axis=0) for key in keys]
    starts = _group_starts(ordered, count)
    group = p.cumsum(as_dtype(starts, "int32"), axis=0, reverse=False)
    found = last_int(group) if size is None else size
    first = p.searchsorted(group, iota(found, "int32", 1), side="left")
    if size is not None:
        missing = p.greater_equal(first, count)
        first = p.where(missing, 0, first)
    source = p.take(order, first, axis=0)
    values = p.take(rows, source, axis=len(lead))
    if size is not None and fill_value is not None:
        values = p.where(missing, value_of(fill_value, dtype_of(values)), values)
    results = [values if axis is None else moved_back(values, axis)]
    if return_index:
        results.append(source)
    if return_inverse:
        results.append(_inverse(group, order, x.shape if axis is None else (count,)))
    if return_counts:
        results.append(_counts(group, first, count, missing if size is not None else None))
    return results[0] if len(results) == 1 else tuple(results)


def _keys(rows, count):
    """One vector for each element of a slice."""
    flat = reshape_to(rows, (product(rows.shape[:-1]), count))
    return [reshape_to(window(flat, 0, i, i + 1), (count,)) for i in range(flat.shape[0])]


def _lexical_order(keys, count):
    """Indices that sort by the first key, then the second, ...: stable sorts from the last key to the first."""
    order = None
    for key in reversed(keys):
        step = p.argsort(key if order is None else p.take(key, order, axis=0), axis=0)
        order = step if order is None else p.take(order, step, axis=0)
    return iota(count) if order is None else order


def _group_starts(ordered, count):
    """Whether an element of the sorted keys differs from the one before."""
    if count == 0:
        return p.full(shape=(0,), value=False, dtype="bool")
    changed = p.full(shape=(count - 1,), value=False, dtype="bool")
    for key in ordered:
        changed = p.logical_or(changed, p.not_equal(window(key, 0, 1, None), window(key, 0, 0, count - 1)))
    return p.pad(changed, widths=((1, 0),), value=True)


def _inverse(group, order, shape):
    """The group of each element in its own place: sorting the order itself inverts it."""
    return reshape_to(p.take(p.subtract(group, 1), p.argsort(order, axis=0), axis=0), tuple(shape))


def _counts(group, first, count, missing):
    """The distance from each group's start to the next one's."""
    last = at_once(p.full, shape=(1,), value=count, dtype="int32")
    if missing is not None:
        first = p.where(missing, count, first)
    following = p.concatenate(window(first, 0, 1, None), last, axis=0) if first.shape[0] else first
    return p.subtract(following, first)
