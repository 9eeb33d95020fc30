"""The command `python -m kerasish devices`: what can be computed on here, and how fast it is."""

from __future__ import annotations

import time
from typing import Any

from kerasish.backend.compiler.explain import matmul_rate
from kerasish.backend.device import available_devices, backend, device, set_backend

_SIZE = {"cpu": 1024, "gpu": 4096}  # rows, columns and depth of the matrix product
_COPIED = 1 << 26  # bytes
_TIMES = 5


def add_parser(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser(
        "devices",
        help="list the devices that are here, and measure them",
        description="List devices and cards with their versions, and measure a matrix product and a copy on each.",
    )
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Print a block for each device; returns 0."""
    chosen = backend()
    for name in available_devices():
        try:
            set_backend(name)
        except (RuntimeError, ImportError) as error:
            print(f"{name}: not here. {error}")
            continue
        on = device()
        for card, line in enumerate(on.describe()):
            print(f"{name}: {line}")
            with on.card(card):
                print(f"  {_measured(on)}")
    set_backend(chosen)
    return 0


def _measured(on):
    size = _SIZE.get(on.kind, 1024)
    host = on.to_host(on.empty((_COPIED // 4,), "float32"))
    target = on.empty(host.shape, "float32")
    up = _seconds(on, lambda: on.write(target, host))
    down = _seconds(on, lambda: on.to_host(target))
    rates = f"copies up {_COPIED / up / 1e9:.1f} GB/s, down {_COPIED / down / 1e9:.1f} GB/s"
    return f"float32 matrix product of {size}: {matmul_rate(on, size) / 1e12:.2f} TFLOP/s; {rates}"


def _seconds(on, work):
    """The best of a few."""
    best = float("inf")
    for _ in range(_TIMES):
        on.synchronize()
        before = time.perf_counter()
        work()
        on.synchronize()
        best = min(best, time.perf_counter() - before)
    return best
