"""What the steps of the modes are given and give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.estimator.graphs import ModeModel

Batch = tuple[Any, Any]


def train(model: ModeModel, batch: Batch, names: Sequence[str]) -> dict[str, Any]:
    """One update; returns the loss, and the values of `names`.

    Args:
        model: of the mode.
        batch: features and labels.
        names: what hooks ask for.
    """
    known = {"loss", "global_step"}
    outputs = tuple(_output_name(model, name) for name in names if name not in known)
    if not set(outputs) <= set(model.returned):
        model.returned = tuple(sorted({*model.returned, *outputs}))
        model.train_function = None
    values = dict(model.make_train_function()(pair(batch)))
    values.update({name: values[_output_name(model, name)] for name in names if name not in known})
    return values


def _output_name(model, name):
    if name.startswith("hook ") or name not in model.spec.predictions:
        if name in model.output_keys:
            return name
        known = ["loss", "global_step", *model.spec.predictions]
        raise ValueError(f"A hook asks for {name!r}; there are {', '.join(known)}.")
    return f"prediction {name}"


def pair(batch: Batch) -> dict[str, Any]:
    """A batch as a model with labels takes it."""
    return {"features": batch[0], "labels": batch[1]}


def chained(first: Batch, others: Iterator[Batch]) -> Iterator[Batch]:
    """A batch that was taken already, and those that come."""
    yield first
    yield from others


def rows(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a batch of predictions."""
    count = min((len(value) for value in found.values() if np.ndim(value)), default=0)
    for place in range(count):
        yield {name: value[place] for name, value in found.items()}


def kept(found: dict[str, Any], predict_keys: str | Sequence[str] | None) -> dict[str, Any]:
    """Those predictions that are wanted. Raises ValueError for keys that are not there."""
    if predict_keys is None:
        return found
    keys = [predict_keys] if isinstance(predict_keys, str) else list(predict_keys)
    missing = [key for key in keys if key not in found]
    if missing:
        raise ValueError(f"`predict_keys` names {missing[0]!r}; there are {', '.join(found)}.")
    return {key: found[key] for key in keys}


def scalar(value: Any) -> Any:
    """A float, or an array of several numbers."""
    array = ops.convert_to_numpy(value)
    return float(array) if array.ndim == 0 else array
