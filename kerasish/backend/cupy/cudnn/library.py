"""cuDNN's frontend, and a handle for each thread and card."""

from __future__ import annotations

import threading
import warnings
from functools import lru_cache
from typing import Any

import cupy

from kerasish.suggestions import install

_local = threading.local()


@lru_cache(maxsize=None)
def frontend() -> Any:
    """The package `cudnn`; None where it, or the library itself, is missing, which is said once."""
    try:
        import cudnn  # an optional package, which comes with the extras

        cudnn.backend_version()
    except (ImportError, RuntimeError, OSError) as error:
        warnings.warn(
            "Convolutions and attention are computed without cuDNN, which is much slower: its frontend "
            "(nvidia-cudnn-frontend) or the library (nvidia-cudnn-cu13) is not installed: "
            f"{install('cuda13')}, or the extra 'cuda12' for drivers "
            f"before 580. ({type(error).__name__}: {error})",
            stacklevel=2,
        )
        return None
    return cudnn


def handle() -> Any:
    """The handle of this thread and card, on the current stream."""
    handles = _local.__dict__.setdefault("handles", {})
    card = cupy.cuda.Device().id
    if card not in handles:
        handles[card] = frontend().create_handle()
    frontend().set_stream(handle=handles[card], stream=cupy.cuda.get_current_stream().ptr)
    return handles[card]


def version() -> str:
    """What plans depend on: the library, its frontend and the card."""
    facts = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    cudnn = frontend()
    return f"{cudnn.backend_version()} {cudnn.__version__} {facts['name']} {facts['multiProcessorCount']}"


def type_of(dtype: Any) -> Any:
    """A dtype in cuDNN's words; None where it does not compute with such numbers here."""
    name = {"float32": "FLOAT", "float16": "HALF", "bfloat16": "BFLOAT16"}.get(dtype.name)
    return name and getattr(frontend().data_type, name)
