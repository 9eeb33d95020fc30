"""The one source of randomness."""

from __future__ import annotations

from typing import NamedTuple

from kerasish.backend.primitives.costs import RANDOM
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import exceeds, unlike_shapes
from kerasish.typing import Shape


class Stretches(NamedTuple):
    """Where the numbers of a `philox` lie in the stream: in stretches of equal length, equally far apart.

    Attributes:
        count: int, how many stretches.
        length: int, numbers of each.
        first: int, where the first begins.
        apart: int, from the beginning of one to that of the next.
    """

    count: int
    length: int
    first: int
    apart: int


def stretches(shape: Shape, part: tuple[int, int, int] | None) -> Stretches:
    """The numbers that a `philox` of `shape` and `part` takes of the stream."""
    if part is None:
        return Stretches(1, product(shape), 0, 0)
    axis, start, total = part
    each = product(shape[axis + 1 :])
    return Stretches(product(shape[:axis]), product(shape[axis:]), start * each, total * each)


def _philox_shape(key, shape, part=None):
    """uint32 random bits of `shape`, from a key of two uint32 words: a seed and a counter of draws.

    The stream is Philox4x64-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") with the key (seed,
    counter) and the 256-bit block number 1, 2, ...; each block is four uint64, and each uint64 gives its low word
    first.

    `part`: (axis, start, total) makes them those from `start` on of as many as `total` along an axis, and makes no
    others.
    """
    if unlike_shapes(key.shape, (2,)) or key.dtype != "uint32":
        raise ValueError(
            f"The key of `philox` must be two uint32 words (seed, counter), got shape {tuple(key.shape)} and "
            f"{key.dtype}."
        )
    if exceeds(0, product(shape)):
        raise ValueError(f"`shape` must hold sizes, got {tuple(shape)}.")
    if part is not None and not (part[0] < len(shape) and 0 <= part[1] <= part[2] - shape[part[0]]):
        raise ValueError(f"`part` of `philox` must be (axis, start, total) that hold {tuple(shape)}, got {part}.")
    return Spec(tuple(shape), "uint32")


philox: Primitive = computed("philox", _philox_shape, cost=RANDOM)
