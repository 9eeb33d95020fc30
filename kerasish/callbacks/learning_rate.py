"""The learning rates of a model's optimizer, or of each optimizer where it holds several."""

from kerasish.callbacks.logs import as_float


def optimizers_of(model):
    """Dict from the name of a log to an optimizer: "learning_rate", or "learning_rate_NAME" for each of several."""
    several = getattr(model.optimizer, "optimizers", None)
    if several is None:
        return {"learning_rate": model.optimizer}
    return {f"learning_rate_{optimizer.name}": optimizer for optimizer in several}


def read_learning_rate(optimizer):
    """The current learning rate as a float."""
    value = optimizer.learning_rate
    return as_float(value.numpy() if hasattr(value, "numpy") else value)


def log_learning_rates(model, logs):
    """Add the learning rates to the logs of an epoch, so that the history shows them."""
    for name, optimizer in optimizers_of(model).items():
        logs[name] = read_learning_rate(optimizer)
