"""Whether native kernels are used: llvmlite must be installed, and KERASISH_NATIVE must not be 0."""

from __future__ import annotations

import os
import platform
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from kerasish.backend.numpy import blueprint

_enabled = None


def enabled() -> Any:
    """Whether kernels are compiled in this process."""
    global _enabled
    if blueprint.current() is not None:  # what is drawn for another process is made of native steps alone
        return True
    if _enabled is None:
        _enabled = is_on("KERASISH_NATIVE") and find_spec("llvmlite") is not None
    return _enabled


def has_float16() -> bool:
    """Whether the processor converts between float16 and float32 itself: LLVM would call a library that isn't there."""
    drawn = blueprint.current()
    return _has_float16() if drawn is None else drawn.target.has_float16


@lru_cache
def _has_float16():
    machine = platform.machine().lower()
    if machine in ("x86_64", "amd64"):
        from llvmlite import binding  # an optional package

        return bool(binding.get_host_cpu_features().get("f16c"))
    return machine in ("aarch64", "arm64")


def has_wide_registers() -> bool:
    """Whether the processor has 32 registers of 64 bytes."""
    drawn = blueprint.current()
    return _has_wide_registers() if drawn is None else drawn.target.has_wide_registers


@lru_cache
def _has_wide_registers():
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    from llvmlite import binding  # an optional package

    return bool(binding.get_host_cpu_features().get("avx512f"))


def use(native: Any) -> Any:
    """Turn native kernels on (where llvmlite is installed) or off for what is compiled from now on.

    Returns what was set before.
    """
    global _enabled
    before = enabled()
    _enabled = bool(native) and find_spec("llvmlite") is not None
    return before


def is_on(variable: Any) -> bool:
    """Whether an environment variable leaves on what it can turn off: 0 says off; 1, or nothing, says on.

    Raises: ValueError for other words.
    """
    text = os.environ.get(variable, "").strip()
    if text not in ("", "0", "1"):
        raise ValueError(
            f"The environment variable {variable} must be 0 (off) or 1 (on), got {text!r}. Correct or unset it."
        )
    return text != "0"
