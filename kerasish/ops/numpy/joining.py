"""Several tensors made one, and one made several."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend import context
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.backend.sizes import exceeds, is_open, largest, smallest, unlike
from kerasish.ops.convert import promote, value_of
from kerasish.ops.numpy.helpers import flattened, known_int, own, reshape_to, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


def _joined(xs, axis):
    xs = promote(*[value_of(x) for x in xs])
    if not xs:
        raise ValueError("`xs` must hold at least one tensor.")
    if axis is None:
        xs, axis = [flattened(x) for x in xs], 0
    if not xs[0].shape:
        raise ValueError("Scalars can't be concatenated; use `stack`.")
    axis = normalize_axis(axis, len(xs[0].shape))
    return own(xs[0]) if len(xs) == 1 else p.concatenate(*xs, axis=axis)


def _parts(xs):
    """The tensors of a list, or the rows of one tensor."""
    return list(xs) if isinstance(xs, (list, tuple)) else list(_unstacked(value_of(xs), 0))


def _unstacked(x, axis):
    if not x.shape:
        raise ValueError("Expected a list of tensors, or a tensor with an axis to take them from; got a scalar.")
    shape = [d for i, d in enumerate(x.shape) if i != axis]
    return [reshape_to(window(x, axis, i, i + 1), shape) for i in range(x.shape[axis])]


@operation
def concatenate(xs: Sequence[TensorLike] | TensorLike, axis: int | None = 0) -> AnyTensor:
    """Tensors one after the other along an axis.

    Args:
        xs: list of tensors, which agree in all sizes but that of `axis`.
        axis: int, or None to flatten them first.

    Returns:
        Tensor in the promoted dtype of the parts.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.concatenate([[1, 2], [3]]).tolist()
        [1, 2, 3]
    """
    return _joined(_parts(xs), axis)


@operation
def append(x1: TensorLike, x2: TensorLike, axis: int | None = None) -> AnyTensor:
    """`x2` after `x1` along `axis`; both flattened when `axis` is None.

    Args:
        x1: tensor.
        x2: tensor with the sizes of `x1`, but for that of `axis`.
        axis: int, or None to flatten both.

    Returns:
        Tensor in the promoted dtype of the parts.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.append([1, 2], [3]).tolist()
        [1, 2, 3]
    """
    x1, x2 = value_of(x1), value_of(x2)
    return _joined([flattened(x1), flattened(x2)], 0) if axis is None else _joined([x1, x2], axis)


@operation
def stack(x: Sequence[TensorLike] | TensorLike, axis: int = 0) -> AnyTensor:
    """Tensors of one shape side by side along a new axis.

    Args:
        x: list of tensors of one shape.
        axis: int, where the new axis goes, counted in the result.

    Returns:
        Tensor in the promoted dtype of the parts.

    Raises:
        ValueError: when there are no tensors, or their shapes differ.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.stack([[1, 2], [3, 4]], axis=1).tolist()
        [[1, 3], [2, 4]]
    """
    xs = [value_of(part) for part in _parts(x)]
    if not xs:
        raise ValueError("`x` must hold at least one tensor.")
    axis = normalize_axis(axis, len(xs[0].shape) + 1)
    if any(len(part.shape) != len(xs[0].shape) for part in xs):
        raise ValueError(f"All tensors of `x` must have one shape, got {[tuple(part.shape) for part in xs]}.")
    return _joined([p.reshape(part, shape=(*part.shape[:axis], 1, *part.shape[axis:])) for part in xs], axis)


def _at_least(x, rank):
    """As NumPy's atleast_1d, 2d and 3d: a vector becomes a row; in three axes, (1, n, 1)."""
    x = value_of(x)
    shape = tuple(x.shape)
    if len(shape) == 0:
        return reshape_to(x, (1,) * rank)
    if len(shape) == 1 and rank > 1:
        return reshape_to(x, (1, *shape) if rank == 2 else (1, *shape, 1))
    return reshape_to(x, (*shape, 1)) if len(shape) == 2 and rank == 3 else x


@operation
def hstack(xs: Sequence[TensorLike] | TensorLike) -> AnyTensor:
    """Tensors joined along the second axis; vectors along their only one.

    Args:
        xs: list of tensors.

    Returns:
        Tensor in the promoted dtype of the parts.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.hstack([[1, 2], [3]]).tolist()
        [1, 2, 3]
    """
    xs = [_at_least(x, 1) for x in _parts(xs)]
    return _joined(xs, 0 if not xs or len(xs[0].shape) == 1 else 1)


@operation
def vstack(xs: Sequence[TensorLike] | TensorLike) -> AnyTensor:
    """Tensors joined along the first axis; vectors are rows.

    Args:
        xs: list of tensors.

    Returns:
        Tensor in the promoted dtype of the parts.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.vstack([[1, 2], [3, 4]]).tolist()
        [[1, 2], [3, 4]]
    """
    return _joined([_at_least(x, 2) for x in _parts(xs)], 0)


@operation
def dstack(xs: Sequence[TensorLike] | TensorLike) -> AnyTensor:
    """Tensors joined along the third axis, which is added where it is missing.

    Args:
        xs: list of tensors.

    Returns:
        Tensor in the promoted dtype of the parts.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.dstack([[1, 2], [3, 4]]).tolist()
        [[[1, 3], [2, 4]]]
    """
    return _joined([_at_least(x, 3) for x in _parts(xs)], 2)


