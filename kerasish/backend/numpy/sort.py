"""NumPy kernels of `primitives/sort.py`.

A stable argsort in NumPy is a merge sort. Elements of up to 32 bits go another way: their order and their index make
one uint64 each, all of them different, and NumPy sorts (or partitions) those with vector instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import Axis, TensorLike

_FEW = 16  # so many passes of argmax cost less than a partition


def _ranks(x):
    """uint32 in the order of `x`, NaN last; None where an element has more than 32 bits."""
    if x.dtype.itemsize > 4:
        return None
    if x.dtype.kind == "f":
        x = np.add(x, np.float32(0), dtype=np.float32)  # a copy in which -0.0 is 0.0
        x[np.isnan(x)] = np.nan
        bits = x.view(np.uint32)
        # a negative number has the sign bit set and falls as its other bits rise: turn all of them; of a positive one
        # the sign bit
        turned = bits.view(np.int32) >> np.int32(31)
        turned |= np.int32(-(2**31))
        bits ^= turned.view(np.uint32)
        return bits
    if x.dtype.kind == "i":
        return x.astype(np.int32).view(np.uint32) ^ np.uint32(0x80000000)
    return x.astype(np.uint32)


def _keys(ranks):
    """Ranks (..., n) as uint64 with the index along the last axis in the low half."""
    keys = ranks.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(ranks.shape[-1], dtype=np.uint64)
    return keys


def _indices(keys):
    """The low halves, on a machine of either byte order."""
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int32)


@kernel("argsort")
def argsort(out: Any, x: TensorLike, axis: Axis, stable: bool = True) -> None:
    ranks = _ranks(x)
    if ranks is None:
        np.copyto(out, np.argsort(x, axis=axis, kind="stable" if stable else None), casting="unsafe")
        return
    keys = _keys(np.moveaxis(ranks, axis, -1))
    keys.sort(axis=-1)
    np.copyto(np.moveaxis(out, axis, -1), _indices(keys))


@kernel("top_k")
def top_k(out: Any, x: TensorLike, k: int) -> None:
    values, indices = out
    if not values.size:
        return
    size, ranks = x.shape[-1], _ranks(x)
    if ranks is None:
        # read backwards, a stable sort puts the first of equal elements last
        order = size - 1 - np.argsort(x[..., ::-1], axis=-1, kind="stable")[..., : -k - 1 : -1]
    elif x.dtype.kind == "f" and k <= _FEW:
        order = _largest(ranks, k)
    else:
        keys = _keys(~ranks)
        if k < size:
            keys = np.partition(keys, k - 1, axis=-1)[..., :k]
        keys.sort(axis=-1)
        order = _indices(keys)
    np.copyto(indices, order, casting="unsafe")
    np.copyto(values, np.take_along_axis(x, order, axis=-1))


def _largest(ranks, k):
    """Indices of the k largest ranks along the last axis, one argmax each.

    A rank of 0, which no float has, marks what was taken.
    """
    order = np.empty((*ranks.shape[:-1], k), np.intp)
    for i in range(k):
        best = np.argmax(ranks, axis=-1, keepdims=True)
        order[..., i : i + 1] = best
        if i < k - 1:
            np.put_along_axis(ranks, best, 0, axis=-1)
    return order
