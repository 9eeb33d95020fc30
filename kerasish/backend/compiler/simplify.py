"""Pass `simplify`: the tables of local rules in `passes/`, applied in one walk over the nodes."""

from __future__ import annotations

from kerasish.backend.compiler import debug
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.passes import RULES, WALK
from kerasish.backend.compiler.passes.rewriter import Rewriter


def simplify(draft: Draft) -> Draft:
    """The draft as the rules leave it; what they made superfluous is still among the nodes."""
    rules = RULES if draft.rules is None else draft.rules
    for place, name in enumerate(RULES):
        if debug.is_wanted(name):  # in the walk itself they take turns at every node
            debug.show(name, _walked(draft, [rule for rule in RULES[: place + 1] if rule in rules]))
    return _walked(draft, rules)


def _walked(draft, rules):
    tables = [table for name, table in WALK.items() if name in rules]
    rewriter = Rewriter(draft, tables, fold="fold_constants" in rules, share="common" in rules).run()
    return draft.rewritten(rewriter.nodes, rewriter.replaced, constants=rewriter.constants)
