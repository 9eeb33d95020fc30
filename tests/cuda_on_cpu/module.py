"""A program, its kernels, and how they are launched."""

from __future__ import annotations

import ctypes
import mmap
import os
import threading
from collections.abc import Sequence

import numpy as np

from tests.cuda_on_cpu import compiler, nvrtc, text

_STACK = 64 * 1024  # bytes of a fiber's stack
_MOST_THREADS = 1024
_FREE_SHARED = 48 * 1024  # bytes of shared memory that need no opting in
_MOST_SHARED = 163 * 1024  # what a block may have on sm_80; sm_90 and sm_100 have more
_lock = threading.Lock()  # libraries keep the state of the launch in variables of their own, and all share the stacks
_memory: dict[str, object] = {}


class CudaError(RuntimeError):
    """What CUDA refuses, or leaves undefined."""


class _Launch(ctypes.Structure):
    _fields_ = [
        ("grid", ctypes.c_uint * 3),
        ("block", ctypes.c_uint * 3),
        ("arguments", ctypes.POINTER(ctypes.c_void_p)),
        ("stacks", ctypes.c_void_p),
        ("stack_bytes", ctypes.c_size_t),
        ("dynamic_shared", ctypes.c_void_p),
        ("shared_bytes", ctypes.c_size_t),
        ("backwards", ctypes.c_int),
        ("extents", ctypes.c_size_t),
        ("extent", ctypes.POINTER(ctypes.c_size_t)),
    ]


class Module:
    """A program in CUDA C, run on the CPU.

    Args:
        code: str, the program. Kernels are `extern "C" __global__` functions.
        options: tuple of flags for the preprocessor (`-DNAME=1`); others that NVRTC takes are left out.
        checked: bool, whether every address is compared with the extents of the arrays that a launch is given, and with
            the alignment that its type needs.
    """

    def __init__(self, code: str, options: tuple[str, ...] = (), checked: bool = False) -> None:
        for card in os.environ.get("KERASISH_NVRTC", "").split():
            nvrtc.look_at(code, card, options)
        kept = tuple(option for option in options if option.startswith(("-D", "-U")))
        cpp, kernels = text.as_cpp(code)
        self._kernels = {kernel.name: kernel for kernel in kernels}
        self._library = ctypes.CDLL(str(compiler.library(cpp, kept, checked)))
        self._library.cuda_on_cpu_message.restype = ctypes.c_char_p
        self.checked = checked

    def get_function(self, name: str) -> Function:
        """The kernel `name`."""
        if name not in self._kernels:
            raise CudaError(f"The program has no kernel {name!r}, only {sorted(self._kernels)}.")
        return Function(self, name)

    def waits(self, name: str) -> bool:
        """Whether threads of the kernel wait for one another, so that they run as fibers."""
        return self._kernels[name].waits


