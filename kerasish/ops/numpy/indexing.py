"""Elements by position: gather, diagonals, searches, and `x[key]`."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis, product
from kerasish.ops.convert import as_dtype, dtype_of, is_traced, promote, value_of
from kerasish.ops.numpy.creation import diagonal_mask
from kerasish.ops.numpy.helpers import as_bool, flattened, iota, known_int, last_int, reshape_to, transpose_to, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, ShapeLike, TensorLike


def as_index(indices: TensorLike) -> AnyTensor:
    """Indices as an integer value. Raises TypeError for floats."""
    from kerasish.backend.dtypes import is_float_dtype

    indices = value_of(indices)
    dtype = dtype_of(indices)
    if is_float_dtype(dtype):
        if 0 in indices.shape:  # an empty list has no type of its own
            return as_dtype(indices, "int32")
        raise TypeError(f"Indices must be integers, got {dtype}.")
    return as_dtype(indices, "int32") if dtype == "bool" else indices


@operation
def take(x: TensorLike, indices: TensorLike, axis: Axis = None) -> AnyTensor:
    """The elements of `x` at `indices` along `axis` (None: of the flattened value).

    Negative indices count from the end.

    >>> import kerasish as keras
    >>> keras.ops.take([10, 20, 30], [2, 0]).tolist()
    [30, 10]
    """
    x = value_of(x)
    if axis is None:
        x, axis = flattened(x), 0
    axis = normalize_axis(axis, len(x.shape))
    if type(indices) is int and x.shape[axis] is not None and -x.shape[axis] <= indices < x.shape[axis]:
        place = indices % x.shape[axis]
        return reshape_to(window(x, axis, place, place + 1), [d for i, d in enumerate(x.shape) if i != axis])
    return p.take(x, as_index(indices), axis=axis)


@operation
def take_along_axis(x: TensorLike, indices: TensorLike, axis: Axis = None) -> AnyTensor:
    """For each vector along `axis`, its elements at the matching vector of `indices`.

    Over the flattened value when `axis` is None.

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
    sizes = [n if m in (1, None) else m for n, m in zip(x.shape, indices.shape)]
    x = _stretched(x, [x.shape[i] if i == axis else d for i, d in enumerate(sizes)])
    indices = _stretched(indices, [indices.shape[i] if i == axis else d for i, d in enumerate(sizes)])
    return p.take_along_axis(x, indices, axis=axis)


def _stretched(x, shape):
    same = all(a == b or None in (a, b) for a, b in zip(x.shape, shape))
    return x if same else p.broadcast_to(x, shape=tuple(shape))


@operation
def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> AnyTensor:
    """The elements whose index along `axis2` is that along `axis1` plus `offset`, as a new last axis.

    >>> import kerasish as keras
    >>> keras.ops.diagonal([[1, 2], [3, 4]]).tolist()
    [1, 4]
    """
    x = value_of(x)
    rank = len(x.shape)
    if rank < 2:
        raise ValueError(f"`x` must have two axes or more, got shape {tuple(x.shape)}.")
    axis1, axis2 = normalize_axis(axis1, rank, "axis1"), normalize_axis(axis2, rank, "axis2")
    if axis1 == axis2:
        raise ValueError(f"`axis1` and `axis2` must differ, got {axis1} twice.")
    rest = [i for i in range(rank) if i not in (axis1, axis2)]
    rows, columns = x.shape[axis1], x.shape[axis2]
    flat = reshape_to(transpose_to(x, [*rest, axis1, axis2]), [*(x.shape[i] for i in rest), rows * columns])
    count = max(0, min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns))
    if count == 0:
        return window(flat, len(rest), 0, 0)
    start = offset if offset >= 0 else -offset * columns
    return window(
        flat, len(rest), start, start + (count - 1) * (columns + 1) + 1, columns + 1
    )  # a diagonal is one stride


