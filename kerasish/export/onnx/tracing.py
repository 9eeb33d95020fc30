"""A function as primitives, with a Size for each open axis, and the calls of ops and layers that made them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.graph import Tensor
from kerasish.backend.guesses import Guesses, explored
from kerasish.backend.sizes import Size, unknown
from kerasish.backend.trace import Trace, TracedGraph
from kerasish.export.onnx.registry import Call, form_of
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.base.layer import Layer


class Axis(NamedTuple):
    """Which axis of which input an open size is."""

    size: Size
    tensor: Tensor
    axis: int


class Traced(NamedTuple):
    """What a function does.

    Attributes:
        graph: TracedGraph.
        inputs: list of its Tensors.
        outputs: structure of Tensors.
        axes: list of Axis, for every open size of the inputs.
        calls: dict from a Tensor to the Calls that gave it, the innermost first.
        guesses: the Guesses, of which some decide on sizes that only the run knows.
    """

    graph: TracedGraph
    inputs: list[Tensor]
    outputs: Any
    axes: list[Axis]
    calls: dict[Tensor, list[Call]]
    guesses: Guesses


def traced(function: Callable[..., Any], inputs: Sequence[Any], names: Sequence[Sequence[str]]) -> Traced:
    """Run `function(*tensors)` on Tensors as in inference, and write down what it does.

    Args:
        function: takes the flat tensors.
        inputs: objects with `shape` (None where open), `dtype` and `name`.
        names: the names of the axes of each.
    """

    def attempt(guesses):
        seen = _Observer()
        with context.interpreting(None), Trace("export") as current:
            try:
                tensors, axes = _opened(current, inputs, names, guesses)
                with context.scope(training=False, observer=seen):
                    outputs = tree.map_structure(lambda x: None if x is None else current.lift(x), function(*tensors))
            except Exception as error:
                return len(current.nodes), error
        return Traced(TracedGraph(current, tensors, outputs), tensors, outputs, axes, seen.calls, guesses), None

    return explored(attempt)


def _opened(current, inputs, names, guesses):
    """The Tensors of the inputs, and what is open in them. As in Keras, all open first axes are one batch."""
    tensors, axes, batch = [], [], None
    for spec, own in zip(inputs, names):
        shape, opened = list(spec.shape), []
        for axis, size in enumerate(shape):
            if size is not None:
                continue
            if axis == 0 and batch is not None and guesses.one_batch:
                shape[axis] = batch
            else:
                name = own[axis] if axis or batch is None else f"{spec.name}_{own[axis]}"
                shape[axis] = unknown(name, f"the size of axis {axis} of input {spec.name!r}", guesses)
            opened.append(axis)
        if 0 in opened:
            batch = shape[0]
        tensor = current.input(tuple(shape), spec.dtype, spec.name)
        guesses.batches.update({id(tensor)} if 0 in opened else ())
        tensors.append(tensor)
        axes += [Axis(shape[axis], tensor, axis) for axis in opened]
    return tensors, axes


class _Observer:
    """Keeps the calls that have a form of their own."""

    def __init__(self):
        self.calls: dict[Tensor, list[Call]] = {}

    def __call__(self, operation, args, kwargs, outputs):
        form = form_of(operation)
        if form is None:
            return
        found = [x for x in tree.flatten(outputs) if isinstance(x, Tensor)]
        arguments = _by_name(operation, args, kwargs)
        given = {id(x) for x in tree.flatten(list(arguments.values()))}
        if not found or any(id(x) in given or x.node is None for x in found):
            return  # nothing was done
        scope = context.current().variable_path or ""
        call = Call(form, operation, arguments, found, operation.path if isinstance(operation, Layer) else scope)
        for tensor in found:
            self.calls.setdefault(tensor, []).append(call)


def _by_name(operation, args, kwargs):
    if isinstance(operation, Layer):
        return call_signature(type(operation).call).by_name(args, kwargs)
    bound = inspect.signature(operation.body).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments
