"""Moments, and values brought to mean 0, variance 1 or length 1."""

from __future__ import annotations

from typing import Any

from kerasish.backend.float_formats import LARGEST
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, product
from kerasish.backend.settings import epsilon as global_epsilon
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import as_dtype, as_float, dtype_of, promote, value_of, widened
from kerasish.ops.numpy.helpers import reshape_to
from kerasish.ops.operation import operation
from kerasish.suggestions import refuse_unknown
from kerasish.typing import AnyTensor, Axis, TensorLike


def _mean(x, axes, keepdims=True):
    count = product(x.shape[a] for a in axes)
    return p.multiply(p.sum(x, axis=axes, keepdims=keepdims), 1 / count if count else float("nan"))


def _narrowed(x, dtype):
    """Back to half precision, where what is too large becomes the largest number."""
    if dtype_of(x) == dtype:
        return x
    return as_dtype(p.minimum(p.maximum(x, -LARGEST[dtype]), LARGEST[dtype]), dtype)


@operation
def moments(
    x: TensorLike, axes: Axis, keepdims: bool = False, synchronized: bool = False
) -> tuple[AnyTensor, AnyTensor]:
    """The mean and the variance over axes.

    Args:
        x: tensor.
        axes: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.
        synchronized: accepted, as there is one replica.

    Returns:
        (mean, variance): tensors of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> [float(v) for v in keras.ops.moments([1.0, 3.0], axes=0)]
        [2.0, 1.0]
    """
    x, dtype = widened(x)
    axes = normalize_axes(axes, len(x.shape))
    mean = _mean(x, axes)
    variance = _mean(p.square(p.subtract(x, mean)), axes, keepdims)
    if not keepdims:
        mean = reshape_to(mean, tuple(d for i, d in enumerate(x.shape) if i not in axes))
    return _narrowed(mean, dtype), _narrowed(variance, dtype)


def _along(vector, x, axes, name):
    """A weight whose axes are `axes` of x, with axes of size 1 for the others."""
    vector = value_of(vector)
    rank = len(x.shape)
    shape = tuple(x.shape[a] if a in axes else 1 for a in range(rank))
    count, wanted = product(vector.shape), product(shape)
    if unlike(count, wanted):
        raise ValueError(
            f"`{name}` must have {wanted} elements, one for each place along axes {axes} of {tuple(x.shape)}; got "
            f"shape {tuple(vector.shape)}."
        )
    first = rank - len(vector.shape)
    if axes == tuple(range(first, rank)) and not any(map(unlike, shape[first:], vector.shape)):
        return vector  # broadcasts as it is
    return reshape_to(vector, shape)


