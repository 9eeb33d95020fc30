"""What brings rows of a table up to date: the steps that they missed, done to them alone.

See `backend/rows_behind.py`. Compiled, a row's steps are done while the row is in the cache; without compiled kernels,
one step after the other to all rows that miss it.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

import numpy as np

from kerasish.backend.fused.missed_steps import LEAST, ends
from kerasish.backend.graph import Tensor
from kerasish.backend.numpy import aligned, native
from kerasish.backend.numpy.fused.expressions import is_sayable
from kerasish.backend.numpy.fused.replay_source import STEPS, ReplaySource
from kerasish.backend.numpy.indexing import check_range, checked_positions
from kerasish.backend.numpy.kernels import KERNELS
from kerasish.backend.numpy.steps import cost
from kerasish.backend.numpy.steps.operands import copied
from kerasish.backend.numpy.team import assemble
from kerasish.typing import TensorLike

_STEPS = 128  # in place of STEPS where every missed step is done: a pause of all rows should be short
_SHARES = 16  # among which rows are dealt
_NANOSECONDS = 20.0  # an element that has missed some steps, about
_INDICES = ("int32", "int64")
_ROWS = 1 << 16  # looked at together


class Replayer:
    """The rows of one table and its slots that are behind.

    Args:
        replay: Replay. buffers: list of the arrays of the table and the slots, which rows are changed in.
    """

    def __init__(self, replay: Any, buffers: Any) -> None:
        self._replay = replay
        self._rows, self._width = buffers[0].shape[0], prod(buffers[0].shape[1:])
        self._tables = [buffer.reshape(self._rows, self._width) for buffer in buffers]
        self._last = aligned.empty((self._rows,), np.int32)  # the last step that a row did; -1 - step where it is fresh
        self._last[:] = 0
        self._clock = np.ones(1, np.int32)  # the step that comes next, or runs
        self._history, self._largest, self._smallest = np.zeros((3, STEPS, max(1, len(replay.scalars))))
        self._products, self._powers = np.ones(STEPS), np.zeros((len(buffers), STEPS))
        self._is_odd = False  # whether the last step had a factor too far from 1 for a long product
        self._native = native.enabled() and all(map(is_sayable, self._nodes()))
        self._ends = self._native and ends(replay)
        if self._ends:
            for place in replay.slots:
                self._powers[place] = replay.closed.decays[place] ** np.arange(STEPS)

    def _nodes(self):
        return [node for change in (self._replay.usual, self._replay.fresh) if change for node in change.nodes]

    def restart(self) -> None:
        """All rows are up to date, whatever has been done to the arrays."""
        self._clock[0] = 1
        self._last[:] = 0
        if self._replay.fresh is not None:
            for start in range(0, self._rows, _ROWS):
                part = slice(start, start + _ROWS)
                used = [self._tables[place][part].any(axis=1) for place in self._replay.slots]
                self._last[part] -= ~np.logical_or.reduce(used)

    def bind(self, out: Any, indices: TensorLike, scalars: Any) -> list[Any]:
        """The steps that bring the rows up to date that `indices` name, and hand the indices on in `out`."""
        begin = partial(self._begin, indices, scalars)
        if not self._native or indices.dtype.name not in _INDICES:
            return [begin, partial(self._catch_up, indices, True), partial(np.copyto, out, indices)]
        steps = [begin]
        indices = copied(steps, indices, indices.ndim)
        return [*steps, self._kernel(indices, True), partial(np.copyto, out, indices)]

    def _begin(self, indices, scalars):
        """Refuse indices beyond the table, and note this step's scalars.

        All rows catch up where no more scalars can be kept.
        """
        check_range(indices, self._rows, 0)
        numbers = [float(scalar.reshape(())) for scalar in scalars]
        factor = self._replay.closed.factor(numbers) if self._ends else 1.0
        was_odd, self._is_odd = self._is_odd, not LEAST <= factor <= 1 / LEAST
        if self._clock[0] == (STEPS if self._ends else _STEPS) or was_odd or self._is_odd:
            self.settle()
            self._last[:] = np.where(self._last < 0, -1, 0)
            self._clock[0] = 1
        now = self._clock[0]
        self._history[now, : len(numbers)] = numbers
        if self._ends:
            self._products[now] = self._products[now - 1] * factor
            self._largest[now] = self._smallest[now] = these = self._history[now]
            for extremes, is_beyond in ((self._largest[1:now], np.less), (self._smallest[1:now], np.greater)):
                np.copyto(extremes, these, where=is_beyond(abs(extremes), abs(these)))

    def advance(self) -> None:
        """The step that ran is done."""
        self._clock[0] += 1

    def abandon(self) -> None:
        """The step that ran was not done: rows that were touched are where they were before it."""
        self._last[self._last == self._clock[0]] = self._clock[0] - 1

    def settle(self) -> None:
        """Bring all rows up to date."""
        done = self._clock[0] - 1
        fresh_waits = self._replay.fresh is not None and not self._replay.fresh.is_nothing
        behind = (self._last < 0) & (self._last > -1 - done) if fresh_waits else np.zeros(self._rows, bool)
        behind |= (self._last >= 0) & (self._last < done)
        rows = np.flatnonzero(behind).astype(np.int32)
        if not rows.size:
            return
        if self._native:
            assemble([self._kernel(rows, False)])()
        else:
            self._catch_up(rows, False)

    # -- compiled -----------------------------------------------------------------------------------------------------

    def _kernel(self, indices, touches):
        source = ReplaySource(self._replay, indices.dtype.name)
        arrays = [indices, self._last, self._clock, self._history]
        more = [self._largest, self._smallest, self._powers, self._products]
        args = [indices.size, _SHARES, self._rows, self._width, *map(_address, arrays), int(touches)]
        args += [*map(_address, more), *(_address(table) for table in self._tables), *source.constants]
        workers = cost.workers(_NANOSECONDS * indices.size * self._width, _SHARES)
        address = native.address(native.Source(source.text))
        return native.NativeStep(
            address, args, [*arrays, *more, *self._tables], _SHARES, workers=workers, name="catch_up"
        )

    # -- by NumPy -----------------------------------------------------------------------------------------------------

    def _catch_up(self, indices, touches):
        rows, now = np.unique(checked_positions(np.asarray(indices), self._rows, 0)), int(self._clock[0])
        seen = self._last[rows]
        fresh = seen < 0
        for which, change in ((~fresh, self._replay.usual), (fresh, self._replay.fresh)):
            if which.any() and not change.is_nothing:
                self._do(rows[which], np.where(seen < 0, -1 - seen, seen)[which], now, change)
        done = now if touches else now - 1
        self._last[rows] = np.where(fresh & (not touches), -1 - done, done)

    def _do(self, rows, seen, now, change):
        """The steps behind `seen[i]` to row `rows[i]`."""
        order = np.argsort(seen, kind="stable")
        rows, seen = rows[order], seen[order]
        values = [table[rows] for table in self._tables]
        with np.errstate(all="ignore"):
            for step in range(int(seen[0]) + 1, now):
                late = int(np.searchsorted(seen, step))
                for value, new in zip(values, self._computed(change, [v[:late] for v in values], step)):
                    if new is not None:
                        value[:late] = new
        for table, value in zip(self._tables, values):
            table[rows] = value

    def _computed(self, change, olds, step):
        known = dict(zip(self._replay.olds, olds))
        for place, scalar in enumerate(self._replay.scalars):
            known[scalar] = np.asarray(self._history[step, place], scalar.dtype)

        def array(x, dtype):
            return known[x] if isinstance(x, Tensor) else np.asarray(x, dtype)

        for node in change.nodes:
            made = known[node.outputs[0]] = np.empty(olds[0].shape, node.outputs[0].dtype)
            operands = [array(change.meaning(x), x.dtype) for x in node.inputs]
            KERNELS[node.operation.name](made, *operands, **node.attributes)
        return [None if new is None else array(new, old.dtype) for new, old in zip(change.new, self._replay.olds)]


def _address(array):
    return array.ctypes.data
