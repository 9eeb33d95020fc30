"""Arguments of Estimators, checked."""

from __future__ import annotations

import inspect
import numbers
import os
from collections.abc import Callable, Mapping
from typing import Any

from kerasish.estimator.hooks.session_run_hook import SessionRunHook
from kerasish.estimator.run_config import RunConfig
from kerasish.typing import PathLike


def check_steps(steps: int | None, max_steps: int | None) -> None:
    """Raise ValueError for both, and for numbers below 1."""
    if steps is not None and max_steps is not None:
        raise ValueError("Give either `steps` or `max_steps`, not both.")
    for name, value in (("steps", steps), ("max_steps", max_steps)):
        if value is not None and (not isinstance(value, numbers.Integral) or value < 1):
            raise ValueError(f"`{name}` must be an int of at least 1, got {value!r}.")


def check_config(config: Any, model_dir: PathLike | None) -> None:
    """Raise TypeError for what is no `RunConfig`, ValueError where it has another folder than `model_dir`."""
    if config is None:
        return
    if not isinstance(config, RunConfig):
        raise TypeError(f"`config` must be a `RunConfig`, got {type(config).__name__}: {config!r:.80}.")
    folders = [os.fspath(folder) for folder in (model_dir, config.model_dir) if folder is not None]
    if len(set(folders)) > 1:
        raise ValueError(f"`model_dir` is {folders[0]!r}, and that of `config` {folders[1]!r}: give one of them.")


def checked_hooks(hooks: Any) -> list[Any]:
    """Hooks as a list. Raises TypeError for what is no list of `SessionRunHook`s."""
    if isinstance(hooks, SessionRunHook):
        raise TypeError(
            f"`hooks` must be a list of `SessionRunHook`s, got one {type(hooks).__name__}: put it in a list."
        )
    found = list(hooks or ())
    for hook in found:
        if not isinstance(hook, SessionRunHook):
            raise TypeError(f"`hooks` must hold `SessionRunHook`s, got {type(hook).__name__}: {hook!r:.80}.")
    return found


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
