"""The one source of randomness."""

from __future__ import annotations

from kerasish.backend.primitives.costs import RANDOM
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import exceeds, unlike_shapes


def _philox_shape(key, shape):
    """uint32 random bits of `shape`, from a key of two uint32 words: a seed and a counter of draws.

    The stream is Philox4x64-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") with the key (seed,
    counter) and the 256-bit block number 1, 2, ...; each block is four uint64, and each uint64 gives its low word
    first.
    """
    if unlike_shapes(key.shape, (2,)) or key.dtype != "uint32":
        raise ValueError(
            f"The key of `philox` must be two uint32 words (seed, counter), got shape {tuple(key.shape)} and "
            f"{key.dtype}."
        )
    if exceeds(0, product(shape)):
        raise ValueError(f"`shape` must hold sizes, got {tuple(shape)}.")
    return Spec(tuple(shape), "uint32")


philox: Primitive = computed("philox", _philox_shape, cost=RANDOM)
