"""Loops whose turns are told to LLVM to have nothing to do with one another: `for j in points(n)`.

Kernels are given addresses as ints, so LLVM can't know what lies apart. Left alone, it compares addresses while the
kernel runs and takes a loop without vector code where two arrays lie too close, which adds up in another order: bits
would depend on where the allocator put an array.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir


class _Distinct(ir.MDValue):
    """Metadata that is equal to none but itself."""

    def __init__(self, module: Any) -> None:
        super().__init__(module, (), str(len(module.metadata)))

    def descr(self, buf: Any) -> None:
        buf += ("distinct !{ ", ", ".join(x.get_reference() for x in self.operands), " }\n")

    __eq__ = object.__eq__
    __hash__ = object.__hash__


class Points:
    """One such loop: what reads and writes memory in it `belongs` to it, and its branch back says so by `close`."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self._accesses = _Distinct(module)

    def belongs(self, instruction: Any) -> None:
        """Say that no other turn touches the memory that a load or store of this one touches, or all only read it."""
        instruction.set_metadata("llvm.access.group", self._accesses)

    def close(self, branch: Any) -> None:
        """Mark the loop that ends in `branch`."""
        loop = _Distinct(self._module)
        loop.operands = (loop, self._module.add_metadata(["llvm.loop.parallel_accesses", self._accesses]))
        branch.set_metadata("llvm.loop", loop)
