"""The constructor arguments of Keras 1 and 2 that every layer still takes."""

from __future__ import annotations

from typing import Any

from kerasish.backend import deprecation
from kerasish.backend.fixed_arrays import fixed

OLD_ARGUMENTS = ("input_shape", "input_dim", "batch_input_shape", "input_length", "batch_size", "weights")


def take_old_arguments(cls: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Remove Keras 1/2's constructor arguments from `kwargs` and keep what they mean.

    An input shape, a batch size, weights.
    """
    old = {name: kwargs.pop(name) for name in OLD_ARGUMENTS if name in kwargs}
    if not old:
        return {}
    for name in old:
        deprecation.warn_renamed(
            cls.__name__,
            name,
            "keras.Input(shape=...) as the model's first element" if name != "weights" else "set_weights",
        )
    kept = {"weights": fixed(old["weights"])} if old.get("weights") is not None else {}
    if "batch_input_shape" in old:
        kept["batch_shape"] = tuple(old["batch_input_shape"])
    elif "input_shape" in old:
        kept["batch_shape"] = (old.get("batch_size"), *old["input_shape"])
    elif "input_dim" in old:
        length = (old["input_length"],) if "input_length" in old and not cls.takes_indices else ()
        kept["batch_shape"] = (old.get("batch_size"), *length, old["input_dim"])
    elif "input_length" in old:
        length = old["input_length"]
        kept["batch_shape"] = (old.get("batch_size"), *(length if isinstance(length, (list, tuple)) else (length,)))
    return kept
