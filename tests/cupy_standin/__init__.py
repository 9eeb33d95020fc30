"""A stand-in for the part of CuPy that `kerasish/backend/cupy` uses, for machines without a card.

`install()` puts it into `sys.modules` as `cupy`. What it does not have raises AttributeError: the device can use
nothing whose meaning nobody has looked at. Its arrays refuse host arrays as CuPy's do, its memory is used again when it
was freed, its streams know what was ordered (`order.py`), its graphs refuse what CUDA refuses, and CUDA C runs on the
CPU (`tests/cuda_on_cpu`). `test_standin.py` holds its names and parameters to the real CuPy's.
"""

import functools
import subprocess
import sys
import types

from tests.cupy_standin import cublas, cublas_lt, cudnn, memory, raw, routines, streams
from tests.cupy_standin.array import ndarray

_FUNCTIONS = (
    "empty asarray copyto where concatenate take take_along_axis amax amin sum_ prod any_ all_ argmax argmin cumsum "
    "cumprod argsort searchsorted arange tril triu flip moveaxis broadcast_to may_share_memory matmul from_dlpack "
    "linalg fft is_available ufunc"
).split()


def _module(name, **members):
    module = types.ModuleType(name, __doc__)
    module.__dict__.update(members)
    return module


@functools.cache
def build():
    """Dict from a module's name to the module."""
    runtime = _module(
        "cupy.cuda.runtime",
        CUDARuntimeError=streams.CUDARuntimeError,
        getDeviceCount=lambda: streams.CARDS,
        driverGetVersion=lambda: 13020,
        runtimeGetVersion=lambda: 13020,
        getDeviceProperties=lambda card: {
            "name": b"stand-in", "major": 9, "minor": 0, "totalGlobalMem": 1 << 34, "multiProcessorCount": 4,
            "sharedMemPerBlockOptin": 232448, "maxThreadsPerMultiProcessor": 2048,
        },
        streamCaptureModeGlobal=streams.GLOBAL,
        streamCaptureModeThreadLocal=streams.THREAD_LOCAL,
        streamCaptureModeRelaxed=streams.RELAXED,
    )  # fmt: skip
    cuda_memory = _module("cupy.cuda.memory", OutOfMemoryError=memory.OutOfMemoryError)
    cuda = _module(
        "cupy.cuda",
        runtime=runtime,
        memory=cuda_memory,
        Stream=streams.Stream,
        Event=streams.Event,
        Graph=streams.Graph,
        Device=streams.Device,
        MemoryPool=memory.MemoryPool,
        MemoryPointer=memory.MemoryPointer,
        alloc=memory.alloc,
        alloc_pinned_memory=memory.alloc_pinned_memory,
        using_allocator=memory.using_allocator,
        get_current_stream=streams.get_current_stream,
        get_elapsed_time=streams.get_elapsed_time,
    )
    stride_tricks = _module("cupy.lib.stride_tricks", as_strided=routines.as_strided)
    lib = _module("cupy.lib", stride_tricks=stride_tricks)
    special = _module("cupyx.scipy.special", **routines.SPECIAL)
    scipy = _module("cupyx.scipy", special=special)
    cupy = _module(
        "cupy",
        __version__="14.2.0",
        ndarray=ndarray,
        cuda=cuda,
        lib=lib,
        RawModule=raw.RawModule,
        get_default_memory_pool=memory.get_default_memory_pool,
        **{name.rstrip("_"): getattr(routines, name) for name in _FUNCTIONS},
        **routines.UFUNCS,
    )
    parts = [cupy, cuda, runtime, cuda_memory, lib, stride_tricks, scipy, special]
    return {**{part.__name__: part for part in parts}, "cupyx": _module("cupyx", scipy=scipy), "cudnn": cudnn}


@functools.cache
def has_card():
    """Whether the real CuPy is installed and finds a GPU."""
    code = "import cupy, sys; sys.exit(not cupy.is_available())"  # elsewhere: a CuPy that is imported stays
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def install():
    """Let `import cupy` find the stand-in, and the device find its cuBLAS."""
    _forget_a_device_on_the_real_one()
    sys.modules.update(build())
    from kerasish.backend.cupy import blas, blas_lt

    blas.open_library = lambda: library
    blas_lt.open_library = lambda: library_lt
    return sys.modules["cupy"]


def _forget_a_device_on_the_real_one():
    """Modules of the device that were imported before, to be looked at, hold the real CuPy, which has no card here."""
    ours = [name for name in sys.modules if f"{name}.".startswith("kerasish.backend.cupy.")]
    if any(hasattr(getattr(sys.modules[name], "cupy", None), "__file__") for name in ours):
        for name in ours:
            del sys.modules[name]


library = cublas.Library()
library_lt = cublas_lt.Library()
