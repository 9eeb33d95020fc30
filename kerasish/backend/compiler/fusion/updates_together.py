"""Pass `updates_together`: what makes nothing but new values of variables comes last, one behind the other.

A device where every launch has its price does such Groups of one expression in a single launch, and all rows that are
put into tables in another. (Elsewhere a weight is updated as soon as its gradient is there, which needs no memory until
the end.)
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.primitives.group import FUSED


def updates_together(draft: Draft) -> Draft:
    """The draft with these Groups, and what writes parts in place, behind all other nodes, in their order."""
    updates, outputs = set(draft.updates.values()), set(draft.outputs)
    read = {x for node in draft.nodes for x in node.inputs}
    last, parts, others = [], [], []
    for node in draft.nodes:
        only = all(t in updates and t not in outputs and t not in read for t in node.outputs)
        if node.operation is FUSED and only:
            node.attributes["group"].rows_only = False
            attributes = {name: value for name, value in node.attributes.items() if name != "follows"}
            last.append(node.replace(attributes=attributes))
        elif only and node.operation.traits.in_place:
            parts.append(node)
        else:
            others.append(node)
    return draft.replace(nodes=[*others, *parts, *last])
