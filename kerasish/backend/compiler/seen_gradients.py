"""Pass `seen_gradients`: ranks of one machine make their gradients where all of them see them, and send nothing.

    a = all_reduce(x); b = all_reduce(y)     free = meet()                 before the first gradient is made
                                             bucket = publish(free, x, y)  behind the last
                                             one, other = seen(bucket)     behind all that does not need them
                                             a = part of one + part of other; ...

What ranks have to spare on a machine is its memory's time: they compute on all cores. So nothing is copied, x and y are
made in the bucket (`made_in_buckets.py`), and the updates add up what two ranks made while they read it. Of more ranks
each adds up a part (`ranks/common_memory.py`), and all read the sums. Ranks meet twice a step, however many gradients
there are; several buckets, summed while others are made, cost more than they hid (two ranks on two cores: InceptionV3
ran at 85 % of one alone in buckets of 25 MB, 89 % in one).

`meet` says that nobody reads the gradients of the step before any more: all have updated with them. It raises where a
rank was lost, as `seen` does, and stands before all updates, so that such a step has changed no Variable.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.compiler.buckets import apart, last_sums, part_of, shape_of
from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.memory import size_of
from kerasish.backend.primitives.communication import bucket_starts
from kerasish.backend.primitives.primitive import p


def seen_gradients(draft: Draft) -> Draft:
    """The draft with its sums over ranks in memory that all see; the same one where they are not."""
    if not any(node.operation is p.all_reduce for node in draft.nodes):
        return draft
    found: dict[str, list[Any]] = {}
    for node in last_sums(draft.nodes):
        found.setdefault(node.inputs[0].dtype, []).append(node)
    begin, gone, nodes, ends, free = 0, set(), list(draft.nodes), [], None
    for dtype, sums in found.items():
        count = draft.device.addends(sum(size_of(node.inputs[0]) for node in sums), dtype)
        if count is None:
            continue
        free = free or new_node(p.meet, [], {}, sums[0].order, "between ranks")
        publish = new_node(
            p.publish, [free.outputs[0], *(node.inputs[0] for node in sums)], {"begin": begin}, *_at(sums)
        )
        seen = new_node(p.seen, publish.outputs, {"begin": begin, "count": count}, *_at(sums))
        begin += size_of(publish.outputs[0])
        gone |= set(map(id, sums))
        nodes.append(publish)
        ends += [seen, *_added_up(sums, seen)]
    if free is None:
        return draft
    nodes = [node for node in nodes if id(node) not in gone]
    made = {t for node in draft.nodes if id(node) in gone for t in node.inputs}
    nodes.insert(next((place for place, node in enumerate(nodes) if not made.isdisjoint(node.outputs)), 0), free)
    first, last = apart(nodes, {t for node in ends for t in node.outputs})
    waits = [node for node in ends if node.operation is p.seen]
    return draft.replace(nodes=[*first, *waits, *(node for node in ends if node not in waits), *last])


def _at(sums):
    return sums[0].order, "between ranks"


def _added_up(sums, seen):
    """The nodes that give what each of `sums` gave."""
    found = []
    for node, start in zip(sums, bucket_starts([x.inputs[0].shape for x in sums], sums[0].inputs[0].dtype)):
        parts = [part_of(bucket, start, node) for bucket in seen.outputs]
        shape = {"shape": shape_of(node)}
        if len(parts) == 1:
            found += [*parts, node.replace(operation=p.reshape, inputs=parts[0].outputs, attributes=shape)]
            continue
        shaped = [new_node(p.reshape, part.outputs, shape, *_at(sums)) for part in parts]
        found += [*parts, *shaped]
        for other in shaped[1:-1]:
            shaped[0] = new_node(p.add, [shaped[0].outputs[0], other.outputs[0]], {}, *_at(sums))
            found.append(shaped[0])
        last = [shaped[0].outputs[0], shaped[-1].outputs[0]]
        found.append(node.replace(operation=p.add, inputs=last, attributes={}))
    return found