@operation
def diag(x: TensorLike, k: int = 0) -> AnyTensor:
    """A vector on the `k`-th diagonal of a square matrix of zeros, or the `k`-th diagonal of a matrix.

    >>> import kerasish as keras
    >>> keras.ops.diag([1, 2]).tolist()
    [[1, 0], [0, 2]]
    """
    x = value_of(x)
    if len(x.shape) == 2:
        return diagonal(x, k)
    if len(x.shape) != 1:
        raise ValueError(f"`x` must have one or two axes, got shape {tuple(x.shape)}.")
    size = x.shape[0] + abs(k)
    if k:
        x = p.pad(x, widths=((0, abs(k)),), value=0)
    line = p.reshape(x, shape=(size, 1) if k >= 0 else (1, size))
    return p.where(diagonal_mask(size, size, k, p.equal), line, 0)


@operation
def searchsorted(sorted_sequence: Any, values: TensorLike, side: str = "left") -> AnyTensor:
    """Where `values` would go in the rising vector `sorted_sequence`; int32.

    They go before equal elements ("left") or after them ("right").

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
def digitize(x: TensorLike, bins: int) -> AnyTensor:
    """The number of the bin that holds each element: how many of the rising `bins` are at or below it.

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
    """The indices of the nonzero elements: a tuple of int32 vectors, one an axis.

    On known values only, as they decide the shape.

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
def unravel_index(indices: TensorLike, shape: ShapeLike) -> tuple[AnyTensor, ...]:
    """Indices into a flattened value of `shape` as a tuple of indices, one an axis.

    >>> import kerasish as keras
    >>> [i.tolist() for i in keras.ops.unravel_index([1, 5], (2, 3))]
    [[0, 1], [1, 2]]
    """
    indices = as_index(indices)
    total = product(shape)
    indices = p.where(p.less(indices, 0), p.add(indices, total), indices)
    return tuple(_unraveled(indices, tuple(shape)))


@operation
def get_item(x: TensorLike, key: Any) -> AnyTensor:
    """x[key], as NumPy has it.

    Ints, slices, None, Ellipsis, tensors of ints, and masks of bools whose values are known.

    Raises: IndexError for too many indices or an int out of range.

    >>> import kerasish as keras
    >>> x = keras.ops.reshape(keras.ops.arange(6), (2, 3))
    >>> keras.ops.get_item(x, (slice(None), -1)).tolist()
    [2, 5]
    """
    x = value_of(x)
    if isinstance(key, list) and any(item is None or item is Ellipsis or isinstance(item, slice) for item in key):
        key = tuple(key)  # how a config gives a tuple back
    items = _explicit(key if isinstance(key, tuple) else (key,), len(x.shape))
    x, places, gathered = _basic(x, items)
    return _gather(x, places, gathered) if gathered else x


def _explicit(key, rank):
    """One item an axis (and None where an axis is new): masks become index vectors, Ellipsis full slices."""
    items = []
    for item in key:
        if item is None or item is Ellipsis or isinstance(item, slice) or type(item) is int:
            items.append(item)
        elif isinstance(item, bool):
            raise TypeError("A Python bool is no index; use `ops.expand_dims`, or a tensor of bools.")
        elif hasattr(item, "__index__") and not hasattr(item, "shape"):
            items.append(int(item))
        else:
            items.extend(_index_values(item))
    used = sum(item is not None and item is not Ellipsis for item in items)
    if used > rank:
        raise IndexError(f"Too many indices: {used} for a value with {rank} axes.")
    ellipses = [i for i, item in enumerate(items) if item is Ellipsis]
    if len(ellipses) > 1:
        raise IndexError("A key may hold one Ellipsis ('...').")
    place = ellipses[0] if ellipses else len(items)
    return items[:place] + [slice(None)] * (rank - used) + items[place + 1 :]


def _index_values(item):
    item = value_of(item)
    if dtype_of(item) == "bool":
        return list(nonzero(item))
    if not item.shape and not is_traced(item):
        return [int(item)]
    return [as_index(item)]


def _basic(x, items):
    """Apply ints, slices and None.

    Returns: the value, for each of its axes whether an index tensor waits for it, and [(axis, indices)] with the axes
    of the value. An int beside index tensors counts among them where NumPy lets it decide the place of the new axes: it
    is noted as a separator.
    """
    start, stop, strides, flips, shape, places = [], [], [], [], [], []
    axis, gathered = 0, []
    tensors = any(not isinstance(item, (int, slice, type(None))) for item in items)
    for order, item in enumerate(items):
        if item is None:
            shape.append(1)
            continue
        size = x.shape[axis]
        if isinstance(item, slice):
            a, b, step, backwards = _slice_bounds(item, size)
            if backwards:
                flips.append(axis)
            length = size if (a, b, step) == (0, None, 1) else None if b is None else max(0, -(-(b - a) // step))
            shape.append(length)
        elif isinstance(item, int):
            a, step = _int_place(item, size), 1
            b = a + 1
            if tensors:
                places.append(order)
        else:
            a, b, step = 0, None, 1
            gathered.append((len(shape), item))
            places.append(order)
            shape.append(size)
        start.append(a), stop.append(size if b is None else b), strides.append(step)
        axis += 1
    if flips:
        x = p.flip(x, axis=tuple(flips))
    if any(start) or tuple(stop) != tuple(x.shape) or any(s != 1 for s in strides):
        x = p.slice(x, start=tuple(start), stop=tuple(stop), strides=tuple(strides))
    return reshape_to(x, shape), places, gathered


def _int_place(index, size):
    if size is None:
        if index < 0:
            raise TypeError("A negative index needs a known size.")
        return index
    if not -size <= index < size:
        raise IndexError(f"Index {index} is out of range for an axis of size {size}.")
    return index % size


def _slice_bounds(item, size):
    """(start, stop, step, whether the axis is flipped first) with 0 <= start <= stop <= size.

    Stop None for the end of an open axis.
    """
    bounds = [None if v is None else known_int(v, "slice") for v in (item.start, item.stop, item.step)]
    if bounds in ([None, None, None], [None, None, 1], [0, None, None], [0, None, 1]):
        return 0, None, 1, False
    a, b, step = slice(*bounds).indices(size)
    if step > 0:
        return a, max(a, b), step, False
    # backwards from a down to b (exclusive): forwards on the flipped axis
    a, b = size - 1 - a, size - 1 - b
    return a, max(a, b), -step, True


def _gather(x, places, gathered):
    """Index tensors, together.

    Where they stand side by side the new axes stand there too, else in front (as NumPy does).
    """
    together = places == list(range(places[0], places[0] + len(places)))
    axes = [axis for axis, _ in gathered]
    if len(gathered) == 1:
        axis, indices = gathered[0]
        found = p.take(x, indices, axis=axis)
        new, first = len(indices.shape), axis
        if together or axis == 0:
            return found
        order = list(range(first, first + new)) + [i for i in range(len(found.shape)) if not first <= i < first + new]
        return transpose_to(found, order)
    indices = _joined_indices([i for _, i in gathered])
    rest = [i for i in range(len(x.shape)) if i not in axes]
    found = p.gather_nd(transpose_to(x, axes + rest), indices)
    new = len(indices.shape) - 1
    first = axes[0] if together else 0
    if first == 0:
        return found
    order = list(range(new, new + first)) + list(range(new)) + list(range(new + first, len(found.shape)))
    return transpose_to(found, order)


def _joined_indices(indices):
    """Broadcast index tensors stacked along a new last axis."""
    from kerasish.backend.primitives.shapes import broadcast

    indices = promote(*indices)
    shape = broadcast(*(tuple(i.shape) for i in indices))
    columns = [
        p.reshape(i if tuple(i.shape) == shape else p.broadcast_to(i, shape=shape), shape=(*shape, 1)) for i in indices
    ]
    return p.concatenate(*columns, axis=len(shape))
