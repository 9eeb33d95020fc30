"""The passes that rewrite a graph before it is fused, in order. See `passes/`."""

from __future__ import annotations

from typing import Any

from kerasish.backend.compiler import debug
from kerasish.backend.compiler.passes import SWITCHES, WALK, passes_for
from kerasish.backend.compiler.passes.dead import needed
from kerasish.backend.compiler.passes.fold import fold_normalizations
from kerasish.backend.compiler.passes.rewriter import Rewriter
from kerasish.backend.device import device


def simplify(graph: Any, passes: Any = None) -> tuple[Any, ...]:
    """The graph's nodes, rewritten.

    Args:
        graph: a TracedGraph. passes: names of the passes to apply (see `passes.PASSES`); by default those that are
            worth it on the current device.

    Returns: (nodes, alias, constants) where `nodes` is a list of new Nodes in order, `alias` a function from any Tensor
    of the graph to the Tensor that now stands for it, and `constants` a dict from Tensor to array, folded ones
    included.
    """
    passes = passes_for(device()) if passes is None else passes
    for name in debug.wanted(WALK, SWITCHES):
        _show_up_to(graph, passes, name)
    rewriter = _walk(graph, passes)
    targets = _targets(graph, rewriter)
    nodes = needed(rewriter.nodes, targets) if "dead" in passes else rewriter.nodes
    debug.show("simplify", nodes, rewriter.constants)
    if "fold" in passes:
        folded = fold_normalizations(nodes, rewriter, targets)
        if folded is not nodes:
            nodes = needed(folded, _targets(graph, rewriter)) if "dead" in passes else folded
        debug.show("fold", nodes, rewriter.constants)
    return nodes, rewriter.alias, rewriter.constants


def _walk(graph, passes):
    rules = [table for name, table in WALK.items() if name in passes]
    return Rewriter(graph, rules, fold="fold_constants" in passes, share="common" in passes).run()


def _targets(graph, rewriter):
    """What the graph is run for: its outputs and the new values of its variables."""
    return [rewriter.alias(t) for t in [*graph.outputs, *graph.updates.values()] if t is not None]


def _show_up_to(graph, passes, name):
    """Print what the passes of the walk up to `name` make of the graph.

    In the walk itself they take turns at every node.
    """
    order = [*WALK, *SWITCHES]
    rewriter = _walk(graph, [p for p in order[: order.index(name) + 1] if p in passes])
    debug.show(name, needed(rewriter.nodes, _targets(graph, rewriter)), rewriter.constants)
