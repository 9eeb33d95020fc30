"""Dropout: the one random function that runs in every training step, so it draws as few bits as it can."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import is_open, unlike
from kerasish.distribution import shares
from kerasish.ops.convert import as_float, dtype_of, is_number
from kerasish.ops.numpy.helpers import broadcast_shape, reshape_to, window
from kerasish.ops.operation import operation
from kerasish.random.bits import bits_between, random_bits
from kerasish.typing import AnyTensor, SeedLike, Shape, ShapeLike, TensorLike


@operation
def dropout(inputs: TensorLike, rate: float, noise_shape: ShapeLike | None = None, seed: SeedLike = None) -> AnyTensor:
    """Set a share `rate` of the elements to 0 and multiply the others by 1 / (1 - rate).

    So the sum stays the same on average.

    Args:
        inputs: tensor.
        rate: float in [0, 1].
        noise_shape: tuple of ints that broadcasts to the shape of `inputs` (None: the size there); elements that share
            a place in it are dropped together.
        seed: int (the same mask each time), `SeedGenerator` (another each time) or None (the global generator).

    Returns:
        Tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: for a rate outside of [0, 1] or a noise shape that does not fit.

    Example:
        >>> import kerasish as keras
        >>> y = keras.random.dropout(keras.ops.ones((1000,)), 0.5, seed=1)
        >>> sorted(set(y.tolist()))
        [0.0, 2.0]
    """
    if not is_number(rate) or not 0 <= rate <= 1:
        raise ValueError(f"`rate` must be a number in [0, 1], got {rate!r}.")
    x = as_float(inputs)
    return dropped(x, rate, _noise_shape(noise_shape, x) if 0 < rate < 1 else (), seed)


def dropped(x: TensorLike, rate: float, shape: Shape, seed: SeedLike, samples: int = 0) -> AnyTensor:
    """`dropout` of a tensor of floats.

    Args:
        x: tensor.
        rate: float in [0, 1].
        shape: tuple of ints, of the mask.
        seed: as for `dropout`.
        samples: int, the axis of the mask along which the samples of a batch lie, if any do.
    """
    if rate == 0:
        return x
    if rate == 1:
        return p.full(shape=tuple(x.shape), value=0.0, dtype=dtype_of(x))
    kept, share = _mask(seed, shape, rate, samples)
    return p.where(broadcast_shape(kept, tuple(x.shape)), p.multiply(x, 1.0 / share), 0.0)


def _noise_shape(noise_shape, x):
    if noise_shape is None:
        return tuple(x.shape)
    sizes = tuple(noise_shape)
    if len(sizes) != len(x.shape):
        raise ValueError(f"`noise_shape` must have one entry for each axis of {tuple(x.shape)}, got {sizes}.")
    sizes = tuple(d if n is None else n for n, d in zip(sizes, x.shape))
    if any(n != 1 and unlike(n, d) for n, d in zip(sizes, x.shape)):
        raise ValueError(f"`noise_shape` must broadcast to the shape of `inputs`, {tuple(x.shape)}, got {sizes}.")
    return sizes


def share_kept(rate: float) -> float:
    """The share of the elements that stay, which is `1 - rate` as near as the random bits are fine."""
    threshold, width = _threshold(rate)
    return 1 - threshold / 2**width


def _threshold(rate):
    """(below which number of how many bits an element is dropped, the bits)."""
    width = 16 if 0.01 <= rate <= 0.99 else 32
    return min(max(round(rate * 2**width), 1), 2**width - 1), width


def _mask(seed, shape, rate, samples):
    """(which elements stay, the share of them); the samples lie along the axis `samples`.

    Random bits are compared as integers: 16 an element where that is fine enough.
    """
    count = product(shape)
    threshold, width = _threshold(rate)
    if is_open(count) or width == 32:
        bits = random_bits(seed, shape, samples=samples if shape else None)
        threshold <<= 32 - width
        return p.greater_equal(bits, threshold), 1 - threshold / 2**32
    share = shares.current()
    if share is not None and shape and share.leads(shape[samples], steps=True):  # the mask is that of the whole batch
        halves = _halves_of_share(seed, product(shape[:samples]), product(shape[samples:]), share)
    else:
        halves = window(_halves(random_bits(seed, (-(-count // 2),))), 0, 0, count)
    return p.greater_equal(reshape_to(halves, shape), threshold), 1 - threshold / 2**16


def _halves_of_share(seed, rows, own, share):
    """16 random bits for each element: of each of `rows` rows the `own` that are this rank's."""
    first, whole = share.start * own // share.own, share.total * own // share.own
    if rows == 1:
        start = first // 2
        bits = bits_between(seed, start, -(-(first + own) // 2), -(-whole // 2))
        return window(_halves(bits), 0, first - 2 * start, first - 2 * start + own)
    if first % 2 or own % 2 or whole % 2:  # rows begin amid a word: all are drawn
        halves = window(_halves(random_bits(seed, (-(-rows * whole // 2),))), 0, 0, rows * whole)
        return window(reshape_to(halves, (rows, whole)), 1, first, first + own)
    return _halves(bits_between(seed, first // 2, (first + own) // 2, whole // 2, rows))


def _halves(bits):
    return p.bitcast(bits, dtype="uint16")
