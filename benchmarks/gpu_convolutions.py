"""Convolutions of ResNet50 on a card, beside gathered windows: `python -m benchmarks.gpu_convolutions`.

Prints, for each, whether cuDNN has a plan, the largest difference from gathered windows, and how long both take. It
exits with 1 where cuDNN has no plan, or the numbers differ by more than TF32's rounding explains.
"""

from __future__ import annotations

import importlib
import sys
import time
from functools import partial

import numpy as np

from kerasish import backend

BATCH = 16
LAYERS = [  # size of the picture, channels, filters, window, stride, groups
    (112, 3, 64, 7, 2, 1),
    (56, 64, 64, 3, 1, 1),
    (28, 128, 128, 3, 1, 1),
    (14, 256, 1024, 1, 1, 1),
    (7, 512, 512, 3, 1, 1),
    (56, 64, 64, 3, 1, 64),
]


def main() -> int:
    """Compare, and say whether all is well."""
    backend.set_backend("cupy")
    device = backend.device()
    conv = importlib.import_module("kerasish.backend.cupy.conv")
    rng, failed = np.random.default_rng(0), 0
    for size, channels, filters, window, stride, groups in LAYERS:
        pads = ((window // 2, window // 2),) * 2
        where = {"strides": (stride,) * 2, "padding": pads, "dilation": (1, 1), "groups": groups}
        made = (BATCH, *[(size + 2 * (window // 2) - window) // stride + 1] * 2, filters)
        for dtype in ("float32", "bfloat16"):
            shapes = (BATCH, size, size, channels), (window, window, channels // groups, filters)
            x, w = (device.from_host(rng.standard_normal(shape).astype(dtype)) for shape in shapes)
            outs = [device.empty(made, dtype) for _ in range(2)]
            step = conv.bound("conv", outs[0], (x, w), where)
            planned = getattr(step, "is_planned", False)
            took = [seconds(device, run) for run in (step, partial(conv.by_windows, "conv", outs[1], x, w, **where))]
            mine, other = (device.to_host(out).astype("float32") for out in outs)
            apart = float(np.abs(mine - other).max() / np.abs(other).max())
            failed += not planned or apart > 2e-2
            what = (
                f"{size:4d} x {channels:4d} -> {filters:4d}, {window}x{window}/{stride}, groups {groups:3d}, {dtype:8s}"
            )
            said = "planned" if planned else "no plan"
            print(f"{what}: {said}, apart {apart:.1e}, {took[0] * 1e3:8.3f} ms, windows {took[1] * 1e3:8.3f} ms")
    return int(failed > 0)


def seconds(device, run, times=10):
    """The least of some runs."""
    least = float("inf")
    for _ in range(times):
        device.synchronize()
        began = time.perf_counter()
        run()
        device.synchronize()
        least = min(least, time.perf_counter() - began)
    return least


if __name__ == "__main__":
    sys.exit(main())
