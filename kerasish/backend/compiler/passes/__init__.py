"""Rewritings of a graph before it is fused, scheduled and given memory; one kind a file.

`WALK` names tables of local rules. One walk over the nodes (`simplify.py`) applies all of them, so that what one rule
makes is at once seen by the others: a fixed point in linear time. `fold` (batch normalisation into weights) and `dead`
(drop what nothing needs) look at the whole list; they are passes of their own (`pipeline.py`).

No rule may change where NaN or infinity comes out, nor a number by more than its last place; the rules say where they
stop for that reason. That is said of
rules: a device's kernels have errors of their own, and its Winograd convolutions spread a NaN or an infinity over the
tiles that see it (docs/performance.md).
"""

from __future__ import annotations

from kerasish.backend.compiler.passes import (
    casts,
    centered,
    constants,
    identities,
    joins,
    movement,
    powers,
    reductions,
    scalars,
    selection,
    signs,
)

__all__ = [
    "RULES",
    "WALK",
]

# name -> Rules, a table of local rules
WALK = {
    "identities": identities.RULES,
    "constants": constants.RULES,
    "casts": casts.RULES,
    "movement": movement.RULES,
    "joins": joins.RULES,
    "scalars": scalars.RULES,
    "signs": signs.RULES,
    "powers": powers.RULES,
    "selection": selection.RULES,
    "reductions": reductions.RULES,
    "centered": centered.RULES,
}
SWITCHES = ("fold_constants", "common")  # what the walk itself does: compute constants, and share equal calls
RULES = (*WALK, *SWITCHES)
