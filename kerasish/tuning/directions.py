"""Whether more or less of an objective is better."""

from __future__ import annotations

from kerasish.callbacks.monitor import direction_of_name

MODES = {"minimize": "min", "maximize": "max"}
"""What Optuna and the services call a direction, and what callbacks call it."""

_BY_NAME = {"up": "maximize", "down": "minimize", None: None}


def direction_of(objective: str, direction: str | None = None) -> str:
    """The direction that is better, "minimize" or "maximize".

    Args:
        objective: name of a log.
        direction: what was said of it; None where its name shall say it.

    Raises:
        ValueError: where nobody says it.

    >>> direction_of("val_accuracy")
    'maximize'
    """
    found = _BY_NAME[direction_of_name(objective.removeprefix("val_"))] if direction is None else direction
    if found not in MODES:
        raise ValueError(
            f"`direction` must be 'minimize' or 'maximize', got {direction!r}, and the name of the objective "
            f"{objective!r} does not say which is better."
        )
    return found
