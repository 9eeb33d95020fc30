"""Strided copies and fills as steps of `native/copies.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.steps import cost
from kerasish.typing import TensorLike

_TYPES = {1: "uint8", 2: "uint16", 4: "uint32", 8: "uint64"}


def _axes(target, x):
    """The axes (size, stride in the target, stride in x), in elements, the target's fastest last.

    Neighbours that are one run are joined.
    """
    item = target.itemsize
    axes = [(d, t // item, s // item) for d, t, s in zip(target.shape, target.strides, x.strides) if d > 1]
    axes.sort(key=lambda axis: -abs(axis[1]))
    joined = []
    for d, t, s in axes:
        if joined and joined[-1][1] == t * d and joined[-1][2] == s * d:
            joined[-1] = joined[-1][0] * d, t, s
        else:
            joined.append((d, t, s))
    return joined


def copy_steps(target: TensorLike, x: TensorLike, name: str = "copy") -> list[Any] | None:
    """[the step target[...] = x[...]] for arrays of one shape and dtype (x may be broadcast).

    None for more axes than the kernel has, or odd strides.
    """
    kind = _TYPES.get(target.itemsize)
    if kind is None or target.dtype != x.dtype or any(s % target.itemsize for s in (*target.strides, *x.strides)):
        return None
    if not target.size:
        return []
    axes = _axes(target, x) or [(1, 1, 1)]
    last = axes.pop()
    if len(axes) > 5:
        return None
    fast = (
        min(range(len(axes)), key=lambda i: (abs(axes[i][2]) or 1 << 60, -i))
        if axes and last[1:] not in ((1, 1), (1, 0))
        else len(axes) - 1
    )
    second = axes.pop(fast) if axes else (1, 0, 0)
    axes = [(1, 0, 0)] * (4 - len(axes)) + axes + [second, last]
    if len(axes) > 6:
        return None
    length = 16 if last[1:] not in ((1, 1), (1, 0)) else max(1, 4096 // (last[0] * target.itemsize))
    sizes, to, at = zip(*axes)
    args = [target.ctypes.data, x.ctypes.data, target.itemsize, *sizes, length, *to, *at]
    units = int(np.prod(sizes[:4])) * -(-second[0] // length)
    workers = cost.workers(cost.copy(target.nbytes) * (2 if length == 16 else 1), units)
    entry = source.address(
        source.from_file("copies", "copy", T=kind, ITEM=target.itemsize, BLOCKS=int(target.itemsize >= 4))
    )
    return [NativeStep(entry, args, [target, x], units, workers=workers, name=name)]


def fill_steps(target: TensorLike, value: TensorLike, name: str = "fill") -> Any:
    """[the step that fills]."""
    one = aligned.empty((), target.dtype)
    one[...] = value
    return copy_steps(target, np.broadcast_to(one, target.shape), name)
