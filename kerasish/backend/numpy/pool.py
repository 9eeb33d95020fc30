"""NumPy kernels of `primitives/pool.py`: for each place of the window, whole images at a time."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy.windows import filling, image_blocks
from kerasish.backend.numpy.workspace import planned
from kerasish.backend.primitives.windows import offsets, valid_point
from kerasish.typing import IntOrInts, ShapeLike, TensorLike

_INTEGERS = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}


def _places(x_space, counts, window, strides, padding):
    """For each place of the window, the slices of the windows for which it lies within x, and of x."""
    for place in offsets(window):
        outer, inner = valid_point(place, counts, strides, padding, x_space)
        if all(s.stop > s.start for s in outer):
            yield outer, inner


def _lowest(dtype):
    if dtype.kind == "f":
        return -np.inf
    return False if dtype.kind == "b" else np.iinfo(dtype).min


def _joined(join, start):
    """The plan of a pool that joins the points of a window with a ufunc."""

    def plan(take, out, x, window, strides, padding):
        counts, calls = out.shape[1:-1], []
        everywhere = tuple(slice(0, n) for n in counts)
        for block in image_blocks(len(x), out[:1].nbytes):
            images, target = x[block], out[block]
            for number, (outer, inner) in enumerate(_places(x.shape[1:-1], counts, window, strides, padding)):
                seen, there = images[(slice(None), *inner)], target[(slice(None), *outer)]
                if number:
                    calls.append(partial(join, there, seen, out=there))
                elif outer == everywhere:
                    calls.append(partial(np.copyto, target, seen))
                else:
                    calls += [filling(target, start(out.dtype)), partial(np.copyto, there, seen)]
        return calls or [filling(out, start(out.dtype))]

    return plan


planned("max_pool")(_joined(np.maximum, _lowest))
planned("sum_pool")(_joined(np.add, lambda dtype: 0))


@planned("sum_pool_gradient")
def sum_pool_gradient(
    take: Any, out: Any, g: TensorLike, window: Any, strides: IntOrInts, padding: str, input_shape: ShapeLike
) -> Any:
    """Each point of a window gets what arrives for it."""
    counts, calls = g.shape[1:-1], []
    for block in image_blocks(len(out), out[:1].nbytes):
        target, arrived = out[block], g[block]
        calls.append(filling(target, 0))
        for outer, inner in _places(out.shape[1:-1], counts, window, strides, padding):
            there = target[(slice(None), *inner)]
            calls.append(partial(np.add, there, arrived[(slice(None), *outer)], there))
    return calls


class _FirstMaximum:
    """Finds, place by place of the window, the windows whose first maximum lies there, as a mask of bits.

    All or none.
    """

    def __init__(self, take, shape, dtype):
        self.hit, self.found = take(shape, bool), take(shape, bool)
        self.mask, self.part = take(shape, _INTEGERS[dtype.itemsize]), take(shape, dtype)

    def start(self, size):
        """The call that forgets the last images, of which there are `size`."""
        return filling(self.found[:size], False)

    def at(self, seen, maxima, outer, size):
        """(calls, mask of the windows `outer`)."""
        at = (slice(0, size), *outer)
        hit, found, mask = self.hit[at], self.found[at], self.mask[at]
        calls = [
            partial(np.equal, seen, maxima, hit),
            partial(np.greater, hit, found, hit),
            partial(np.logical_or, found, hit, found),
            partial(np.copyto, mask, hit),
            partial(np.subtract, 0, mask, mask),  # np.negative is wrong on strided vectors (NumPy 2.4, AVX-512)
        ]
        return calls, mask

    def masked(self, values, mask, outer):
        """(call, values where the mask has bits, 0 elsewhere)."""
        part = self.part[(slice(0, len(values)), *outer)]
        return partial(np.bitwise_and, values.view(mask.dtype), mask, part.view(mask.dtype)), part


def _max_plan(take, out, x, y, values, window, strides, padding, step):
    counts, calls = y.shape[1:-1], []
    blocks = image_blocks(len(x) if y.size else 0, y[:1].nbytes)
    if not blocks:
        return [filling(out, 0)]
    finder = _FirstMaximum(take, (blocks[0].stop, *y.shape[1:]), y.dtype)
    for block in blocks:
        size = block.stop - block.start
        calls += [filling(out[block], 0), finder.start(size)]
        for outer, inner in _places(x.shape[1:-1], counts, window, strides, padding):
            windows, points = (block, *outer), (block, *inner)
            found, mask = finder.at(x[points], y[windows], outer, size)
            source, there = step(windows, points)
            call, part = finder.masked(values[source], mask, outer)
            calls += [*found, call, partial(np.add, out[there], part, out[there])]
    return calls


@planned("max_pool_gradient")
def max_pool_gradient(
    take: Any, out: Any, x: TensorLike, y: TensorLike, g: TensorLike, window: Any, strides: IntOrInts, padding: str
) -> Any:
    """What arrives for a window goes to its first maximum."""
    return _max_plan(take, out, x, y, g, window, strides, padding, lambda windows, points: (windows, points))


@planned("max_pool_gather")
def max_pool_gather(
    take: Any, out: Any, x: TensorLike, y: TensorLike, h: Any, window: Any, strides: IntOrInts, padding: str
) -> Any:
    """h, where x has the window's first maximum."""
    return _max_plan(take, out, x, y, h, window, strides, padding, lambda windows, points: (points, windows))
