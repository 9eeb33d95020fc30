"""Other shapes and orders of the same elements."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.primitives.shapes import normalize_axes, normalize_axis, product
from kerasish.backend.sizes import exceeds, unlike
from kerasish.ops.convert import is_number, value_of
from kerasish.ops.numpy.helpers import broadcast_shape, flattened, known_int, reshape_to, transpose_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, IntOrInts, Shape, ShapeLike, TensorLike


def resolve_shape(shape: ShapeLike, newshape: ShapeLike) -> Shape:
    """`newshape` with its -1 (or None, which is the same) worked out."""
    if is_number(newshape) or not hasattr(newshape, "__len__"):
        newshape = (newshape,)
    target = [-1 if d is None else known_int(d, "newshape") for d in newshape]
    if target.count(-1) > 1:
        raise ValueError(f"`newshape` may have one -1, got {tuple(newshape)}.")
    if any(exceeds(-1, d) for d in target):
        raise ValueError(f"`newshape` must hold sizes of 0 or more, or one -1; got {tuple(target)}.")
    if -1 in target:
        rest, total = product(d for d in target if d != -1), product(shape)
        place = target.index(-1)
        if rest == 0 or unlike(total % rest, 0):
            raise ValueError(f"Can't reshape {tuple(shape)} ({total} elements) to {tuple(newshape)}.")
        target[place] = total // rest
    return tuple(target)


@operation
def reshape(x: TensorLike, newshape: ShapeLike) -> AnyTensor:
    """`x` in another shape with as many elements; one size may be -1.

    Args:
        x: tensor.
        newshape: int or tuple of ints with the product of the sizes of `x`; one may be -1 and is worked out.

    Returns:
        Tensor of shape `newshape`.

    Raises:
        ValueError: when the number of elements does not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.reshape([1, 2, 3, 4], (2, -1)).tolist()
        [[1, 2], [3, 4]]
    """
    x = value_of(x)
    return reshape_to(x, resolve_shape(tuple(x.shape), newshape))


@operation
def ravel(x: TensorLike) -> AnyTensor:
    """`x` as a vector.

    Args:
        x: tensor.

    Returns:
        Vector of the elements of `x`, row by row.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.ravel([[1, 2], [3, 4]]).tolist()
        [1, 2, 3, 4]
    """
    return flattened(value_of(x))


@operation
def expand_dims(x: TensorLike, axis: IntOrInts) -> AnyTensor:
    """`x` with new axes of size 1.

    Args:
        x: tensor.
        axis: int or several, counted in the result.

    Returns:
        Tensor of the dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.expand_dims([1, 2], 0).tolist()
        [[1, 2]]
    """
    x = value_of(x)
    places = (axis,) if isinstance(axis, int) else tuple(axis)
    rank = len(x.shape) + len(places)
    places = normalize_axes(places, rank)
    sizes = iter(x.shape)
    return reshape_to(x, [1 if i in places else next(sizes) for i in range(rank)])


@operation
def squeeze(x: TensorLike, axis: Axis = None) -> AnyTensor:
    """`x` without axes of size 1.

    Args:
        x: tensor.
        axis: int, several, or None for all axes of size 1.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        ValueError: when an axis named has another size.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.squeeze([[1, 2]], axis=0).tolist()
        [1, 2]
    """
    x = value_of(x)
    axes = tuple(i for i, d in enumerate(x.shape) if d == 1) if axis is None else normalize_axes(axis, len(x.shape))
    wrong = [x.shape[i] for i in axes if unlike(x.shape[i], 1)]
    if wrong:
        raise ValueError(f"`axis`={axis} can't be squeezed: its size in {tuple(x.shape)} is {wrong[0]}, not 1.")
    return reshape_to(x, [d for i, d in enumerate(x.shape) if i not in axes])


@operation
def transpose(x: TensorLike, axes: Sequence[int] | None = None) -> AnyTensor:
    """`x` with its axes permuted; reversed when `axes` is None.

    Args:
        x: tensor.
        axes: permutation of the axes, or None to reverse them.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        ValueError: when `axes` is no permutation.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.transpose([[1, 2], [3, 4]]).tolist()
        [[1, 3], [2, 4]]
    """
    x = value_of(x)
    rank = len(x.shape)
    order = tuple(range(rank))[::-1] if axes is None else tuple(normalize_axis(a, rank, "axes") for a in axes)
    if sorted(order) != list(range(rank)):
        raise ValueError(f"`axes`={tuple(axes)} is not a permutation of the {rank} axes of {tuple(x.shape)}.")
    return transpose_to(x, order)


@operation
def swapaxes(x: TensorLike, axis1: int, axis2: int) -> AnyTensor:
    """`x` with two axes exchanged.

    Args:
        x: tensor.
        axis1: int.
        axis2: int, the axis that changes places with it.

    Returns:
        Tensor of the dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.swapaxes([[1, 2], [3, 4]], 0, 1).tolist()
        [[1, 3], [2, 4]]
    """
    x = value_of(x)
    order = list(range(len(x.shape)))
    axis1, axis2 = normalize_axis(axis1, len(order), "axis1"), normalize_axis(axis2, len(order), "axis2")
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose_to(x, order)


@operation
def moveaxis(x: TensorLike, source: IntOrInts, destination: IntOrInts) -> AnyTensor:
    """`x` with the axes `source` moved to the places `destination`; the others keep their order.

    Args:
        x: tensor.
        source: int or several: axes to move.
        destination: int or as many: where they go, counted in the result.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        ValueError: when an axis is named twice, or they differ in number.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.moveaxis(keras.ops.zeros((2, 3, 4)), 0, -1).shape
        (3, 4, 2)
    """
    x = value_of(x)
    rank = len(x.shape)
    source = [normalize_axis(a, rank, "source") for a in ((source,) if isinstance(source, int) else source)]
    destination = [
        normalize_axis(a, rank, "destination")
        for a in ((destination,) if isinstance(destination, int) else destination)
    ]
    if len(source) != len(destination) or len(set(source)) != len(source) or len(set(destination)) != len(destination):
        raise ValueError(
            f"`source` and `destination` must name as many axes, each once; got {source} and {destination}."
        )
    order = [i for i in range(rank) if i not in source]
    for to, start in sorted(zip(destination, source)):
        order.insert(to, start)
    return transpose_to(x, order)


@operation
def broadcast_to(x: TensorLike, shape: ShapeLike) -> AnyTensor:
    """`x` repeated to `shape` along axes that are missing or have size 1.

    Args:
        x: tensor.
        shape: tuple of ints, which ends with the sizes of `x` or has others where those are 1.

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: when a size does not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.broadcast_to([1, 2], (2, 2)).tolist()
        [[1, 2], [1, 2]]
    """
    return broadcast_shape(value_of(x), tuple(known_int(d, "shape") for d in shape))


def ndim(x: TensorLike) -> int:
    """The number of axes.

    Args:
        x: tensor.

    Returns:
        Int.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.ndim([[1, 2], [3, 4]])
        2
    """
    return len(x.shape) if hasattr(x, "shape") else len(value_of(x).shape)


@operation
def _open_size(x):
    """The number of elements of a value whose shape is not known when the graph is built."""
    return value_of(product(x.shape), "int32")


def size(x: TensorLike) -> int | AnyTensor:
    """The number of elements.

    Args:
        x: tensor.

    Returns:
        Int, or a symbolic scalar where the shape is not fully known.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.size([[1, 2], [3, 4]])
        4
    """
    if not hasattr(x, "shape"):
        x = value_of(x)
    count = product(x.shape)
    return _open_size(x) if count is None else count
