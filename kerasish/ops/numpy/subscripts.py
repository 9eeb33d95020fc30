"""`x[key]` as NumPy reads it."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import broadcast
from kerasish.backend.sizes import Size, exceeds, is_open, largest, smallest
from kerasish.ops.convert import dtype_of, is_traced, promote, value_of
from kerasish.ops.numpy.helpers import known_int, reshape_to, transpose_to
from kerasish.ops.numpy.indexing import as_index, nonzero
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def get_item(x: TensorLike, key: Any) -> AnyTensor:
    """x[key], as NumPy has it.

    Args:
        x: tensor.
        key: int, slice, None, Ellipsis, tensor of ints, mask of bools whose values are known, or a tuple of them.

    Returns:
        Tensor.

    Raises:
        IndexError: for too many indices or an int out of range.

    Example:
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
        elif type(item) is Size or hasattr(item, "open_size"):
            items.append(getattr(item, "open_size", item))
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
    tensors = any(not isinstance(item, (int, slice, type(None), Size)) for item in items)
    for order, item in enumerate(items):
        if item is None:
            shape.append(1)
            continue
        size = x.shape[axis]
        if isinstance(item, slice):
            a, b, step, backwards = _slice_bounds(item, size)
            if backwards:
                flips.append(axis)
            length = size if (a, b, step) == (0, None, 1) else largest(0, -(-(b - a) // step))
            shape.append(length)
        elif isinstance(item, (int, Size)):
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
    if is_open(start) or any(start) or tuple(stop) != tuple(x.shape) or any(s != 1 for s in strides):
        x = p.slice(x, start=tuple(start), stop=tuple(stop), strides=tuple(strides))
    return reshape_to(x, shape), places, gathered


def _int_place(index, size):
    if is_open((index, size)):
        return index + size if exceeds(0, index) else index
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
    a, b, step = _open_bounds(*bounds, size) if is_open((*bounds, size)) else slice(*bounds).indices(size)
    if step > 0:
        return a, largest(a, b), step, False
    # backwards from a down to b (exclusive): forwards on the flipped axis
    a, b = size - 1 - a, size - 1 - b
    return a, largest(a, b), -step, True


def _open_bounds(start, stop, step, size):
    """`slice(start, stop, step).indices(size)` where one of them is open."""
    step = 1 if step is None else step
    least, most = (0, size) if step > 0 else (-1, size - 1)

    def place(bound, default):
        if bound is None:
            return default
        return smallest(largest(bound + size if exceeds(0, bound) else bound, least), most)

    first, last = (least, most) if step > 0 else (most, least)
    return place(start, first), place(stop, last), step


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
    indices = promote(*indices)
    shape = broadcast(*(tuple(i.shape) for i in indices))
    columns = [
        p.reshape(i if tuple(i.shape) == shape else p.broadcast_to(i, shape=shape), shape=(*shape, 1)) for i in indices
    ]
    return p.concatenate(*columns, axis=len(shape))
