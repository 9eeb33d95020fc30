"""Elements in another order, or several times: turned round, moved on, repeated."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, normalize_axis
from kerasish.backend.sizes import is_open, unlike
from kerasish.ops.convert import convert_to_numpy, is_number, value_of
from kerasish.ops.numpy.helpers import flattened, known_int, reshape_to, window
from kerasish.ops.numpy.shape import swapaxes
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, IntOrInts, TensorLike


@operation
def flip(x: TensorLike, axis: Axis = None) -> AnyTensor:
    """`x` in reverse order along axes.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.flip([1, 2, 3]).tolist()
        [3, 2, 1]
    """
    x = value_of(x)
    axes = normalize_axes(axis, len(x.shape))
    return p.flip(x, axis=axes) if axes else x


@operation
def fliplr(x: TensorLike) -> AnyTensor:
    """`x` in reverse order along the second axis.

    Args:
        x: tensor of two axes or more.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.fliplr([[1, 2], [3, 4]]).tolist()
        [[2, 1], [4, 3]]
    """
    return flip(x, 1)


@operation
def flipud(x: TensorLike) -> AnyTensor:
    """`x` in reverse order along the first axis.

    Args:
        x: tensor of one axis or more.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.flipud([[1, 2], [3, 4]]).tolist()
        [[3, 4], [1, 2]]
    """
    return flip(x, 0)


@operation
def rot90(array: TensorLike, k: int = 1, axes: tuple[int, int] = (0, 1)) -> AnyTensor:
    """`array` turned by `k` quarters from the first towards the second of `axes`.

    Args:
        array: tensor of two axes or more.
        k: int, how many quarters of a turn; negative ones turn backwards.
        axes: pair of different axes that span the plane.

    Returns:
        Tensor of the dtype of `array`.

    Raises:
        ValueError: when `array` has fewer than two axes, or `axes` are not two different ones.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.rot90([[1, 2], [3, 4]]).tolist()
        [[2, 4], [1, 3]]
    """
    x = value_of(array)
    if len(x.shape) < 2:
        raise ValueError(f"`array` must have two axes or more, got shape {tuple(x.shape)}.")
    if len(axes) != 2 or axes[0] % len(x.shape) == axes[1] % len(x.shape):
        raise ValueError(f"`axes` must be two different axes, got {axes}.")
    first, second = (normalize_axis(a, len(x.shape), "axes") for a in axes)
    k %= 4
    if k == 0:
        return x
    if k == 2:
        return flip(x, (first, second))
    return swapaxes(flip(x, second), first, second) if k == 1 else flip(swapaxes(x, first, second), second)


@operation
def roll(x: TensorLike, shift: IntOrInts, axis: Axis = None) -> AnyTensor:
    """`x` moved on by `shift` places along `axis`; what leaves at the end comes in at the start.

    Args:
        x: tensor.
        shift: int, or as many as `axis`: by how many places; negative ones move backwards.
        axis: int, several, or None for the flattened tensor, which keeps its shape.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        ValueError: when `shift` and `axis` differ in number.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.roll([1, 2, 3], 1).tolist()
        [3, 1, 2]
    """
    x = value_of(x)
    if axis is None:
        return reshape_to(_rolled(flattened(x), shift if isinstance(shift, int) else sum(shift), 0), x.shape)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    shifts = (shift,) * len(axes) if isinstance(shift, int) else tuple(shift)
    if len(axes) != len(shifts):
        raise ValueError(f"`shift` and `axis` must have one length, got {shift} and {axis}.")
    for places, a in zip(shifts, axes):
        x = _rolled(x, places, normalize_axis(a, len(x.shape)))
    return x


def _rolled(x, shift, axis):
    size = x.shape[axis]
    if is_open(size):
        return p.identity(x)
    shift = shift % size if size else 0
    if shift == 0:
        return x
    return p.concatenate(window(x, axis, size - shift, size), window(x, axis, 0, size - shift), axis=axis)


@operation
def repeat(x: TensorLike, repeats: IntOrInts, axis: int | None = None) -> AnyTensor:
    """Each element several times in a row.

    Args:
        x: tensor.
        repeats: int, or one int an element of the axis.
        axis: int, or None for the flattened tensor.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        ValueError: when there are several `repeats`, but not one an element.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.repeat([1, 2], 2).tolist()
        [1, 1, 2, 2]
    """
    x = value_of(x)
    if axis is None:
        x, axis = flattened(x), 0
    axis = normalize_axis(axis, len(x.shape))
    counts = _counts(repeats)
    if len(counts) == 1:
        head, tail = x.shape[: axis + 1], x.shape[axis + 1 :]
        wide = p.broadcast_to(p.reshape(x, shape=(*head, 1, *tail)), shape=(*head, counts[0], *tail))
        return p.reshape(wide, shape=(*head[:-1], head[-1] * counts[0], *tail))
    if unlike(len(counts), x.shape[axis]):
        raise ValueError(f"`repeats` must be one int or one for each of {x.shape[axis]} elements, got {len(counts)}.")
    return p.take(x, value_of([i for i, n in enumerate(counts) for _ in range(n)], "int32"), axis=axis)


def _counts(repeats):
    """`repeats` as a list of ints, which decide the shape and so must be known."""
    if is_number(repeats):
        return [known_int(repeats, "repeats")]
    if hasattr(repeats, "shape"):
        repeats = convert_to_numpy(repeats).reshape(-1).tolist()
    return [known_int(n, "repeats") for n in repeats]


@operation
def tile(x: TensorLike, repeats: IntOrInts) -> AnyTensor:
    """`x` laid side by side several times along each axis.

    Args:
        x: tensor.
        repeats: int or one an axis, counted from the last; missing ones are 1.

    Returns:
        Tensor of the dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tile([1, 2], 2).tolist()
        [1, 2, 1, 2]
    """
    x = value_of(x)
    counts = _counts(repeats)
    rank = max(len(counts), len(x.shape))
    counts = [1] * (rank - len(counts)) + counts
    sizes = [1] * (rank - len(x.shape)) + list(x.shape)
    if all(type(n) is int and n == 1 for n in counts):
        return reshape_to(x, sizes)
    narrow, wide = [], []
    for n, d in zip(counts, sizes):
        narrow += [1, d] if n != 1 else [d]
        wide += [n, d] if n != 1 else [d]
    stretched = p.broadcast_to(p.reshape(x, shape=tuple(narrow)), shape=tuple(wide))
    return p.reshape(stretched, shape=tuple(n * d for n, d in zip(counts, sizes)))