def _cuts(indices_or_sections, size, name, even):
    """Where to cut an axis of `size` elements, without 0 and the end."""
    if hasattr(indices_or_sections, "tolist"):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, (list, tuple)):
        cuts = [known_int(i, "indices_or_sections") for i in indices_or_sections]
        return [smallest(largest(i + size if exceeds(0, i) else i, 0), size) for i in cuts]
    count = known_int(indices_or_sections, "indices_or_sections")
    if count < 1:
        raise ValueError(f"`indices_or_sections` of `{name}` must be 1 or more, got {count}.")
    if even and unlike(size % count, 0):
        raise ValueError(
            f"`{name}` can't cut an axis of size {size} into {count} equal parts. Give the indices, or use "
            "`array_split`."
        )
    context.claim(count, name)
    small, larger = divmod(size, count)
    return [i * small + (0 if even else smallest(i, larger)) for i in range(1, count)]


def _split(x, indices_or_sections, axis, name, even=True):
    x = value_of(x)
    axis = normalize_axis(axis, len(x.shape))
    size = x.shape[axis]
    edges = [0, *_cuts(indices_or_sections, size, name, even), size]
    parts = [window(x, axis, a, largest(a, b)) for a, b in zip(edges, edges[1:])]
    return [own(part) if part is x else part for part in parts]


@operation
def split(x: TensorLike, indices_or_sections: IntOrInts, axis: int = 0) -> list[AnyTensor]:
    """`x` cut along an axis into equal parts, or at given indices.

    Args:
        x: tensor.
        indices_or_sections: int, the number of equal parts, or a rising list of ints, where the parts begin.
        axis: int.

    Returns:
        List of tensors.

    Example:
        >>> import kerasish as keras
        >>> [part.tolist() for part in keras.ops.split([1, 2, 3, 4], 2)]
        [[1, 2], [3, 4]]
    """
    return _split(x, indices_or_sections, axis, "split")


@operation
def array_split(x: TensorLike, indices_or_sections: IntOrInts, axis: int = 0) -> list[AnyTensor]:
    """`x` cut along an axis into parts that may differ in size by one.

    Args:
        x: tensor.
        indices_or_sections: int, the number of parts, or a rising list of ints, where the parts begin.
        axis: int.

    Returns:
        List of tensors.

    Example:
        >>> import kerasish as keras
        >>> [part.tolist() for part in keras.ops.array_split([1, 2, 3], 2)]
        [[1, 2], [3]]
    """
    return _split(x, indices_or_sections, axis, "array_split", even=False)


@operation
def hsplit(x: TensorLike, indices_or_sections: IntOrInts) -> list[AnyTensor]:
    """`split` along the second axis; of a vector along its only one.

    Args:
        x: tensor.
        indices_or_sections: int, the number of equal parts, or a rising list of ints, where the parts begin.

    Returns:
        List of tensors.

    Example:
        >>> import kerasish as keras
        >>> [part.tolist() for part in keras.ops.hsplit([[1, 2], [3, 4]], 2)]
        [[[1], [3]], [[2], [4]]]
    """
    x = value_of(x)
    return _split(x, indices_or_sections, 0 if len(x.shape) == 1 else 1, "hsplit")


@operation
def vsplit(x: TensorLike, indices_or_sections: IntOrInts) -> list[AnyTensor]:
    """`split` along the first axis.

    Args:
        x: tensor.
        indices_or_sections: int, the number of equal parts, or a rising list of ints, where the parts begin.

    Returns:
        List of tensors.

    Example:
        >>> import kerasish as keras
        >>> [part.tolist() for part in keras.ops.vsplit([[1, 2], [3, 4]], 2)]
        [[[1, 2]], [[3, 4]]]
    """
    return _split(x, indices_or_sections, 0, "vsplit")


@operation
def dsplit(x: TensorLike, indices_or_sections: IntOrInts) -> list[AnyTensor]:
    """`split` along the third axis.

    Args:
        x: tensor.
        indices_or_sections: int, the number of equal parts, or a rising list of ints, where the parts begin.

    Returns:
        List of tensors.

    Example:
        >>> import kerasish as keras
        >>> [part.shape for part in keras.ops.dsplit(keras.ops.zeros((2, 3, 4)), 2)]
        [(2, 3, 2), (2, 3, 2)]
    """
    return _split(x, indices_or_sections, 2, "dsplit")


def unstacked(x: TensorLike, num: int | None, axis: int) -> list[AnyTensor]:
    """The parts of `x` along `axis`, without that axis; `num` of them, where given."""
    x = value_of(x)
    axis = normalize_axis(axis, len(x.shape))
    if num is not None and is_open(x.shape[axis]):
        shape = [d for i, d in enumerate(x.shape) if i != axis]
        return [reshape_to(window(x, axis, i, i + 1), shape) for i in range(num)]
    if num is not None and num != x.shape[axis]:
        raise ValueError(f"`num`={num}, but axis {axis} of {tuple(x.shape)} has size {x.shape[axis]}.")
    return _unstacked(x, axis)
