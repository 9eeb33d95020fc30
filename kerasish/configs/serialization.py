"""Objects to plain dictionaries and back, in Keras 3's form.

Loading looks names up in closed lists; it never imports what a file asks for.
"""

from __future__ import annotations

import base64
import importlib
import inspect
import marshal
import types
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.graph import KerasTensor
from kerasish.backend.variable import Variable
from kerasish.configs.eras import modernize_once
from kerasish.configs.limits import allowing, machine_memory
from kerasish.configs.lookup import PACKAGE, find_class, find_function, is_builtin
from kerasish.configs.registration import CustomObjectScope, get_registered_name
from kerasish.suggestions import suggesting
from kerasish.typing import CustomObjects

if TYPE_CHECKING:
    from kerasish.configs.catalog import Catalog

PLAIN = (str, int, float, bool, type(None))
_SHARED = "shared_object_id"
_unsafe = False


def public_module(item: Any) -> str:
    """The module under which a class or function is public.

    Args:
        item: class or function.

    Returns:
        String, "keras.layers" and the like for what is built in, the real module of anything else.
    """
    declared = getattr(item, "_public_module", None)
    if declared and item.__module__.partition(".")[0] == PACKAGE:
        return declared
    parts = item.__module__.split(".")
    if parts[0] == PACKAGE:
        if parts[:3] == [PACKAGE, "optimizers", "schedules"]:
            return "keras.optimizers.schedules"
        return "keras." + parts[1] if len(parts) > 1 else "keras"
    return item.__module__


def serialize_keras_object(obj: Any) -> Any:
    """An object as plain data: numbers, strings, lists, dicts.

    Args:
        obj: layer, optimizer, loss, function, dtype, array, or nested lists, tuples and dicts of such.

    Returns:
        Plain data; of an object {"module", "class_name", "config", "registered_name"}.

    Raises:
        ValueError: for an object that has no `get_config`.

    Example:
        >>> import kerasish as keras
        >>> keras.saving.serialize_keras_object((1, "a"))
        (1, 'a')
        >>> keras.saving.serialize_keras_object(keras.layers.Dense(3))["class_name"]
        'Dense'
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
        return {
            "class_name": "__keras_tensor__",
            "config": {"shape": list(obj.shape), "dtype": obj.dtype, "keras_history": history},
        }
    if isinstance(obj, Variable) or device().is_array(obj) or type(obj).__module__ == "numpy":
        return _serialize_array(obj)
    if isinstance(obj, types.FunctionType):
        return _serialize_function(obj)
    if inspect.isclass(obj):
        return {
            "module": public_module(obj),
            "class_name": "type",
            "config": obj.__name__,
            "registered_name": get_registered_name(obj),
        }
    if hasattr(obj, "get_config"):
        return _serialize_instance(obj)
    if callable(obj) and hasattr(obj, "__name__"):
        return _serialize_function(obj)
    raise ValueError(f"Can't serialize {obj!r} of type {type(obj).__name__}: it has no `get_config`.")


def serialize_for_file(obj: Any) -> Any:
    """`serialize_keras_object(obj)`, with marks on objects that stand in several places.

    Such an object carries the same `shared_object_id` in all of them.

    A load makes one object of those. Keras marks what it meets again, too, but in a copy that it has made already the
    first place stays without the mark.
    """
    with context.scope(objects_saved={}):
        data = serialize_keras_object(obj)
    _unmark_single(data)
    return data


def _unmark_single(data):
    """Take `shared_object_id` off what stands in one place only."""
    places, pending = {}, [data]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if _SHARED in item and "class_name" in item:
                places.setdefault(item[_SHARED], []).append(item)
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
    for held in places.values():
        if len(held) == 1:
            del held[0][_SHARED]


def _serialize_array(obj):
    import numpy as np  # start-up time: few configs hold arrays

    array = (
        obj.numpy()
        if isinstance(obj, Variable)
        else device().to_host(obj)
        if device().is_array(obj)
        else np.asarray(obj)
    )
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
    saved = context.current().objects_saved
    if saved is not None:
        data[_SHARED] = saved.setdefault(id(obj), (len(saved) + 1, obj))[
            0
        ]  # the object is held, since its id is another's when it is gone
    return data


def serialize_dict(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Each value of a dict serialized.

    Args:
        mapping: dict.

    Returns:
        Dict of plain data.
    """
    return {key: serialize_keras_object(value) for key, value in mapping.items()}


def enable_unsafe_deserialization() -> None:
    """Let files run the Python lambdas in them, in this process, whatever `safe_mode` says.

    It is `keras.config.enable_unsafe_deserialization`.

    Example:
        >>> import kerasish as keras
        >>> keras.config.enable_unsafe_deserialization()  # doctest: +SKIP
    """
    global _unsafe
    _unsafe = True


def safe_mode() -> bool:
    """Whether code from a file is refused now: always, but inside a load with `safe_mode=False`."""
    return not _unsafe and context.current().safe_mode is not False


