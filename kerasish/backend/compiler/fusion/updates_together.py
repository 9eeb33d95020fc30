"""Pass `updates_together`: Groups that make nothing but new values of variables come last, one behind the other.

A device where every launch has its price does such Groups of one expression in a single launch. (Elsewhere a weight is
updated as soon as its gradient is there, which needs no memory until the end.)
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.primitives.group import FUSED


def updates_together(draft: Draft) -> Draft:
    """The draft with these Groups behind all other nodes, in their order."""
    updates, outputs = set(draft.updates.values()), set(draft.outputs)
    read = {x for node in draft.nodes for x in node.inputs}
    last, others = [], []
    for node in draft.nodes:
        only = all(t in updates and t not in outputs and t not in read for t in node.outputs)
        if node.operation is FUSED and only:
            node.attributes["group"].rows_only = False
            attributes = {name: value for name, value in node.attributes.items() if name != "follows"}
            last.append(node.replace(attributes=attributes))
        else:
            others.append(node)
    return draft.replace(nodes=[*others, *last])
