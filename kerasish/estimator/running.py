"""Steps of a mode's model with hooks beside them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from kerasish import ops, tree
from kerasish.estimator.graphs import ModeModel
from kerasish.estimator.hooks.session_run_hook import SessionRunContext, SessionRunHook, SessionRunValues


class Run:
    """What hooks see of a run, as their `session`.

    Args:
        estimator: the `Estimator`.
        model: the model of the mode.
        global_step: int.

    Attributes:
        global_step: int, how many steps were trained.
    """

    def __init__(self, estimator: Any, model: ModeModel, global_step: int) -> None:
        self.estimator, self.model, self.global_step = estimator, model, global_step

    def state(self) -> dict[str, Any]:
        """All variables by name, as NumPy arrays."""
        return self.model.state()


def steps_with_hooks(
    run: Run,
    hooks: Sequence[SessionRunHook],
    batches: Iterable[Any],
    step: Callable[[Any, tuple[str, ...]], dict[str, Any]],
    limit: int | None,
) -> Iterator[dict[str, Any]]:
    """Take steps until the data or the limit is reached or a hook asks to stop; yields what each gave.

    Args:
        run: the run.
        hooks: hooks, begun already.
        batches: what `step` is called on.
        step: function of a batch and the names that hooks ask for; returns values by name.
        limit: int, how many steps are taken at most; None for as many as there are batches.
    """
    for hook in hooks:
        hook.after_create_session(run, None)
    context = SessionRunContext(run)
    with contextlib.closing(iter_of(batches)) as remaining:
        taken = 0
        while (limit is None or taken < limit) and not context.stop_requested:
            batch = next(remaining, None)
            if batch is None:
                break
            asked = [hook.before_run(context) for hook in hooks]
            names = {name for item in asked if item is not None for name in tree.flatten(item.fetches)}
            values = step(batch, tuple(sorted(names)))
            values["global_step"] = run.global_step
            for hook, item in zip(hooks, asked):
                results = None if item is None else tree.map_structure(partial(_value, values), item.fetches)
                hook.after_run(context, SessionRunValues(results))
            taken += 1
            yield values
    for hook in hooks:
        hook.end(run)


def _value(values, name):
    if name not in values:
        raise ValueError(f"A hook asks for {name!r}; there are {', '.join(map(str, values))}.")
    value = values[name]
    return ops.convert_to_numpy(value) if hasattr(value, "dtype") else value


def iter_of(batches: Iterable[Any]) -> Any:
    """A generator of batches, which can be closed."""
    return (batch for batch in batches)
