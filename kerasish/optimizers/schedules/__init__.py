"""`keras.optimizers.schedules`: learning rates that depend on the step."""

from __future__ import annotations

from kerasish.configs.catalog import Catalog
from kerasish.optimizers.schedules.cosine_decay import CosineDecay
from kerasish.optimizers.schedules.cosine_decay_restarts import CosineDecayRestarts
from kerasish.optimizers.schedules.exponential_decay import ExponentialDecay
from kerasish.optimizers.schedules.inverse_time_decay import InverseTimeDecay
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from kerasish.optimizers.schedules.piecewise_constant_decay import PiecewiseConstantDecay
from kerasish.optimizers.schedules.polynomial_decay import PolynomialDecay
from kerasish.typing import Config, CustomObjects

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

CATALOG = Catalog(
    "learning rate schedule",
    [CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay],
)


def serialize(learning_rate_schedule: LearningRateSchedule) -> Config:
    """The config of a schedule, as plain data.

    Args:
        learning_rate_schedule: `LearningRateSchedule`.

    Returns:
        A dict with "class_name" and "config".

    Example:
        >>> import kerasish as keras
        >>> schedules = keras.optimizers.schedules
        >>> schedules.serialize(schedules.CosineDecay(1.0, 10))["class_name"]
        'CosineDecay'
    """
    return CATALOG.serialize(learning_rate_schedule)


def deserialize(config: Config, custom_objects: CustomObjects = None) -> LearningRateSchedule:
    """The schedule that `serialize` described.

    Args:
        config: config dict.
        custom_objects: dict from name to class of the user's own.

    Returns:
        A new `LearningRateSchedule`.

    Raises:
        ValueError: for an unknown class, with the nearest ones.

    Example:
        >>> import kerasish as keras
        >>> schedules = keras.optimizers.schedules
        >>> config = schedules.serialize(schedules.CosineDecay(1.0, 10))
        >>> schedules.deserialize(config).decay_steps
        10
    """
    return CATALOG.deserialize(config, custom_objects)
