"""Users' own classes and functions by name, so that a saved config can name them."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from kerasish.suggestions import suggesting
from kerasish.typing import CustomObjects

Registered = TypeVar("Registered")

_REGISTERED, _NAMES = {}, {}
_local = threading.local()


def _scopes():
    if not hasattr(_local, "scopes"):
        _local.scopes = []
    return _local.scopes


class CustomObjectScope:
    """Within `with`, configs may name the given objects; `custom_object_scope` is the same.

    Args:
        custom_objects: dict from name to class or function of the program's own.

    Example:
        >>> import kerasish as keras
        >>> def double(x): return 2 * x
        >>> with keras.saving.custom_object_scope({"double": double}):
        ...     layer = keras.layers.Activation("double")
    """

    @suggesting
    def __init__(self, custom_objects: CustomObjects) -> None:
        custom_objects = {} if custom_objects is None else custom_objects
        if not isinstance(custom_objects, dict):
            raise TypeError(f"`custom_objects` must be a dict from name to object, got {custom_objects!r}.")
        self.custom_objects = custom_objects

    def __enter__(self) -> CustomObjectScope:
        _scopes().append(self.custom_objects)
        return self

    def __exit__(self, *exc: Any) -> None:
        _scopes().pop()


custom_object_scope = CustomObjectScope


def get_custom_objects() -> dict[str, Any]:
    """The dict of all registered objects; entries may be added to it.

    Returns:
        Dict from name ("package>name") to class or function.

    Example:
        >>> import kerasish as keras
        >>> "doctest>Nothing" in keras.saving.get_custom_objects()
        False
    """
    return _REGISTERED


@suggesting
def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Registered], Registered]:
    """Decorator: make a class or function loadable under "package>name".

    Args:
        package: string, the first part of the name, which keeps it apart from others'.
        name: string, the second part; the name of the class or function when None.

    Returns:
        Decorator that returns the class or function itself.

    Raises:
        ValueError: for a class without `get_config`.

    Example:
        >>> import kerasish as keras
        >>> @keras.saving.register_keras_serializable("doctest")
        ... class Scale(keras.layers.Layer):
        ...     pass
        >>> keras.saving.get_registered_name(Scale)
        'doctest>Scale'
    """

    def register(item):
        registered = f"{package}>{name or item.__name__}"
        if inspect.isclass(item) and not hasattr(item, "get_config"):
            raise ValueError(f"Can't register {item.__name__!r}: it has no `get_config`.")
        _REGISTERED[registered] = item
        _NAMES[item] = registered
        return item

    return register


def get_registered_name(obj: Any) -> str:
    """The name under which a class or function was registered, else its own name.

    Args:
        obj: class or function.

    Returns:
        String.

    Example:
        >>> import kerasish as keras
        >>> keras.saving.get_registered_name(keras.layers.Dense)
        'Dense'
    """
    try:
        return _NAMES.get(obj, obj.__name__)
    except TypeError:
        return type(obj).__name__


@suggesting
def get_registered_object(name: str, custom_objects: CustomObjects = None, module_objects: CustomObjects = None) -> Any:
    """The object registered under a name, or given by it.

    Args:
        name: string, such as "package>Scale".
        custom_objects: dict from name to class or function, looked at after scopes and registered objects.
        module_objects: dict from name to class or function, looked at last.

    Returns:
        The class or function, None where there is none.

    Example:
        >>> import kerasish as keras
        >>> keras.saving.get_registered_object("double", custom_objects={"double": abs})
        <built-in function abs>
    """
    for place in (*reversed(_scopes()), _REGISTERED, custom_objects or {}, module_objects or {}):
        if name in place:
            return place[name]
    return None


def find_custom(name: str, custom_objects: CustomObjects = None) -> Any:
    """What the user says that a name means: by `custom_objects`, or as the whole name of what is registered.

    Args:
        name: string, "Custom>Scale" for what was registered as `Scale` in package "Custom".
        custom_objects: dict from name to class or function, looked at first.

    Returns:
        The class or function, None where there is none.
    """
    for place in (custom_objects or {}, *reversed(_scopes()), _REGISTERED):
        if name in place:
            return place[name]
    return None


def find_without_package(name: str) -> Any:
    """A registered object by the second part of its name, "Scale" for "Custom>Scale".

    For names that nothing built in has: a registration never changes what the library's own names mean.

    Args:
        name: string.

    Returns:
        The class or function that was registered last, None where there is none.
    """
    found = [item for key, item in _REGISTERED.items() if key.rpartition(">")[2] == name]
    return found[-1] if found else None
