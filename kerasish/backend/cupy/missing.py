"""What stands between a program and its card, in one sentence each."""

from __future__ import annotations

from typing import Any

from kerasish.optional import needed
from kerasish.suggestions import install


def cupy_on_a_card() -> Any:
    """The package `cupy`, where it finds a card.

    Raises:
        RuntimeError: there is no CuPy, no driver, one too old for this CuPy, or no card.
    """
    try:
        how = f"{install('cuda13')}, or the extra 'cuda12' for drivers before 580"
        cupy = needed("cupy", f"The device 'cupy' needs CuPy, which is not installed: {how}.")
    except ImportError as error:
        raise RuntimeError(str(error)) from error
    runtime = cupy.cuda.runtime
    driver, built = runtime.driverGetVersion(), runtime.runtimeGetVersion()
    if not driver:
        raise RuntimeError(
            "The device 'cupy' found no NVIDIA driver on this machine: install one (`nvidia-smi` must list the card), "
            "or compute on the CPU with KERASISH_BACKEND=numpy."
        )
    if driver // 1000 < built // 1000:
        raise RuntimeError(
            f"The device 'cupy' found a driver for CUDA {_said(driver)}, and this CuPy is built for CUDA "
            f"{_said(built)}: update the driver, or install the CuPy for it: {install(f'cuda{driver // 1000}')}."
        )
    try:
        cards = runtime.getDeviceCount()
    except runtime.CUDARuntimeError:
        cards = 0
    if not cards:
        raise RuntimeError(
            "The device 'cupy' found a driver and no card: look whether `nvidia-smi` lists one, and whether "
            "CUDA_VISIBLE_DEVICES hides it."
        )
    return cupy


def _said(version):
    return f"{version // 1000}.{version % 1000 // 10}"
