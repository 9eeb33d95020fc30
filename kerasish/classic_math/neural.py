"""What layers and losses compute."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerasish import ops, random
from kerasish.ops.operation import operation
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, SeedLike, ShapeLike, TensorLike


@suggesting
def relu(x: TensorLike, alpha: TensorLike = 0.0, max_value: float | None = None, threshold: float = 0.0) -> AnyTensor:
    """`x` above a threshold, and a multiple of what lies below it.

    Args:
        x: tensor.
        alpha: number or tensor, the slope below the threshold.
        max_value: number that is not exceeded; None for none.
        threshold: number.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.relu([-1.0, 0.5, 9.0], alpha=0.5, max_value=6.0).tolist()
        [-0.5, 0.5, 6.0]
    """
    if isinstance(alpha, (int, float)) and not alpha and max_value is None and not threshold:
        return ops.relu(x)
    above = ops.greater_equal(x, threshold) if threshold else ops.greater(x, threshold)
    kept = x if max_value is None else ops.minimum(x, max_value)
    return ops.where(above, kept, ops.multiply(alpha, ops.subtract(x, threshold)))


def hard_sigmoid(x: TensorLike) -> AnyTensor:
    """min(max(0.2 x + 0.5, 0), 1), as Keras 2 defines it (`ops.hard_sigmoid` has x / 6 + 0.5).

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.hard_sigmoid([-3.0, 0.0, 3.0]).tolist()
        [0.0, 0.5, 1.0]
    """
    return ops.clip(ops.add(ops.multiply(x, 0.2), 0.5), 0.0, 1.0)


@suggesting
def in_top_k(predictions: TensorLike, targets: TensorLike, k: int) -> AnyTensor:
    """Whether each sample's class is among the `k` with the greatest predictions.

    Args:
        predictions: tensor (samples, classes).
        targets: int tensor (samples,).
        k: int.

    Returns:
        Bool tensor (samples,).

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.in_top_k([[0.1, 0.7, 0.2]], [2], 2).tolist()
        [True]
    """
    return ops.in_top_k(targets, predictions, k)


@suggesting
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    var: TensorLike,
    beta: TensorLike | None,
    gamma: TensorLike | None,
    axis: int = -1,
    epsilon: float = 1e-3,
) -> AnyTensor:
    """Normalise with given numbers: gamma (x - mean) / sqrt(var + epsilon) + beta.

    Args:
        x: tensor.
        mean: tensor that broadcasts with `x`, or vector of the channels.
        var: tensor, as `mean`.
        beta: tensor, as `mean`, or None for 0.
        gamma: tensor, as `mean`, or None for 1.
        axis: int, the axis of the channels.
        epsilon: float.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> [round(float(y), 3) for y in K.batch_normalization([3.0, 5.0], 1.0, 4.0, None, None)]
        [1.0, 2.0]
    """
    rank = len(ops.shape(x))

    def along(numbers):
        shape = ops.shape(numbers)
        if len(shape) != 1 or axis in (-1, rank - 1):
            return numbers
        return ops.reshape(numbers, [-1 if i == axis % rank else 1 for i in range(rank)])

    scale = ops.rsqrt(ops.add(along(var), epsilon))
    scale = scale if gamma is None else ops.multiply(scale, along(gamma))
    normed = ops.multiply(ops.subtract(x, along(mean)), scale)
    return normed if beta is None else ops.add(normed, along(beta))


@suggesting
def normalize_batch_in_training(
    x: TensorLike,
    gamma: TensorLike | None,
    beta: TensorLike | None,
    reduction_axes: Sequence[int],
    epsilon: float = 1e-3,
) -> tuple[AnyTensor, AnyTensor, AnyTensor]:
    """A batch normalised by its own mean and variance.

    Args:
        x: tensor.
        gamma: tensor of the kept axes, or None for 1.
        beta: tensor of the kept axes, or None for 0.
        reduction_axes: list of ints, over which mean and variance are taken.
        epsilon: float.

    Returns:
        (the normalised batch, mean, variance).

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> [t.tolist() for t in K.normalize_batch_in_training([[1.0], [3.0]], None, None, [0], 0.0)]
        [[[-1.0], [1.0]], [2.0], [1.0]]
    """
    mean, variance = ops.moments(x, axes=list(reduction_axes))
    kept = [1 if i in [a % len(ops.shape(x)) for a in reduction_axes] else n for i, n in enumerate(ops.shape(x))]
    parts = [t if t is None else ops.reshape(t, kept) for t in (mean, variance, beta, gamma)]
    return batch_normalization(x, *parts, epsilon=epsilon), mean, variance


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
    batch, *rest = x.shape
    if None not in rest:
        return ops.reshape(x, (-1, math.prod(rest)))
    return _flat_rows(x) if batch is None else ops.reshape(x, (batch, -1))


@operation
def _flat_rows(x):
    return ops.reshape(x, (x.shape[0], math.prod(x.shape[1:])))


@suggesting
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


@suggesting
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


@suggesting
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


@suggesting
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
