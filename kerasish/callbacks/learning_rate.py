"""The learning rates of a model's optimizer, or of each optimizer where it holds several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.callbacks.plain_logs import as_float

if TYPE_CHECKING:
    from kerasish.models.model import Model
    from kerasish.optimizers.optimizer import Optimizer


def optimizers_of(model: Model) -> dict[str, Optimizer]:
    """Dict from the name of a log to an optimizer: "learning_rate", or "learning_rate_NAME" for each of several."""
    several = getattr(model.optimizer, "optimizers", None)
    if several is None:
        return {"learning_rate": model.optimizer}
    return {f"learning_rate_{optimizer.name}": optimizer for optimizer in several}


def read_learning_rate(optimizer: Optimizer) -> float:
    """The current learning rate as a float."""
    value = optimizer.learning_rate
    return as_float(value.numpy() if hasattr(value, "numpy") else value)


def log_learning_rates(model: Model, logs: dict[str, float]) -> None:
    """Add the learning rates to the logs of an epoch, so that the history shows them.

    Args:
        model: the Model.
        logs: dict of an epoch, which is added to.
    """
    for name, optimizer in optimizers_of(model).items():
        logs[name] = read_learning_rate(optimizer)
