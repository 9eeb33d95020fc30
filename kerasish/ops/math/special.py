"""Top-k, log-sum-exp, error functions, distances: small functions beyond the vocabulary of NumPy."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, reduced
from kerasish.backend.sizes import exceeds
from kerasish.ops.convert import as_float, promote, value_of
from kerasish.ops.numpy.helpers import known_int, reshape_to
from kerasish.ops.numpy.indexing import as_index
from kerasish.ops.numpy.products import slogdet
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, TensorLike


@operation
def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[AnyTensor, AnyTensor]:
    """The largest elements along the last axis, the largest first, and where they are.

    Args:
        x: tensor (..., n).
        k: int from 0 to n, how many.
        sorted: bool, accepted, as they always are.

    Returns:
        (values, indices): tensors (..., k), the indices int32.

    Raises:
        ValueError: when `x` is a scalar or `k` out of range.

    Example:
        >>> import kerasish as keras
        >>> values, indices = keras.ops.top_k([5, 2, 7], 2)
        >>> values.tolist(), indices.tolist()
        ([7, 5], [2, 0])
    """
    x, k = value_of(x), known_int(k, "k")
    if not x.shape:
        raise ValueError("`x` must have an axis, got a scalar.")
    if k < 0 or exceeds(k, x.shape[-1]):
        raise ValueError(f"`k` must be between 0 and the size of the last axis, {x.shape[-1]}; got {k}.")
    values, indices = p.top_k(x, k=k)
    return values, indices


@operation
def in_top_k(targets: TensorLike, predictions: TensorLike, k: int) -> AnyTensor:
    """Whether fewer than `k` predictions are larger than the one of the target.

    Args:
        targets: tensor of ints (...), the class of each sample.
        predictions: tensor (..., classes) of scores.
        k: int.

    Returns:
        Bool tensor of the shape of `targets`; False where the score of the target is not finite.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.in_top_k([0, 1], [[0.9, 0.1], [0.9, 0.1]], k=1).tolist()
        [True, False]
    """
    targets, predictions = as_index(targets), value_of(predictions)
    axis = len(predictions.shape) - 1
    chosen = p.take_along_axis(predictions, p.reshape(targets, shape=(*targets.shape, 1)), axis=axis)
    larger = p.sum(p.cast(p.greater(predictions, chosen), dtype="int32"), axis=(axis,), keepdims=False)
    return p.logical_and(p.less(larger, known_int(k, "k")), p.isfinite(reshape_to(chosen, targets.shape)))


@operation
def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """log(sum(exp(x))) without overflow.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.logsumexp([0.0, 0.0])), 4)
        0.6931
    """
    x = as_float(x)
    axes = normalize_axes(axis, len(x.shape))
    if any(isinstance(x.shape[axis], int) and x.shape[axis] == 0 for axis in axes):
        return p.log(p.sum(x, axis=axes, keepdims=keepdims))  # of nothing there is no maximum
    largest = p.stop_gradient(p.max(x, axis=axes, keepdims=True))
    largest = p.where(p.isfinite(largest), largest, 0)
    total = p.add(p.log(p.sum(p.exp(p.subtract(x, largest)), axis=axes, keepdims=True)), largest)
    return total if keepdims else reshape_to(total, reduced(x.shape, axes, False))


@operation
def erf(x: TensorLike) -> AnyTensor:
    """The error function: the share of a normal distribution of variance 1/2 within [-x, x].

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.erf([0.0]).tolist()
        [0.0]
    """
    return p.erf(as_float(x))


@operation
def erfc(x: TensorLike) -> AnyTensor:
    """1 - erf(x), exact where that is small.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.erfc([0.0]).tolist()
        [1.0]
    """
    return p.erfc(as_float(x))


@operation
def erfinv(x: TensorLike) -> AnyTensor:
    """The inverse of `erf`, on (-1, 1).

    Args:
        x: tensor of numbers in (-1, 1).

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.erfinv([0.0]).tolist()
        [0.0]
    """
    return p.erfinv(as_float(x))


@operation
def rsqrt(x: TensorLike) -> AnyTensor:
    """1 / sqrt(x), element by element.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.rsqrt([4.0]).tolist()
        [0.5]
    """
    return p.rsqrt(as_float(x))


@operation
def cdist(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The Euclidean distance of every row of `x` from every row of `y`.

    Args:
        x: tensor (..., m, d).
        y: tensor (..., n, d).

    Returns:
        Float tensor (..., m, n).

    Raises:
        ValueError: when an operand has fewer than two axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cdist([[0.0, 0.0]], [[3.0, 4.0]]).tolist()
        [[5.0]]
    """
    x, y = promote(as_float(x), as_float(y))
    if len(x.shape) < 2 or len(y.shape) < 2:
        raise ValueError(f"`x` and `y` must have two axes or more, got shapes {tuple(x.shape)} and {tuple(y.shape)}.")
    left = p.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))
    right = p.reshape(y, shape=(*y.shape[:-2], 1, *y.shape[-2:]))
    difference = p.subtract(left, right)
    return p.sqrt(p.sum(p.square(difference), axis=(len(difference.shape) - 1,), keepdims=False))


@operation
def logdet(x: TensorLike) -> AnyTensor:
    """The logarithm of the determinant of symmetric positive definite matrices.

    Args:
        x: float tensor (..., n, n).

    Returns:
        Float tensor (...).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.logdet([[1.0, 0.0], [0.0, 1.0]]).tolist()
        0.0
    """
    return slogdet(x)[1]
