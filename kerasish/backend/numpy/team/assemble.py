"""One callable of a Program's steps: runs of native steps become segments, which one call walks."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.team import blas
from kerasish.backend.numpy.team.crew import native, place


def assemble(steps: int) -> Any:
    """A function without arguments that does `steps` in order.

    Args:
        steps: functions without arguments; those that are NativeSteps are walked in native code, the shared ones among
            them by the team.
    Returns: the function. It holds BLAS meanwhile. Where another Program has the team it does all shares on the calling
    thread, with the same bits.
    """
    blas.find()
    parts = _parts(steps)
    if not any(isinstance(part, Segment) for part in parts):
        return _plain(tuple(steps))
    workers = max(part.workers for part in parts if isinstance(part, Segment))
    if len(parts) == 1:
        return blas.wrapped(_whole_alone(parts[0]) if workers == 1 else _whole_together(parts[0]))
    return blas.wrapped(_mixed_alone(parts) if workers == 1 else _mixed_together(parts, workers))


class Segment:
    """Consecutive native steps.

    Attributes:
        steps: the NativeSteps. table: int64 array of a row a step (see `native/kernels/walk.kernel`). workers: int, the
            most that a step has.
    """

    def __init__(self, steps: int) -> None:
        self.steps: tuple[Any, ...] = tuple(steps)
        self.workers = max(step.workers for step in steps)
        rows, before = [], 1
        for i, step in enumerate(steps):
            meet = i > 0 and (before > 1 or step.workers > 1)
            rows.append([step.address, step.args.ctypes.data, step.units, step.grain, step.workers, int(meet)])
            before = step.workers
        if before > 1:
            rows.append([0, 0, 0, 1, 1, 1])
        self.table: Any = np.array(rows, np.int64)
        self.address: Any = self.table.ctypes.data
        self.rows: int = len(rows)

    @property
    def barriers(self) -> int:
        """How often the team meets in it."""
        return int(self.table[:, 5].sum()) if self.workers > 1 else 0


def _parts(steps):
    """Plain functions and Segments, in order."""
    parts, together = [], []
    for step in steps:
        if isinstance(step, NativeStep):
            together.append(step)
            continue
        if together:
            parts.append(Segment(together))
            together = []
        parts.append(step)
    if together:
        parts.append(Segment(together))
    return parts


def _plain(steps):
    """No native step: BLAS has the team's number of threads, or one where other Programs need it so."""
    threads = blas.kept()
    hold = blas.hold

    def run():
        release = hold(threads)
        try:
            for step in steps:
                step()
        finally:
            release()

    return run


def _whole_alone(segment):
    walk, held, table, rows = native("run_alone"), blas.memory(), segment.address, segment.rows

    def run():
        walk(held, table, rows, 0)

    run.parts, run.is_one_call = (segment,), True
    return run


def _whole_together(segment):
    walk, table, rows, workers = native("run_together"), segment.address, segment.rows, segment.workers

    def run():
        walk(place(workers), table, rows, workers)

    run.parts, run.is_one_call = (segment,), True
    return run


def _mixed_alone(parts):
    walk = native("walk_alone")
    blas.memory()
    calls = tuple((None, part.address, part.rows) if isinstance(part, Segment) else (part, 0, 0) for part in parts)
    hold = blas.hold

    def run():
        release = hold()
        try:
            for step, table, rows in calls:
                if step is None:
                    walk(0, table, rows, 0)
                else:
                    step()
        finally:
            release()

    run.parts = tuple(parts)
    return run


def _mixed_together(parts, workers):
    begin, finish, lead, alone = native("begin"), native("finish"), native("segment"), native("walk_alone")
    calls = tuple(
        (None, part.address, part.rows, part.workers) if isinstance(part, Segment) else (part, 0, 0, 0)
        for part in parts
    )

    def run():
        state, answer = place(workers), ctypes.c_int64()
        try:
            begin(state, ctypes.addressof(answer), 0, workers)
            team = answer.value
            for step, table, rows, together in calls:
                if step is not None:
                    step()
                elif team and together > 1:
                    lead(state, table, rows, together)
                else:
                    alone(0, table, rows, 0)
        finally:
            finish(state, answer.value, 0, 0)

    run.parts = tuple(parts)
    return run
