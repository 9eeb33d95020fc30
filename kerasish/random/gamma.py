"""Gamma and beta distributions."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, is_number, value_of
from kerasish.ops.numpy.helpers import broadcast_shape, reshape_to, window
from kerasish.random.bits import checked_shape, compute_dtype, float_dtype, positive_fraction, random_bits, words_of
from kerasish.random.continuous import normal_pairs
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, SeedLike, ShapeLike, TensorLike

# A candidate is refused with a probability below 0.05. All of so many are refused more rarely than the type can tell
# apart.
_TRIES = {"float32": 6, "float64": 12}


@suggesting
def gamma(shape: ShapeLike, alpha: TensorLike, dtype: DTypeLike | None = None, seed: SeedLike = None) -> AnyTensor:
    """Gamma distributed values, of scale 1.

    No gradient flows to `alpha`.

    Args:
        shape: tuple of ints.
        alpha: number or tensor that broadcasts to `shape`, positive: the parameter of the shape.
        dtype: floating-point type, default `floatx()`.
        seed: int (the same values each time), `SeedGenerator` (others each time) or None (the global generator).

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: for an `alpha` that is not positive.

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.gamma((10000,), 2.0, seed=1)
        >>> bool(abs(x.mean() - 2.0) < 0.1)
        True

    Reference:
        Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
    """
    dtype, shape = float_dtype(dtype, "gamma"), checked_shape(shape)
    working = compute_dtype(dtype)
    alpha = _parameter("alpha", alpha, shape, working)
    value, log_factor = _gamma(
        random_bits(seed, (_words(working), *shape), samples=1 if shape else None), alpha, working
    )
    return as_dtype(p.multiply(value, p.exp(log_factor)), dtype)


@suggesting
def beta(
    shape: ShapeLike, alpha: TensorLike, beta: TensorLike, dtype: DTypeLike | None = None, seed: SeedLike = None
) -> AnyTensor:
    """Beta distributed values, in [0, 1].

    No gradient flows to the parameters. Computed as x / (x + y) of gamma distributed x and y, by their logarithms:
    right for tiny parameters too.

    Args:
        shape: tuple of ints.
        alpha: number or tensor that broadcasts to `shape`, positive: the larger, the closer to 1.
        beta: number or tensor that broadcasts to `shape`, positive: the larger, the closer to 0.
        dtype: floating-point type, default `floatx()`.
        seed: int (the same values each time), `SeedGenerator` (others each time) or None (the global generator).

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: for a parameter that is not positive.

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.beta((10000,), 1.0, 3.0, seed=1)
        >>> bool(abs(x.mean() - 0.25) < 0.02)
        True
    """
    dtype, shape = float_dtype(dtype, "beta"), checked_shape(shape)
    working = compute_dtype(dtype)
    parameters = _parameter("alpha", alpha, shape, working), _parameter("beta", beta, shape, working)
    count = _words(working)
    bits = random_bits(seed, (2 * count, *shape), samples=1 if shape else None)
    logarithms = []
    for i, parameter in enumerate(parameters):
        value, log_factor = _gamma(window(bits, 0, i * count, (i + 1) * count), parameter, working)
        logarithms.append(p.add(p.log(value), log_factor))
    largest = p.maximum(*logarithms)
    x, y = (p.exp(p.subtract(logarithm, largest)) for logarithm in logarithms)
    return as_dtype(p.divide(x, p.add(x, y)), dtype)


def _parameter(name, value, shape, dtype):
    if is_number(value) and not value > 0:
        raise ValueError(f"`{name}` must be positive, got {value}.")
    return p.stop_gradient(broadcast_shape(value_of(value, dtype), shape))


def _words(dtype):
    """uint32 words an element: for each try a normal and an even value, and one even value more."""
    return words_of(dtype) * (2 * _TRIES[dtype] + 1)


def _gamma(bits, alpha, dtype):
    """(x, f) such that x exp(f) is gamma distributed; f is 0 where alpha >= 1.

    Of the candidates d v with d = a - 1/3 and v = (1 + z / sqrt(9 d))**3 the first that passes is taken; alpha < 1
    draws for alpha + 1 and multiplies by u**(1 / alpha).
    """
    tries, each = _TRIES[dtype], words_of(dtype)
    shape = tuple(alpha.shape)
    normal_words = tries * each
    z = normal_pairs([reshape_to(w, (1, *w.shape)) for w in _split(bits, 0, 2 * each, tries // 2)], dtype)
    z = reshape_to(z, (tries, *shape))
    u = positive_fraction(_split(bits, normal_words, each, tries), dtype)
    extra = positive_fraction([reshape_to(w, shape) for w in _split(bits, normal_words + tries * each, each, 1)], dtype)
    small = p.less(alpha, 1.0)
    d = p.subtract(p.where(small, p.add(alpha, 1.0), alpha), 1 / 3)
    v = p.add(p.multiply(z, p.divide(1 / 3, p.sqrt(d))), 1.0)
    positive = p.greater(v, 0.0)
    v = p.where(positive, p.multiply(p.square(v), v), 1.0)
    bound = p.add(p.multiply(p.square(z), 0.5), p.multiply(d, p.add(p.subtract(1.0, v), p.log(v))))
    accepted = p.logical_and(positive, p.less(p.log(u), bound))
    first = p.argmax(accepted, axis=0, keepdims=True)
    v = p.take_along_axis(p.where(accepted, v, 1.0), first, axis=0)
    log_factor = p.where(small, p.divide(p.log(extra), alpha), 0.0)
    return p.multiply(d, reshape_to(v, shape)), log_factor


def _split(bits, start, count, size):
    """`count` pieces of `size` along the first axis, from `start` on."""
    return [window(bits, 0, start + i * size, start + (i + 1) * size) for i in range(count)]
