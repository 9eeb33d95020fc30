"""Functions of Python on host arrays: those of the layers that read text have a form by the function's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.entries import entering
from kerasish.export.onnx.forms.words import primitive

FUNCTIONS: dict[str, Callable[..., Any]] = {}
function = entering(FUNCTIONS)  # `(graph, layer, *values)` writes methods of these qualified names


@primitive("host_call")
def host_call(g: Any, *inputs: Any, conversion: Any, node: Any) -> Any:
    """A method of a layer that has a form; any other function is refused."""
    called = node.attributes["function"]
    form = FUNCTIONS.get(getattr(called, "__qualname__", ""))
    where = f" of layer {node.scope!r}" if node.scope else ""
    if form is None:
        raise ValueError(
            f"The Python function {node.attributes['name']!r}{where} computes on the host, and a file of ONNX holds "
            "none. Compute it in the program that runs the file, and export a model that begins behind it."
        )
    return form(g, called.__self__, *inputs)


host_call.reads_node = True
