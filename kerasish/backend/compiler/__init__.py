"""Graph -> Program, one named pass a file: simplify, memory, lower. `compile_graph` runs them in order."""

from kerasish.backend.compiler import lower_branches, lower_scan
from kerasish.backend.compiler.program import compile_graph

__all__ = [
    "compile_graph",
    "lower_branches",
    "lower_scan",
]
