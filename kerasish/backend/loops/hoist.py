"""Moving work out of a loop.

What is the same in each step, and matrix products of slices alone, done for all steps at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.loops.bodies import body_of
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import normalize_axes, normalize_axis, product

MAX_ELEMENTS = 1 << 26  # what a loop's steps hand out for work after it, at most
_STAY = ("host_call", "scan", "while_loop", "cond", "custom_gradient", "full")
_VIEWS = ("reshape", "transpose", "broadcast_to", "slice", "flip", "identity", "stop_gradient")


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


def _same_in_each_step(body, outside, vector):
    """Ids of the nodes that depend on captured values alone.

    Views at the end of such a chain stay, because they cost nothing, unless `vector` reads them.
    """
    known, found = set(outside) | set(body.constants), []
    for node in body.nodes:
        if node.inputs and node.operation.name not in _STAY and all(x in known for x in node.inputs):
            known.update(node.outputs)
            found.append(node)
    wanted, keep = {x for node in body.nodes if id(node) in vector for x in node.inputs}, set()
    for node in reversed(found):
        if node.operation.name not in _VIEWS or any(t in wanted for t in node.outputs):
            keep.add(id(node))
            wanted.update(node.inputs)
    return keep


def _products_of_slices(body, stacked, outside, length):
    """Ids of the matrix products of a slice with a captured value, and of what belongs to them.

    That is what leads from the slices to them, and a bias that is added to them alone.
    """
    fixed = set(outside) | set(body.constants)
    for node in body.nodes:
        if node.inputs and node.operation.name not in _STAY and all(x in fixed for x in node.inputs):
            fixed.update(node.outputs)
    ready, made, chosen = set(stacked), {}, set()
    for node in body.nodes:
        moving = [x for x in node.inputs if x in ready]
        if not moving or not all(x in ready or x in fixed for x in node.inputs) or not is_vectorizable(node):
            continue
        output = node.outputs[0]
        ready.add(output)
        made[output] = node
        if length * product(output.shape) > MAX_ELEMENTS:
            continue
        if node.operation.name == "matmul" and len(moving) == 1:
            chosen.add(id(node))
        elif node.operation.name == "add" and len(moving) == 1 and moving[0] in made:
            if id(made[moving[0]]) in chosen and tuple(moving[0].shape) == tuple(output.shape):
                chosen.add(id(node))
    wanted = set()
    for node in reversed(body.nodes):
        if id(node) in chosen or any(t in wanted and t in made for t in node.outputs):
            chosen.add(id(node))
            wanted.update(node.inputs)
    return chosen


_ELSEWHERE = ("reshape", "transpose", "broadcast_to", "slice", "concatenate", "matmul", "sum", "max", "min")


def is_vectorizable(node: Any) -> bool:
    """Whether `over_steps` knows this node."""
    return len(node.outputs) == 1 and (node.operation.elementwise or node.operation.name in _ELSEWHERE)


def over_steps(node: Any, stacked: Any, outer: Any, length: int) -> Any:
    """What the node computes in all steps, stacked along a new first axis.

    Args:
        stacked: for each input its values of all steps, or None where it is the same in each step; then `outer` has it.
    """
    name, attributes, output = node.operation.name, node.attributes, node.outputs[0]
    rank = len(output.shape)

    def aligned(x, y, t):
        """A value that broadcasts against others with the axis of steps in front."""
        if x is None or len(t.shape) == rank:
            return y if x is None else x
        return p.reshape(x, shape=(length,) + (1,) * (rank - len(t.shape)) + tuple(t.shape))

    if node.operation.elementwise or name == "matmul":
        return node.operation(*[aligned(x, y, t) for x, y, t in zip(stacked, outer, node.inputs)], **attributes)
    if name == "concatenate":
        whole = [
            p.broadcast_to(y, shape=(length, *t.shape)) if x is None else x
            for x, y, t in zip(stacked, outer, node.inputs)
        ]
        return p.concatenate(*whole, axis=normalize_axis(attributes["axis"], rank) + 1)
    x, shape = stacked[0], tuple(node.inputs[0].shape)
    if name == "reshape":
        return p.reshape(x, shape=(length, *output.shape))
    if name == "transpose":
        return p.transpose(x, axes=(0,) + tuple(a + 1 for a in attributes["axes"]))
    if name == "broadcast_to":
        return p.broadcast_to(aligned(x, None, node.inputs[0]), shape=(length, *output.shape))
    if name == "slice":
        start, stop, strides = attributes["start"], attributes["stop"], attributes["strides"]
        return p.slice(x, start=(0, *start), stop=(length, *stop), strides=(1, *strides))
    axes = tuple(a + 1 for a in normalize_axes(attributes.get("axis"), len(shape)))
    return node.operation(x, axis=axes, keepdims=attributes.get("keepdims", False))
