"""Which gradients are made where their bucket lies, so that nothing copies them there: a part of the pass `memory`."""

from __future__ import annotations

from typing import Any

from kerasish.backend import dtypes
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.primitives.communication import bucket_starts
from kerasish.backend.primitives.primitive import p


def made_in_buckets(draft: Draft, last_use: dict[Any, int], root: dict[Any, Any]) -> dict[Any, tuple[Any, int]]:
    """Dict from a Tensor to (the node that starts the bucket it is a part of, in which byte of that the Tensor begins).

    They are those that nobody reads behind the start of the bucket, whose sums may be written there; and, where others
    see the bucket, those that are made when they have read what was there before. What all ranks make together, or see
    of one another, stays in its own place.

    Args:
        draft: the nodes in their last order.
        last_use: dict from a Tensor to the last step that reads it. root: dict from a view to the Tensor it shows.
    """
    found: dict[Any, tuple[Any, int]] = {}
    made = {t: (step, node) for step, node in enumerate(draft.nodes) for t in node.outputs}
    for step, node in enumerate(draft.nodes):
        if node.operation is p.reduce_start:
            free, xs = -1, node.inputs
        elif node.operation is p.publish:
            free, xs = made.get(node.inputs[0], (-1, None))[0], node.inputs[1:]
        else:
            continue
        dtype = node.outputs[0].dtype
        for x, start in zip(xs, bucket_starts([x.shape for x in xs], dtype)):
            whole = _whole(x, root, made)
            if whole not in made or draft.device.seen_by_ranks(made[whole][1]) is not None:
                continue  # what all write or see together has its place already
            if made[whole][0] > free and last_use[whole] == step:
                found.setdefault(whole, (node, start * dtypes.bits(dtype) // 8))
    return found


def _whole(x, root, made):
    """What has the numbers of `x`, those alone and in the same order; None where only a part of something does."""
    while x in root:
        _, node = made[x]
        if node.operation is not p.reshape:
            return None
        x = node.inputs[0]
    return x
