"""A Group: nodes that one kernel computes in one pass over a space of rows and columns."""

from __future__ import annotations

from math import prod
from typing import Any

from kerasish.backend.primitives import costs
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.traits import NOTHING, STORED, Again, Hoist, Role, Traits
from kerasish.typing import TensorLike

FULL, ROW, TERMINAL = "full", "row", "terminal"
_FEW_COLUMNS = 128  # NumPy's argmax has vector code, which pays for long rows


class FusedOperation:
    """The operation of a node that stands for a Group; `attributes["group"]` says what it computes."""

    name = "fused"
    traits = Traits(
        elementwise=False,
        pure=True,
        view=False,
        cost=costs.FUSED,
        fuses=NOTHING,
        hoists=Hoist.NEVER,
        again=Again.SAVED,
        in_place=None,
    )

    def in_place_operand(self, node: Any, x: TensorLike) -> bool:
        """Whether an output of the shape and dtype of operand `x` may be written over it."""
        return node.attributes["group"].may_overwrite(x)

    def __repr__(self) -> str:
        return "<fused>"


FUSED = FusedOperation()


class Group:
    """What one fused kernel computes.

    Its space is a shape, cut in rows (the axes before `boundary`) and columns (the others). A value is FULL (one number
    a point), ROW (one a row: a reduction over the columns, or computed from such) or TERMINAL (a sum over rows, which
    nothing in the group reads).

    Attributes:
        space: tuple of ints. boundary: int, or None where nothing is reduced. period: None, or the axis at which sums
            over rows begin: they add up over the axes from there to the boundary, for each place of the axes before it.
        nodes: list of Nodes in order. kinds: dict from a Tensor made inside to its kind.
        inputs, outputs: tuples of Tensors, known when the group is complete. constants: dict from a Tensor to a Python
            number.
        rows_only: whether its work must be cut by rows, so that it can follow a product (`epilogue.py`).
        plan: what a device keeps with the group when it first binds it; None before. Here, so that it goes when the
            group goes.
    """

    def __init__(self, space: Any) -> None:
        self.space: tuple[Any, ...] = tuple(space)
        self.boundary = None
        self.period = None
        self.nodes: list[Any] = []
        self.kinds: dict[Any, Any] = {}
        self.inputs = self.outputs = ()
        self.constants = {}
        self.rows_only = False
        self.plan = None

    @property
    def rows(self) -> Any:
        """How many rows; without a boundary all axes but the last are rows."""
        return prod(self.space[: self._cut()])

    @property
    def columns(self) -> Any:
        """How many columns."""
        return prod(self.space[self._cut() :])

    def _cut(self):
        return self.boundary if self.boundary is not None else max(0, len(self.space) - 1)

    def row_shapes(self) -> tuple[Any, ...]:
        """The shapes that a ROW value may have."""
        outer, inner = self.space[: self.boundary], len(self.space) - self.boundary
        return (outer, outer + (1,) * inner)

    def operands(self) -> list[tuple[Any, str]]:
        """(Tensor, FULL or ROW) of every array that it reads, once for each way in which it is read."""
        keys = {}
        for node in self.nodes:
            row = self.kinds[node.outputs[0]] == ROW and node.operation.traits.elementwise
            for x in node.inputs:
                if x not in self.kinds and x not in self.constants:
                    keys[x, ROW if row else FULL] = True
        return list(keys)

    # -- growing --------------------------------------------------------------------------------------------------

    def add(self, node: Any) -> bool:
        """Take `node` in if it fits; says whether it did."""
        found = self._role(node)
        if found is None:
            return False
        kind, boundary, period = found
        if boundary is not None:
            self.boundary = boundary
        if period is not None:
            self.period = period
        self.nodes.append(node)
        self.kinds[node.outputs[0]] = kind
        return True

    def _role(self, node):
        """(kind, boundary, period) that the output of `node` would have here; None where it does not fit."""
        role = node.operation.traits.role
        if any(self.kinds.get(x) == TERMINAL for x in node.inputs):
            return None
        if is_elementwise(node):
            return self._elementwise_role(node)
        if is_reduction(node):
            return self._reduction_role(node)
        if is_of_columns(node):
            return self._of_columns_role(node)
        if role is Role.SPREADS and self.boundary is not None and self.kinds.get(node.inputs[0]) == ROW:
            shape = tuple(node.outputs[0].shape)
            if shape in self.row_shapes():
                return ROW, None, None
            if (
                node.operation is p.broadcast_to
                and shape == self.space
                and tuple(node.inputs[0].shape) == self.row_shapes()[1]
            ):
                return FULL, None, None
        return None

    def _elementwise_role(self, node):
        shape = tuple(node.outputs[0].shape)
        if shape == self.space and all(self._fits_full(x) for x in node.inputs):
            return FULL, None, None
        if self.boundary is not None and shape in self.row_shapes():
            if all(self.kinds.get(x, ROW) == ROW and tuple(x.shape) in (shape, ()) for x in node.inputs):
                return ROW, None, None
        return None

    def _fits_full(self, x):
        kind = self.kinds.get(x)
        return kind is None or kind == FULL or tuple(x.shape) == self.row_shapes()[1] and kind == ROW

    def _of_columns_role(self, node):
        """A number of each row, found or put at one of its columns."""
        last = len(self.space) - 1
        full = full_of(node)
        if tuple(full.shape) != self.space or self.boundary not in (None, last):
            return None
        rows = node.inputs if full is node.outputs[0] else node.inputs[1:]
        if (
            full is not node.outputs[0]
            and self.kinds.get(full, FULL) != FULL
            or any(self.kinds.get(x, ROW) != ROW for x in rows)
        ):
            return None
        return (FULL if full is node.outputs[0] else ROW), last, None

    def _reduction_role(self, node):
        x, rank = node.inputs[0], len(self.space)
        axes = _axes(node)
        kind = self.kinds.get(x)
        if kind == ROW:
            everything = node.operation is p.sum and len(axes) == len(x.shape)
            return (TERMINAL, None, None) if everything and self.period in (None, 0) else None
        if kind is None and tuple(x.shape) != self.space:
            return None
        first, last = axes[0], axes[-1]
        if axes != tuple(range(first, last + 1)):
            return None
        if last == rank - 1 and (first > 0 or rank == 1):
            return (ROW, first, None) if self.boundary in (None, first) else None
        if node.operation is not p.sum:
            return None
        if last == rank - 1:  # everything
            return (
                (TERMINAL, self.boundary if self.boundary is not None else rank - 1, 0)
                if self.period in (None, 0)
                else None
            )
        return (
            (TERMINAL, last + 1, first) if self.boundary in (None, last + 1) and self.period in (None, first) else None
        )

    # -- complete -------------------------------------------------------------------------------------------------

    def close(self, wanted_outside: Any, constants: Any) -> None:
        """Fix inputs and outputs.

        `wanted_outside(tensor)`: whether anything outside reads it; `constants`: dict from Tensor to a number.
        """
        reads = dict.fromkeys(x for node in self.nodes for x in node.inputs if x not in self.kinds)
        self.constants: dict[Any, Any] = {x: constants[x] for x in reads if x in constants}
        self.inputs: tuple[Any, ...] = tuple(x for x in reads if x not in self.constants)
        self.outputs: tuple[Any, ...] = tuple(t for t in self.kinds if wanted_outside(t))

    def stages(self) -> Any:
        """Dict from each FULL or TERMINAL tensor to the loop over the columns that computes it.

        From each ROW tensor to the loop before which it is known.
        """
        stage = {}
        for node in self.nodes:
            output = node.outputs[0]
            before = [stage[x] for x in node.inputs if x in stage]
            here = max(before, default=0)
            if (
                self.kinds[output] == ROW
                and self.kinds.get(node.inputs[0], FULL) == FULL
                and node.operation.traits.role.makes_rows
            ):
                here += 1
            stage[output] = here
        return stage

    def may_overwrite(self, x: TensorLike) -> bool:
        """Whether a FULL output of the last loop may lie where operand `x` lies.

        Every read of a point comes before its write.
        """
        if tuple(x.shape) != self.space or self.boundary is not None and 1 in self.space[self.boundary :]:
            return False
        stage = self.stages()
        full = [stage[t] for t in self.kinds if self.kinds[t] != ROW]
        last = max(full, default=0)
        return all(stage[t] == last for t in self.outputs if self.kinds[t] == FULL)


