"""The optimizers of canned estimators, by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kerasish import optimizers


def chosen(optimizer: Any, learning_rate: float) -> Any:
    """An optimizer from what a canned estimator was given.

    Args:
        optimizer: `Optimizer`, a function that returns one, or a name: "Adagrad", "Adam", "Ftrl", "RMSProp", "SGD".
        learning_rate: float, for a name.

    Raises:
        ValueError: for something else, or another name.
    """
    if isinstance(optimizer, str):
        makers = {
            "adagrad": lambda: optimizers.Adagrad(learning_rate, initial_accumulator_value=0.1, epsilon=0.0),
            "adam": lambda: optimizers.Adam(learning_rate),
            "ftrl": lambda: optimizers.Ftrl(learning_rate),
            "rmsprop": lambda: optimizers.RMSprop(learning_rate),
            "sgd": lambda: optimizers.SGD(learning_rate),
        }
        if optimizer.lower() not in makers:
            raise ValueError(f"`optimizer` must be Adagrad, Adam, Ftrl, RMSProp or SGD, got {optimizer!r}.")
        return makers[optimizer.lower()]()
    made = optimizer() if callable(optimizer) and not isinstance(optimizer, optimizers.Optimizer) else optimizer
    if not isinstance(made, optimizers.Optimizer):
        raise ValueError(
            f"`optimizer` must be an `Optimizer`, its name, or a function that returns one, got {optimizer!r:.80}."
        )
    return made


def linear_rate(columns: Sequence[Any], most: float) -> float:
    """The learning rate of a linear model: smaller where there are many columns.

    Args:
        columns: the columns.
        most: float, which it does not exceed.
    """
    return min(most, 1.0 / math.sqrt(len(columns)))
