"""CuPy kernels of `primitives/pool.py`: one launch of `sources/pool.cu` each.

A thread has a window, or, where windows overlap on the way back, a point: which numbers are added up in which order
follows from the shapes alone.
"""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.cupy.kernels import kernel


def _launch(name, out, arrays, x_space, counts, window, strides, padding, over, numbers=()):
    """Kernel `name`: a thread for each number of `over`."""
    if not over.size:
        return
    missing = 3 - len(window)

    def three(sizes, fill):
        return ",".join(map(str, [fill] * missing + [int(n) for n in sizes]))

    words = {
        "T": sources.type_in_c(out.dtype),
        "A": "double" if out.dtype.kind == "f" else sources.type_in_c(out.dtype),
        "SPACE": three(x_space, 1),
        "COUNTS": three(counts, 1),
        "WINDOW": three(window, 1),
        "STRIDES": three(strides, 1),
        "BEFORE": three((before for before, _ in padding), 0),
    }
    run = sources.function("pool", name, **words)
    lying = [x if x.flags.c_contiguous else x.copy() for x in arrays]
    target = out if out.flags.c_contiguous else cupy.empty(out.shape, out.dtype)
    if name == "max_pool_spread":
        target.fill(0)
    sources.launch(run, over.size, target, *lying, *numbers, out.shape[-1])
    if target is not out:
        cupy.copyto(out, target)


def _lowest(dtype):
    if dtype.kind == "b":
        return np.bool_(False)
    return np.asarray(-np.inf if dtype.kind == "f" else np.iinfo(dtype).min).astype(dtype)[()]


@kernel("max_pool")
def max_pool(out: Any, x: Any, window: Any, strides: Any, padding: Any) -> None:
    """The greatest of each window."""
    sizes = x.shape[1:-1], out.shape[1:-1]
    _launch("max_pool", out, [x], *sizes, window, strides, padding, out, [_lowest(out.dtype)])


@kernel("sum_pool")
def sum_pool(out: Any, x: Any, window: Any, strides: Any, padding: Any) -> None:
    """The sum of each window."""
    _launch("sum_pool", out, [x], x.shape[1:-1], out.shape[1:-1], window, strides, padding, out)


@kernel("sum_pool_gradient")
def sum_pool_gradient(out: Any, g: Any, window: Any, strides: Any, padding: Any, input_shape: Any) -> None:
    """Each point of a window gets what arrives for it."""
    if not g.size:
        out.fill(0)
        return
    _launch("sum_pool_gradient", out, [g], out.shape[1:-1], g.shape[1:-1], window, strides, padding, out)


@kernel("max_pool_gradient")
def max_pool_gradient(out: Any, x: Any, y: Any, g: Any, window: Any, strides: Any, padding: Any) -> None:
    """What arrives for a window goes to its first maximum."""
    if not g.size:
        out.fill(0)
        return
    apart = all(step >= size for step, size in zip(strides, window))
    name, over = ("max_pool_spread", g) if apart else ("max_pool_gradient", out)
    _launch(name, out, [x, y, g], x.shape[1:-1], g.shape[1:-1], window, strides, padding, over)


@kernel("max_pool_gather")
def max_pool_gather(out: Any, x: Any, y: Any, h: Any, window: Any, strides: Any, padding: Any) -> None:
    """h, where x has the window's first maximum."""
    _launch("max_pool_gather", out, [x, y, h], x.shape[1:-1], y.shape[1:-1], window, strides, padding, out)
