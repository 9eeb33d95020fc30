"""Native kernels: a small part of Python, compiled to object code by LLVM, kept on disk, and called by address.

`language/` is what kernels are written in, `source.py` says what a kernel is, `cache.py` keeps its code on disk,
`load.py` brings it into memory, `step.py` binds it to arrays. `kernels/` has those that are written by hand; those of
fused groups are printed (`numpy/fused`). The `*_slots.py` name the places of a kernel's arguments, `scratch.py` has
memory that steps need only while they run.
"""

from kerasish.backend.numpy.native.available import enabled, has_float16
from kerasish.backend.numpy.native.source import Source, address
from kerasish.backend.numpy.native.step import NativeStep

__all__ = [
    "NativeStep",
    "Source",
    "address",
    "enabled",
    "has_float16",
]
