"""What printers of missed steps (`compiler/replay.py`) ask: where a gradient is looked after until it has died away."""

from __future__ import annotations

from typing import Any

LEAST = 0.6  # a factor of a step that is nearer to 1 than this, or than its reciprocal, may be one of a long product
_CORNERS = 5  # of so many slots and scalars, 2 to this power are tried


def ends(replay: Any) -> bool:
    """Whether a kernel looks for the end of what a gradient left."""
    return replay.closed is not None and len(replay.slots) + len(replay.scalars) <= _CORNERS
