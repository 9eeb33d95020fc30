"""Integers, and classes by their log probabilities."""

from __future__ import annotations

from kerasish.backend.dtypes import UNSIGNED, bits, is_int_dtype, standardize_dtype
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, as_float, dtype_of, is_number, value_of
from kerasish.ops.operation import operation
from kerasish.random.bits import checked_shape, compute_dtype, drawn_words, positive_fraction, words_of
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, SeedLike, ShapeLike, TensorLike

_FEW = (
    2**16
)  # up to so many different values one word is enough: their probabilities differ by less than a part in 2**16


@suggesting
def randint(
    shape: ShapeLike, minval: TensorLike, maxval: TensorLike, dtype: DTypeLike = "int32", seed: SeedLike = None
) -> AnyTensor:
    """Integers spread evenly from `minval` up to, but without, `maxval`.

    Args:
        shape: tuple of ints.
        minval: int or tensor of ints that broadcasts with `shape`: the lower bound, included.
        maxval: int or tensor of ints that broadcasts with `shape`: the upper bound, excluded.
        dtype: integer type.
        seed: int (the same values each time), `SeedGenerator` (others each time) or None (the global generator).

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: for another type, `minval` not below `maxval`, or bounds that the type can't hold.

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.randint((100,), 5, 8, seed=1)
        >>> sorted(set(x.tolist()))
        [5, 6, 7]
    """
    dtype, shape = standardize_dtype(dtype), checked_shape(shape)
    if not is_int_dtype(dtype):
        raise ValueError(f"`dtype` of `randint` must be an integer type, got {dtype}.")
    if not (is_number(minval) and is_number(maxval)):
        low = p.cast(value_of(minval), dtype="uint64")
        return p.cast(
            p.add(p.remainder(_wide(seed, shape), p.subtract(p.cast(value_of(maxval), dtype="uint64"), low)), low),
            dtype=dtype,
        )
    minval, maxval = _checked_bounds(minval, maxval, dtype)
    count = maxval - minval
    if count <= _FEW:
        # the high half of word * count, where a remainder would favour the low bits
        word = p.cast(drawn_words(seed, 1, shape)[0], dtype="uint64")
        x = p.right_shift(p.multiply(word, count), 32)
    else:
        x = _wide(seed, shape)
        if count < 2**64:
            x = p.remainder(x, count)
    x = p.add(x, minval % 2**64) if minval else x  # modulo 2**64, as the cast to a signed type is
    return p.cast(x, dtype=dtype)


def _wide(seed, shape):
    high, low = (p.cast(word, dtype="uint64") for word in drawn_words(seed, 2, shape))
    return p.bitwise_or(p.left_shift(high, 32), low)


def _checked_bounds(minval, maxval, dtype):
    if int(minval) != minval or int(maxval) != maxval:
        raise ValueError(f"`minval` and `maxval` must be whole numbers, got {minval} and {maxval}.")
    minval, maxval = int(minval), int(maxval)
    if minval >= maxval:
        raise ValueError(f"`minval` must be below `maxval`, got {minval} and {maxval}.")
    width = bits(dtype)
    least, most = (0, 2**width - 1) if dtype in UNSIGNED else (-(2 ** (width - 1)), 2 ** (width - 1) - 1)
    if minval < least or maxval - 1 > most:
        raise ValueError(f"{dtype} holds {least} ... {most}, got bounds {minval} and {maxval}.")
    return minval, maxval


@operation
def categorical(logits: TensorLike, num_samples: int, dtype: DTypeLike = "int32", seed: SeedLike = None) -> AnyTensor:
    """Classes drawn with the probabilities softmax(logits).

    Args:
        logits: tensor (batch, classes) of log probabilities, up to a constant a row; -inf for a class that is never
            drawn.
        num_samples: int, draws a row.
        dtype: integer type of the result.
        seed: int (the same values each time), `SeedGenerator` (others each time) or None (the global generator).

    Returns:
        Tensor (batch, num_samples).

    Raises:
        ValueError: when `logits` has not two axes.

    Example:
        >>> import kerasish as keras
        >>> keras.random.categorical([[0.0, 100.0]], 3, seed=1).tolist()
        [[1, 1, 1]]

    Reference:
        The Gumbel-max trick: the largest of logits + Gumbel noise belongs to class i with probability
        softmax(logits)[i].
    """
    logits, dtype = as_float(logits), standardize_dtype(dtype)
    if len(logits.shape) != 2:
        raise ValueError(f"`logits` must have shape (batch, classes), got {tuple(logits.shape)}.")
    working = compute_dtype(dtype_of(logits))
    batch, classes = logits.shape
    (samples,) = checked_shape((num_samples,))
    u = positive_fraction(drawn_words(seed, words_of(working), (batch, samples, classes)), working)
    u = p.minimum(u, 1 - 2.0**-24)
    gumbel = p.negative(p.log(p.negative(p.log1p(p.negative(u)))))
    logits = p.reshape(as_dtype(logits, working), shape=(batch, 1, classes))
    return as_dtype(p.argmax(p.add(gumbel, logits), axis=2), dtype)
