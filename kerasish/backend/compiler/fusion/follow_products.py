"""Pass `follow_products`.

A group that only needs the rows of a product just made follows on them while they are in the cache.

The group is moved to stand right behind the convolution or matrix product, and marked; the device decides whether it
can do both in one step. Where it waits for other things too, both stand where these are there: a weight is updated as
soon as its gradient can be made and the old weight is needed no more, and what the gradient is made of needs no memory
until the end.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.memory import is_view
from kerasish.backend.primitives.group import FULL, FUSED, TERMINAL


def follow_products(draft: Draft) -> Draft:
    """The draft with each group that may follow a product behind it.

    Such a group's `rows_only` is True, and its node's attribute `follows` the product.
    """
    nodes = draft.nodes
    made_at = {t: place for place, node in enumerate(nodes) for t in node.outputs}
    read_at = {}
    for place, node in enumerate(nodes):
        for x in node.inputs:
            read_at.setdefault(x, place)
    old_values = _OldValues(draft)
    behind, taken, gone = {}, set(), set()
    for place, node in enumerate(nodes):
        if node.operation is not FUSED:
            continue
        product = _followed(node, place, nodes, made_at, read_at, taken)
        if product is None:
            continue
        node = node.replace(attributes={**node.attributes, "follows": nodes[product]})
        node.attributes["group"].rows_only = True
        taken |= {place, product}
        last = max(made_at[x] for x in node.inputs if x in made_at)
        if last == product:
            behind.setdefault(product, []).insert(0, node)
            gone.add(place)
            continue
        last = max(last, old_values.last_read(node, place))
        behind.setdefault(last, []).extend((nodes[product], node))
        gone |= {place, product}
        made_at.update(dict.fromkeys((*nodes[product].outputs, *node.outputs), last))
    order = []
    for place, node in enumerate(nodes):
        if place not in gone:
            order.append(node)
        order.extend(behind.get(place, ()))
    return draft.replace(nodes=order)


class _OldValues:
    """Who reads a Variable's value of before the step, as it is or through views."""

    def __init__(self, draft):
        reads = draft.graph.reads
        self._old = {t: draft.alias(reads[v]) for v, t in draft.updates.items() if v in reads}
        self._places, root = {}, {}
        for place, node in enumerate(draft.nodes):
            for x in node.inputs:
                self._places.setdefault(root.get(x, x), []).append(place)
            if is_view(node, draft.device):
                root[node.outputs[0]] = root.get(node.inputs[0], node.inputs[0])

    def last_read(self, node, place):
        """The last place before `place` where one is read that `node` makes the new value of; -1 for none.

        Behind it the new value may be written over the old one.
        """
        olds = [self._old[t] for t in node.outputs if t in self._old]
        return max((at for old in olds for at in self._places.get(old, ()) if at < place), default=-1)


def _followed(node, place, nodes, made_at, read_at, moved):
    """The place of the product that the group may follow.

    The last thing that the group waits for, or one that nothing else reads before it.
    """
    sources = sorted({made_at[x] for x in node.inputs if x in made_at}, reverse=True)
    for index, source in enumerate(sources):
        waits = index > 0
        if source in moved or not _may_follow(node.attributes["group"], nodes[source]):
            continue
        if not waits or all(read_at.get(t, place) >= place for t in nodes[source].outputs):
            return source
    return None


def _may_follow(group, product):
    """Whether every row of the group needs the same row of the product's output, and no other row of it."""
    if product.operation.traits.weights is None:
        return False
    output = product.outputs[0]
    if tuple(output.shape) != group.space or len(group.space) < 2 or group.boundary not in (None, len(group.space) - 1):
        return False
    if any(kind == TERMINAL for kind in group.kinds.values()):
        return False
    return any(x is output for x in group.inputs) and any(group.kinds[t] == FULL for t in group.outputs)