def _axes(node):
    rank = len(node.inputs[0].shape)
    axis = node.attributes.get("axis")
    axes = range(rank) if axis is None else [axis] if isinstance(axis, int) else axis
    return tuple(sorted(a % rank for a in axes)) if rank else ()


def is_reduction(node: Any) -> bool:
    """Whether `node` is a reduction that a kernel can do along the way."""
    traits, x = node.operation.traits, node.inputs[0] if node.inputs else None
    return traits.role is Role.REDUCES and bool(_axes(node)) and x.dtype in traits.fuses and 0 not in x.shape


def full_of(node: Any) -> TensorLike:
    """Of a call that finds, takes or puts one number a row: the tensor with all columns."""
    return node.outputs[0] if node.operation.traits.role is Role.PUTS else node.inputs[0]


def is_of_columns(node: Any) -> bool:
    """Whether `node` finds, takes or puts one number a row along the last axis.

    (That indices are in range is for the caller to know.)
    """
    traits = node.operation.traits
    if traits.role not in (Role.FINDS, Role.TAKES, Role.PUTS):
        return False
    x, full = node.inputs[0], full_of(node)
    if (
        not full.shape
        or 0 in full.shape
        or x.dtype not in traits.fuses
        or node.attributes["axis"] % len(full.shape) != len(full.shape) - 1
    ):
        return False
    return full.shape[-1] <= _FEW_COLUMNS if traits.role is Role.FINDS else node.inputs[1].shape[-1] == 1


def is_elementwise(node: Any) -> bool:
    """Whether `node` computes each point from the same point of its operands, and may do so in a Group."""
    traits = node.operation.traits
    if not traits.elementwise or len(node.outputs) != 1 or 0 in node.outputs[0].shape:
        return False
    if any(x.dtype not in STORED for x in (*node.inputs, *node.outputs)):
        return False
    most = traits.fuses_up_to
    return node.inputs[0].dtype in traits.fuses and (most is None or prod(node.outputs[0].shape) <= most)