@operation
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    axis: int,
    offset: TensorLike | None = None,
    scale: TensorLike | None = None,
    epsilon: float = 1e-3,
) -> AnyTensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, channel by channel.

    It takes two steps over x, which is multiplied and added to by vectors that are worked out first.

    Args:
        x: tensor.
        mean: vector along `axis`.
        variance: vector along `axis`.
        axis: int, the axis of the channels.
        offset: vector along `axis`, or None.
        scale: vector along `axis`, or None.
        epsilon: number, added to the variance.

    Returns:
        Float tensor of the shape of `x`.

    Raises:
        ValueError: when `axis` is not one int, or a vector does not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.batch_normalization([[3.0]], [1.0], [4.0], axis=-1, epsilon=0.0).tolist()
        [[1.0]]

    Reference:
        Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
        Shift", 2015, arXiv:1502.03167.
    """
    x = as_float(x)
    axes = normalize_axes(axis, len(x.shape))
    if len(axes) != 1:
        raise ValueError(f"`axis` must be one int, got {axis!r}.")
    given = {"mean": mean, "variance": variance, "scale": scale, "offset": offset}
    given = {name: _along(v, x, axes, name) for name, v in given.items() if v is not None}
    x, *vectors = promote(x, *given.values())
    given = dict(zip(given, vectors))
    factor = p.rsqrt(p.add(given["variance"], float(epsilon)))
    if scale is not None:
        factor = p.multiply(factor, given["scale"])
    shift = p.multiply(given["mean"], factor)
    shift = p.negative(shift) if offset is None else p.subtract(given["offset"], shift)
    return p.add(p.multiply(x, factor), shift)


def _epsilon(value):
    return global_epsilon() if value is None else float(value)


def _weighted(x, weight, axes, name):
    return p.multiply(x, as_dtype(_along(weight, x, axes, name), dtype_of(x)))


@operation
def layer_normalization(
    x: TensorLike,
    gamma: TensorLike | None = None,
    beta: TensorLike | None = None,
    axis: Axis = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> AnyTensor:
    """Each sample brought to mean 0 and variance 1 over `axis`, then times `gamma` plus `beta`.

    Args:
        x: tensor.
        gamma: tensor with the axes `axis`, or None.
        beta: tensor with the axes `axis`, or None.
        axis: int or several.
        epsilon: number, added to the variance; None for `keras.config.epsilon()`.
        **kwargs: `rms_scaling`, which leaves the mean and `beta` out, and still divides by the deviation from the mean.

    Returns:
        Float tensor of the shape of `x`.

    Raises:
        TypeError: for an unknown keyword.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.layer_normalization([1.0, 3.0])]
        [-1.0, 1.0]

    Reference:
        Ba et al., "Layer Normalization", 2016, arXiv:1607.06450.
    """
    rms = kwargs.pop("rms_scaling", False)
    refuse_unknown("layer_normalization", kwargs, layer_normalization)
    x, dtype = widened(x)
    axes = normalize_axes(axis, len(x.shape))
    around = p.subtract(x, _mean(x, axes))
    factor = p.rsqrt(p.add(_mean(p.square(around), axes), _epsilon(epsilon)))
    out = p.multiply(x if rms else around, factor)
    if gamma is not None:
        out = _weighted(out, gamma, axes, "gamma")
    if beta is not None and not rms:
        out = p.add(out, as_dtype(_along(beta, x, axes, "beta"), dtype_of(x)))
    return as_dtype(out, dtype)


@operation
def rms_normalization(
    x: TensorLike, scale: TensorLike | None = None, axis: Axis = -1, epsilon: float | None = None
) -> AnyTensor:
    """`x / sqrt(mean(x^2) + epsilon) * scale`, with the mean over `axis`.

    Args:
        x: tensor.
        scale: tensor with the axes `axis`, or None.
        axis: int or several.
        epsilon: number, added to the mean square; None for `keras.config.epsilon()`.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.rms_normalization([3.0, 4.0])]
        [0.849, 1.131]

    Reference:
        Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, arXiv:1910.07467.
    """
    x, dtype = widened(x)
    axes = normalize_axes(axis, len(x.shape))
    out = p.multiply(x, p.rsqrt(p.add(_mean(p.square(x), axes), _epsilon(epsilon))))
    return as_dtype(out if scale is None else _weighted(out, scale, axes, "scale"), dtype)


@operation
def normalize(x: TensorLike, axis: Axis = -1, order: int = 2, epsilon: float | None = None) -> AnyTensor:
    """`x` divided by its norm along `axis`, which counts as no less than `epsilon`.

    Args:
        x: tensor.
        axis: int or several.
        order: int of 1 or more: 1 for the sum of magnitudes, 2 for the Euclidean norm.
        epsilon: number, the least norm; None for `keras.config.epsilon()`.

    Returns:
        Float tensor of the shape of `x`.

    Raises:
        ValueError: when `order` is no int of 1 or more.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 1) for v in keras.ops.normalize([3.0, 4.0])]
        [0.6, 0.8]
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"`order` must be an int of 1 or more, got {order!r}.")
    (x, dtype), least = widened(x), _epsilon(epsilon)
    if not x.shape:
        x = reshape_to(x, (1,))
    axes = normalize_axes(axis, len(x.shape))
    if order == 2:
        length = p.sum(p.square(x), axis=axes, keepdims=True)
        return _narrowed(p.multiply(x, p.minimum(p.rsqrt(length), 1 / least)), dtype)
    size = p.absolute(x)
    total = p.sum(size if order == 1 else p.power(size, float(order)), axis=axes, keepdims=True)
    return _narrowed(p.divide(x, p.maximum(total if order == 1 else p.power(total, 1 / order), least)), dtype)
