"""Bare ops of a functional model as configs, under the class names that Keras 3 gives them, and back."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

from kerasish.backend.graph import has_keras_tensor, record
from kerasish.backend.trace import infer
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.ops.operation import ELSEWHERE, OPERATIONS, OpCall

_CLASS_NAMES = {
    "get_item": "GetItem",
    "einsum": "Einsum",
    "gelu": "Gelu",
    "log_softmax": "LogSoftmax",
    "true_divide": "TrueDivide",
}


def class_name(op: Callable[..., Any]) -> str:
    """The name of an op as that of a class: "expand_dims" becomes "ExpandDims"."""
    return _CLASS_NAMES.get(op.__name__) or "".join(part.capitalize() for part in op.__name__.split("_"))


_HOMES_ELSEWHERE = ("kerasish.classic_math.", "kerasish.random.")  # what a file may have imported: the library's own


def _module(op):
    if (op.__module__, op.__name__) in ELSEWHERE:
        return op.__module__
    family = op.__module__.split(".")[2] if op.__module__.count(".") >= 2 else "core"
    return f"keras.src.ops.{family}"


def serialize_operation(call: OpCall) -> dict[str, Any]:
    """The config of one recorded op."""
    name = class_name(call.op)
    config = {"name": call.name, **{key: serialize_keras_object(value) for key, value in call.attributes.items()}}
    return {"module": _module(call.op), "class_name": name, "config": config, "registered_name": name}


def names_an_op(data: Mapping[str, Any]) -> bool:
    """Whether a config is that of a bare op, not of a layer."""
    return str(data.get("module", "")).startswith(("keras.src.ops", *_HOMES_ELSEWHERE))


def deserialize_operation(data: Mapping[str, Any]) -> OpCall:
    """The OpCall that `serialize_operation` described. Raises ValueError for an op that kerasish lacks."""
    module = str(data.get("module"))
    known = _operations_of(module) if module.startswith(_HOMES_ELSEWHERE) else OPERATIONS.values()
    op = {class_name(op): op for op in known}.get(data["class_name"])
    if op is None:
        raise ValueError(
            f"The config names the op {data['class_name']!r} of {data.get('module')!r}, which kerasish does not have."
        )
    config = deserialize_keras_object(dict(data["config"]))
    name = config.pop("name", None)
    return RecordedOp(op, config, name)


def _operations_of(module):
    is_there = module.count(".") == 2 and importlib.util.find_spec(module) is not None
    if not is_there:
        return []
    importlib.import_module(module)
    return [op for (home, _), op in ELSEWHERE.items() if home == module]


class RecordedOp(OpCall):
    """An op loaded from a config: called on KerasTensors, it records itself under its stored name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if has_keras_tensor(args, kwargs):
            return record(self, args, kwargs, infer(self.op.body, args, {**kwargs, **self.attributes}))
        return super().__call__(*args, **kwargs)
