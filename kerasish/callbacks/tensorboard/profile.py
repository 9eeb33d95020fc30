"""The steps of a training step on a line of time, for Chrome's and Perfetto's viewers of traces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kerasish.typing import PathLike
from kerasish.whole_files import replacing

_BATCHES, _STEPS = 1, 2  # rows of the picture


def write_trace(path: PathLike, explanation: Any, batches: Sequence[tuple[int, float, float]]) -> None:
    """Write a trace in Chrome's format, which `chrome://tracing` and ui.perfetto.dev open.

    Args:
        path: path of the file.
        explanation: what `model.explain(kind="train")` gave: its steps, one after the other.
        batches: (number, begin, end) of batches as they were trained, in seconds.
    """
    start = batches[0][1] if batches else 0.0
    events = [
        {"name": "process_name", "ph": "M", "pid": 1, "args": {"name": explanation.name}},
        {"name": "thread_name", "ph": "M", "pid": 1, "tid": _BATCHES, "args": {"name": "batches, as trained"}},
        {"name": "thread_name", "ph": "M", "pid": 1, "tid": _STEPS, "args": {"name": "a step, part by part"}},
    ]
    for number, begin, end in batches:
        events.append(_event(f"batch {number}", _BATCHES, begin - start, end - begin, {}))
    at = 0.0
    for row in explanation.rows:
        facts = {name: row[name] for name in ("layer", "shape", "dtype", "flops", "bytes", "inside") if row.get(name)}
        name = f"{row['operation']} {row['layer']}" if row["layer"] else row["operation"]
        events.append(_event(name, _STEPS, at, row["seconds"], {**facts, "share": f"{row['share']:.1%}"}))
        at += row["seconds"]
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump({"traceEvents": events, "displayTimeUnit": "ms"}, file, default=str)


def _event(name, row, seconds, duration, facts):
    microseconds = {"ts": seconds * 1e6, "dur": duration * 1e6}
    return {"name": name, "ph": "X", "pid": 1, "tid": row, **microseconds, "args": facts}