@suggesting
def deserialize_keras_object(
    config: Any,
    custom_objects: CustomObjects = None,
    safe_mode: bool = True,
    catalog: Catalog | None = None,
    module_objects: CustomObjects = None,
    printable_module_name: str = "object",
) -> Any:
    """The object that `config` describes.

    Args:
        config: what `serialize_keras_object` gave.
        custom_objects: dict from name to class or function of the program's own.
        safe_mode: bool. Refuse functions whose code is in the config (Python lambdas). Inside a load, that of the load
            counts.
        catalog: a `Catalog` in which bare names are looked up first, or None.
        module_objects: dict from name to class or function of a package's own, looked at after `custom_objects`. With
            it, a string as `config` is a name in it: of a class, which is made without arguments, or of a function.
        printable_module_name: string, kept for programs written for Keras.

    Returns:
        The object; what is plain data comes back as it is.

    Raises:
        ValueError: for an unknown class or function, for one outside the library that is not registered, for code in
            safe mode.

    Example:
        >>> import kerasish as keras
        >>> config = keras.saving.serialize_keras_object(keras.layers.Dense(3))
        >>> keras.saving.deserialize_keras_object(config).units
        3
    """
    inherited = context.current().safe_mode
    limit = machine_memory() if inherited is None else None
    known = {**(module_objects or {}), **(custom_objects or {})}
    if isinstance(config, str) and module_objects is not None and config in known:
        return known[config]() if isinstance(known[config], type) else known[config]
    with allowing(limit, "The config"), CustomObjectScope(known):
        config = modernize_once(config)
        with context.scope(
            safe_mode=(safe_mode is not False) if inherited is None else inherited, config_is_modern=True
        ):
            return _deserialize(config, catalog)


def _deserialize(config, catalog=None):
    if isinstance(config, (list, tuple)):
        return [_deserialize(item) for item in config]
    if not isinstance(config, dict):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: _deserialize(value) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if not isinstance(name, str):
        raise ValueError(f"`class_name` in a config must be a string, got {name!r}.")
    if name in _SPECIAL:
        return _special(name, inner)
    if name in ("function", "type"):
        if not isinstance(inner, str):
            raise ValueError(f"The config of a {name} must be its name, got {inner!r}.")
        return (find_function if name == "function" else find_class)(inner, config, catalog)
    context.claim(1, name)
    cls = find_class(name, config, catalog)
    inner = {} if inner is None else inner
    if not isinstance(inner, dict):
        raise ValueError(f"Can't load {name!r}: its `config` must be a dict, got {inner!r}.")

    def make():
        instance = cls.from_config(inner) if hasattr(cls, "from_config") else cls(**inner)
        _rebuild(instance, config)
        return instance

    return _shared((cls, config[_SHARED]), make) if isinstance(config.get(_SHARED), int) else make()


def _special(name, inner):
    try:
        return _SPECIAL[name](inner)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(
            f"The config holds a {name} that says {str(inner)[:100]!r}, which can't be read ({type(error).__name__}: "
            f"{error})."
        ) from error


def _rebuild(instance, config):
    """Build and compile a loaded layer or model as it was."""
    if config.get("build_config") and hasattr(instance, "build_from_config"):
        instance.build_from_config(config["build_config"])
    if config.get("compile_config") and hasattr(instance, "compile_from_config") and context.current().compile_loaded:
        instance.compile_from_config(config["compile_config"])


def _shared(identity, make):
    shared = context.current().shared_objects
    if shared is None:
        return make()
    if identity not in shared:
        shared[identity] = make()
    return shared[identity]


def _load_array(inner):
    import numpy as np  # start-up time: few configs hold arrays

    return np.array(
        inner["value"], dtype=standardize_dtype(inner["dtype"])
    )  # a dtype of NumPy's own may ask for terabytes ("S1000000000000")


def _load_tensor(inner):
    return KerasTensor(tuple(inner["shape"]), inner["dtype"])


def _load_lambda(inner):
    refuse_code("a Python lambda")
    if isinstance(inner, dict):
        inner = (inner["code"], inner["defaults"], inner["closure"]) if "code" in inner else inner["value"]
    return load_code(*inner)


def refuse_code(what: str) -> None:
    """Raise a ValueError where code from a file is refused.

    Args:
        what: what the file holds, for the message.
    """
    if safe_mode():
        raise ValueError(
            f"This file holds {what}, which is code that loading would run. If you trust the file, load it with "
            "`safe_mode=False`; "
            "better, save the model with a named function registered by `keras.saving.register_keras_serializable`."
        )


def load_code(code: str, defaults: Sequence[Any] | None = None, closure: Sequence[Any] | None = None) -> Any:
    """The Python lambda whose bytecode a file holds, in any Keras's form.

    Base64 text, default arguments, values of the closure.

    Raises:
        ValueError: in safe mode (checked here as well, so that no path leads around it), and for code that another
            Python wrote.
    """
    refuse_code("a Python lambda")
    try:
        code = marshal.loads(base64.b64decode(code))
    except (ValueError, EOFError, TypeError) as error:
        raise ValueError(
            f"The bytecode of a Python lambda can't be read: another version of Python wrote it ({error}). Save the "
            "model with a named function instead."
        ) from error
    if not isinstance(code, types.CodeType):
        raise ValueError(f"The bytecode of a Python lambda can't be read: it is {type(code).__name__}.")
    cells = tuple(types.CellType(value) for value in closure) if closure else None
    names = {**vars(importlib.import_module("builtins")), "keras": importlib.import_module(PACKAGE)}
    return types.FunctionType(code, names, "lambda", _tuple(defaults), cells)


def _tuple(value):
    return tuple(value) if isinstance(value, list) else value


_SPECIAL = {
    "__tuple__": lambda inner: tuple(_deserialize(item) for item in inner["value"]),
    "__bytes__": lambda inner: inner["value"].encode("utf-8", "surrogateescape"),
    "__slice__": lambda inner: slice(
        _deserialize(inner["start"]), _deserialize(inner["stop"]), _deserialize(inner["step"])
    ),
    "__ellipsis__": lambda inner: Ellipsis,
    "__numpy__": _load_array,
    "__tensor__": _load_array,
    "__keras_tensor__": _load_tensor,
    "__lambda__": _load_lambda,
}
