"""Elementwise primitives on the representation of numbers: divisors of integers, neighbours and bytes of floats."""

from __future__ import annotations

from kerasish.backend.dtypes import bits
from kerasish.backend.primitives.costs import EXPENSIVE
from kerasish.backend.primitives.families import binary, moved
from kerasish.backend.primitives.primitive import Primitive, Spec
from kerasish.backend.primitives.traits import NOTHING

gcd: Primitive = binary("gcd", cost=EXPENSIVE, fuses=NOTHING)
nextafter: Primitive = binary("nextafter", cost=EXPENSIVE, fuses=NOTHING, computes=False)  # neighbours of its own type


def _bitcast_shape(x, dtype):
    """The last axis holds as many bytes as before."""
    old, new = bits(x.dtype), bits(dtype)
    if old == new:
        return Spec(tuple(x.shape), dtype)
    if not x.shape:
        raise ValueError(f"A scalar of {x.dtype} can't be read as {dtype}: they differ in width.")
    last = x.shape[-1]
    if last is not None:
        if last * old % new:
            raise ValueError(f"The last axis of {tuple(x.shape)} {x.dtype} does not divide into elements of {dtype}.")
        last = last * old // new
    return Spec((*x.shape[:-1], last), dtype)


bitcast: Primitive = moved("bitcast", _bitcast_shape)