class Function:
    """A kernel.

    Attributes:
        static_shared_bytes: int. max_dynamic_shared_size_bytes: int, to be set where more than 48 KiB are wanted.
    """

    def __init__(self, module: Module, name: str) -> None:
        self._module, self._library, self.name = module, module._library, name
        self._run = getattr(self._library, f"{name}__run")
        kinds, sizes = ctypes.create_string_buffer(512), (ctypes.c_int * 512)()
        count = getattr(self._library, f"{name}__parameters")(kinds, sizes)
        self._parameters = [(kinds.raw[i : i + 1].decode(), sizes[i]) for i in range(count)]
        shared = getattr(self._library, f"{name}__shared_bytes")
        shared.restype = ctypes.c_size_t
        self.static_shared_bytes: int = shared()
        self.max_dynamic_shared_size_bytes: int = _FREE_SHARED - self.static_shared_bytes

    def __call__(
        self,
        grid: Sequence[int],
        block: Sequence[int],
        args: Sequence[object],
        shared_mem: int = 0,
        *,
        backwards: bool = False,
        memory: Sequence[np.ndarray] = (),
    ) -> None:
        """Run it.

        Args:
            grid, block: one to three ints. args: host arrays, NumPy scalars, ints, and `np.void` for structures.
            shared_mem: bytes of dynamic shared memory.
            backwards: whether blocks, and the threads of each, take their turns from the last to the first.
            memory: arrays that the kernel reaches through addresses in other arrays; only a checked module asks.

        Raises:
            CudaError: CUDA would refuse the launch, or the kernel did what CUDA leaves undefined.
        """
        grid, block = _three(grid, "grid"), _three(block, "block")
        self._look_at(grid, block, shared_mem)
        if len(args) != len(self._parameters):
            raise CudaError(f"{self.name} takes {len(self._parameters)} arguments, got {len(args)}.")
        held = [self._held(place, *given) for place, given in enumerate(zip(args, self._parameters))]
        addresses = (ctypes.c_void_p * max(1, len(held)))(*(x.ctypes.data for x in held))
        arrays = [x for x in (*args, *memory) if isinstance(x, np.ndarray)]
        extents = np.array([_extent(x) for x in arrays], np.uintp).reshape(-1)
        with _lock:
            launch = _Launch(
                (ctypes.c_uint * 3)(*grid),
                (ctypes.c_uint * 3)(*block),
                addresses,
                _mapped("stacks", _STACK * _MOST_THREADS),
                _STACK,
                _mapped("shared", _MOST_SHARED),
                shared_mem,
                backwards,
                len(arrays),
                extents.ctypes.data_as(ctypes.POINTER(ctypes.c_size_t)),
            )
            if self._run(ctypes.byref(launch)):
                raise CudaError(f"{self.name}: {self._library.cuda_on_cpu_message().decode()}")

    def _look_at(self, grid, block, shared_mem):
        threads = block[0] * block[1] * block[2]
        if min(grid) < 1 or min(block) < 1:
            raise CudaError(
                f"{self.name}: a grid of {grid} blocks of {block} threads; CUDA wants at least one of each."
            )
        if threads > _MOST_THREADS or block[2] > 64:
            raise CudaError(f"{self.name}: a block of {block} threads; CUDA has at most 1024, and 64 along z.")
        if grid[0] > 2**31 - 1 or max(grid[1:]) > 65535:
            raise CudaError(f"{self.name}: a grid of {grid} blocks; CUDA has at most 2**31 - 1, 65535 and 65535.")
        if self.static_shared_bytes > _FREE_SHARED:
            raise CudaError(f"{self.name}: {self.static_shared_bytes} bytes of static shared memory; 48 KiB at most.")
        if shared_mem > self.max_dynamic_shared_size_bytes:
            raise CudaError(
                f"{self.name}: {shared_mem} bytes of dynamic shared memory beside {self.static_shared_bytes} of "
                "static; above 48 KiB `max_dynamic_shared_size_bytes` must say so first."
            )
        if shared_mem + self.static_shared_bytes > _MOST_SHARED:
            raise CudaError(f"{self.name}: {shared_mem} bytes of shared memory; sm_80 has {_MOST_SHARED} a block.")

    def _held(self, place, value, parameter):
        """One-element array with what the kernel is given for a parameter."""
        kind, size = parameter
        said = f"Argument {place} of {self.name}"
        if isinstance(value, np.ndarray):
            if kind != "p":
                raise CudaError(f"{said} is an array, the kernel wants {_say(kind, size)}.")
            return np.array([value.ctypes.data], np.uintp)
        if value is None and kind == "p":
            return np.zeros(1, np.uintp)
        if isinstance(value, (bool, int)) and kind in "piu":
            dtype = np.dtype(f"{'u' if kind == 'p' else kind}{size}")
            if not np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
                raise CudaError(f"{said} is {value}, which is not {_say(kind, size)}.")
            return np.array([value], dtype)
        if isinstance(value, np.generic):
            of_kind = {"b": "u", "V": "s"}.get(value.dtype.kind, value.dtype.kind)
            if value.dtype.itemsize == size and (of_kind == kind or {of_kind, kind} <= {"i", "u"} or kind == "s"):
                return np.array([value])
            if kind == "p" and value.dtype.kind in "iu" and size == value.dtype.itemsize:
                return np.array([value])
        raise CudaError(f"{said} is {type(value).__name__} {value!r}, the kernel wants {_say(kind, size)}.")


def _say(kind, size):
    words = {"p": "a pointer", "f": "a float", "i": "an integer", "u": "an unsigned integer", "s": "a structure"}
    return words[kind] if kind == "p" else f"{words[kind]} of {size} bytes"


def _three(sizes, name):
    sizes = tuple(int(size) for size in (sizes if isinstance(sizes, Sequence) else (sizes,)))
    if not 1 <= len(sizes) <= 3:
        raise CudaError(f"`{name}` must be one to three sizes, got {sizes}.")
    return sizes + (1,) * (3 - len(sizes))


def _extent(array):
    low, high = np.lib.array_utils.byte_bounds(array)
    return low, high


def _mapped(name, size):
    """The address of memory that all launches share; pages that nobody touches cost nothing."""
    if name not in _memory:
        memory = mmap.mmap(-1, size + 4096)
        _memory[name] = memory, ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return _memory[name][1]
