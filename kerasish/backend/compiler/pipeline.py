"""The compiler on one page: a traced graph becomes the nodes, and their places in memory, that a Program runs.

Every pass takes a Draft and gives one (`draft.py`), and stands in a file of its own. `KERASISH_DEBUG=fold,fuse` prints
the nodes behind these passes, `all` behind every one; `check` looks behind every pass whether what the pass promises
holds (`checks.py`), as the tests do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kerasish.backend.compiler import checks, debug
from kerasish.backend.compiler.buckets import buckets
from kerasish.backend.compiler.common_memory import common_memory
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.exchanges import exchanges
from kerasish.backend.compiler.fusion.follow_products import follow_products
from kerasish.backend.compiler.fusion.fuse import fuse
from kerasish.backend.compiler.fusion.make_again import make_again
from kerasish.backend.compiler.fusion.scalars_first import scalars_first
from kerasish.backend.compiler.fusion.updates_together import updates_together
from kerasish.backend.compiler.leading_ones import leading_ones
from kerasish.backend.compiler.memory import plan_memory
from kerasish.backend.compiler.passes import RULES
from kerasish.backend.compiler.passes.dead import drop_dead
from kerasish.backend.compiler.passes.fold import fold
from kerasish.backend.compiler.prune_loops import prune_loops
from kerasish.backend.compiler.push_slices import push_slices
from kerasish.backend.compiler.select_branches import select_branches
from kerasish.backend.compiler.simplify import simplify
from kerasish.backend.compiler.sparse_rows import sparse_rows
from kerasish.backend.compiler.travelling_rows import travelling_rows
from kerasish.backend.compiler.widen import widen


class Pass(NamedTuple):
    """One step of the compiler.

    Attributes:
        name: what KERASISH_DEBUG calls it.
        run: function from a Draft to a Draft.
        checks: functions of the Draft behind the pass, which give a complaint for each thing that it promises and that
            does not hold. That nodes are in order and of the right shapes is looked at behind every pass.
        on: function from a device to whether the pass is worth its time there.
    """

    name: str
    run: Callable[[Draft], Draft]
    checks: tuple[Callable[[Draft], Iterator[str]], ...] = ()
    on: Callable[[Any], bool] = lambda device: True


def _fuses(device):
    return device.fuses


def _replays(device):
    return device.replays


def _launches(device):
    return device.fuses and device.updates_together


def _does_not_fuse(device):
    """A device that fuses scales and shifts a convolution's output in the epilogue, while it is in the cache.

    There `fold` saves nothing (measured: equal within 3 %, 1x1 and 3x3, 56 x 56 x 32) and adds a step or two a layer,
    for the weights that it computes at each run. Elsewhere it saves a pass over the output.
    """
    return not device.fuses


PIPELINE = (
    # What tables that are cut over ranks exchange at one time goes in one message.
    Pass("exchanges", exchanges),
    # Gradients of large tables go between ranks as rows.
    Pass("travelling_rows", travelling_rows),
    # Ranks of one machine write for one another where all see it, and send nothing.
    Pass("common_memory", common_memory),
    # Other gradients are summed over ranks in buckets, while the backward pass makes the next.
    Pass("buckets", buckets, (checks.buckets_waited_for,)),
    # Where a step is replayed, both of two small branches are computed and one is taken.
    Pass("select_branches", select_branches, on=_replays),
    # Loops lose the carries, slices and results that nobody reads.
    Pass("prune_loops", prune_loops, (checks.lean_loops,)),
    # What is only cut into parts is never made whole: its operands are cut instead, which costs nothing.
    Pass("push_slices", push_slices, on=_fuses),
    # Tables of local rules (`passes/`) in one walk: algebra, constants, equal calls, moves.
    Pass("simplify", simplify, (checks.no_equal_calls,)),
    # What nothing needs any more is left out.
    Pass("dead", drop_dead, (checks.no_dead_nodes,)),
    # Batch normalisation at inference goes into the weights before it.
    Pass("fold", fold, (checks.no_dead_nodes,), on=_does_not_fuse),
    # The update of an embedding table works on the rows that were touched.
    Pass("sparse_rows", sparse_rows, (checks.no_dead_nodes, checks.rows_put_last)),
    # What computes in half precision does so in float32, and is rounded where it is stored.
    Pass("widen", widen, (checks.no_dead_nodes, checks.no_halves_computed)),
    # Numbers of channels are computed without axes of size 1 before them, so that they are of one shape.
    Pass("leading_ones", leading_ones, (checks.no_dead_nodes,), on=_launches),
    # Chains of elementwise nodes and their reductions become Groups: one kernel each.
    Pass("fuse", fuse, (checks.closed_groups, checks.buckets_waited_for), on=_fuses),
    # What costs a few instructions is made again by the Groups that read it, and not stored.
    Pass("make_again", make_again, (checks.closed_groups, checks.buckets_waited_for), on=_fuses),
    # An optimizer's rates are there before the first gradient.
    Pass("scalars_first", scalars_first, (checks.closed_groups,), on=_fuses),
    # A Group goes behind the convolution or product whose rows it needs, while they are in the cache.
    Pass("follow_products", follow_products, (checks.closed_groups, checks.followers_behind_products), on=_fuses),
    # Updates of variables stand one behind the other, where one launch may do them all.
    Pass("updates_together", updates_together, (checks.closed_groups,), on=_launches),
    # Where every value lies: views share, results reuse what dies, the rest gets offsets in one arena.
    Pass("memory", plan_memory, (checks.memory_holds, checks.buckets_waited_for)),
)  # then `BindableGraph.bind` makes the calls, and a Program runs them


def run(draft: Draft, passes: Any = None) -> Draft:
    """The Draft behind all `passes`, by default those of PIPELINE that are worth it on its device."""
    debug.refuse_unknown((*RULES, *(step.name for step in PIPELINE)))
    checked = debug.is_named("check")
    for step in passes_for(draft.device) if passes is None else passes:
        draft = step.run(draft)
        debug.show(step.name, draft)
        if checked:
            checks.check(draft, step)
    return draft


def passes_for(device: Any) -> tuple[Pass, ...]:
    """The passes worth their time on `device`."""
    return tuple(step for step in PIPELINE if step.on(device))
