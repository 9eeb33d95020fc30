"""Pass `sparse_rows`.

The update of a large table of which a step reads few rows (an embedding) computes and writes those rows only.

The gradient of such a table is `take_gradient(g, indices)`, zero in all rows that `indices` do not name. Where the new
values of the table and of its slots are elementwise in that gradient, and where a row whose gradient is zero keeps its
value exactly, the rows not named need no step: SGD without momentum, Adagrad. `unchanged.py` is the proof. What decays
or carries on without a gradient (Adam, RMSprop, momentum, weight decay) changes every row; on a device that can replay
steps the others do that when they are next read (`rows_behind.py`, `replay.py`), elsewhere such an update stays dense.

    gradient = take_gradient(g, indices)            rows = take(table, indices)
    new = subtract(table, multiply(gradient, r))    new_rows = subtract(rows, multiply(sum_rows(g, indices), r))
                                                    new = put_rows(table, indices, new_rows)      (in place)

    indices = catch_up(indices, table, slots, scalars)      first of all, where rows may be behind

The norm of such a gradient is that of its rows, each distinct index counted once (`first_rows`).

There is one row for each index, not for each distinct one: rows of equal index get equal sums, and so equal new values.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.passes.dead import drop_dead, needed
from kerasish.backend.compiler.replay import Body, is_filled, replay_of
from kerasish.backend.compiler.unchanged import Values
from kerasish.backend.primitives import PRIMITIVES
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.rows_behind import RowsBehind
from kerasish.typing import Shape

_ELEMENTS = 16384  # a smaller table is updated as fast as its rows are picked
_SHARE = 4  # rows in the table for each index
_SHARE_LATER = 16  # the same, where other rows catch up later (at 8 it costs what it saves: measured)
_ELEMENTS_LATER = 1 << 19  # the same: Adam does that many in 0.1 ms, as long as 256 rows take to catch up (measured)


def sparse_rows(draft: Draft) -> Draft:
    """The draft with updates of few rows in place of dense ones; the same one where there is nothing to do."""
    for gradient in [node for node in draft.nodes if _is_table_gradient(node)]:
        update = _RowUpdate(draft, gradient)
        if update.is_possible():
            draft = drop_dead(draft.replace(nodes=update.rewritten()))
    return draft


def is_worthwhile(table: Shape, indices: int) -> bool:
    """Whether an update of a table of that shape had better be one of the rows that so many indices name."""
    return product(table) >= _ELEMENTS and _SHARE * indices <= table[0]


def _is_table_gradient(node):
    if node.operation.name != "take_gradient" or node.attributes["axis"] != 0:
        return False
    return is_worthwhile(node.outputs[0].shape, product(node.inputs[1].shape))


class _RowUpdate:
    """The updates that depend on one gradient.

    Attributes:
        region: dict from the outputs of nodes that depend on the gradient to those nodes.
        targets: dict from new values in the region to the Variables that get them.
        totals: dict from sums of all elements of a value in the region to the nodes that make them.
    """

    def __init__(self, draft, gradient):
        self._nodes, self._outputs = draft.nodes, set(draft.outputs)
        self._updates, self._reads, self._constants = draft.updates, draft.graph.reads, draft.constants
        self._old = {tensor: variable for variable, tensor in self._reads.items()}
        self._made_by = {t: node for node in self._nodes for t in node.outputs}
        self._gradient = gradient.outputs[0]
        self._indices = self._made_by[self._gradient].inputs[1]  # those that another table has handed on
        self._shape = tuple(self._gradient.shape)
        self.region, self.targets, self.totals = {}, {}, {}
        self._rows, self._new_nodes = {}, []
        self._device, self._replay = draft.device, None

    # -- may it be done? ----------------------------------------------------------------------------------------

    def is_possible(self):
        """Whether all that depends on the gradient are updates that leave rows without gradient as they are.

        Or that can be done to those rows later.
        """
        if not self._find_region() or not self._find_targets():
            return False
        values = self._values_without_gradient()
        if not all(values.is_zero(node.inputs[0]) for node in self.totals.values()):
            return False
        unchanged = all(values.is_same(tensor, self._reads[variable]) for tensor, variable in self.targets.items())
        return unchanged or self._can_wait()

    def _find_region(self):
        """Fill `region`; False where a node in it is not elementwise, or reads what has no rows."""
        inside = {self._gradient}
        for node in self._nodes:
            if node.outputs[0] is self._gradient or not any(x in inside for x in node.inputs):
                continue
            if node.operation is p.sum and product(node.outputs[0].shape) == 1:
                self.totals[node.outputs[0]] = node
                continue
            if not self._is_rowwise(node) or not all(x in inside or self._has_rows(x) for x in node.inputs):
                return False
            inside.add(node.outputs[0])
            self.region[node.outputs[0]] = node
        return bool(self.region)

    def _is_rowwise(self, node):
        return (
            node.operation.traits.elementwise and len(node.outputs) == 1 and tuple(node.outputs[0].shape) == self._shape
        )

    def _has_rows(self, x):
        """Whether `x`, which does not depend on the gradient, can be had row by row.

        A variable, what is elementwise in such, or the same in all rows.
        """
        if x in self._old and tuple(x.shape) == self._shape or self._is_shared(x):
            return True
        node = self._made_by.get(x)
        if node is None:
            return False
        if is_filled(node):
            return True
        return self._is_rowwise(node) and all(self._has_rows(y) for y in node.inputs)

    def _is_shared(self, x):
        """Whether broadcasting gives every row of the table the same of `x`."""
        shape = tuple(x.shape)
        return len(shape) < len(self._shape) or len(shape) == len(self._shape) and shape[0] == 1

    def _find_targets(self):
        """Fill `targets`.

        False where a value in the region is wanted for anything else than an update, or not wanted.
        """
        for variable, tensor in self._updates.items():
            if tensor in self.region or tensor is self._gradient:
                if tensor in self.targets or tensor not in self.region or variable not in self._reads:
                    return False
                old = self._reads[variable]
                if tuple(old.shape) != self._shape or old.dtype != tensor.dtype or old in self._made_by:
                    return False
                self.targets[tensor] = variable
        used = {x for node in self._nodes for x in node.inputs}
        inside = {self._gradient, *self.region}
        return bool(self.targets) and not inside & self._outputs and all(t in used or t in self.targets for t in inside)

    def _values_without_gradient(self):
        values = Values({self._gradient: 0.0}, self._slots(), self._constants)
        for node in self._nodes:
            if node.outputs[0] in self.region or self._is_rowwise(node) or is_filled(node):
                values.add(node)
        return values

    def _slots(self):
        return {tensor for tensor, variable in self._old.items() if not variable.trainable}

    def _rows_here(self):
        """How many rows the indices name: of a table that is cut over ranks, whose indices are those of all, a part."""
        parts = [variable.part.size for variable in self.targets.values() if hasattr(variable, "part")]
        return product(self._indices.shape) // max(parts, default=1)

    def _can_wait(self):
        """Fill `_replay` and `_before`; False where rows can't miss a step and do it later.

        The rows are read by the indices of the gradient alone, which are known, as the scalars of the step are, before
        anything is read of the table.
        """
        if self._device.replayer is None or product(self._shape) < _ELEMENTS_LATER:
            return False
        if _SHARE_LATER * self._rows_here() > self._shape[0]:
            return False
        news = {self._reads[variable]: tensor for tensor, variable in self.targets.items()}
        body = Body(self._nodes, {self._gradient, *news}, self._is_rowwise, self._constants)
        replay = replay_of(news, self._gradient, self._slots() & set(news), body)
        if replay is None or not self._device.can_replay(replay):
            return False
        before = needed(self._nodes, [self._indices, *replay.scalars])
        inside = {*self.region, *body.made}
        for node in self._nodes:
            elsewhere = node.outputs[0] not in inside and not self._is_taken(node)
            if elsewhere and any(x in news for x in node.inputs):
                return False
        depends = any(x in news or x is self._gradient for node in before for x in node.inputs)
        if depends or not self._outputs.isdisjoint(news):
            return False
        self._replay, self._before = replay, before
        return True

    # -- do it --------------------------------------------------------------------------------------------------

    def rewritten(self):
        """The list of nodes with the rows computed in place of the table, and put into it at the end.

        That is when nobody reads the old ones any more.
        """
        for node in self._nodes if self._replay is None else self._caught_up():
            if node.outputs[0] is self._gradient:
                self._rows[self._gradient] = self._make(
                    "sum_rows", [node.inputs[0], self._indices], {"size": self._shape[0]}, node
                )
            elif node.outputs[0] in self.region:
                self._rows[node.outputs[0]] = self._make(
                    node.operation, [self._row(x, node) for x in node.inputs], node.attributes, node
                )
            elif node.outputs[0] in self.totals:
                self._add_total(node)
            else:
                self._new_nodes.append(node)
                if self._is_taken(node) and node.inputs[1] is self._indices:
                    self._rows.setdefault(node.inputs[0], node.outputs[0])
        for tensor, variable in self.targets.items():
            self._new_nodes.append(
                self.region[tensor].replace(
                    operation=PRIMITIVES["put_rows"],
                    inputs=[self._reads[variable], self._indices, self._rows[tensor]],
                    attributes={},
                    order=len(self._new_nodes),
                )
            )
        return self._new_nodes

    def _add_total(self, node):
        """The sum of rows, of which those of equal index are equal and count once."""
        rows = self._rows[node.inputs[0]]
        lead = tuple(self._indices.shape)
        first = self._make("first_rows", [self._indices], {"size": self._shape[0]}, node)
        first = self._make("reshape", [first], {"shape": (*lead, *(1 for _ in self._shape[1:]))}, node)
        first = self._make("broadcast_to", [first], {"shape": tuple(rows.shape)}, node)
        once = self._make("multiply", [rows, self._make("cast", [first], {"dtype": rows.dtype}, node)], {}, node)
        total = self._make("sum", [once], {"axis": tuple(range(len(rows.shape))), "keepdims": False}, node)
        shape = tuple(node.outputs[0].shape)
        self._new_nodes.append(node.replace(operation=p.reshape, inputs=[total], attributes={"shape": shape}))

    def _caught_up(self):
        """The nodes in an order in which the rows that are named catch up before anything is read of them.

        All that followed from the indices follows from what `catch_up` hands on, so that it stands behind it.
        """
        replay, done = self._replay, set(map(id, self._before))
        variables = [self._old[old] for old in replay.olds]
        rows = RowsBehind.of(variables, replay.key, lambda buffers: self._device.replayer(replay, buffers))
        catch_up = new_node(
            PRIMITIVES["catch_up"],
            [self._indices, *replay.olds, *replay.scalars],
            {"rows": rows},
            order=len(self._before),
            scope=next(node.scope for node in self.region.values()),
        )
        named, given = self._indices, catch_up.outputs[0]
        rest = [node for node in self._nodes if id(node) not in done]
        self._indices = given
        return [
            *self._before,
            catch_up,
            *(_reading(node, given, named) if any(x is named for x in node.inputs) else node for node in rest),
        ]

    def _is_taken(self, node):
        """Whether `node` reads such rows of a variable, as the forward pass does."""
        return (
            node.operation.name == "take"
            and node.attributes["axis"] == 0
            and node.inputs[0] in self._old
            and self._names_rows(node.inputs[1])
        )

    def _names_rows(self, x):
        """Whether `x` is the indices, or those of this rank among them, which wait for all (`travelling_rows`)."""
        node = self._made_by.get(x)
        return x is self._indices or (
            node is not None and node.operation is p.wait_for and node.inputs[1] is self._indices
        )

    def _row(self, x, user):
        """The rows of `x` that the indices name."""
        if x in self._rows:
            return self._rows[x]
        node = self._made_by.get(x)
        if self._is_shared(x):
            rows = x
        elif x in self._old:
            rows = self._make("take", [x, self._indices], {"axis": 0}, user)
        elif is_filled(node):
            rows = self._filled_rows(node)
        else:
            rows = self._make(node.operation, [self._row(y, user) for y in node.inputs], node.attributes, user)
        self._rows[x] = rows
        return rows

    def _filled_rows(self, node):
        shape = (*self._indices.shape, *self._shape[1:])
        return self._make(node.operation, list(node.inputs), {**node.attributes, "shape": shape}, node)

    def _make(self, operation, inputs, attributes, like):
        operation = PRIMITIVES[operation] if isinstance(operation, str) else operation
        node = new_node(operation, inputs, attributes, order=len(self._new_nodes), scope=like.scope)
        self._new_nodes.append(node)
        return node.outputs[0]


def _reading(node, new, old):
    return node.replace(inputs=[new if x is old else x for x in node.inputs])
