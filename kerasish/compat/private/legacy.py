"""`keras.utils.legacy`: objects as dicts of class name and config, looked up among classes that the caller gives."""

from __future__ import annotations

from typing import Any

from kerasish.configs.registration import get_registered_name, get_registered_object
from kerasish.configs.serialization import deserialize_keras_object as deserialize_today
from kerasish.typing import CustomObjects


def serialize_keras_object(instance: Any) -> Any:
    """The name and config of an object; of a function, or another thing with a name, the name.

    Args:
        instance: object with `get_config`, function, class or None.

    Returns:
        A dict of "class_name" and "config", a string, or None.

    Raises:
        ValueError: for an object that has neither a config nor a name.

    Example:
        >>> import kerasish as keras
        >>> keras.legacy.saving.serialize_keras_object(keras.regularizers.L2(0.5))
        {'class_name': 'L2', 'config': {'l2': 0.5}}
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        return {"class_name": get_registered_name(type(instance)), "config": instance.get_config()}
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise ValueError(f"An object needs `get_config` or a name to be written down, got {instance!r}.")


def deserialize_keras_object(
    identifier: Any,
    module_objects: CustomObjects = None,
    custom_objects: CustomObjects = None,
    printable_module_name: str = "object",
) -> Any:
    """The object that `serialize_keras_object` wrote down.

    Args:
        identifier: dict of "class_name" and "config", or a name.
        module_objects: dict from name to class or function, looked at last.
        custom_objects: dict from name to class or function, looked at first.
        printable_module_name: string, what messages call the object.

    Raises:
        ValueError: for a name that is not known, and for what is neither a dict nor a name.

    Example:
        >>> import kerasish as keras
        >>> config = {"class_name": "L2", "config": {"l2": 0.5}}
        >>> found = keras.legacy.saving.deserialize_keras_object(config, {"L2": keras.regularizers.L2})
        >>> float(found.l2)
        0.5
    """
    if identifier is None:
        return None
    is_config = isinstance(identifier, dict) and "class_name" in identifier and "config" in identifier
    if not is_config and not isinstance(identifier, str):
        raise ValueError(
            f"A {printable_module_name} is described by its name or by a dict of 'class_name' and 'config', got "
            f"{identifier!r}."
        )
    name = identifier["class_name"] if is_config else identifier
    found = get_registered_object(name, custom_objects, module_objects)
    if found is None and is_config:
        return deserialize_today(identifier, custom_objects)
    if found is None:
        raise ValueError(f"Unknown {printable_module_name}: {name!r}. Pass it in `custom_objects`.")
    if is_config:
        config = identifier["config"]
        return found.from_config(config) if hasattr(found, "from_config") else found(**config)
    return found() if isinstance(found, type) else found
