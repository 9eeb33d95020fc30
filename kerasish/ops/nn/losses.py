"""Cross-entropies, element by element or along the axis of the classes; and the peak signal-to-noise ratio."""

from __future__ import annotations

import math

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis, product
from kerasish.backend.settings import epsilon
from kerasish.backend.sizes import unlike_shapes
from kerasish.ops.convert import as_dtype, as_float, promote, value_of, widened
from kerasish.ops.nn.softmax import log_softmax_over
from kerasish.ops.numpy.helpers import reshape_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _agree(target, output):
    return not unlike_shapes(target, output)


def _same_shape(target, output):
    if not _agree(target.shape, output.shape):
        raise ValueError(
            f"`target` and `output` must have the same shape, got {tuple(target.shape)} and {tuple(output.shape)}."
        )


def _inside(probability):
    """Kept away from 0 and 1, so that logarithms stay finite."""
    return p.minimum(p.maximum(probability, epsilon()), 1.0 - epsilon())


def _with_target(target, output):
    return promote(value_of(target), as_float(output))


@operation
def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = False) -> AnyTensor:
    """The negative logarithm of the probability given to what came, for yes-or-no targets.

    Args:
        target: tensor of numbers from 0 to 1.
        output: tensor of the same shape: probabilities, or logits with `from_logits`.
        from_logits: bool, whether `output` is what comes before a sigmoid.

    Returns:
        Float tensor of the same shape.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.binary_crossentropy([1.0, 0.0], [0.9, 0.9])]
        [0.105, 2.303]
    """
    target, output = _with_target(target, output)
    _same_shape(target, output)
    if from_logits:  # -t log s(o) - (1 - t) log(1 - s(o)) = log(1 + exp(o)) - t o
        return p.subtract(p.softplus(output), p.multiply(target, output))
    output = _inside(output)
    yes = p.multiply(target, p.log(output))
    no = p.multiply(p.subtract(1.0, target), p.log(p.subtract(1.0, output)))
    return p.negative(p.add(yes, no))


def _class_axis(output, axis):
    if not output.shape:
        raise ValueError(f"`output` must have an axis of classes, got shape {tuple(output.shape)}.")
    return normalize_axis(axis, len(output.shape))


@operation
def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> AnyTensor:
    """The negative logarithm of the probability given to the right class, for one-hot (or soft) targets.

    Args:
        target: tensor of the shares of the classes.
        output: tensor of the same shape: probabilities (scaled to sum 1 along `axis`), or logits with `from_logits`.
        from_logits: bool, whether `output` is what comes before a softmax.
        axis: int, the axis of the classes.

    Returns:
        Float tensor of the shape of `output` without `axis`, never of half precision.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.categorical_crossentropy([[0, 1]], [[0.25, 0.75]])]
        [0.288]
    """
    target, output = _with_target(target, output)
    axis = _class_axis(output, axis)
    _same_shape(target, output)
    if from_logits:
        logs = log_softmax_over(output, axis)
    else:
        logs = p.log(_inside(p.divide(output, p.sum(output, axis=(axis,), keepdims=True))))
    return p.negative(p.sum(p.multiply(target, logs), axis=(axis,), keepdims=False))


@operation
def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> AnyTensor:
    """The negative logarithm of the probability given to the right class, for targets that are class numbers.

    Args:
        target: tensor of ints with the shape of `output` without `axis` (or with a last axis of size 1). A number that
            is no class costs nothing.
        output: tensor of probabilities (scaled to sum 1 along `axis`), or of logits with `from_logits`.
        from_logits: bool, whether `output` is what comes before a softmax.
        axis: int, the axis of the classes.

    Returns:
        Float tensor of the shape of `output` without `axis`.

    Raises:
        ValueError: when the shapes do not fit.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.sparse_categorical_crossentropy([1], [[0.25, 0.75]])]
        [0.288]
    """
    output, target = widened(output)[0], as_dtype(value_of(target), "int32")
    axis = _class_axis(output, axis)
    if len(target.shape) == len(output.shape) and target.shape[-1] == 1:
        target = reshape_to(target, target.shape[:-1])
    shape = (*output.shape[:axis], *output.shape[axis + 1 :])
    if not _agree(target.shape, shape):
        raise ValueError(
            f"`target` must have the shape of `output` without axis {axis}, {shape}, got {tuple(target.shape)} "
            f"(output: {tuple(output.shape)})."
        )
    target = reshape_to(target, (*target.shape[:axis], 1, *target.shape[axis:]))
    known = p.logical_and(p.greater_equal(target, 0), p.less(target, output.shape[axis]))
    chosen = p.take_along_axis(output, p.where(known, target, 0), axis=axis)
    loss = _cost(chosen, output, axis, from_logits)
    loss = p.where(known, loss, 0.0)
    return reshape_to(loss, shape)


def _cost(chosen, output, axis, from_logits):
    """-log of the chosen probability; only one logarithm for each row is taken."""
    if not from_logits:
        return p.negative(p.log(_inside(p.divide(chosen, p.sum(output, axis=(axis,), keepdims=True)))))
    largest = p.stop_gradient(p.max(output, axis=(axis,), keepdims=True))
    total = p.sum(p.exp(p.subtract(output, largest)), axis=(axis,), keepdims=True)
    return p.subtract(p.log(total), p.subtract(chosen, largest))


@operation
def psnr(x1: TensorLike, x2: TensorLike, max_val: float) -> AnyTensor:
    """The peak signal-to-noise ratio in decibels.

    It is 20 log10(max_val) - 10 log10(mean((x1 - x2)^2)).

    Args:
        x1: tensor.
        x2: tensor of the same shape.
        max_val: number, the largest value that a signal can have.

    Returns:
        Float scalar.

    Raises:
        ValueError: when the shapes differ.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.psnr([1.0], [0.0], 10.0)), 4)
        20.0
    """
    x1, x2 = promote(as_float(x1), as_float(x2))
    if not _agree(x1.shape, x2.shape):
        raise ValueError(f"`x1` and `x2` must have the same shape, got {tuple(x1.shape)} and {tuple(x2.shape)}.")
    error = p.square(p.subtract(x1, x2))
    mean = p.multiply(p.sum(error, axis=None, keepdims=False), 1 / product(error.shape))
    return p.subtract(20 * math.log10(max_val), p.multiply(p.log(mean), 10 / math.log(10)))
