"""What brings rows of a table up to date: `backend/rows_behind.py` on a card.

Once a step the rows that are named catch up, in one launch with the next few of the table (`fused/replay_source.py`);
the host is not asked, so that the launch may be part of a graph.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy.fused import replay_source
from kerasish.backend.cupy.fused.bind import Launch, Printed
from kerasish.backend.cupy.indices import note
from kerasish.backend.cupy.row_moves import INDICES


class Replayer:
    """The rows of one table and its slots that are behind.

    Args:
        replay: Replay. buffers: list of the arrays of the table and the slots, which rows are changed in. machine: what
            launches kernels.
    """

    def __init__(self, replay: Any, buffers: Any, machine: Any) -> None:
        self._replay, self._machine, self._card = replay, machine, buffers[0].device
        self._source = replay_source.ReplaySource(replay)
        rows, columns = buffers[0].shape[0], prod(buffers[0].shape[1:])
        self._tables = [buffer.reshape(rows, columns) for buffer in buffers]
        steps, count = replay_source.STEPS, max(1, len(replay.scalars))
        with self._card:
            self._last = _zeros((rows,), np.int32)
            self._clock = _zeros((2,), np.int32)
            self._odd = _zeros((steps,), np.int32)
            self._logs = _zeros((steps,), np.float64)
            history, most, least = (_zeros((steps, count), np.float64) for _ in range(3))
            self._nowhere = _zeros((1,), np.int64)
            powers = cupy.asarray(replay_source.powers(replay))
        self._given = {
            "last": self._last, "clock": self._clock, "odd": self._odd, "history": history, "most": most,
            "least": least, "logs": self._logs, "powers": powers, "rows": np.int64(rows), "columns": np.int64(columns),
            "across": np.int32(replay_source.across(columns)), **{f"y{i}": t for i, t in enumerate(self._tables)},
            **{f"scalar{i}": self._nowhere for i in range(len(replay.scalars))},
        }  # fmt: skip
        self._begun = False  # whether a step runs that was not launched as part of a graph
        self._clock[:1].fill(1)

    def restart(self) -> None:
        """All rows are up to date, whatever has been done to the arrays."""
        with self._card:
            for array in (self._last, self._clock, self._odd, self._logs):
                array.fill(0)
            self._clock[:1].fill(1)
            if self._replay.fresh is None or not self._replay.slots:
                return
            used = None
            for place in self._replay.slots:
                here = cupy.any(self._tables[place], axis=1)
                used = here if used is None else cupy.logical_or(used, here)
            cupy.copyto(self._last, cupy.logical_not(used), casting="unsafe")

    def bind(self, out: Any, indices: Any, scalars: Any) -> list[Any]:
        """The steps that bring the rows up to date that `indices` name, and hand the indices on in `out`."""
        steps: list[Any] = []
        given, handed = indices, out
        if indices.dtype.name not in INDICES or not (indices.flags.c_contiguous and out.flags.c_contiguous):
            given, handed = (cupy.empty(indices.shape, np.int64) for _ in range(2))
            steps.append(partial(cupy.copyto, given, indices, casting="unsafe"))
        rows = self._tables[0].shape[0]
        printed, arguments = self._source.launch(
            {
                **self._given, **{f"scalar{i}": scalar for i, scalar in enumerate(scalars)},
                "indices": given, "out": handed, "refused": note(), "wide": np.int64(given.itemsize),
                "named": np.int64(given.size), "swept": np.int64(-(-rows // replay_source.period())),
                "begins": np.int32(1),
            }
        )  # fmt: skip
        steps.append(_Begin(self, printed, arguments))
        if handed is not out:
            steps.append(partial(cupy.copyto, out, handed, casting="unsafe"))
        return steps

    def advance(self) -> None:
        """The step that ran is done."""
        self._begun = False

    def abandon(self) -> None:
        """The step that ran was not done: rows that were touched are where they were before it."""
        if not self._begun:
            return
        self._begun = False
        with self._card:
            cupy.subtract(self._clock[:1], 1, out=self._clock[:1])
            touched = cupy.equal(self._last, cupy.multiply(self._clock[:1], 2))
            cupy.copyto(self._last, cupy.subtract(self._last, 2), where=touched)

    def settle(self) -> None:
        """Bring all rows up to date."""
        with self._card:
            nothing = {"indices": self._nowhere, "out": self._nowhere, "refused": self._nowhere}
            counts = {"wide": np.int64(8), "named": np.int64(0), "swept": self._given["rows"], "begins": np.int32(0)}
            self._machine.launch(*self._source.launch({**self._given, **nothing, **counts}))


class _Begin(Launch):
    """The launch that begins a step."""

    __slots__ = ("replayer",)

    def __init__(self, replayer: Replayer, printed: Printed, arguments: tuple[Any, ...]) -> None:
        super().__init__(replayer._machine, printed, arguments)
        self.replayer = replayer

    def __call__(self) -> None:
        self.launch(self.printed, self.arguments)
        self.replayer._begun = not cupy.cuda.get_current_stream().is_capturing()


def _zeros(shape, dtype):
    made = cupy.empty(shape, dtype)
    made.fill(0)
    return made
