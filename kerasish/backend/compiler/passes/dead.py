"""Pass `dead`: the nodes that nothing needs are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.draft import Draft


def drop_dead(draft: Draft) -> Draft:
    """The draft with those of its nodes that it needs."""
    return draft.replace(nodes=needed(draft.nodes, draft.wanted))


def needed(nodes: Sequence[Any], wanted: Any) -> Any:
    """Those of `nodes` that the tensors `wanted` reach, in order."""
    live = set(wanted)
    kept = []
    for node in reversed(nodes):
        if any(t in live for t in node.outputs):
            kept.append(node)
            live.update(node.inputs)
    return kept[::-1]
