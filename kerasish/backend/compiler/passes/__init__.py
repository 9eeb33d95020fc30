"""Rewritings of a graph before it is fused, scheduled and given memory; one pass a file.

The passes of `WALK` are tables of local rules. One walk over the nodes applies all of them, so that what one rule makes
is at once seen by the others: a fixed point in linear time. `fold` (batch normalisation into weights) and `dead` (drop
what nothing needs) look at the whole list and come after it.

No rule may change where NaN or infinity comes out, nor a number by more than its last place; the rules say where they
stop for that reason. That is said of
rules: a device's kernels have errors of their own, and its Winograd convolutions spread a NaN or an infinity over the
tiles that see it (docs/performance.md).
"""

from __future__ import annotations

from typing import Any

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
    "passes_for",
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
AFTER = ("fold", "dead")
PASSES = (*WALK, *SWITCHES, *AFTER)


def passes_for(device: Any) -> tuple[Any, ...]:
    """The passes worth their time on `device`.

    A device that fuses scales and shifts a convolution's output in the epilogue, while it is in the cache: there `fold`
    saves nothing (measured: equal within 3 %, 1x1 and 3x3, 56 x 56 x 32) and adds a step or two a layer, for the
    weights that it computes at each run. Elsewhere it saves a pass over the output.
    """
    return tuple(name for name in PASSES if name != "fold" or not device.fuses)
