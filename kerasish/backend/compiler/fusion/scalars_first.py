"""Pass `scalars_first`: the few numbers that are made of variables and constants alone are made first.

An optimizer counts its steps and corrects its rates behind the backward pass, as it was written down. Made first, they
let each weight be updated as soon as its gradient is there.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.primitives.group import FUSED
from kerasish.backend.primitives.shapes import product

_FEW = 16  # elements


def scalars_first(draft: Draft) -> Draft:
    """The draft with such nodes in front, in their order."""
    given = {t for node in draft.nodes for t in node.outputs}.isdisjoint
    ready, first, others = set(), [], []
    for node in draft.nodes:
        pure = node.operation is FUSED or node.operation.traits.pure
        small = all(_is_few(product(t.shape)) for t in (*node.inputs, *node.outputs))
        if pure and small and all(x in ready or given((x,)) for x in node.inputs):
            ready.update(node.outputs)
            first.append(node)
        else:
            others.append(node)
    return draft.replace(nodes=[*first, *others])


def _is_few(size):
    return size is not None and size <= _FEW  # None: known when the host has computed it
