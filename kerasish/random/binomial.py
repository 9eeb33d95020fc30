"""The binomial distribution."""

from __future__ import annotations

import math

from kerasish.backend.primitives import p
from kerasish.ops.control import fori_loop, scan
from kerasish.ops.convert import as_dtype, is_number, value_of
from kerasish.ops.numpy.helpers import broadcast_shape, reshape_to, window
from kerasish.random.bits import checked_shape, float_dtype, positive_fraction, random_bits
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, SeedLike, ShapeLike, TensorLike

_SMALL_MEAN = 10.0  # below it the values are counted up from 0, above it candidates are tried
_STEPS = 64  # a binomial value of mean 10 exceeds this with probability 1e-28
_TRIES = 24  # a candidate is refused with a probability below 0.35


@suggesting
def binomial(
    shape: ShapeLike,
    counts: TensorLike,
    probabilities: TensorLike,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> AnyTensor:
    """How many of `counts` trials succeed, each with one of `probabilities`.

    Args:
        shape: tuple of ints.
        counts: number or tensor that broadcasts to `shape`: how many trials.
        probabilities: number or tensor that broadcasts to `shape`: the chance of success, in [0, 1].
        dtype: floating-point type, default `floatx()`.
        seed: int (the same values each time), `SeedGenerator` (others each time) or None (the global generator).

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: for a negative count or a probability outside of [0, 1].

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.binomial((10000,), 20, 0.25, seed=1)
        >>> bool(abs(x.mean() - 5.0) < 0.1)
        True

    Reference:
        Inversion for means below 10, elsewhere algorithm BTRS of Hoermann, "The generation of binomial random
        variates", 1993.
    """
    dtype, shape = float_dtype(dtype, "binomial"), checked_shape(shape)
    if is_number(counts) and counts < 0:
        raise ValueError(f"`counts` must not be negative, got {counts}.")
    if is_number(probabilities) and not 0 <= probabilities <= 1:
        raise ValueError(f"`probabilities` must lie in [0, 1], got {probabilities}.")
    n = p.floor(p.stop_gradient(broadcast_shape(value_of(counts, "float64"), shape)))
    success = p.stop_gradient(broadcast_shape(value_of(probabilities, "float64"), shape))
    often = p.greater(success, 0.5)  # then the failures are counted
    rate = p.where(often, p.subtract(1.0, success), success)
    bits = random_bits(seed, (2 + 2 * _TRIES, *shape), samples=1 if shape else None)
    few = p.less(p.multiply(n, rate), _SMALL_MEAN)
    u = _even(window(bits, 0, 0, 2), shape)
    counted = _counted_up(u, p.where(few, n, 0.0), rate)
    # where the mean is small the trials run on numbers that suit them, and are not used
    tried = _tried(window(bits, 0, 2, None), p.where(few, 100.0, n), p.where(few, 0.5, rate))
    x = p.where(few, counted, tried)
    return as_dtype(p.where(often, p.subtract(n, x), x), dtype)


def _even(words, shape):
    """Float64 in (0, 1] from words (2, ...)."""
    return positive_fraction([reshape_to(window(words, 0, i, i + 1), shape) for i in range(2)], "float64")


def _counted_up(u, n, rate):
    """How many values k have P(x <= k) < u: the probabilities follow from one another."""
    odds = p.divide(rate, p.subtract(1.0, rate))
    start = p.exp(p.multiply(n, p.log1p(p.negative(rate))))

    def step(k, state):
        mass, reached, value = state
        k = as_dtype(value_of(k), "float64")
        value = p.where(p.less(reached, u), p.minimum(p.add(value, 1.0), n), value)
        mass = p.multiply(mass, p.multiply(odds, p.divide(p.maximum(p.subtract(n, k), 0.0), p.add(k, 1.0))))
        return mass, p.add(reached, mass), value

    zeros = p.multiply(u, 0.0)
    return fori_loop(0, _STEPS, step, (start, start, zeros))[2]


def _tried(bits, n, rate):
    """BTRS.

    A candidate from a transformed even value, taken where a second one lies below the ratio of the probabilities.
    """
    shape = tuple(n.shape)
    spread = p.sqrt(p.multiply(p.multiply(n, rate), p.subtract(1.0, rate)))
    b = p.add(p.multiply(spread, 2.53), 1.15)
    a = p.add(p.add(p.multiply(b, 0.0248), -0.0873), p.multiply(rate, 0.01))
    centre = p.add(p.multiply(n, rate), 0.5)
    certain = p.subtract(0.92, p.divide(4.2, b))
    alpha = p.multiply(p.add(p.divide(5.1, b), 2.83), spread)
    mode = p.floor(p.multiply(p.add(n, 1.0), rate))
    log_odds = p.log(p.divide(rate, p.subtract(1.0, rate)))
    at_mode = p.add(_log_factorial(mode), _log_factorial(p.subtract(n, mode)))

    def attempt(state, words):
        value, done = state
        u, v = (_narrow(reshape_to(window(words, 0, i, i + 1), shape)) for i in range(2))
        u = p.subtract(u, 0.5)
        room = p.subtract(0.5, p.absolute(u))
        k = p.floor(p.add(p.multiply(p.add(p.divide(p.multiply(a, 2.0), room), b), u), centre))
        inside = p.logical_and(p.greater_equal(k, 0.0), p.less_equal(k, n))
        at_once = p.logical_and(p.greater_equal(room, 0.07), p.less_equal(v, certain))
        k = p.maximum(p.minimum(k, n), 0.0)
        height = p.log(p.divide(p.multiply(v, alpha), p.add(p.divide(a, p.square(room)), b)))
        ratio = p.subtract(at_mode, p.add(_log_factorial(k), _log_factorial(p.subtract(n, k))))
        ratio = p.add(ratio, p.multiply(p.subtract(k, mode), log_odds))
        accepted = p.logical_and(inside, p.logical_or(at_once, p.less_equal(height, ratio)))
        value = p.where(p.logical_and(accepted, p.logical_not(done)), k, value)
        return (value, p.logical_or(done, accepted)), None

    bits = p.reshape(bits, shape=(_TRIES, 2, *shape))
    return scan(attempt, (mode, p.less(mode, -1.0)), bits)[0][0]


def _narrow(word):
    """Float64 in (0, 1) from one word."""
    return p.multiply(p.add(p.cast(word, dtype="float64"), 0.5), 2.0**-32)


def _log_factorial(k):
    """Log k! for k >= 0 in float64: Stirling's series at k + 8, less the logarithm of the product that leads there."""
    x = p.add(k, 8.0)
    product = p.add(k, 1.0)
    for i in range(2, 8):
        product = p.multiply(product, p.add(k, float(i)))
    inverse = p.reciprocal(p.square(x))
    series = p.add(p.multiply(inverse, 1 / 1260), -1 / 360)
    series = p.divide(p.add(p.multiply(p.multiply(series, inverse), 1.0), 1 / 12), x)
    stirling = p.add(p.subtract(p.multiply(p.subtract(x, 0.5), p.log(x)), x), 0.5 * math.log(2 * math.pi))
    return p.subtract(p.add(stirling, series), p.log(product))
