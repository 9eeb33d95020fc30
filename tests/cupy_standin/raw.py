"""`RawModule` and `RawKernel`: CUDA C, run on the CPU by `tests/cuda_on_cpu`."""

import functools
import threading

import numpy as np

from tests.cupy_standin import streams
from tests.cupy_standin.array import ndarray

_lock = threading.Lock()  # a block's threads are fibers of the one who launches


@functools.lru_cache(maxsize=None)
def _compiled(code, options):
    from tests.cuda_on_cpu import Module

    return Module(code, options)


class RawModule:
    """As `cupy.RawModule`."""

    def __init__(
        self, *, code=None, path=None, options=(), backend="nvrtc", translate_cucomplex=False, name_expressions=None
    ):
        if not isinstance(options, tuple):
            raise TypeError("`options` must be a tuple.")
        self._code, self._options = code, options

    def get_function(self, name):
        return RawKernel(self._code, self._options, name)


class RawKernel:
    """A kernel; arguments are arrays of the card, and NumPy scalars, whose type is that of the parameter."""

    def __init__(self, code, options, name):
        self._code, self._options, self.name, self._run = code, options, name, None
        if not streams.is_counting():
            self._compile()
        self.max_dynamic_shared_size_bytes = 49152

    def _compile(self):
        self._run = _compiled(self._code, self._options).get_function(self.name)

    def __call__(self, grid, block, args, *, shared_mem=0):
        if self._run is None and not streams.is_counting():
            self._compile()
        if any(size < 1 for size in (*grid, *block)) or np.prod(block) > 1024:
            raise streams.CUDARuntimeError("cudaErrorInvalidConfiguration", f"grid {grid}, block {block}")
        if any(size > 65535 for size in grid[1:]) or any(size > 2**31 - 1 for size in grid[:1]):
            raise streams.CUDARuntimeError("cudaErrorInvalidConfiguration", f"grid {grid}")
        if shared_mem > self.max_dynamic_shared_size_bytes:
            raise streams.CUDARuntimeError("cudaErrorInvalidValue", f"{shared_mem} bytes of shared memory")
        for arg in args:
            if not isinstance(arg, (ndarray, np.generic)):
                raise TypeError(f"Unsupported type {type(arg)}: say the width of the number by a NumPy scalar.")
        arrays = [a for a in args if isinstance(a, ndarray)]
        opened = [_memory_from(a._hidden) if isinstance(a, ndarray) else a for a in args]

        def work():
            with _lock:
                self._run(grid, block, opened, shared_mem=shared_mem)

        # which of them it reads, which it writes, and which part of them, only the text says
        streams.compute(work, arrays, arrays, moved=sum(map(streams.bytes_of, arrays)))


def _memory_from(hidden):
    """What a kernel gets of an array: the address of its first number, whatever its strides."""
    return hidden
