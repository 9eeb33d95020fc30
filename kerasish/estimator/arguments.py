"""Arguments of Estimators, checked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any


def check_steps(steps: int | None, max_steps: int | None) -> None:
    """Raise ValueError for both, and for numbers below 1."""
    if steps is not None and max_steps is not None:
        raise ValueError("Give either `steps` or `max_steps`, not both.")
    for name, value in (("steps", steps), ("max_steps", max_steps)):
        if value is not None and value < 1:
            raise ValueError(f"`{name}` must be at least 1, got {value!r}.")


def check_model_fn(model_fn: Callable[..., Any], params: Mapping[str, Any] | None) -> None:
    """Raise ValueError for a model function that takes what it is not given, or does not take what it is given."""
    if not callable(model_fn):
        raise ValueError(f"`model_fn` must be a function, got {type(model_fn).__name__}.")
    parameters = inspect.signature(model_fn).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    known = ("features", "labels", "mode", "params", "config")
    if "features" not in parameters and not takes_all:
        raise ValueError(f"`model_fn` must take `features`, it takes {', '.join(parameters) or 'nothing'}.")
    required = [
        name for name, item in parameters.items() if item.default is item.empty and item.kind < item.VAR_POSITIONAL
    ]
    other = [name for name in required if name not in known]
    if other:
        raise ValueError(f"`model_fn` takes `{other[0]}`, but is given only {', '.join(known)}.")
    if params and "params" not in parameters and not takes_all:
        raise ValueError("`params` was given, but `model_fn` does not take `params`.")
