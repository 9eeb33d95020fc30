"""Pass `follow_products`.

A group that only needs the rows of a product just made follows on them while they are in the cache.

The group is moved to stand right behind the convolution or matrix product, and marked; the device decides whether it
can do both in one step.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft
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
    behind, moved = {}, set()
    for place, node in enumerate(nodes):
        if node.operation is not FUSED:
            continue
        product = _followed(node, place, nodes, made_at, read_at, moved)
        if product is None:
            continue
        node = node.replace(attributes={**node.attributes, "follows": nodes[product]})
        node.attributes["group"].rows_only = True
        last = max(made_at[x] for x in node.inputs if x in made_at)
        if last == product:
            behind[product] = [node]
            moved |= {place, product}
        else:
            behind[place] = [nodes[product], node]
            moved |= {place, product}
    order = []
    for place, node in enumerate(nodes):
        pair = behind.get(place, ())
        if place not in moved or len(pair) == 1:
            order.append(node)
        order.extend(pair)
    return draft.replace(nodes=order)


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
