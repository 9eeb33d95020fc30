"""One call that makes Tensors: of a layer or an op in a functional model, or of a primitive in a trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Node:
    """What all calls have.

    Attributes:
        operation: what was called, anything callable with a name.
        inputs: flat list of the Tensors that it reads.
        outputs: flat list of the Tensors that it makes.

    Example:
        >>> import kerasish as keras
        >>> (keras.Input((2,)) * 2.0).node
        <Node multiply: (None, 2) -> [(None, 2)]>
    """

    __slots__ = ("operation", "inputs", "outputs")
    _fields: tuple[str, ...] = __slots__
    operation: Any
    inputs: Sequence[Any]
    outputs: list[Any]
    is_source: bool = False  # whether the outputs come from outside: they are fed, not computed

    def replace(self, **changes: Any) -> Any:
        """A copy in which the attributes named have these values."""
        copy = object.__new__(type(self))
        for name in self._fields:
            setattr(copy, name, changes.pop(name) if name in changes else getattr(self, name))
        if changes:
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(changes))}; it has {self._fields}.")
        return copy

    def __repr__(self) -> str:
        inputs = ", ".join(str(t.shape) for t in self.inputs)
        return f"<Node {self.operation.name}: {inputs} -> {[t.shape for t in self.outputs]}>"


class ModelNode(Node):
    """A call of a layer or an op in a functional model.

    Attributes:
        args, kwargs: the arguments, structures with KerasTensors in them; `inputs` are those.
        structure: the outputs as the call returned them.
    """

    __slots__ = ("args", "kwargs", "structure")
    _fields = (*Node.__slots__, *__slots__)

    def __init__(
        self,
        *,
        operation: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
        inputs: Sequence[Any] = (),
        outputs: list[Any] | None = None,
        structure: Any = None,
    ) -> None:
        self.operation = operation
        self.inputs = inputs
        self.outputs = [] if outputs is None else outputs
        self.args: Sequence[Any] = args
        self.kwargs: dict[str, Any] = kwargs or {}
        self.structure: Any = structure


class SourceNode(ModelNode):
    """Where a functional model's values come in."""

    __slots__ = ()
    is_source: bool = True


class PrimitiveNode(Node):
    """A call of a primitive in a trace.

    Attributes:
        attributes: dict of its static parameters.
        several: whether it gives a list of outputs, and not one.
        order: its place among the calls of the trace.
        scope: the path of the layer in whose call (or whose gradient) it was recorded, or what else it is a part of
            ("loss", an optimizer's name), or None.
        region: the `recomputation.Region` whose values are made again for the backward pass, or None.
    """

    __slots__ = ("attributes", "several", "order", "scope", "region")
    _fields = (*Node.__slots__, *__slots__)

    def __init__(
        self,
        *,
        operation: Any,
        inputs: list[Any],
        attributes: dict[str, Any],
        outputs: Sequence[Any] = (),
        several: bool = False,
        order: int = 0,
        scope: str | None = None,
        region: Any = None,
    ) -> None:
        self.operation = operation
        self.inputs = inputs
        self.outputs = list(outputs)
        self.attributes: dict[str, Any] = attributes
        self.several: bool = several
        self.order: int = order
        self.scope: str | None = scope
        self.region: Any = region
