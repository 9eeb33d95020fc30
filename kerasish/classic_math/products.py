"""Products of tensors."""

from __future__ import annotations

from kerasish import ops
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, Axis, IntOrInts, TensorLike


@suggesting
def dot(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The product of two matrices; with a scalar, `multiply`.

    Of operands with more axes: the sum of products over the last axis of `x` and the last but one of `y` (its last,
    where it has one).

    Args:
        x: tensor.
        y: tensor.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.dot([[1.0, 2.0]], [[3.0], [4.0]]).tolist()
        [[11.0]]
    """
    return ops.dot(x, y)


@suggesting
def batch_dot(x: TensorLike, y: TensorLike, axes: IntOrInts | None = None) -> AnyTensor:
    """The sum of products of each sample's tensors over one axis of each.

    Args:
        x: tensor (batch, ...).
        y: tensor (batch, ...).
        axes: int or a pair, the axis in `x` and in `y`; by default the last of `x` and the last but one of `y`.

    Returns:
        Tensor (batch, other axes of `x`, other axes of `y`), at least (batch, 1).

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.batch_dot(keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 4, 5))).shape
        (2, 3, 5)
    """
    axes = (
        (len(x.shape) - 1, max(1, len(y.shape) - 2))
        if axes is None
        else (axes, axes)
        if isinstance(axes, int)
        else axes
    )
    letters = iter("bcdefghijklmnopqrstuvwx")
    names_x, names_y = (["a"] + [next(letters) for _ in t.shape[1:]] for t in (x, y))
    names_x[axes[0]] = names_y[axes[1]] = "z"
    rest = [n for n in names_x[1:] + names_y[1:] if n != "z"]
    result = ops.einsum(f"{''.join(names_x)},{''.join(names_y)}->{''.join(['a', *rest])}", x, y)
    return result if rest else ops.expand_dims(result, 1)


@suggesting
def l2_normalize(x: TensorLike, axis: Axis = None) -> AnyTensor:
    """`x` scaled to the Euclidean length 1.

    Args:
        x: tensor.
        axis: int, several, or None for all axes: what one vector is.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> [round(float(v), 1) for v in K.l2_normalize(keras.ops.array([3.0, 4.0]))]
        [0.6, 0.8]
    """
    return ops.multiply(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12)))
