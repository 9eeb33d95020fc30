"""The learning rates of a model's optimizer, or of each optimizer where it holds several."""

from __future__ import annotations

from typing import Any

from kerasish.callbacks.plain_logs import as_float
from kerasish.typing import Logs


def optimizers_of(model: Any) -> dict[str, Any]:
    """Dict from the name of a log to an optimizer: "learning_rate", or "learning_rate_NAME" for each of several."""
    several = getattr(model.optimizer, "optimizers", None)
    if several is None:
        return {"learning_rate": model.optimizer}
    return {f"learning_rate_{optimizer.name}": optimizer for optimizer in several}


def read_learning_rate(optimizer: Any) -> Any:
    """The current learning rate as a float."""
    value = optimizer.learning_rate
    return as_float(value.numpy() if hasattr(value, "numpy") else value)


def log_learning_rates(model: Any, logs: Logs) -> None:
    """Add the learning rates to the logs of an epoch, so that the history shows them."""
    for name, optimizer in optimizers_of(model).items():
        logs[name] = read_learning_rate(optimizer)
