"""`keras.optimizers`: how gradients become new weights."""

from __future__ import annotations

from typing import Any

from kerasish.configs.catalog import Catalog
from kerasish.lazy import says_what_is_missing
from kerasish.optimizers import schedules
from kerasish.optimizers.adadelta import Adadelta
from kerasish.optimizers.adafactor import Adafactor
from kerasish.optimizers.adagrad import Adagrad
from kerasish.optimizers.adam import Adam
from kerasish.optimizers.adamax import Adamax
from kerasish.optimizers.adamw import AdamW
from kerasish.optimizers.ftrl import Ftrl
from kerasish.optimizers.lamb import Lamb
from kerasish.optimizers.lion import Lion
from kerasish.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kerasish.optimizers.multi_optimizer import MultiOptimizer
from kerasish.optimizers.muon import Muon
from kerasish.optimizers.nadam import Nadam
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.optimizer_map import OptimizerMap
from kerasish.optimizers.rmsprop import RMSprop
from kerasish.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from kerasish.optimizers.sgd import SGD
from kerasish.typing import Config, CustomObjects

__all__ = [
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "SGD",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

_CLASSES = [
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    AdamW,
    Adamax,
    Ftrl,
    Lamb,
    Lion,
    LossScaleOptimizer,
    MultiOptimizer,
    Muon,
    Nadam,
    Optimizer,
    OptimizerMap,
    RMSprop,
    SGD,
    ScheduleFreeAdamW,
]
CATALOG = Catalog("optimizer", _CLASSES, aliases={cls.__name__.lower(): cls for cls in _CLASSES})


def get(identifier: str | Config | Optimizer | None) -> Any:
    """An optimizer from whatever `compile(optimizer=...)` takes.

    Args:
        identifier: a name ("adam", "RMSprop", in any case), a config dict, an `Optimizer` or None.

    Returns:
        An `Optimizer`; None for None.

    Raises:
        ValueError: for an unknown name, with the nearest ones, and for anything else.

    Example:
        >>> import kerasish as keras
        >>> keras.optimizers.get("rmsprop").rho
        0.9
    """
    if isinstance(identifier, dict):
        found = deserialize(identifier)
    elif isinstance(identifier, str):
        found = CATALOG.get(identifier)
    else:
        found = identifier
    if found is None or isinstance(found, Optimizer):
        return found
    advice = " Pass an instance of it." if isinstance(found, type) and issubclass(found, Optimizer) else ""
    raise ValueError(f"Can't interpret {identifier!r}: expected a name, a config dict or an Optimizer.{advice}")


def serialize(optimizer: Optimizer) -> Config:
    """The config of an optimizer, as plain data.

    Args:
        optimizer: `Optimizer`.

    Returns:
        A dict with "class_name" and "config", without the values of its variables.

    Example:
        >>> import kerasish as keras
        >>> keras.optimizers.serialize(keras.optimizers.SGD(0.5))["config"]["learning_rate"]
        0.5
    """
    return CATALOG.serialize(optimizer)


def deserialize(config: Config, custom_objects: CustomObjects = None) -> Optimizer:
    """The optimizer that `serialize` described.

    Args:
        config: config dict; the name of a built-in class may be in any case.
        custom_objects: dict from name to class of the user's own.

    Returns:
        A new `Optimizer`.

    Raises:
        ValueError: for an unknown class.

    Example:
        >>> import kerasish as keras
        >>> keras.optimizers.deserialize({"class_name": "sgd", "config": {"learning_rate": 0.5}}).momentum
        0.0
    """
    known = CATALOG.objects.get(str(config.get("class_name")).lower()) if isinstance(config, dict) else None
    if known is not None and config["class_name"] not in (custom_objects or ()):
        config = {**config, "class_name": known.__name__}
    return CATALOG.deserialize(config, custom_objects)


__getattr__ = says_what_is_missing(__name__)
