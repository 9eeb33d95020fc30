"""The mathematics of classic Keras's backend (`K.mean`, `K.dot`, ...), in terms of today's ops.

`kerasish.backend` finds the words here that `kerasish.ops` and `kerasish.random` do not have under the same name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops, random
from kerasish.backend.graph import KerasTensor
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, IntOrInts, SeedLike, ShapeLike, TensorLike

__all__ = [
    "batch_dot",
    "batch_flatten",
    "binary_crossentropy",
    "categorical_crossentropy",
    "dot",
    "dropout",
    "flatten",
    "gather",
    "l2_normalize",
    "permute_dimensions",
    "pow",
    "random_normal",
    "random_uniform",
    "repeat",
    "repeat_elements",
    "reverse",
    "shape",
    "sparse_categorical_crossentropy",
    "switch",
]

pow = ops.power
random_normal = random.normal
random_uniform = random.uniform


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


def shape(x: TensorLike) -> tuple[int, ...] | KerasTensor:
    """The shape of a tensor.

    Args:
        x: tensor, array or Variable.

    Returns:
        Tuple of ints; of a symbolic tensor with open sizes a vector of int32 that the run fills in.

    Example:
        >>> from kerasish import backend as K
        >>> K.shape(K.placeholder((2, 3))), K.shape(K.placeholder((None, 3))).dtype
        ((2, 3), 'int32')
    """
    is_open = isinstance(x, KerasTensor) and None in x.shape
    return symbolic_shape(x) if is_open else ops.shape(x)


@operation
def symbolic_shape(x):
    return ops.convert_to_tensor(list(ops.shape(x)), "int32")


symbolic_shape.gives_sizes = True


@operation
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


@operation
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


@operation
def batch_flatten(x: TensorLike) -> AnyTensor:
    """All axes after the first in one.

    Args:
        x: tensor (batch, ...).

    Returns:
        Tensor (batch, features).

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.batch_flatten(keras.ops.ones((2, 3, 4))).shape
        (2, 12)
    """
    return ops.reshape(
        x, (x.shape[0] if x.shape[0] is not None else -1, -1 if x.shape[0] is not None else _product(x.shape[1:]))
    )


def _product(sizes):
    total = 1
    for size in sizes:
        total *= size
    return total


@operation
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


@operation
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
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12))


def dropout(x: TensorLike, level: float, noise_shape: ShapeLike | None = None, seed: SeedLike = None) -> AnyTensor:
    """A share of the elements set to 0, and the rest scaled up.

    Args:
        x: tensor.
        level: number in [0, 1], the share.
        noise_shape: tuple of ints that broadcasts to the shape of `x`; elements that share a place are dropped
            together.
        seed: int, `SeedGenerator` or None (the global generator).

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> sorted(set(K.dropout(keras.ops.ones((1000,)), 0.5, seed=1).tolist()))
        [0.0, 2.0]
    """
    return random.dropout(x, level, noise_shape=noise_shape, seed=seed)


def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> AnyTensor:
    """The crossentropy of one-hot targets.

    Args:
        target: tensor of the shares of the classes.
        output: tensor of the same shape: probabilities, or logits with `from_logits`.
        from_logits: bool, whether `output` is what comes before a softmax.
        axis: int, the axis of the classes.

    Returns:
        Float tensor of the shape of `output` without `axis`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> [round(float(v), 3) for v in K.categorical_crossentropy([[0, 1]], [[0.25, 0.75]])]
        [0.288]
    """
    return ops.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> AnyTensor:
    """The crossentropy of class numbers.

    Args:
        target: tensor of ints with the shape of `output` without `axis`.
        output: tensor of probabilities, or of logits with `from_logits`.
        from_logits: bool, whether `output` is what comes before a softmax.
        axis: int, the axis of the classes.

    Returns:
        Float tensor of the shape of `output` without `axis`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> [round(float(v), 3) for v in K.sparse_categorical_crossentropy([1], [[0.25, 0.75]])]
        [0.288]
    """
    return ops.sparse_categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = False) -> AnyTensor:
    """The crossentropy of targets from 0 to 1, element by element.

    Args:
        target: tensor of numbers from 0 to 1.
        output: tensor of the same shape: probabilities, or logits with `from_logits`.
        from_logits: bool, whether `output` is what comes before a sigmoid.

    Returns:
        Float tensor of the same shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> [round(float(v), 3) for v in K.binary_crossentropy([1.0, 0.0], [0.9, 0.9])]
        [0.105, 2.303]
    """
    return ops.binary_crossentropy(target, output, from_logits=from_logits)


def switch(condition: TensorLike, then_expression: Any, else_expression: Any) -> AnyTensor:
    """One of two tensors, element by element, as a condition says.

    Args:
        condition: bool tensor.
        then_expression: tensor, or function without arguments that returns one: the values where the condition holds.
        else_expression: tensor, or function without arguments that returns one: the values elsewhere.

    Returns:
        Tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.switch([True, False], [1, 2], lambda: [3, 4]).tolist()
        [1, 4]
    """
    then, otherwise = (e() if callable(e) else e for e in (then_expression, else_expression))
    return ops.where(condition, then, otherwise)
