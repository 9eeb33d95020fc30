"""Pass `common_memory`: ranks of one machine write what others need where all of them see it, and send nothing.

    a = all_reduce(x); b = all_reduce(y)     free = meet()                 before the first gradient is made
                                             bucket = publish(free, x, y)  behind the last
                                             one, other = seen(bucket)     behind all that does not need them
                                             a = part of one + part of other; b = ...

    a = all_gather(x); b = all_gather(y)     a, b = gathered(free, x, y)
    a = reduce_scatter(x)                    one, other = seen(publish(free, x)); a = part of one + part of other

Such ranks compute on all cores, and lack the memory's time. So nothing is copied that can be made in its place
(`made_in_buckets.py`), and the updates add up what two ranks made while they read it. Of more ranks each adds up a part
(`ranks/common_memory.py`), and all read the sums. However many gradients there are, ranks meet once for them; several
buckets, summed by a thread while others are made, cost more than they hid (two ranks on two cores in one hour, added up
by parts: InceptionV3 ran at 85 % of one alone in buckets of 25 MB, at 89 % in one).

`meet` stands first: nobody reads any more what was written in the step before. It raises where a rank was lost, as all
of these do, and all stand before the first update, so that such a step has changed no Variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.buckets import FLOATS, WHERE, last_sums, part_of, shape_of
from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.exchanges import at_one_time, different
from kerasish.backend.compiler.memory import size_of
from kerasish.backend.primitives.communication import bucket_starts, gathered_starts, own_rows
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import product


def common_memory(draft: Draft) -> Draft:
    """The draft with its messages in memory that all ranks see; the same one where they don't see one another's."""
    count = draft.addends
    if count is None or not any(node.operation.traits.together for node in draft.nodes):
        return draft
    written = _Written(count)
    nodes = written.exchanged(draft.nodes)
    nodes = written.summed(nodes)
    return draft.replace(nodes=written.behind_meeting(nodes)) if written.bytes else draft


class _Written:
    """What the ranks of a step write for one another.

    Args:
        count: int, as how many addends sums are seen: one, or those of each rank.

    Attributes:
        bytes: int, how many so far.
    """

    def __init__(self, count):
        self.bytes, self._count = 0, count
        self._free = new_node(p.meet, [], {}, 0, WHERE)

    def exchanged(self, nodes: Sequence[Any]) -> list[Any]:
        """The nodes with rows that are gathered, and sums of which each rank gets its rows, in common memory.

        What waits for equally many others is written at one time.
        """

        def is_exchange(node):
            of_floats = node.operation is p.reduce_scatter and node.inputs[0].dtype in FLOATS
            return of_floats or node.operation is p.all_gather

        def kind(node):  # a bucket of sums has one dtype, what is gathered may have several
            dtype = node.inputs[0].dtype if node.operation is p.reduce_scatter else None
            return node.operation.name, tuple(node.attributes["rows"]), dtype

        return at_one_time(nodes, [node for node in nodes if is_exchange(node)], kind, self._exchange)

    def _exchange(self, group, made_by):
        xs, places = different([node.inputs[0] for node in group], made_by)
        where = {key: group[0].attributes[key] for key in ("rows", "rank")}
        if group[0].operation is p.all_gather:
            gathered = new_node(p.gathered, [self._free.outputs[0], *xs], {"begin": self.bytes, **where}, *_at(group))
            self.bytes += gathered_starts(gathered.outputs)[-1]
            yield gathered
            for node, place in zip(group, places):
                yield node.replace(
                    operation=p.reshape, inputs=[gathered.outputs[place]], attributes={"shape": shape_of(node)}
                )
            return
        publish, seen, starts = self._published(xs, group)
        yield from (publish, seen)
        before = own_rows(where["rows"], where["rank"]).start
        for node, place in zip(group, places):
            yield from self._added_up(node, seen.outputs, starts[place] + before * product(xs[place].shape[1:]))

    def summed(self, nodes: Sequence[Any]) -> list[Any]:
        """The nodes with sums over ranks in common memory, as far as no other call of all ranks depends on them."""
        found: dict[str, list[Any]] = {}
        for node in last_sums(nodes):
            found.setdefault(node.inputs[0].dtype, []).append(node)
        gone = {id(node) for sums in found.values() for node in sums}
        meetings, ends = [], []
        for sums in found.values():
            publish, seen, starts = self._published([node.inputs[0] for node in sums], sums)
            meetings += [publish, seen]
            for node, start in zip(sums, starts):
                ends += self._added_up(node, seen.outputs, start)
        published = {x for node in meetings for x in node.inputs}
        first, last = _met_first([node for node in nodes if id(node) not in gone], published)
        return [*first, *meetings, *ends, *last]

    def _published(self, xs, like):
        """(node that publishes, node that sees, where each of `xs` begins, in numbers)."""
        begin = {"begin": self.bytes}
        publish = new_node(p.publish, [self._free.outputs[0], *xs], begin, *_at(like))
        self.bytes += size_of(publish.outputs[0])
        seen = new_node(p.seen, publish.outputs, {**begin, "count": self._count}, *_at(like))
        return publish, seen, bucket_starts([x.shape for x in xs], xs[0].dtype)

    @staticmethod
    def _added_up(node, buckets, start):
        """The nodes that give what `node` gave: the sum of what begins at `start` in each bucket."""
        shape, found = {"shape": shape_of(node)}, []
        for bucket in buckets:
            found.append(part_of(bucket, start, node))
            found.append(new_node(p.reshape, found[-1].outputs, shape, *_at([node])))
        total = found[1]
        for other in found[3::2]:
            total = new_node(p.add, [total.outputs[0], other.outputs[0]], {}, *_at([node]))
            found.append(total)
        found[-1] = node.replace(operation=total.operation, inputs=total.inputs, attributes=total.attributes)
        return found

    def behind_meeting(self, nodes: Sequence[Any]) -> list[Any]:
        """The nodes with the meeting of all before the first that writes to common memory."""
        written = {t for node in nodes if node.operation is p.publish for t in node.inputs}
        free = self._free.outputs[0]

        def writes(node):
            return not written.isdisjoint(node.outputs) or any(x is free for x in node.inputs)

        place = next(place for place, node in enumerate(nodes) if writes(node))
        return [*nodes[:place], self._free, *nodes[place:]]


def _met_first(nodes, published):
    """(nodes that are needed for `published` or for a call of all ranks, all others), in their order.

    Others wait until all have met: what is updated behind the last call that may fail is updated in place.
    """
    wanted, first, last = set(published), [], []
    for node in reversed(nodes):
        if node.operation.traits.together or not wanted.isdisjoint(node.outputs):
            wanted.update(node.inputs)
            first.append(node)
        else:
            last.append(node)
    return first[::-1], last[::-1]


def _at(nodes):
    return nodes[0].order, WHERE
