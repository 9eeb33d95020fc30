"""Variables that every process has, with slots that are cut over the processes: each updates its rows (ZeRO-1)."""

from __future__ import annotations

from typing import Any

from kerasish.backend import Variable
from kerasish.backend.primitives import p
from kerasish.ops.numpy.helpers import window
from kerasish.optimizers.state import OptimizerState
from kerasish.typing import TensorLike


class RowUpdates(OptimizerState):
    """The part of an `Optimizer` that updates by rows what has slots by rows."""

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        raise NotImplementedError

    def _update_one(self, gradient, variable, learning_rate):
        part = self._slots_cut.get(variable)
        if part is None:
            self.update_step(gradient, variable, learning_rate)
            return
        rows = self._rows_of(variable, part)
        rows.assign(_cut(variable.read(), part))
        self.update_step(_cut(gradient, part), rows, learning_rate)
        variable.assign(p.all_gather(rows.read(), rows=part.rows, rank=part.rank))

    def _rows_of(self, variable, part):
        """The Variable that stands for the rows of `variable` that are here; `update_step` finds the slots by it."""
        if variable not in self._rows:
            rows = self._rows[variable] = Variable(
                _zeros, (part.own, *variable.shape[1:]), variable.dtype, name=f"{variable.name}_rows"
            )
            self._trainable_variables_indices[rows] = self._trainable_variables_indices[variable]
        return self._rows[variable]


def _cut(x: Any, part: Any) -> Any:
    return window(x, 0, part.start, part.stop)


def _zeros(shape, dtype):
    return p.full(shape=shape, value=0.0, dtype=dtype)
