"""From a seed to random bits, and from bits to fractions: what all distributions begin with."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.dtypes import FLOATS, standardize_dtype
from kerasish.backend.float_formats import DIGITS
from kerasish.backend.primitives import p
from kerasish.backend.sizes import exceeds
from kerasish.distribution import shares
from kerasish.ops.convert import as_dtype, is_number
from kerasish.ops.numpy.helpers import known_int, reshape_to, window
from kerasish.random.seed_generator import draw_seed
from kerasish.typing import AnyTensor, DTypeLike, SeedLike, Shape, ShapeLike


def checked_shape(shape: ShapeLike) -> Shape:
    """`shape` as a tuple of ints; None stays where it is not known yet. Raises ValueError for anything else."""
    try:
        sizes = tuple(known_int(d, "shape") for d in ((shape,) if is_number(shape) else shape))
    except (TypeError, ValueError) as error:
        raise ValueError(f"`shape` must be a tuple of ints, got {shape!r}.") from error
    if any(exceeds(0, d) for d in sizes):
        raise ValueError(f"`shape` must hold sizes of at least 0, got {sizes}.")
    return sizes


def float_dtype(dtype: DTypeLike | None, function: str) -> str:
    """The name of a floating-point `dtype` (None: `floatx()`). Raises ValueError for another type."""
    dtype = standardize_dtype(dtype)
    if dtype not in FLOATS:
        raise ValueError(f"`dtype` of `{function}` must be a floating-point type, got {dtype}.")
    return dtype


def compute_dtype(dtype: DTypeLike) -> str:
    """The type to compute in: half precision is rounded at the very end."""
    return "float64" if dtype == "float64" else "float32"


def random_bits(seed: SeedLike, shape: ShapeLike, samples: int | None = None) -> AnyTensor:
    """uint32 random bits.

    Args:
        shape: tuple of ints.
        samples: int, the axis that may be that of the samples of a batch. Where this process computes a share of them,
            the bits are those that one process would draw for the whole batch, and no others are drawn.
    """
    share, shape = shares.current(), tuple(shape)
    if share is None or samples is None or not share.leads(shape[samples]):
        return p.philox(draw_seed(seed), shape=shape)
    return p.philox(draw_seed(seed), shape=shape, part=(samples, share.start, share.total))


def bits_between(seed: SeedLike, start: int, stop: int, total: int, rows: int | None = None) -> AnyTensor:
    """Of `total` uint32 random bits those from `start` to `stop`; with `rows` of each row of (rows, total)."""
    shape = (stop - start,) if rows is None else (rows, stop - start)
    whole = stop - start == total
    return p.philox(draw_seed(seed), shape=shape, **({} if whole else {"part": (len(shape) - 1, start, total)}))


def words_of(dtype: DTypeLike) -> int:
    """How many uint32 one fraction of `dtype` takes."""
    return 2 if dtype == "float64" else 1


def drawn_words(seed: SeedLike, count: int, shape: ShapeLike) -> list[AnyTensor]:
    """`count` independent uint32 values of `shape`, as a list."""
    bits = random_bits(seed, (count, *shape), samples=1 if shape else None)
    return [reshape_to(window(bits, 0, i, i + 1), shape) for i in range(count)]


def fraction(words: Sequence[AnyTensor], dtype: DTypeLike) -> AnyTensor:
    """Even in [0, 1), in as many steps as `dtype` has between 1/2 and 1.

    Made from the list of words that `words_of` asks for.
    """
    if dtype == "float64":
        high, low = (p.cast(p.right_shift(word, shift), dtype="float64") for word, shift in zip(words, (5, 6)))
        return p.multiply(p.add(p.multiply(high, 2.0**26), low), 2.0**-53)
    bits = DIGITS[dtype]
    return as_dtype(p.multiply(p.cast(p.right_shift(words[0], 32 - bits), dtype="float32"), 2.0**-bits), dtype)


def positive_fraction(words: Sequence[AnyTensor], dtype: DTypeLike) -> AnyTensor:
    """Even in (0, 1], float32 or float64; float32 reaches down to 2**-33, so that a logarithm has long tails."""
    if dtype == "float64":
        return p.add(fraction(words, dtype), 2.0**-53)
    return p.add(p.multiply(p.cast(words[0], dtype="float32"), 2.0**-32), 2.0**-33)
