"""The lines of a kernel that is being printed, and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any


class Writer:
    """Lines of CUDA C, and the parameters that they speak of.

    Attributes:
        block_index: the expression for which of the blocks this is, along the points of a flat walk. tails: whether a
            kernel always does points that no vector holds, because it serves arrays of several sizes.
        lines: list of str. declarations: list of str, the parameters as the kernel declares them. arguments: list of
            functions that find what a parameter is given, from the Binding.
    """

    block_index = "(I)blockIdx.x"
    tails = False

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1
        self.declarations: list[str] = []
        self.arguments: list[Callable[[Any], Any]] = []

    def __call__(self, text: str) -> None:
        self.lines.append("    " * self.depth + text if not text.startswith("#") else text)

    def parameter(self, kind: str, name: str, argument: Callable[[Any], Any]) -> str:
        """The name of a new parameter."""
        self.declarations.append(f"{kind} {name}")
        self.arguments.append(argument)
        return name

    @contextmanager
    def block(self, head: str, unrolled: bool = False) -> Any:
        """A context in which lines stand in braces behind `head`."""
        if unrolled:
            self("#pragma unroll")
        self(f"{head} {{")
        self.depth += 1
        yield
        self.depth -= 1
        self("}")

    def kernel(self, name: str, threads: int) -> str:
        """The whole kernel."""
        head = f'extern "C" __global__ void __launch_bounds__({threads}) {name}('
        return head + ",\n        ".join(self.declarations) + ") {\n" + "\n".join(self.lines) + "\n}\n"
