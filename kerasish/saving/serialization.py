"""Objects to plain dictionaries and back, in Keras 3's form. Loading looks names up; it never imports what a file asks for."""

import base64
import importlib
import inspect
import marshal
import types

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.graph import KerasTensor
from kerasish.backend.variable import Variable
from kerasish.saving.registration import CustomObjectScope, find_custom, get_registered_name

PLAIN = (str, int, float, bool, type(None))
_PACKAGE = "kerasish"


def public_module(item):
    """The `keras.*` module under which a built-in class is public; the real module of anything else."""
    declared = getattr(item, "_public_module", None)
    if declared and item.__module__.partition(".")[0] == _PACKAGE:
        return declared
    parts = item.__module__.split(".")
    if parts[0] == _PACKAGE:
        if parts[:3] == [_PACKAGE, "optimizers", "schedules"]:
            return "keras.optimizers.schedules"
        return "keras." + parts[1] if len(parts) > 1 else "keras"
    return item.__module__


def is_builtin(item):
    """Whether `item` is kerasish's own."""
    return getattr(item, "__module__", "").partition(".")[0] == _PACKAGE


def serialize_keras_object(obj):
    """`obj` as plain data: numbers, strings, lists, dicts; objects as {"module", "class_name", "config", "registered_name"}.

    Raises: ValueError for an object that has no `get_config`.

    >>> import kerasish as keras
    >>> keras.saving.serialize_keras_object((1, "a"))
    (1, 'a')
    """
    if isinstance(obj, PLAIN):
        return obj
    if isinstance(obj, (list, tuple)):
        items = [serialize_keras_object(x) for x in obj]
        return items if isinstance(obj, list) else tuple(items)
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode("utf-8", "surrogateescape")}}
    if isinstance(obj, slice):
        return {"class_name": "__slice__", "config": {"start": obj.start, "stop": obj.stop, "step": obj.step}}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(obj, KerasTensor):
        history = [obj.node.operation.name, 0, obj.index] if obj.node is not None else None
        return {"class_name": "__keras_tensor__", "config": {"shape": list(obj.shape), "dtype": obj.dtype, "keras_history": history}}
    if isinstance(obj, Variable) or device().is_array(obj) or type(obj).__module__ == "numpy":
        return _serialize_array(obj)
    if isinstance(obj, types.FunctionType):
        return _serialize_function(obj)
    if inspect.isclass(obj):
        return {"module": public_module(obj), "class_name": "type", "config": obj.__name__, "registered_name": get_registered_name(obj)}
    if hasattr(obj, "get_config"):
        return _serialize_instance(obj)
    if callable(obj) and hasattr(obj, "__name__"):
        return _serialize_function(obj)
    raise ValueError(f"Can't serialize {obj!r} of type {type(obj).__name__}: it has no `get_config`.")


def _serialize_array(obj):
    import numpy as np

    array = obj.numpy() if isinstance(obj, Variable) else device().to_host(obj) if device().is_array(obj) else np.asarray(obj)
    if isinstance(obj, np.dtype):
        return obj.name
    if array.ndim == 0:
        return array.item()
    return {"class_name": "__numpy__", "config": {"value": array.tolist(), "dtype": array.dtype.name}}


def _serialize_function(obj):
    if obj.__name__ == "<lambda>":
        code = base64.b64encode(marshal.dumps(obj.__code__)).decode("ascii")
        closure = tuple(cell.cell_contents for cell in obj.__closure__) if obj.__closure__ else None
        return {"class_name": "__lambda__", "config": {"value": [code, obj.__defaults__, closure]}}
    module = "builtins" if is_builtin(obj) else obj.__module__
    registered = "function" if is_builtin(obj) else get_registered_name(obj)
    return {"module": module, "class_name": "function", "config": obj.__name__, "registered_name": registered}


def _serialize_instance(obj):
    cls = type(obj)
    config = obj.get_config()
    data = {
        "module": public_module(cls),
        "class_name": cls.__dict__.get("public_name", cls.__name__),
        "config": serialize_keras_object(config),
        "registered_name": None if is_builtin(cls) else get_registered_name(cls),
    }
    for key, method in (("build_config", "get_build_config"), ("compile_config", "get_compile_config")):
        if hasattr(obj, method):
            extra = getattr(obj, method)()
            if extra is not None:
                data[key] = serialize_dict(extra)
    return data


def serialize_dict(mapping):
    """Each value of `mapping` serialized."""
    return {key: serialize_keras_object(value) for key, value in mapping.items()}


def safe_mode():
    """Whether the load that is running refuses code from the file."""
    return context.scoped("safe_mode", True)


def deserialize_keras_object(config, custom_objects=None, safe_mode=True, catalog=None):
    """The object that `config` describes.

    Args:
        config: what `serialize_keras_object` gave.
        custom_objects: dict from name to class or function.
        safe_mode: refuse functions whose code is in the config (Python lambdas).
        catalog: a Catalog in which bare names are looked up first.

    Raises: ValueError for an unknown class or function, for one outside the library that is not registered, for code in safe mode.
    """
    inherited = context.scoped("safe_mode")
    with context.scope(safe_mode=safe_mode if inherited is None else inherited), CustomObjectScope(custom_objects or {}):
        return _deserialize(config, catalog)


