"""The lines of a kernel that is being printed, and the arguments that they speak of."""

from __future__ import annotations

from typing import Any

from kerasish.backend.numpy.fused.arguments import Argument, BytesPerWorker, PerWorker


class Writer:
    """Lines of Python, and the arguments they ask for."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.arguments: list[Any] = []
        self.depth = 1

    def __call__(self, text: str) -> Any:
        self.lines.append("    " * self.depth + text)

    def argument(self, argument: Argument) -> str:
        """The expression for a new argument."""
        self.arguments.append(argument)
        return f"args[{len(self.arguments) - 1}]"

    def per_worker(self, memory: PerWorker, dtype: str) -> str:
        """The expression for a pointer to what this worker has of `memory`."""
        return f"pointer({self.argument(memory)} + worker * {self.argument(BytesPerWorker(memory))}, {dtype})"

    def block(self, head: Any) -> Any:
        """A context in which lines stand under `head`."""
        self(head)
        return _Indented(self)


class _Indented:
    def __init__(self, writer):
        self.writer = writer

    def __enter__(self):
        self.writer.depth += 1

    def __exit__(self, *exc):
        self.writer.depth -= 1
