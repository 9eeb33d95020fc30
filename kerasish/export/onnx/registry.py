"""What is written in ONNX in which way: a form for each primitive, and for the ops and layers that have an operator.

A form is entered under the name of what it writes, beside its text; no other file lists them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from kerasish.entries import entering
from kerasish.ops.operation import OPERATIONS

PRIMITIVES: dict[str, Callable[..., Any]] = {}
primitive = entering(PRIMITIVES)  # a function `(graph, *values, **attributes)` writes the primitives of these names
CALLS: dict[str, Callable[..., Any]] = {}
# A function `(graph, **arguments)` writes ops of `keras.ops` by name, one `(graph, layer, **arguments)` calls
# of these layers. It returns None for arguments with which ONNX's operator is another thing; then the primitives are
# written that the op or layer is composed of. Tensors among the arguments are Values.
op, layer = entering(CALLS, "ops."), entering(CALLS, "layers.")


class Call(NamedTuple):
    """A call of an op or a layer that was seen while the model was traced.

    Attributes:
        form: how it is written.
        operation: the op, or the layer.
        arguments: dict by name.
        outputs: list of the Tensors that it gave.
        scope: the path of the layer around.
    """

    form: Callable[..., Any]
    operation: Any
    arguments: dict[str, Any]
    outputs: list[Any]
    scope: str


def form_of(operation: Any) -> Callable[..., Any] | None:
    """The form of an op, or of a layer whose `call` is that of the class it is entered for; None where it has none."""
    if isinstance(operation, type) or not hasattr(operation, "call"):
        name = getattr(operation, "__name__", None)
        return CALLS.get(f"ops.{name}") if OPERATIONS.get(name) is operation else None
    for cls in type(operation).__mro__:
        form = CALLS.get(f"layers.{cls.__name__}")
        if form is not None and cls.__module__.startswith("kerasish.layers."):
            return form if type(operation).call is cls.call else None
    return None
