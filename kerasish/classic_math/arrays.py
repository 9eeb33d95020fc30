"""Shapes, orders and joins of tensors."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, Axis, DTypeLike, IntOrInts, ShapeLike, TensorLike


@suggesting
def argmax(x: TensorLike, axis: int = -1) -> AnyTensor:
    """Where along an axis the greatest element stands.

    Args:
        x: tensor.
        axis: int.

    Returns:
        Int tensor without `axis`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.argmax([[1, 3, 2]]).tolist()
        [1]
    """
    return ops.argmax(x, axis=axis)


@suggesting
def argmin(x: TensorLike, axis: int = -1) -> AnyTensor:
    """Where along an axis the least element stands.

    Args:
        x: tensor.
        axis: int.

    Returns:
        Int tensor without `axis`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.argmin([[1, 3, 2]]).tolist()
        [0]
    """
    return ops.argmin(x, axis=axis)


@suggesting
def arange(start: float, stop: float | None = None, step: float = 1, dtype: DTypeLike = "int32") -> AnyTensor:
    """Evenly spaced numbers.

    Args:
        start: number, the first; with `stop` None the end, and the first is 0.
        stop: number, the end, which is left out.
        step: number between neighbours.
        dtype: string.

    Returns:
        Vector.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.arange(3).tolist()
        [0, 1, 2]
    """
    return ops.cast(ops.arange(start, stop, step), dtype)


@suggesting
def concatenate(tensors: Sequence[TensorLike], axis: int = -1) -> AnyTensor:
    """Tensors joined along an axis, by default the last.

    Args:
        tensors: list of tensors that agree in the other axes.
        axis: int.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.concatenate([[[1]], [[2]]]).tolist()
        [[1, 2]]
    """
    return ops.concatenate(tensors, axis=axis)


@suggesting
def cumprod(x: TensorLike, axis: int = 0) -> AnyTensor:
    """The products of each element and all before it.

    Args:
        x: tensor.
        axis: int.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.cumprod([[1.0, 2.0], [3.0, 4.0]]).tolist()
        [[1.0, 2.0], [3.0, 8.0]]
    """
    return ops.cumprod(x, axis=axis)


@suggesting
def cumsum(x: TensorLike, axis: int = 0) -> AnyTensor:
    """The sums of each element and all before it.

    Args:
        x: tensor.
        axis: int.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.cumsum([[1.0, 2.0], [3.0, 4.0]]).tolist()
        [[1.0, 2.0], [4.0, 6.0]]
    """
    return ops.cumsum(x, axis=axis)


@suggesting
def expand_dims(x: TensorLike, axis: int = -1) -> AnyTensor:
    """`x` with a new axis of size 1.

    Args:
        x: tensor.
        axis: int, where the new axis stands in the result.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.expand_dims([1, 2]).shape
        (2, 1)
    """
    return ops.expand_dims(x, axis)


@suggesting
def squeeze(x: TensorLike, axis: int) -> AnyTensor:
    """`x` without an axis of size 1.

    Args:
        x: tensor.
        axis: int.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.squeeze([[1, 2]], 0).tolist()
        [1, 2]
    """
    return ops.squeeze(x, axis=axis)


@suggesting
def reshape(x: TensorLike, shape: ShapeLike) -> AnyTensor:
    """The elements of `x` in another shape.

    Args:
        x: tensor.
        shape: tuple of ints, of which one may be -1.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.reshape([1, 2, 3, 4], (2, -1)).tolist()
        [[1, 2], [3, 4]]
    """
    return ops.reshape(x, shape)


@suggesting
def tile(x: TensorLike, n: IntOrInts) -> AnyTensor:
    """Copies of `x` side by side.

    Args:
        x: tensor.
        n: int, or one an axis: how many copies.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.tile([1, 2], 2).tolist()
        [1, 2, 1, 2]
    """
    return ops.tile(x, n)


@suggesting
def one_hot(indices: TensorLike, num_classes: int) -> AnyTensor:
    """Vectors with a 1 at the place of a class and 0 elsewhere.

    Args:
        indices: int tensor.
        num_classes: int.

    Returns:
        Float tensor of the shape of `indices` with a last axis of `num_classes`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.one_hot([1], 3).tolist()
        [[0.0, 1.0, 0.0]]
    """
    return ops.one_hot(indices, num_classes)


@suggesting
def gather(reference: TensorLike, indices: TensorLike) -> AnyTensor:
    """The rows of a tensor at given places.

    Args:
        reference: tensor.
        indices: tensor of ints.

    Returns:
        Tensor whose first axis is replaced by the axes of `indices`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.gather([10, 20, 30], [2, 0]).tolist()
        [30, 10]
    """
    return ops.take(reference, indices, axis=0)


@suggesting
def permute_dimensions(x: TensorLike, pattern: Sequence[int]) -> AnyTensor:
    """`x` with its axes in another order.

    Args:
        x: tensor.
        pattern: permutation of the axes.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.permute_dimensions(keras.ops.ones((2, 3)), (1, 0)).shape
        (3, 2)
    """
    return ops.transpose(x, pattern)


@suggesting
def reverse(x: TensorLike, axes: Axis) -> AnyTensor:
    """`x` in reverse order along axes.

    Args:
        x: tensor.
        axes: int or several.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.reverse([1, 2, 3], 0).tolist()
        [3, 2, 1]
    """
    return ops.flip(x, axes)


@suggesting
def repeat_elements(x: TensorLike, rep: int, axis: int) -> AnyTensor:
    """Each element several times in a row.

    Args:
        x: tensor.
        rep: int, how often.
        axis: int.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.repeat_elements([1, 2], 2, axis=0).tolist()
        [1, 1, 2, 2]
    """
    return ops.repeat(x, rep, axis=axis)


@suggesting
def repeat(x: TensorLike, n: int) -> AnyTensor:
    """A vector for each sample, repeated along a new axis.

    Args:
        x: tensor (samples, features).
        n: int, how often.

    Returns:
        Tensor (samples, n, features).

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.repeat(keras.ops.ones((2, 3)), 4).shape
        (2, 4, 3)
    """
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def flatten(x: TensorLike) -> AnyTensor:
    """All elements of a tensor in one axis.

    Args:
        x: tensor.

    Returns:
        Vector.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.flatten([[1, 2], [3, 4]]).tolist()
        [1, 2, 3, 4]
    """
    return ops.reshape(x, (-1,))
