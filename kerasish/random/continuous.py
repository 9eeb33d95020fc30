"""Even and normal distributions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import is_open
from kerasish.distribution import shares
from kerasish.ops.convert import as_dtype, is_number, value_of
from kerasish.ops.numpy.helpers import at_once, reshape_to, window
from kerasish.random.bits import (
    bits_between,
    checked_shape,
    compute_dtype,
    drawn_words,
    float_dtype,
    fraction,
    positive_fraction,
    random_bits,
    words_of,
)
from kerasish.random.seed_generator import draw_seed
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, SeedLike, ShapeLike, TensorLike

_TWO_SIGMA = math.erf(math.sqrt(2.0))  # the share of a normal distribution within two standard deviations


@suggesting
def uniform(
    shape: ShapeLike,
    minval: TensorLike = 0.0,
    maxval: TensorLike = 1.0,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> AnyTensor:
    """Values spread evenly over [minval, maxval).

    Args:
        shape: tuple of ints.
        minval: number or tensor that broadcasts with `shape`: the lower bound, included.
        maxval: number or tensor that broadcasts with `shape`: the upper bound, excluded.
        dtype: floating-point type, default `floatx()`.
        seed: int (the same values each time), `SeedGenerator` (others each time) or None (the global generator).

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: for another type, or `minval` above `maxval`.

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.uniform((100,), 2.0, 3.0, seed=1)
        >>> bool((x >= 2.0).all() and (x < 3.0).all())
        True
    """
    dtype = float_dtype(dtype, "uniform")
    if is_number(minval) and is_number(maxval) and minval > maxval:
        raise ValueError(f"`minval` must not be above `maxval`, got {minval} and {maxval}.")
    x = fraction(drawn_words(seed, words_of(dtype), checked_shape(shape)), dtype)
    if is_number(minval) and is_number(maxval) and (minval, maxval) == (0, 1):
        return x
    low, high = value_of(minval, dtype), value_of(maxval, dtype)
    x = p.add(p.multiply(x, p.subtract(high, low)), low)
    # rounding may have reached the upper bound
    return p.minimum(x, p.maximum(low, p.nextafter(high, low)))


@suggesting
def normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> AnyTensor:
    """Normally distributed values.

    Against the quantile of an even value the method takes half as long, and with float32 its tails reach 6.7 standard
    deviations instead of 5.4.

    Args:
        shape: tuple of ints.
        mean: number or tensor that broadcasts with `shape`.
        stddev: number or tensor that broadcasts with `shape`: the standard deviation.
        dtype: floating-point type, default `floatx()`.
        seed: int (the same values each time), `SeedGenerator` (others each time) or None (the global generator).

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: for another type.

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.normal((10000,), mean=3.0, seed=1)
        >>> bool(abs(x.mean() - 3.0) < 0.05)
        True

    Reference:
        Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958; both deviates of each pair are used.
    """
    dtype, shape = float_dtype(dtype, "normal"), checked_shape(shape)
    return scaled(as_dtype(standard_normal(seed, shape, compute_dtype(dtype)), dtype), mean, stddev, dtype)


def standard_normal(seed: SeedLike, shape: ShapeLike, dtype: DTypeLike) -> AnyTensor:
    """Mean 0, variance 1, in float32 or float64."""
    count = product(shape)
    if is_open(count):  # only the shape is asked for
        return p.cast(random_bits(seed, shape), dtype=dtype)
    share = shares.current()
    if share is not None and count and shape and share.leads(shape[0]):
        return reshape_to(_normal_of_share(seed, count, share, dtype), shape)
    pairs, words = -(-count // 2), 2 * words_of(dtype)
    bits = random_bits(seed, (words, 1, pairs))
    values = normal_pairs([reshape_to(window(bits, 0, i, i + 1), (1, pairs)) for i in range(words)], dtype)
    return reshape_to(window(reshape_to(values, (2 * pairs,)), 0, 0, count), shape)


def _normal_of_share(seed, count, share, dtype):
    """This rank's part (count,) of what one process would draw, which has the cosines of all pairs before the sines."""
    first, pairs = share.start * count // share.own, -(-share.total * count // share.own // 2)
    key, words, parts = draw_seed(seed), 2 * words_of(dtype), []
    for begin, quarter in ((0, 0.5 * math.pi), (pairs, 0.0)):
        start, stop = max(first - begin, 0), min(first + count - begin, pairs)
        if start < stop:
            bits = bits_between(key, start, stop, pairs, words)
            radius, angle = _polar(
                [reshape_to(window(bits, 0, i, i + 1), (stop - start,)) for i in range(words)], dtype
            )
            parts.append(p.multiply(radius, p.sin(p.add(angle, value_of(quarter, dtype)))))
    return parts[0] if len(parts) == 1 else p.concatenate(*parts, axis=0)


def normal_pairs(words: Sequence[AnyTensor], dtype: DTypeLike) -> AnyTensor:
    """Normal values (2, ...) from words (1, ...): a radius times the cosine and the sine of an angle."""
    radius, angle = _polar(words, dtype)
    rank = len(angle.shape)
    halves = at_once(p.reshape, value_of([0.5, 0.0], dtype), shape=(2, *[1] * (rank - 1)))
    quarter = at_once(p.multiply, halves, math.pi)  # a list with pi in it would be rounded to `floatx()`
    return p.multiply(radius, p.sin(p.add(angle, quarter)))


def _polar(words, dtype):
    """(radius, angle) of points in the plane whose coordinates are normally distributed."""
    each = words_of(dtype)
    radius = p.sqrt(p.multiply(p.log(positive_fraction(words[:each], dtype)), -2.0))
    return radius, p.multiply(positive_fraction(words[each:], dtype), 2 * math.pi)


def scaled(x: TensorLike, mean: TensorLike, stddev: TensorLike, dtype: DTypeLike) -> AnyTensor:
    """`x * stddev + mean`."""
    if not (is_number(stddev) and stddev == 1):
        x = p.multiply(x, value_of(stddev, dtype))
    if not (is_number(mean) and mean == 0):
        x = p.add(x, value_of(mean, dtype))
    return x


@suggesting
def truncated_normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> AnyTensor:
    """Normally distributed values, of which those further than two `stddev` from `mean` are drawn anew.

    It takes the quantile function at an even value between those of -2 and 2.

    Args:
        shape: tuple of ints.
        mean: number or tensor that broadcasts with `shape`.
        stddev: number or tensor that broadcasts with `shape`: the standard deviation before what is far away is drawn
            anew.
        dtype: floating-point type, default `floatx()`.
        seed: int (the same values each time), `SeedGenerator` (others each time) or None (the global generator).

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: for another type.

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.truncated_normal((1000,), seed=1)
        >>> bool(abs(x).max() <= 2.0)
        True
    """
    dtype, shape = float_dtype(dtype, "truncated_normal"), checked_shape(shape)
    working = compute_dtype(dtype)
    u = positive_fraction(drawn_words(seed, words_of(working), shape), working)
    x = p.erfinv(p.subtract(p.multiply(u, 2 * _TWO_SIGMA), _TWO_SIGMA))
    x = p.maximum(p.minimum(p.multiply(x, math.sqrt(2.0)), 2.0), -2.0)
    return scaled(as_dtype(x, dtype), mean, stddev, dtype)
