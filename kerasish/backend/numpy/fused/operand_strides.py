"""Where the operands of a Group lie: few axes of rows and one of columns, with a stride for each operand."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from kerasish.backend.fused.axes import joined
from kerasish.backend.numpy import aligned
from kerasish.typing import IntOrInts, TensorLike


class Operand:
    """One array as the kernel walks it: `strides` (in elements) along the axes of rows, `step` along the columns."""

    __slots__ = ("array", "strides", "step")

    def __init__(self, array: TensorLike, strides: IntOrInts, step: Any) -> None:
        self.array: TensorLike = array
        self.strides: tuple[int, ...] = strides
        self.step: Any = step


class GroupWalk:
    """The walk over a Group's space.

    Attributes:
        rows: sizes of the axes of rows that are left after joining those that all operands walk through alike. columns:
            int.
        operands: list of Operands. copies: list of (target, source) arrays to copy before the kernel, for operands that
            lie too wildly.
    """

    def __init__(self, space: Any, boundary: Any, arrays: Sequence[Any], rows_only: bool = False) -> None:
        self.copies: list[Any] = []
        boundary = len(space) - 1 if boundary is None and rows_only else boundary
        cut = len(space) if boundary is None else boundary
        views = [np.broadcast_to(array, space) for array in arrays]
        views = [self._tamed(view, array, cut) for view, array in zip(views, arrays)]
        strides = [[s // v.itemsize for s in v.strides] for v in views]
        if boundary is None:
            sizes, merged = joined(space, strides)
            self.rows, self.columns = sizes[:-1], sizes[-1] if sizes else 1
            self.operands = [Operand(v, s[:-1], s[-1] if s else 0) for v, s in zip(views, merged)]
        else:
            self.rows, outer = joined(space[:cut], [s[:cut] for s in strides])
            sizes, inner = joined(space[cut:], [s[cut:] for s in strides])
            self.columns = sizes[0] if sizes else 1
            self.operands: list[Operand] = [Operand(v, o, i[0] if i else 0) for v, o, i in zip(views, outer, inner)]

    def _tamed(self, view, array, cut):
        """`view`, or a contiguous copy where a stride is negative or the columns are not one run."""
        inner = [(n, s) for n, s in zip(view.shape[cut:], view.strides[cut:]) if n > 1]
        one_run = all(s == t * m for (_, s), (m, t) in zip(inner, inner[1:]))
        if min(view.strides, default=0) >= 0 and one_run and all(s % view.itemsize == 0 for s in view.strides):
            return view
        copy = aligned.empty(array.shape, array.dtype)
        whole = np.broadcast_to(copy, view.shape)
        if not one_run and any(s == 0 for _, s in inner):
            copy = whole = aligned.empty(view.shape, view.dtype)
            array = view
        self.copies.append((copy, array))
        return whole

    @property
    def count(self) -> Any:
        """How many rows."""
        return prod(self.rows)
