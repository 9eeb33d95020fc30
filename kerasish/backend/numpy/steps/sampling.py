"""Images read between their points, as steps of `native/kernels/sampling.kernel`."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.steps import cost, native_steps
from kerasish.backend.numpy.steps.operands import copied
from kerasish.backend.primitives.sampling import MODES
from kerasish.typing import TensorLike

_ORDER_0 = ("float32", "float64", "uint8", "int32")


@native_steps("sample")
def sample(out: Any, x: TensorLike, *points: Any, order: int, mode: str, fill: float) -> list[Any] | None:
    """Two axes of space; others stay with NumPy."""
    fits = (
        len(points) == 2
        and x.dtype.name in (("float32", "float64") if order else _ORDER_0)
        and points[0].dtype == points[1].dtype
        and points[0].dtype.name in ("float32", "float64")
        and out.flags.c_contiguous
    )
    if not fits or not out.size or not x.size:
        return None
    steps = []
    x, *points = (copied(steps, array, array.ndim) for array in (x, *points))
    bits = struct.unpack("<q", struct.pack("<d", float(np.asarray(fill).astype(x.dtype))))[0]
    units = points[0].size
    sizes = [units // len(x), *x.shape[1:]]
    args = [out.ctypes.data, x.ctypes.data, points[0].ctypes.data, points[1].ctypes.data, *sizes, bits]
    names = {"T": x.dtype.name, "P": points[0].dtype.name, "ORDER": order, "MODE": MODES.index(mode)}
    names["CHANNELS"] = 3 if x.shape[-1] == 3 else 0
    entry = source.address(source.from_file("sampling", "sample", **names))
    workers = cost.workers(units * (15.0 + 2 * x.shape[-1]), units)
    return [*steps, NativeStep(entry, args, [out, x, *points], units, workers=workers, name="sample")]
