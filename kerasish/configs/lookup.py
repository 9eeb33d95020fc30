"""The classes and functions that a config may name, in closed lists: nothing is imported because a file says so."""

from __future__ import annotations

import importlib
import inspect
import sys
from typing import Any

from kerasish.configs.registration import find_custom, find_without_package
from kerasish.later import comes_later
from kerasish.suggestions import did_you_mean

PACKAGE = "kerasish"


def is_builtin(item: Any) -> bool:
    """Whether something is the library's own.

    Args:
        item: class or function.
    """
    return getattr(item, "__module__", "").partition(".")[0] == PACKAGE


_FUNCTION_HOMES = ("activations", "losses", "metrics", "initializers", "regularizers", "constraints", "ops")


_CLASS_HOMES = (
    "layers",
    "models",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "initializers",
    "regularizers",
    "constraints",
    "dtype_policies",
    "random",
    "distillation",
    "utils",
    "feature_column",
)


_LAYERS_OF_APPLICATIONS = (
    "applications.inception_resnet_v2",
    "applications.convnext",
)  # looked into where a config names them


_OUR_ROOTS = ("keras", "tensorflow", "tf_keras", PACKAGE, "builtins")


def find_function(name, config, catalog):
    registered, module = config.get("registered_name"), config.get("module")
    found = _given(name, registered if registered != "function" else None)
    if found is None and _may_be_ours(module, registered):
        found = _builtin_function(name, module, catalog)
    if found is None:
        found = find_without_package(name)
    if found is None:
        known = [known for home in _FUNCTION_HOMES for known in _functions_of(home)]
        hint = did_you_mean(name, sorted(set(known)), count=3)
        raise ValueError(
            f"Can't find the function {name!r} (module {module!r}) that the config names.{hint} "
            "Loading never imports modules that a file asks for: register the function with "
            f"`keras.saving.register_keras_serializable`, or pass `custom_objects={{{name!r}: ...}}`."
        )
    return found


def find_class(name, config, catalog):
    registered, module = config.get("registered_name"), config.get("module")
    found = _given(name, registered)
    if found is None and _may_be_ours(module, registered):
        found = _builtin_class(name, module, catalog)
    if found is None:
        found = find_without_package(name)
    if found is None:
        found = _users_class(name, module, registered)
    if found is None and comes_later(name):
        raise ValueError(f"Can't make the {name!r} that the config names. {comes_later(name)}")
    if found is None:
        known = [known for home in _CLASS_HOMES for known in _members(home) if _class_of(home, known) is not None]
        hint = did_you_mean(name, sorted(set(known)), count=3)
        raise ValueError(
            f"Can't find the class {name!r} (module {module!r}) that the config names.{hint} "
            "Loading never imports modules that a file asks for: import the module that has it, register the class "
            f"with `keras.saving.register_keras_serializable`, or pass `custom_objects={{{name!r}: ...}}`."
        )
    return found


def _given(name, registered):
    """What the user said that a config's names mean."""
    found = find_custom(registered) if isinstance(registered, str) and registered else None
    return find_custom(name) if found is None else found


def _users_class(name, module, registered):
    """A class of the program's own where its module is loaded already and says so itself; else None.

    Nothing is imported, and no name leads on to another: the class stands in the module, was written there, and is a
    layer, a loss, or another of the library's kinds. Such a class may be made of any config anyway, once it is given.
    """
    words = str(module or "")
    if not words or words.partition(".")[0] in _OUR_ROOTS:
        return None
    found = vars(sys.modules[words]).get(name) if words in sys.modules else None
    if not inspect.isclass(found) or found.__module__ != words or found.__name__ != name or is_builtin(found):
        return None
    is_kind = any(is_builtin(base) and hasattr(base, "from_config") for base in found.__mro__)
    return found if is_kind and str(registered or name).rpartition(">")[2] == name else None


def _builtin_function(name, module, catalog):
    first = None if catalog is None else catalog.objects.get(name)
    if first is not None and not inspect.isclass(first):
        return first
    found = (_functions_of(home).get(name) for home in _homes(module, _FUNCTION_HOMES))
    return next((item for item in found if item is not None), None)


def _builtin_class(name, module, catalog):
    first = None if catalog is None else catalog.objects.get(name)
    if inspect.isclass(first):
        return first
    found = (_class_of(home, name) for home in _class_homes(module))
    return next((item for item in found if item is not None), None)


def _may_be_ours(module, registered):
    """Whether a config speaks of an object of the library.

    Not of another module, nor of something registered by a user ("package>name").
    """
    return (module is None or str(module).partition(".")[0] in _OUR_ROOTS) and ">" not in str(registered or "")


def _homes(module, homes):
    """Where to look first for what says that it lives in `module`."""
    parts = str(module or "").split(".")
    named = [home for home in homes if home.split(".")[-1] in parts]
    return [*named, *(home for home in homes if home not in named)]


def _class_homes(module):
    words = str(module or "").split(".")
    named = [home for home in _LAYERS_OF_APPLICATIONS if set(home.split(".")) <= set(words)]
    return [*named, *_homes(module, _CLASS_HOMES)]


def _home(home):
    return importlib.import_module(f"{PACKAGE}.{home}")


def _functions_of(home):
    """The functions that a config may name: those in the catalogue of their kind, and the ops.

    Not whatever else lies in the module (`deserialize`, ...).
    """
    if home == "ops":
        _home("ops")
        return _home("ops.operation").OPERATIONS
    found = {name: item for name, item in _home(home).CATALOG.objects.items() if not inspect.isclass(item)}
    if home == "metrics":  # their catalogue has classes under the names of the functions (y_true, y_pred) -> value
        functions = {name: item for name, item in _members(home).items() if inspect.isfunction(item)}
        found.update(
            {
                name: item
                for name, item in functions.items()
                if list(inspect.signature(item).parameters)[:2] == ["y_true", "y_pred"]
            }
        )
    return found


def _members(home):
    """What a package of the library holds by name, those parts included that it imports when they are asked for."""
    module = _home(home)
    return {name: getattr(module, name) for name in dict.fromkeys([*vars(module), *getattr(module, "__all__", ())])}


def _class_of(home, name):
    """The class of that name in a package of the library, if a config can describe objects of it."""
    if not isinstance(name, str) or name.startswith("_"):
        return None
    module = _home(home)
    if name not in vars(module) and name not in getattr(module, "__all__", ()):
        return None  # not by asking for it: an error that suggests names takes a millisecond
    found = getattr(module, name, None)
    return (
        found
        if inspect.isclass(found)
        and is_builtin(found)
        and hasattr(found, "from_config")
        and hasattr(found, "get_config")
        else None
    )
