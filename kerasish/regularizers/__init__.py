"""`keras.regularizers`: penalties on weights and activations."""

from __future__ import annotations

from typing import Any

from kerasish.configs.catalog import Catalog
from kerasish.lazy import says_what_is_missing
from kerasish.regularizers.orthogonal import OrthogonalRegularizer
from kerasish.regularizers.penalties import L1, L1L2, L2
from kerasish.regularizers.regularizer import Regularizer
from kerasish.typing import Config, CustomObjects, RegularizerLike

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]

l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

CATALOG = Catalog(
    "regularizer", [L1, L1L2, L2, OrthogonalRegularizer, Regularizer], aliases={"l1_l2": L1L2, "l1l2": L1L2}
)


def get(identifier: Any) -> Any:
    """A regularizer from None, a name ("l2", "L1L2"), a config dict, a class or a function.

    Args:
        identifier: None, string, dict, class or callable.

    Returns:
        A regularizer (or a function of a tensor), or None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    Example:
        >>> import kerasish as keras
        >>> keras.regularizers.get("l2").l2
        0.01
    """
    return CATALOG.get(identifier)


def serialize(regularizer: RegularizerLike) -> Any:
    """The config of a regularizer, as plain data.

    Args:
        regularizer: Regularizer.

    Returns:
        Dict, or the name of a function.

    Example:
        >>> import kerasish as keras
        >>> keras.regularizers.serialize(keras.regularizers.L2(0.5))["config"]
        {'l2': 0.5}
    """
    return CATALOG.serialize(regularizer)


def deserialize(config: str | Config, custom_objects: CustomObjects = None) -> Any:
    """The regularizer that `serialize` described, or that has that name.

    Args:
        config: string, or dict as `serialize` gives it.
        custom_objects: dict from name to class or function.

    Returns:
        Regularizer.

    Raises:
        ValueError: for an unknown name.

    Example:
        >>> import kerasish as keras
        >>> keras.regularizers.deserialize({"class_name": "L2", "config": {"l2": 0.5}}).l2
        0.5
    """
    return CATALOG.deserialize(config, custom_objects)


__getattr__ = says_what_is_missing(__name__)
