"""Lambda."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.fixed_arrays import fixed
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, CustomObjects, ShapeLike


class Lambda(Layer):
    """A function as a layer.

    A model with a Python lambda inside is code: loading it needs `safe_mode=False`. A named function that is registered
    loads safely.

    Args:
        function: called with the inputs (and `mask`, `training` where it takes them).
        output_shape: accepted; the shape is found by tracing.
        mask: a function (inputs, mask) -> mask, or a mask.
        arguments: dict of further keyword arguments for `function`; copies of arrays among them are kept.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        mask: bool tensor, where the inputs count; None for everywhere.
        training: bool or None; whether the layer acts as in training. None takes it from the call around.

    >>> import kerasish as keras
    >>> keras.layers.Lambda(lambda x: x * 2)(keras.ops.ones((2,))).tolist()
    [2.0, 2.0]
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: ShapeLike | None = None,
        mask: Any = None,
        arguments: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(f"`function` must be a function, got {function!r}.")
        self.function = function
        self.arguments: dict[Any, Any] = fixed(dict(arguments or {}))
        self._output_shape = output_shape
        self.mask: Any = fixed(mask)
        self.supports_masking: bool = mask is not None
        code = getattr(function, "__code__", None)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
        self._takes_mask, self._takes_training = "mask" in names, "training" in names

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        extra = {
            name: value
            for name, value, taken in (("mask", mask, self._takes_mask), ("training", training, self._takes_training))
            if taken
        }
        return self.function(inputs, **{**self.arguments, **extra})

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """What `mask` gives."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> Config:
        config = {
            **super().get_config(),
            "function": _function_config(self.function),
            "arguments": serialize_keras_object(self.arguments),
        }
        if self._output_shape is not None:
            config["output_shape"] = (
                _function_config(self._output_shape) if callable(self._output_shape) else self._output_shape
            )
        if self.mask is not None:
            config["mask"] = _function_config(self.mask)
        return config

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None, safe_mode: bool | None = None) -> Any:
        config = _of_today(config)
        for key in ("function", "output_shape", "mask", "arguments"):
            if isinstance(config.get(key), (dict, list)):
                config[key] = deserialize_keras_object(config[key], custom_objects, safe_mode=safe_mode is not False)
        if isinstance(config.get("output_shape"), list):
            config["output_shape"] = tuple(config["output_shape"])
        return super().from_config(config)


def _function_config(function):
    """As Keras's Lambda writes it: the parts of a Python lambda by name."""
    data = serialize_keras_object(function)
    if isinstance(data, dict) and data.get("class_name") == "__lambda__":
        code, defaults, closure = data["config"]["value"]
        return {"class_name": "__lambda__", "config": {"code": code, "defaults": defaults, "closure": closure}}
    return data


_KINDS = frozenset("function_type module output_shape_type output_shape_module mask_type mask_module".split())


def _of_today(config):
    """A config in the form of today, also where Keras 2 wrote it.

    Keras 2 has bytecode as a list of three, a function by its bare name, and beside them of which kind each is.
    """
    new = {key: value for key, value in config.items() if key not in _KINDS}
    for key in ("function", "output_shape", "mask"):
        value = new.get(key)
        if isinstance(value, (list, tuple)) and len(value) == 3 and isinstance(value[0], str):
            new[key] = {
                "class_name": "__lambda__",
                "config": {"code": value[0], "defaults": value[1], "closure": value[2]},
            }
        elif isinstance(value, str):
            new[key] = {"module": "builtins", "class_name": "function", "config": value, "registered_name": "function"}
    return new