def _deserialize(config, catalog=None):
    if isinstance(config, (list, tuple)):
        return [_deserialize(item) for item in config]
    if not isinstance(config, dict):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: _deserialize(value) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if name in _SPECIAL:
        return _SPECIAL[name](inner)
    if name == "function":
        return _find_function(inner, config, catalog)
    if name == "type":
        return _find_class(inner, config, catalog)
    cls = _find_class(name, config, catalog)
    if not hasattr(cls, "from_config"):
        raise ValueError(f"Can't load {name!r}: {cls!r} has no `from_config`.")
    if not isinstance(inner, dict):
        raise ValueError(f"Can't load {name!r}: its `config` must be a dict, got {inner!r}.")
    if isinstance(config.get("shared_object_id"), int):
        return _shared(config["shared_object_id"], lambda: cls.from_config(inner))
    instance = cls.from_config(inner)
    _rebuild(instance, config)
    return instance


def _rebuild(instance, config):
    """Build and compile a loaded layer or model as it was."""
    if config.get("build_config") and hasattr(instance, "build_from_config"):
        instance.build_from_config(config["build_config"])
    if config.get("compile_config") and hasattr(instance, "compile_from_config") and context.scoped("compile_loaded", True):
        instance.compile_from_config(config["compile_config"])


def _shared(identity, make):
    shared = context.scoped("shared_objects")
    if shared is None:
        return make()
    if identity not in shared:
        shared[identity] = make()
    return shared[identity]


def _load_array(inner):
    import numpy as np

    return np.array(inner["value"], dtype=inner["dtype"])


def _load_tensor(inner):
    return KerasTensor(tuple(inner["shape"]), inner["dtype"])


def _load_lambda(inner):
    if safe_mode():
        raise ValueError(
            "This file holds a Python lambda, which is code that loading would run. If you trust the file, load it with `safe_mode=False`; "
            "better, save the model with a named function registered by `keras.saving.register_keras_serializable`."
        )
    code, defaults, closure = inner["value"] if isinstance(inner, dict) else inner
    code = marshal.loads(base64.b64decode(code))
    cells = tuple(types.CellType(value) for value in closure) if closure else None
    return types.FunctionType(code, {**vars(importlib.import_module("builtins")), "keras": importlib.import_module(_PACKAGE)}, "lambda", _tuple(defaults), cells)


def _tuple(value):
    return tuple(value) if isinstance(value, list) else value


_SPECIAL = {
    "__tuple__": lambda inner: tuple(_deserialize(item) for item in inner["value"]),
    "__bytes__": lambda inner: inner["value"].encode("utf-8", "surrogateescape"),
    "__slice__": lambda inner: slice(_deserialize(inner["start"]), _deserialize(inner["stop"]), _deserialize(inner["step"])),
    "__ellipsis__": lambda inner: Ellipsis,
    "__numpy__": _load_array,
    "__tensor__": _load_array,
    "__keras_tensor__": _load_tensor,
    "__lambda__": _load_lambda,
}


def _find_function(name, config, catalog):
    registered = config.get("registered_name")
    found = find_custom(registered) if registered and registered != "function" else None
    found = found or find_custom(name)
    if found is None and catalog is not None and not inspect.isclass(catalog.objects.get(name)):
        found = catalog.objects.get(name)
    if found is None:
        found = _search_library(name, ("activations", "losses", "metrics", "initializers", "regularizers", "ops"), inspect.isfunction)
    if found is None:
        raise ValueError(
            f"Can't find the function {name!r} that the config names. Register it with `keras.saving.register_keras_serializable`, or pass "
            f"`custom_objects={{{name!r}: ...}}`."
        )
    return found


_CLASS_HOMES = ("layers", "models", "losses", "metrics", "optimizers", "optimizers.schedules", "initializers", "regularizers", "constraints", "dtype_policies", "random", "callbacks", "")


def _find_class(name, config, catalog):
    registered, module = config.get("registered_name"), config.get("module")
    found = find_custom(registered) if registered else None
    found = found or find_custom(name)
    if found is None and catalog is not None and inspect.isclass(catalog.objects.get(name)):
        found = catalog.objects[name]
    if found is None and (module is None or str(module).partition(".")[0] in ("keras", "tensorflow", "tf_keras", _PACKAGE, "builtins")):
        found = _search_library(name, _homes(module), inspect.isclass)
    if found is None:
        raise ValueError(
            f"Can't find the class {name!r} (module {module!r}) that the config names. Loading never imports modules that a file asks for: "
            f"register the class with `keras.saving.register_keras_serializable`, or pass `custom_objects={{{name!r}: ...}}`."
        )
    return found


def _homes(module):
    """Where to look first for a class that says it lives in `module`."""
    parts = str(module or "").split(".")
    named = [home for home in _CLASS_HOMES if home and home.split(".")[-1] in parts]
    return [*named, *(home for home in _CLASS_HOMES if home not in named)]


def _search_library(name, homes, accept):
    for home in homes:
        full = f"{_PACKAGE}.{home}" if home else _PACKAGE
        try:
            found = getattr(importlib.import_module(full), str(name), None)
        except ModuleNotFoundError:
            continue
        if found is not None and accept(found) and is_builtin(found):
            return found
    return None
