"""Which optimizer updates which variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from kerasish.backend import Variable
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.optimizers.optimizer import Optimizer
from kerasish.suggestions import suggesting
from kerasish.typing import Config, CustomObjects


class OptimizerMap(MutableMapping):
    """A dictionary from variable paths, or regular expressions that match whole paths, to optimizers.

    Args:
        default_optimizer: Optimizer for every other variable.
        optimizer_map: dict from string to Optimizer, or None.

    Raises:
        TypeError: for arguments of another type.
        ValueError: for a key that is set twice, for an optimizer that holds others, and for a path that several
            patterns match.

    Example:
        >>> import kerasish as keras
        >>> chosen = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.5, name="default"))
        >>> chosen["encoder/.*"] = keras.optimizers.Adam(name="for_the_encoder")
        >>> chosen["encoder/kernel"].name, chosen["decoder/kernel"].name
        ('for_the_encoder', 'default')
    """

    @suggesting
    def __init__(self, default_optimizer: Optimizer, optimizer_map: Mapping[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(f"`default_optimizer` must be an Optimizer, got {default_optimizer!r}.")
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(f"`optimizer_map` must be a dict of Optimizers or None, got {optimizer_map!r}.")
        self._default_optimizer = default_optimizer
        self._optimizer_map = {}
        for key, optimizer in (optimizer_map or {}).items():
            self[key] = optimizer

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of variables that no key matches."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        """The optimizer of a path: that of the same key, else of the pattern that matches it, else the default.

        Args:
            key: path of a variable, e.g. "encoder/kernel".
        """
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matching = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(f"Several keys match the variable {key!r}: {matching}. Let only one of them match.")
        return self._optimizer_map[matching[0]] if matching else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise ValueError(f"A key must be a string, got {key!r}.")
        if key in self._optimizer_map:
            raise ValueError(f"The key {key!r} is taken by {self._optimizer_map[key]!r}. Delete it first.")
        check_single(optimizer)
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a Variable, by its path."""
        return self[variable.path]

    def get_config(self) -> Config:
        """The arguments of the constructor as plain data."""
        return {
            "default_optimizer": serialize_keras_object(self._default_optimizer),
            "optimizer_map": serialize_keras_object(self._optimizer_map),
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> OptimizerMap:
        """A map from the dictionary of `get_config`.

        Args:
            config: dict of the constructor's arguments.
            custom_objects: dict from name to class, for optimizers of the user's own.

        Returns:
            A new map.
        """
        loaded = {key: deserialize_keras_object(value, custom_objects=custom_objects) for key, value in config.items()}
        return cls(**loaded)


def check_single(optimizer: Any) -> None:
    """Raise ValueError unless `optimizer` is an Optimizer that updates variables itself."""
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"An optimizer must be an Optimizer instance, got {optimizer!r}.")
    if hasattr(optimizer, "inner_optimizer") or hasattr(optimizer, "optimizers"):
        raise ValueError(f"A {type(optimizer).__name__} can't be one of several optimizers: it holds others itself.")
