"""`keras.constraints`: what weights are put through after each update."""

from __future__ import annotations

from typing import Any

from kerasish.configs.catalog import Catalog
from kerasish.constraints.constraint import Constraint
from kerasish.constraints.norm_bounds import MaxNorm, MinMaxNorm, UnitNorm
from kerasish.constraints.signs import NonNeg
from kerasish.lazy import says_what_is_missing
from kerasish.typing import Config, ConstraintLike, CustomObjects

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "maxnorm",
    "min_max_norm",
    "non_neg",
    "nonneg",
    "serialize",
    "unit_norm",
    "unitnorm",
]

max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm
# The spellings of Keras 1 and 2.
maxnorm, nonneg, unitnorm = MaxNorm, NonNeg, UnitNorm

CATALOG = Catalog(
    "constraint",
    [Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm],
    aliases={"maxnorm": MaxNorm, "nonneg": NonNeg, "unitnorm": UnitNorm},
)


def get(identifier: Any) -> Any:
    """A constraint from None, a name ("max_norm", "MaxNorm"), a config dict, a class or a function.

    Args:
        identifier: None, string, dict, class or callable.

    Returns:
        A constraint (or a function of a weight), or None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    Example:
        >>> import kerasish as keras
        >>> keras.constraints.get("max_norm").max_value
        2
    """
    return CATALOG.get(identifier)


def serialize(constraint: ConstraintLike) -> Any:
    """The config of a constraint, as plain data.

    Args:
        constraint: Constraint.

    Returns:
        Dict, or the name of a function.

    Example:
        >>> import kerasish as keras
        >>> keras.constraints.serialize(keras.constraints.UnitNorm())["config"]
        {'axis': 0}
    """
    return CATALOG.serialize(constraint)


def deserialize(config: str | Config, custom_objects: CustomObjects = None) -> Any:
    """The constraint that `serialize` described, or that has that name.

    Args:
        config: string, or dict as `serialize` gives it.
        custom_objects: dict from name to class or function.

    Returns:
        Constraint.

    Raises:
        ValueError: for an unknown name.

    Example:
        >>> import kerasish as keras
        >>> keras.constraints.deserialize({"class_name": "UnitNorm", "config": {"axis": 1}}).axis
        1
    """
    return CATALOG.deserialize(config, custom_objects)


__getattr__ = says_what_is_missing(__name__)
