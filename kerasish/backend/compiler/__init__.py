"""Graph -> Program: `pipeline.py` names the passes in order, `compile_graph` runs them and binds what comes out."""

from kerasish.backend.compiler import lower_attention, lower_branches, lower_catch_up, lower_scan
from kerasish.backend.compiler.program import compile_graph

__all__ = [
    "compile_graph",
    "lower_attention",
    "lower_branches",
    "lower_catch_up",
    "lower_scan",
]
