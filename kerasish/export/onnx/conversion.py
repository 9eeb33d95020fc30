"""From what a trace holds to nodes of ONNX: each Tensor becomes a Value when something that is wanted reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives.primitive import evaluate
from kerasish.backend.sizes import OPEN, OpenFloat, Size, is_open
from kerasish.backend.variable import Variable
from kerasish.export.onnx.forms.without import NoForm
from kerasish.export.onnx.graph_writer import GraphWriter
from kerasish.export.onnx.registry import PRIMITIVES
from kerasish.export.onnx.value import Value

_OF_OPS = {"true_divide": "divide", "mod": "remainder"}  # ops by which sizes become floats -> primitives
_LARGEST_FOLDED = 1 << 16  # elements that a constant may have more than what it is computed from


class Conversion:
    """Writes the Tensors of one Trace into a graph.

    Args:
        graph: the GraphWriter.
        trace: the Trace.
        calls: dict from a Tensor to the Calls that gave it.
        around: the Conversion of the Trace around, for a body; or None.
    """

    def __init__(self, graph: GraphWriter, trace: Any, calls: Any, around: Conversion | None = None) -> None:
        self.graph, self._trace, self._calls, self._around = graph, trace, calls, around
        self.values: dict[Tensor, Value] = {}
        self._sources: dict[Tensor, Any] = {}
        self._variables = around._variables if around else {}
        self._outside = {}  # stand-ins for Tensors of the trace around
        self.learn(trace)

    def learn(self, trace: Any) -> None:
        """Take in what a Trace says of Tensors that no node makes."""
        self._reads = {tensor: variable for variable, tensor in trace.reads.items()}
        self._outside.update({inner: outer for outer, inner in trace.captures.items()})

    # -- reading ------------------------------------------------------------------------------------------------

    def value(self, tensor: Tensor) -> Value:
        """The Value of a Tensor, written with all that it needs where that is not done yet."""
        if tensor.trace is not self._trace and self._around is not None and tensor not in self.values:
            return self._around.value(tensor)
        waiting = [tensor]
        while waiting:
            now = waiting[-1]
            if now in self.values:
                waiting.pop()
                continue
            source = self._source(now)
            missing = [x for x in source.needs if x.trace is self._trace and x not in self.values]
            if missing:
                waiting.extend(missing)
            else:
                source.write(self)
        return self.values[tensor]

    def operand(self, x: Any) -> Any:
        """An argument of a call: Tensors, Variables and arrays as Values, anything else as it is."""
        if isinstance(x, Tensor):
            return self.value(x)
        if isinstance(x, Variable):
            return self.variable(x)
        if hasattr(x, "dtype") and hasattr(x, "shape"):
            return self.graph.constant(device().to_host(x) if device().is_array(x) else x)
        return x

    def variable(self, variable: Variable) -> Value:
        """The constant that holds a Variable's value, of the name of its path."""
        if id(variable) not in self._variables:
            g = self.graph
            value = g.constant(variable.numpy(), variable._dtype, variable.path)
            if variable in self._trace.updated:  # what is computed from it is another thing each time
                value = Value(g, g.name(value), value.dtype, value.shape)
            self._variables[id(variable)] = value
        return self._variables[id(variable)]

    def _source(self, tensor):
        if tensor not in self._sources:
            self._sources[tensor] = self._found(tensor)
        return self._sources[tensor]

    def _found(self, tensor):
        calls = self._calls.get(tensor)
        if calls:
            return _OfCall(calls, len(calls) - 1)
        return self.without_calls(tensor)

    def without_calls(self, tensor: Tensor) -> Any:
        """Where a Tensor comes from where no call stands for it."""
        if getattr(tensor, "stands_for_open", False):
            raise refused(tensor.node, " for axes whose size is open", "Give their sizes in `Input(shape=...)`, or")
        if tensor.node is not None:
            return _OfNode(tensor.node)
        return _Given(tensor, self._leaf(tensor))

    def retry(self, tensors: Sequence[Tensor], source: Any) -> None:
        """Have Tensors come from another source."""
        for tensor in tensors:
            self._sources[tensor] = source if source is not None else self.without_calls(tensor)

    def _leaf(self, tensor):
        """A function that gives the Value of a Tensor that no node makes."""
        if tensor in self._trace.constants:
            array = self._trace.constants[tensor]
            return lambda: self.graph.constant(device().to_host(array), tensor.dtype)
        if tensor in self._reads:
            if self._around is not None:
                return lambda: self._around.variable(self._reads[tensor])
            return lambda: self.variable(self._reads[tensor])
        if tensor in self._outside:
            return lambda: self._around.value(self._outside[tensor])
        size = getattr(tensor, "open_size", None)
        if type(size) in OPEN:
            return lambda: self.number(size, tensor.dtype)
        raise ValueError(f"{tensor!r} comes from outside of what is exported.")

    def number(self, size: Any, dtype: str) -> Value:
        """An open size, or a number worked out from one, as a scalar."""
        g = self.graph
        if not isinstance(size, OpenFloat):
            return g.cast(g.sizes.scalar(size) if is_open(size) else g.constant(size, dtype), dtype)
        name, *operands = size.made
        form = PRIMITIVES[_OF_OPS.get(name, name)]
        return form(g, *(self.number(x, dtype) for x in operands if x is not None))

    def settled(self, tensors: Sequence[Tensor], values: Sequence[Value]) -> None:
        """Say which Values Tensors are; they take their shapes."""
        for tensor, value in zip(tensors, values):
            if value.dtype != tensor.dtype and tensor.dtype != "string":
                value = self.graph.cast(_shaped(value, tensor.shape), tensor.dtype)
            self.values[tensor] = value = _shaped(value, tensor.shape)
            for axis, size in enumerate(tensor.shape):
                if type(size) is Size:  # one that only values tell is what it is here
                    self.graph.sizes.is_axis(size, value, axis)

    # -- bodies -------------------------------------------------------------------------------------------------

    def body(self, traced: Any, graph: GraphWriter, inputs: Sequence[Value]) -> list[Value]:
        """The outputs of a body for Values of its inputs, written into `graph`."""
        inner = Conversion(graph, traced.trace, self._calls, self)
        inner.settled(traced.inputs, inputs)
        return [inner.value(t) for t in traced.outputs]


