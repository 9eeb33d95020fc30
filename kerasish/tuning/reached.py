"""What a trial reached."""

from __future__ import annotations

import math
from typing import Any

from kerasish.suggestions import did_you_mean


def objective_value(result: Any, objective: str, direction: str) -> float:
    """What a trial reached: of a `History` or a dict the best of the objective, a number as it is.

    Args:
        result: what the trial returned.
        objective: name of a log.
        direction: "minimize" or "maximize".

    Raises:
        TypeError: for a result of another kind.
        ValueError: where the objective was not logged.
    """
    logs = getattr(result, "history", result)
    if isinstance(logs, dict):
        if objective not in logs:
            hint = did_you_mean(objective, logs, otherwise=f" Logged are: {', '.join(map(str, logs))}.")
            raise ValueError(f"`objective` {objective!r} was not logged in a trial.{hint}")
        found = logs[objective]
        numbers = [float(value) for value in (found if isinstance(found, (list, tuple)) else [found])]
        numbers = [value for value in numbers if math.isfinite(value)]
        return (min if direction == "minimize" else max)(numbers, default=math.nan)
    try:
        return float(logs)
    except (TypeError, ValueError):
        raise TypeError(
            "A trial must return what `fit` returned, a dict of logs, or the number that it reached, got "
            f"{type(result).__name__}."
        ) from None
