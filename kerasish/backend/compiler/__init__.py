"""Graph -> Program, one named pass a file: simplify, memory, lower. `compile_graph` runs them in order."""

from kerasish.backend.compiler import control, scan
from kerasish.backend.compiler.program import compile_graph

__all__ = [
    "compile_graph",
    "control",
    "scan",
]
