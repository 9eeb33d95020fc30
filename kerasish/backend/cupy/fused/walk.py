"""How a Group is walked: few axes of rows and few of columns, with a stride for each operand."""

from __future__ import annotations

from math import prod
from typing import Any

from kerasish.backend.fused.axes import joined
from kerasish.backend.primitives.group import ROW, TERMINAL

OUT = "out"  # the role of an array that is written


class Walk:
    """The walk over a Group's space for operands that lie as they do.

    Args:
        plan: the Group's LoopPlan. arrays: dict from (Tensor, FULL, ROW or OUT) to what has `shape`, `strides` in bytes
            and `itemsize`.

    Attributes:
        flat: whether there are no rows: each point is by itself, or goes into totals. outer, inner: sizes of the axes
            of rows and of columns. strides: dict from an operand to its strides in elements, along `outer` and along
            `inner`. rows, columns, points: ints. farthest: the largest distance in elements from where an array begins.
    """

    def __init__(self, plan: Any, arrays: dict[Any, Any]) -> None:
        group = plan.group
        space = group.space
        self.flat: bool = not any(
            kind == ROW or kind == TERMINAL and not plan.is_total(plan.made[t]) for t, kind in group.kinds.items()
        )
        cut = 0 if self.flat else group.boundary
        whole = [_strides(group, key, array) for key, array in arrays.items()]
        self.outer, outer = joined(space[:cut], [s[:cut] for s in whole])
        self.inner, inner = joined(space[cut:], [s[cut:] for s in whole])
        self.strides: dict[Any, tuple[list[int], list[int]]] = dict(zip(arrays, zip(outer, inner)))
        self.rows, self.columns, self.points = prod(space[:cut]), prod(space[cut:]), prod(space)
        self.farthest: int = max(
            [self.points, *(sum(abs(s) * (n - 1) for s, n in zip(of, space)) for of in whole)], default=0
        )

    def lies(self) -> tuple[Any, ...]:
        """What a kernel is printed for, of how operands lie: which strides are nothing, and which are one."""
        return (
            len(self.outer),
            len(self.inner),
            tuple(
                (key[1], tuple(s != 0 for s in outer), tuple(s if s in (0, 1) else None for s in inner))
                for key, (outer, inner) in self.strides.items()
            ),
        )


def operands(group: Any) -> list[Any]:
    """(Tensor, role) of every array that a kernel reads, once for each way in which it is read, then of what it writes.

    Sums over rows are written in their own way, and are not among them.
    """
    return [*group.operands(), *((t, OUT) for t in group.outputs if group.kinds[t] != TERMINAL)]


def _strides(group, key, array):
    """Strides in elements of an array along the whole space."""
    tensor, role = key
    space, shape = group.space, array.shape
    steps = [s // array.itemsize if n != 1 else 0 for n, s in zip(shape, array.strides)]
    if role == ROW or role == OUT and group.kinds[tensor] == ROW:
        steps = steps[: group.boundary] if steps else [0] * group.boundary
        return steps + [0] * (len(space) - len(steps))
    return [0] * (len(space) - len(steps)) + steps
