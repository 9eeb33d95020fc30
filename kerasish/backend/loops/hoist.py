"""Moving work out of a loop.

What is the same in each step, and products and convolutions of slices alone, done for all steps at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.loops.bodies import body_of
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import normalize_axes, normalize_axis, product
from kerasish.backend.primitives.traits import Hoist, Role
from kerasish.typing import TensorLike

MAX_ELEMENTS = 1 << 26  # what a loop's steps hand out for work after it, at most


def hoist(body: Callable[..., Any], carries: Any, slices: Any, captured: Any, length: int) -> tuple[Any, ...]:
    """The body without what can be done outside, and its new slices and captured values."""
    inputs = body.inputs
    outside = dict(zip(inputs[carries + len(slices) :], captured))
    stacked = dict(zip(inputs[carries : carries + len(slices)], slices))
    vector = _products_of_slices(body, stacked, outside, length)
    same = _same_in_each_step(body, outside, vector)
    moved = [n for n in body.nodes if id(n) in same or id(n) in vector]
    if not moved:
        return body, slices, captured
    values = {}

    def constant(x):
        return body.constants.get(x)

    for node in moved:
        if id(node) in same:
            found = node.operation(*[_outer(x, outside, values, constant) for x in node.inputs], **node.attributes)
            values.update(zip(node.outputs, found if isinstance(found, list) else [found]))
        else:
            outer = {x: _outer(x, outside, values, constant) for x in node.inputs if x not in stacked}
            stacked[node.outputs[0]] = over_steps(
                node, [stacked.get(x) for x in node.inputs], [outer.get(x) for x in node.inputs], length
            )
    kept = [n for n in body.nodes if id(n) not in same and id(n) not in vector]
    read = {id(x) for n in kept for x in n.inputs} | {id(t) for t in body.outputs}
    new_slices = [t for t in stacked if id(t) in read]
    new_captured = [t for t in [*outside, *values] if id(t) in read]
    lean = body_of(body.trace, [*inputs[:carries], *new_slices, *new_captured], body.outputs, kept)
    return lean, [stacked[t] for t in new_slices], [outside[t] if t in outside else values[t] for t in new_captured]


def _outer(x, outside, values, constant):
    if x in outside:
        return outside[x]
    return values[x] if x in values else constant(x)


def _may_move(node):
    return bool(node.inputs) and node.operation.traits.hoists is not Hoist.NEVER


def _same_in_each_step(body, outside, vector):
    """Ids of the nodes that depend on captured values alone.

    What costs nothing stays at the end of such a chain, unless `vector` reads it.
    """
    known, found = set(outside) | set(body.constants), []
    for node in body.nodes:
        if _may_move(node) and all(x in known for x in node.inputs):
            known.update(node.outputs)
            found.append(node)
    wanted, keep = {x for node in body.nodes if id(node) in vector for x in node.inputs}, set()
    for node in reversed(found):
        if node.operation.traits.hoists is Hoist.ALONE or any(t in wanted for t in node.outputs):
            keep.add(id(node))
            wanted.update(node.inputs)
    return keep


def _products_of_slices(body, stacked, outside, length):
    """Ids of the matrix products and convolutions of a slice with a captured value, and of what belongs to them.

    That is what leads from the slices to them, and a bias that is added to them alone.
    """
    fixed = set(outside) | set(body.constants)
    for node in body.nodes:
        if _may_move(node) and all(x in fixed for x in node.inputs):
            fixed.update(node.outputs)
    ready, made, chosen = set(stacked), {}, set()
    for node in body.nodes:
        moving = [x for x in node.inputs if x in ready]
        if not moving or not all(x in ready or x in fixed for x in node.inputs) or not is_vectorizable(node):
            continue
        if _rule(node.operation) is _images and node.inputs[node.operation.traits.weights] in ready:
            continue  # a kernel of its own in each step
        output = node.outputs[0]
        ready.add(output)
        made[output] = node
        if length * product(output.shape) > MAX_ELEMENTS:
            continue
        if node.operation.traits.weights is not None and len(moving) == 1:
            chosen.add(id(node))
        elif node.operation is p.add and len(moving) == 1 and moving[0] in made:
            if id(made[moving[0]]) in chosen and tuple(moving[0].shape) == tuple(output.shape):
                chosen.add(id(node))
    wanted = set()
    for node in reversed(body.nodes):
        if id(node) in chosen or any(t in wanted and t in made for t in node.outputs):
            chosen.add(id(node))
            wanted.update(node.inputs)
    return chosen


_OVER_STEPS = {}


def _over_steps_of(name):
    """Decorator: the function below, of a _Call, does primitive `name` for all steps."""

    def enter(rule):
        _OVER_STEPS[name] = rule
        return rule

    return enter


def _rule(operation):
    if operation.traits.elementwise:
        return _broadcasting
    return _reduction if operation.traits.role is Role.REDUCES else _OVER_STEPS.get(operation.name)


def is_vectorizable(node: Any) -> bool:
    """Whether `over_steps` knows this node."""
    return len(node.outputs) == 1 and _rule(node.operation) is not None


def over_steps(node: Any, stacked: Any, outer: Any, length: int) -> Any:
    """What the node computes in all steps, stacked along a new first axis.

    Args:
        stacked: for each input its values of all steps, or None where it is the same in each step; then `outer` has it.
    """
    return _rule(node.operation)(_Call(node, stacked, outer, length))


class _Call:
    """A node, and its operands of all steps."""

    def __init__(self, node, stacked, outer, length):
        self.node, self.attributes, self.output = node, node.attributes, node.outputs[0]
        self.stacked, self.outer, self.length = stacked, outer, length
        self.rank = len(self.output.shape)

    @property
    def first(self):
        """The first operand of all steps."""
        return self.stacked[0]

    def aligned(self):
        """The operands, so that they broadcast against each other with the axis of steps in front."""
        found = []
        for x, y, t in zip(self.stacked, self.outer, self.node.inputs):
            if x is not None and len(t.shape) != self.rank:
                x = p.reshape(x, shape=(self.length,) + (1,) * (self.rank - len(t.shape)) + tuple(t.shape))
            found.append(y if x is None else x)
        return found


@_over_steps_of("matmul")
def _broadcasting(call):
    return call.node.operation(*call.aligned(), **call.attributes)


@_over_steps_of("conv")
@_over_steps_of("conv_input_gradient")
def _images(call):
    """One convolution of the images of all steps."""
    outputs = call.node.operation(as_one_batch(call.first), call.outer[1], **call.attributes)
    return p.reshape(outputs, shape=(call.length, *call.output.shape))


def as_one_batch(x: TensorLike) -> TensorLike:
    """(steps, batch, ...) as (steps x batch, ...)."""
    return p.reshape(x, shape=(product(x.shape[:2]), *x.shape[2:]))


@_over_steps_of("concatenate")
def _concatenate(call):
    whole = [
        p.broadcast_to(y, shape=(call.length, *t.shape)) if x is None else x
        for x, y, t in zip(call.stacked, call.outer, call.node.inputs)
    ]
    return p.concatenate(*whole, axis=normalize_axis(call.attributes["axis"], call.rank) + 1)


@_over_steps_of("reshape")
def _reshape(call):
    return p.reshape(call.first, shape=(call.length, *call.output.shape))


@_over_steps_of("transpose")
def _transpose(call):
    return p.transpose(call.first, axes=(0,) + tuple(a + 1 for a in call.attributes["axes"]))


@_over_steps_of("broadcast_to")
def _broadcast_to(call):
    return p.broadcast_to(call.aligned()[0], shape=(call.length, *call.output.shape))


@_over_steps_of("slice")
def _slice(call):
    start, stop, strides = (call.attributes[key] for key in ("start", "stop", "strides"))
    return p.slice(call.first, start=(0, *start), stop=(call.length, *stop), strides=(1, *strides))


def _reduction(call):
    axes = tuple(a + 1 for a in normalize_axes(call.attributes.get("axis"), len(call.node.inputs[0].shape)))
    return call.node.operation(call.first, axis=axes, keepdims=call.attributes.get("keepdims", False))
