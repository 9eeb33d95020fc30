"""Pass `buckets`: gradients are summed over ranks while the backward pass still makes others.

    a = all_reduce(x); b = all_reduce(y)     sums = reduce_start(x, y)      behind the last gradient of the bucket
                                             sums = reduce_wait(sums)       behind all that does not need them
                                             a = part of sums; b = part of sums

A bucket is one piece of memory, in which the gradients are made (`made_in_buckets.py`) and which belongs to the thread
of the messages from `reduce_start` until `reduce_wait`, in its place, gives it back. All waits stand before the first
update, so that a step on which a rank is lost has changed no Variable.

It comes first of all passes: which gradients share a bucket, and in which order the buckets go, follows from the trace
alone and so is the same on every rank. A sum on which another one depends (statistics of a batch, say) stays where it
is: whoever computes on needs it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.memory import size_of
from kerasish.backend.primitives.communication import bucket_starts
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import product

BUCKET = 25 << 20  # bytes: as others have found, large enough for the network and small enough to begin early
FLOATS = ("float32", "float64")
WHERE = "between ranks"  # what `explain()` calls the place of these nodes


def buckets(draft: Draft) -> Draft:
    """The draft with its sums over ranks in buckets; the same one where there are none."""
    if not any(node.operation is p.all_reduce for node in draft.nodes):
        return draft
    chosen = last_sums(draft.nodes)
    if not chosen:
        return draft
    packed = _packed(chosen, draft.nodes)
    starts, ends = {}, []
    for turn, (place, sums) in enumerate(packed):
        start, others = _bucket(sums, turn)
        starts.setdefault(place, []).append(start)
        ends += others
    gone = {id(node) for _, sums in packed for node in sums}
    nodes = list(starts.get(-1, ()))
    for place, node in enumerate(draft.nodes):
        if id(node) not in gone:
            nodes.append(node)
        nodes += starts.get(place, ())
    first, last = _apart(nodes, {t for node in ends for t in node.outputs})
    waits = [node for node in ends if node.operation is p.reduce_wait]
    return draft.replace(nodes=[*first, *waits, *(node for node in ends if node not in waits), *last])


def last_sums(nodes: Sequence[Any]) -> list[Any]:
    """The sums over ranks on which no other call of all ranks depends."""
    needed, found = set(), []
    for node in reversed(nodes):
        is_needed = any(t in needed for t in node.outputs)
        if node.operation.traits.together or is_needed:
            needed.update(node.inputs)
        if node.operation is p.all_reduce and not is_needed and _is_sum_of_floats(node):
            found.append(node)
    return found[::-1]


def _is_sum_of_floats(node):
    return node.attributes.get("op", "sum") == "sum" and node.inputs[0].dtype in FLOATS


def _packed(sums, nodes):
    """List of (place of the node that makes the last operand, or -1; the sums of one bucket), in order."""
    made_at = {t: place for place, node in enumerate(nodes) for t in node.outputs}
    found, filled = [], 0
    for node in sorted(sums, key=lambda node: made_at.get(node.inputs[0], -1)):  # sorted is stable
        operand = node.inputs[0]
        place, size = made_at.get(operand, -1), size_of(operand)
        if found and found[-1][1][0].inputs[0].dtype == operand.dtype and filled + size <= BUCKET:
            found[-1] = (place, [*found[-1][1], node])
            filled += size
        else:
            found.append((place, [node]))
            filled = size
    return found


def _bucket(sums, turn):
    """The nodes of a bucket: what starts it, and a list of what ends it."""
    order = sums[0].order
    gradients = [node.inputs[0] for node in sums]
    start = new_node(p.reduce_start, gradients, {"turn": turn}, order, WHERE)
    wait = new_node(p.reduce_wait, start.outputs, {"turn": turn}, order, WHERE)
    ends = [wait]
    for node, at in zip(sums, bucket_starts([x.shape for x in gradients], gradients[0].dtype)):
        part = part_of(wait.outputs[0], at, node)
        ends += [part, node.replace(operation=p.reshape, inputs=part.outputs, attributes={"shape": shape_of(node)})]
    return start, ends


def part_of(bucket: Any, at: int, node: Any) -> Any:
    """The node that cuts what is as large as the output of `node` out of a bucket, flat; it begins at `at`."""
    where = {"start": (at,), "stop": (at + product(shape_of(node)),), "strides": (1,)}
    return new_node(p.slice, [bucket], where, node.order, WHERE)


def shape_of(node: Any) -> tuple[Any, ...]:
    """That of the output of a node."""
    return tuple(node.outputs[0].shape)


def _apart(nodes, given):
    """The nodes that need nothing of `given`, and those that do, both in their order."""
    first, last, behind = [], [], set(given)
    for node in nodes:
        if any(x in behind for x in node.inputs):
            behind.update(node.outputs)
            last.append(node)
        else:
            first.append(node)
    return first, last
