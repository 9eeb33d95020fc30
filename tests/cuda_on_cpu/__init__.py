"""CUDA C, run on the CPU: for tests of generated kernels on machines without a card.

`Module(code).get_function(name)(grid, block, args, shared_mem)` compiles the program as C++ (a header in `include/` has
CUDA's words) and runs it on host arrays: blocks one after the other, the threads of a block as fibers that run to their
next barrier or shuffle. Kernels without either run as a plain loop.

What CUDA refuses is refused, and what it leaves undefined is found where that is possible: blocks that are too large,
barriers that not all threads reach, shuffles with lanes that are not there, shared memory that nobody wrote (it is full
of NaN), and in a `checked` module addresses outside of the arrays and badly aligned ones. `backwards=True` takes blocks
and threads in the opposite order: what comes out differently depends on the schedule.

With `KERASISH_NVRTC="sm_80 sm_90"` every program that any test runs here is compiled by NVIDIA's compiler too.

It says nothing of speed, of memory models weaker than one thread's, nor of what a card's functions round differently.
"""

from tests.cuda_on_cpu.compiler import CompileError, available
from tests.cuda_on_cpu.module import CudaError, Function, Module

__all__ = ["CompileError", "CudaError", "Function", "Module", "available"]
