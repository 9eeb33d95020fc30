"""What must hold behind the passes. Run by the tests, and with `KERASISH_DEBUG=check`.

Each check takes a Draft and gives complaints, one line each; where it gives none, all is well.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Any

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.memory import is_pointwise, is_view
from kerasish.backend.compiler.passes import common
from kerasish.backend.compiler.passes.dead import needed
from kerasish.backend.lowbits.widening import is_widened
from kerasish.backend.primitives.primitive import is_several


def check(draft: Draft, step: Any) -> None:
    """Raise RuntimeError where something that the Pass `step` promises does not hold for the draft behind it."""
    found = [line for holds in (in_order, shapes_agree, *step.checks) for line in holds(draft)]
    if found:
        shown = "\n".join(f"  {line}" for line in found[:10])
        raise RuntimeError(
            f"Behind the pass {step.name!r} of {draft.graph.name!r} ({len(found)} complaints):\n{shown}\n"
            "This is a bug of kerasish; please report it."
        )


def in_order(draft: Draft) -> Iterator[str]:
    """What is read was made before, or comes from outside; everything is made once; what is wanted is there."""
    known = {*draft.graph.inputs, *draft.graph.reads.values(), *draft.constants}
    made = set()
    for node in draft.nodes:
        yield from (f"{node} reads {x} before it is made" for x in node.inputs if x not in known)
        yield from (f"{node} makes {t} again" for t in node.outputs if t in made)
        known.update(node.outputs)
        made.update(node.outputs)
    yield from (f"{t} is wanted, and nothing makes it" for t in draft.wanted if t not in known)


def shapes_agree(draft: Draft) -> Iterator[str]:
    """The outputs of every node are what the shape rule of its primitive says; so are those within Groups."""
    for node in draft.nodes:
        group = node.attributes.get("group")
        for inner in [node] if group is None else group.nodes:
            specs = inner.operation.shape_rule(*inner.inputs, **inner.attributes)
            several = is_several(specs)
            wanted = [(tuple(shape), dtype) for shape, dtype in (specs if several else [specs])]
            found = [(tuple(t.shape), t.dtype) for t in inner.outputs]
            if wanted != found:
                yield f"{inner} makes {found}, and its shape rule says {wanted}"
            if bool(inner.several) != several:
                yield f"{inner} says of itself {inner.several=}, and its shape rule gives {specs}"


def no_dead_nodes(draft: Draft) -> Iterator[str]:
    """Every node is needed."""
    live = set(map(id, needed(draft.nodes, draft.wanted)))
    yield from (f"nothing needs {node}" for node in draft.nodes if id(node) not in live)


def no_equal_calls(draft: Draft) -> Iterator[str]:
    """No two calls are equal, where the rules say so."""
    seen = set()
    for node in draft.nodes if draft.rules is None or "common" in draft.rules else ():
        key = common.key(node) if node.operation.traits.pure else None
        if key is not None and key in seen:
            yield f"{node} was there before"
        seen.add(key)


def lean_loops(draft: Draft) -> Iterator[str]:
    """Somebody reads every stacked result of a scan, and its body every slice and every captured value."""
    read = {x for node in draft.nodes for x in node.inputs}.union(draft.wanted)
    for node in draft.nodes:
        if node.operation.name == "scan":
            body, carries = node.attributes["body"], node.attributes["carries"]
            yield from (f"nobody reads {t} of {node}" for t in node.outputs[carries:] if t not in read)
            inside = {x for inner in needed(body.nodes, body.outputs) for x in inner.inputs}.union(body.outputs)
            yield from (f"the body of {node} does not read {t}" for t in body.inputs[carries:] if t not in inside)


def rows_put_last(draft: Draft) -> Iterator[str]:
    """Nobody reads a table that `put_rows` has written to, for it does so in place."""
    written = set()
    for node in draft.nodes:
        yield from (f"{node} reads {x}, which was written over" for x in node.inputs if x in written)
        if node.operation.name == "put_rows":
            written.add(node.inputs[0])


def buckets_waited_for(draft: Draft) -> Iterator[str]:
    """Buckets start in their order, each is waited for in that order, and until then nobody else reads its memory."""
    waited, started = set(), {}
    for name, turns in (("reduce_start", []), ("reduce_wait", [])):
        for node in draft.nodes:
            if node.operation.name == name:
                yield from (
                    f"{node} is the bucket {node.attributes['turn']} behind {turns[-1]}"
                    for _ in turns[-1:]
                    if turns[-1] >= node.attributes["turn"]
                )
                turns.append(node.attributes["turn"])
    for node in draft.nodes:
        if node.operation.name == "reduce_start":
            started[node.outputs[0]] = node
        for x in node.inputs:
            if x in started and (node.operation.name != "reduce_wait" or x in waited):
                yield f"{node} reads {x}, which belongs to the messages of {started[x]}"
            waited.add(x)
    yield from (f"nobody waits for {node}" for t, node in started.items() if t not in waited and t not in draft.wanted)


def no_halves_computed(draft: Draft) -> Iterator[str]:
    """Nothing that computes reads half precision."""
    for node in draft.nodes:
        if is_widened(node.operation, [x.dtype for x in node.inputs], draft.device):
            yield f"{node} computes in half precision"


def closed_groups(draft: Draft) -> Iterator[str]:
    """A Group reads its inputs and constants only, and all that others read of it is among its outputs."""
    inside = {}
    for node in draft.nodes:
        group = node.attributes.get("group")
        if group is None:
            continue
        known = {*group.inputs, *group.constants}
        if [*map(id, node.inputs)] != [*map(id, group.inputs)] or [*map(id, node.outputs)] != [*map(id, group.outputs)]:
            yield f"{node} does not read and make what its group does"
        for inner in group.nodes:
            yield from (f"{inner} within {node} reads {x} from outside" for x in inner.inputs if x not in known)
            known.update(inner.outputs)
            inside.update((t, node) for t in inner.outputs)
        handed_out = set(group.outputs)
        yield from (f"{node} hands out {t}, which it does not make" for t in handed_out if t not in known)
        for tensor in handed_out:
            inside.pop(tensor, None)
    for node in draft.nodes:
        yield from (f"{node} reads {x}, which stays within {inside[x]}" for x in node.inputs if x in inside)
    yield from (f"{t} is wanted, which stays within {inside[t]}" for t in draft.wanted if t in inside)


def followers_behind_products(draft: Draft) -> Iterator[str]:
    """A Group that follows a product stands right behind it, and reads it."""
    for before, node in zip([None, *draft.nodes], draft.nodes):
        product = node.attributes.get("follows")
        if product is None:
            continue
        if product is not before or product.operation.traits.weights is None:
            yield f"{node} follows {product}, and stands behind {before}"
        if not any(x is product.outputs[0] for x in node.inputs):
            yield f"{node} follows {product}, and does not read it"


def memory_holds(draft: Draft) -> Iterator[str]:
    """What a step reads is still what was written: no two values that are needed at once lie in the same bytes.

    The steps are walked through as they run. Who writes takes the bytes from whom they were; who reads must have them.
    """
    plan, holders = draft.plan, _Bytes()
    for variable, tensor in draft.graph.reads.items():
        holders.take(tensor, ("variable", id(variable)), 0, 1)
    for node in draft.nodes:
        follows = node.attributes.get("follows")
        reads = [plan.root.get(x, x) for x in (*node.inputs, *(follows.inputs if follows is not None else ()))]
        yield from (f"{node} reads {x}, which was written over" for x in reads if x in holders.lost)
        if is_view(node, draft.device):
            continue
        working = plan.scratch.get(node)
        if working is not None:
            for other in holders.take(working, "arena", working.offset, working.offset + working.bytes):
                if any(other is x for x in reads):
                    yield f"{node} works where {other} lies, which it reads"
        for tensor in node.outputs:
            slot = plan.slot.get(tensor)
            if slot is None:
                if tensor not in plan.placed:
                    yield f"{tensor} of {node} has no memory"
                continue
            if slot.within is not None and draft.device.seen_by_ranks(node) is not None:
                yield f"{tensor} of {node} lies in a bucket of this rank, where no other one writes"
            for other in holders.take(tensor, *_where(draft, tensor, slot)):
                if any(other is t for t in node.outputs):
                    yield f"{node} writes {tensor} and {other} to the same place"
                elif other is working:
                    yield f"{node} writes {tensor} where it works"
                elif any(other is x for x in reads) and not _may_overwrite(node, other, plan):
                    yield f"{node} writes {tensor} over {other}, which it reads"
        if any(slot.offset is not None and slot.offset + slot.bytes > plan.arena_bytes for slot in _slots(node, plan)):
            yield f"{node} writes beyond the arena"
    ends = [plan.root.get(t, t) for t in draft.wanted]
    yield from (f"{t} is wanted, and was written over" for t in ends if t in holders.lost)


def _slots(node, plan):
    return [plan.slot[t] for t in node.outputs if t in plan.slot]


def _where(draft, tensor, slot):
    """(memory, first byte, byte behind the last)."""
    variable = next((v for v, t in draft.updates.items() if t is tensor), None) if slot.fixed else None
    if variable is not None:
        return ("variable", id(variable)), 0, 1
    if slot.fixed:
        whole, begin = slot.within or (slot, 0)
        return ("seen by ranks", id(whole)), begin, begin + slot.bytes
    return "arena", slot.offset, slot.offset + slot.bytes


def _may_overwrite(node, x, plan):
    """Whether a step that reads `x` point by point may write where it lies."""
    slot = plan.slot.get(x)
    if slot is not None and slot.within is not None:  # where it is in a bucket it stays
        return plan.slot.get(node.outputs[0]) is slot.within[0]
    if node.operation.traits.in_place:
        return node.operation.in_place_operand(node, x)
    follows = node.attributes.get("follows")
    if follows is not None and any(plan.root.get(y, y) is x for y in follows.inputs):
        return False  # rows of the product that are done next read it
    views = [y for y in node.inputs if y is not x and plan.root.get(y, y) is x]
    return is_pointwise(node) and not views and node.operation.in_place_operand(node, x)


class _Bytes:
    """Who has which bytes of which memory. `lost`: the tensors whose bytes somebody else has written to."""

    def __init__(self):
        self.lost, self._held, self._starts = set(), {}, {}

    def take(self, tensor, memory, first, end):
        """Give `tensor` these bytes. Returns those who had some of them."""
        starts, held = self._starts.setdefault(memory, []), self._held.setdefault(memory, {})
        place = max(0, bisect_left(starts, first) - 1)
        taken = []
        while place < len(starts) and starts[place] < end:
            start = starts[place]
            if held[start][0] > first:
                taken.append(held.pop(start)[1])
                del starts[place]
            else:
                place += 1
        self.lost.update(taken)
        if end > first:
            insort(starts, first)
            held[first] = end, tensor
        return taken
