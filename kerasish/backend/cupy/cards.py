"""What cards there are."""

from __future__ import annotations

import cupy


def described() -> list[str]:
    """A line for each card: its name, memory, architecture, and the versions of driver, CUDA and CuPy."""
    runtime = cupy.cuda.runtime
    versions = (
        f"driver for CUDA {_version(runtime.driverGetVersion())}, CuPy {cupy.__version__} for CUDA "
        f"{_version(runtime.runtimeGetVersion())}"
    )
    lines = []
    for card in range(runtime.getDeviceCount()):
        facts = runtime.getDeviceProperties(card)
        name = facts["name"].decode() if isinstance(facts["name"], bytes) else facts["name"]
        memory = f"{facts['totalGlobalMem'] / 2**30:.1f} GiB"
        lines.append(f"GPU {card}: {name}, {memory}, sm_{facts['major']}{facts['minor']}, {versions}")
    return lines


def _version(number):
    return f"{number // 1000}.{number % 1000 // 10}"