def _shaped(value, shape):
    if value.shape is None or None in value.shape:
        value.shape = tuple(shape)
    return value


class _Given:
    """What no node makes: an input, a constant, a variable's value, a size."""

    needs = ()

    def __init__(self, tensor, make):
        self._tensor, self._make = tensor, make

    def write(self, conversion):
        conversion.settled([self._tensor], [self._make()])


class _OfCall:
    """A call of an op or a layer that has an operator of ONNX's own."""

    def __init__(self, calls, place):
        self._calls, self._place = calls, place
        self._call = calls[place]
        self.needs = [x for x in tree.flatten(list(self._call.arguments.values())) if isinstance(x, Tensor)]

    def write(self, conversion):
        call, g = self._call, conversion.graph
        before, g.file.scope = g.file.scope, call.scope
        arguments = tree.map_structure(conversion.operand, call.arguments)
        of_layer = hasattr(call.operation, "call") and not isinstance(call.operation, type)
        context_of = LayerCall(conversion, call) if of_layer else None
        made = call.form(g, context_of, **arguments) if of_layer else call.form(g, **arguments)
        g.file.scope = before
        if made is None:
            follower = _OfCall(self._calls, self._place - 1) if self._place else None
            conversion.retry(call.outputs, follower)
        else:
            conversion.settled(call.outputs, tree.flatten(made))


class LayerCall:
    """What a layer's form is given beside the arguments.

    Attributes:
        layer: the layer.
        outputs: the Tensors that its call gave.
    """

    def __init__(self, conversion: Conversion, call: Any) -> None:
        self._conversion = conversion
        self.layer = call.operation
        self.outputs = call.outputs

    def weight(self, variable: Variable) -> Any:
        """The host array of a weight."""
        return variable.numpy()

    def named(self, array: Any, name: str) -> Value:
        """A constant below the layer's path."""
        return self._conversion.graph.constant(array, None, f"{self.layer.path}/{name}")


class _OfNode:
    """A call of a primitive."""

    def __init__(self, node):
        self._node, self.needs = node, node.inputs

    def write(self, conversion):
        node, g = self._node, conversion.graph
        before, g.file.scope = g.file.scope, node.scope or ""
        inputs = [conversion.value(x) for x in node.inputs]
        made = _folded(node, inputs, g)
        if made is None:
            form = PRIMITIVES[node.operation.name]
            given = {"conversion": conversion, "node": node} if getattr(form, "reads_node", False) else {}
            if any(x.dtype == "bfloat16" for x in inputs) and node.operation.traits.computes:
                inputs = [g.cast(x, "float32") if x.dtype == "bfloat16" else x for x in inputs]
            attributes = {key: value for key, value in node.attributes.items() if not given}
            try:
                made = form(g, *inputs, **attributes, **given)
            except NoForm as error:
                raise refused(node, str(error)) from None
        made = list(made) if isinstance(made, (list, tuple)) else [made]
        conversion.settled(node.outputs, made)
        g.file.scope = before


def refused(node: Any, why: str = "", what: str = "Either") -> ValueError:
    """The error for what has no form in ONNX."""
    where = f"What layer {node.scope!r} computes" if node.scope else f"The operation `{node.operation.name}`"
    by = f" (`{node.operation.name}`)" if node.scope else ""
    return ValueError(
        f"{where}{by} has no form in ONNX{why}. {what} leave it out of what is exported (make a model that ends before "
        "it or begins behind it, and compute it in the program that runs the file), or put an operation in its place "
        "that has one."
    )


def _folded(node, inputs, g):
    """The outputs of a call on constants, computed now; None where something is not known or it would be large."""
    traits = node.operation.traits
    if not traits.pure or is_open(list(node.attributes.values())) or node.operation.name in ("scan", "while_loop"):
        return None
    if any(x.array is None or x.dtype == "string" for x in inputs):
        return None
    room = _LARGEST_FOLDED + sum(x.array.size for x in inputs)
    if is_open([n for t in node.outputs for n in t.shape]) or sum(g.count(t.shape) for t in node.outputs) > room:
        return None
    if any(t.dtype.startswith("complex") for t in node.outputs):
        return None
    on = device()
    with context.escaped():
        found = evaluate(node.operation, [on.from_host(x.array) for x in inputs], node.attributes)
    found = found if isinstance(found, (list, tuple)) else [found]
    return [g.constant(on.to_host(array), t.dtype) for array, t in zip(found, node.outputs)]
