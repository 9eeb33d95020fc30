"""Names to objects and back: what `losses.get`, `optimizers.get`, `activations.get`, ... share."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from kerasish.backend.names import to_snake_case
from kerasish.configs.registration import find_custom, find_without_package
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.suggestions import did_you_mean
from kerasish.typing import Config, CustomObjects


class Catalog:
    """The built-in objects of one kind.

    Args:
        kind: what messages call them, e.g. "loss".
        objects: list of classes and functions; each is found by its own name, a class also by its name in snake_case.
        aliases: dict from further names to objects.
    """

    def __init__(self, kind: str, objects: Sequence[Any], aliases: Mapping[str, Any] | None = None) -> None:
        self.kind = kind
        self.objects: dict[Any, Any] = {}
        for item in objects:
            self.objects.setdefault(item.__name__, item)
        for item in objects:
            if inspect.isclass(item):
                self.objects.setdefault(to_snake_case(item.__name__), item)
        self.objects.update(aliases or {})

    def find(self, name: str) -> Any:
        """The class or function of a name.

        Args:
            name: string.

        Returns:
            What `custom_objects` around say that it is, else the built-in one, else a user's registered object.

        Raises:
            ValueError: where there is none, suggesting the nearest names.
        """
        found = find_custom(name)
        found = self.objects.get(name) if found is None else found
        if found is None:
            found = self.objects.get(name.lower())
        if found is None:
            found = find_without_package(name)
        if found is None:
            known = f" Known: {', '.join(sorted(self.objects))}."
            hint = did_you_mean(name, self.objects, count=3, otherwise=known)
            raise ValueError(
                f"Unknown {self.kind} {name!r}.{hint} For an object of your own, pass the object itself or register it."
            )
        return found

    def get(self, identifier: Any) -> Any:
        """An object from None, a name, a config dict, a class (instantiated) or a callable.

        Args:
            identifier: None, a name, a config dict, a class or a callable.

        Raises:
            ValueError: for an unknown name or another type.
        """
        if identifier is None:
            return None
        if isinstance(identifier, str):
            found = self.find(identifier)
            return found() if inspect.isclass(found) else found
        if isinstance(identifier, dict):
            return self.deserialize(identifier)
        if inspect.isclass(identifier):
            return identifier()
        if callable(identifier) or hasattr(identifier, "get_config"):
            return identifier
        raise ValueError(
            f"Can't interpret {identifier!r} as {self.kind}: expected a name, a config dict, an object or a function."
        )

    def serialize(self, item: Any) -> Any:
        """The config of an object, as Keras 3 writes it.

        Args:
            item: object or function.
        """
        return serialize_keras_object(item)

    def deserialize(self, config: str | Config, custom_objects: CustomObjects = None) -> Any:
        """The object that a config or a name describes.

        Args:
            config: what `serialize` gave, or a name.
            custom_objects: dict from name to class or function of the program's own.
        """
        if isinstance(config, str):
            found = find_custom(config, custom_objects)
            return found if found is not None else self.get(config)
        return deserialize_keras_object(config, custom_objects=custom_objects, catalog=self)
