"""Pass `fuse`: join nodes into Groups.

Nodes are met in order. A group is open until something outside reads one of its values; a node joins the open groups
that it reads from (or that read the same large operand) where it fits their space, and where no way leads from them
through another group back into them.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.fusion.ranges import is_in_range
from kerasish.backend.node import PrimitiveNode
from kerasish.backend.primitives.group import FUSED, Group, full_of, is_elementwise, is_of_columns, is_reduction
from kerasish.backend.primitives.traits import Role

LARGEST = 64  # nodes a group: longer kernels compile slowly and run out of registers
MOST_ARRAYS = 24


def fuse(draft: Draft) -> Draft:
    """The draft with groups in place of what could be joined."""
    to_host = draft.device.to_host
    numbers = {t: to_host(array).item() for t, array in draft.constants.items() if not t.shape}
    return draft.replace(nodes=_Fusion(draft.nodes, draft.wanted, numbers).run())


class _Open(Group):
    """A group that may still grow."""

    def __init__(self, space, index):
        super().__init__(space)
        self.index = index
        self.reads = {}

    def add(self, node):
        if len(self.nodes) >= LARGEST or not super().add(node):
            return False
        for x in node.inputs:
            if x not in self.kinds:
                self.reads[x] = True
        return True


def _spanning(groups):
    """The group whose space is that of all, or of whose rows the others have a number each; None where there is none.

    What is computed of a number for each row meets there the rows that it came from.
    """
    for whole in groups:
        rows = whole.row_shapes() if whole.boundary is not None else ()
        if all(g.space == whole.space or g.space in rows for g in groups):
            return whole
    return None


class _Fusion:
    def __init__(self, nodes, wanted, numbers):
        self.nodes, self.numbers = nodes, numbers
        self.wanted = set(wanted)
        self.made_by = {t: node for node in nodes for t in node.outputs}
        self.order = {id(node): place for place, node in enumerate(nodes)}
        self.waiting = {}
        for node in nodes:
            for x in dict.fromkeys(node.inputs):
                self.waiting[x] = self.waiting.get(x, 0) + 1
        self.totals = dict(self.waiting)
        self.owner, self.readers = {}, {}
        self.done, self.opened = [], 0

    def run(self):
        """All nodes, grouped."""
        for node in self.nodes:
            sources = list(dict.fromkeys(self.owner[x] for x in node.inputs if x in self.owner))
            if not self._start_or_join(node, sources):
                for group in sources:
                    self._close(group)
                self.done.append(node)
            for x in dict.fromkeys(node.inputs):
                self.waiting[x] -= 1
            self._close_finished(sources)
        for group in sorted(set(self.owner.values()), key=lambda g: g.index):
            self._close(group)
        return self.done

    # -- joining --------------------------------------------------------------------------------------------------

    def _start_or_join(self, node, sources):
        role = node.operation.traits.role
        elementwise = is_elementwise(node) or role is Role.PUTS and self._is_of_columns(node)
        reduction = not elementwise and self._is_reduction(node)
        if not elementwise and not reduction and not (sources and role is Role.SPREADS):
            return False
        space = tuple((node.inputs[0] if reduction else node.outputs[0]).shape)
        beside = [
            g
            for x in node.inputs
            if x.shape == space
            for g in self.readers.get(x, ())
            if g.space == space and g not in sources
        ]
        for candidates in self._choices(sources, beside):
            if self._join(node, candidates, sources):
                return True
        if not elementwise and not reduction:
            return False
        group = _Open(space, self.opened)
        self.opened += 1
        if not group.add(node):
            return False
        self._own(group, node)
        return True

    def _is_reduction(self, node):
        if node.operation.traits.role is Role.REDUCES:
            return is_reduction(node)
        return node.operation.traits.role.makes_rows and self._is_of_columns(node)

    def _is_of_columns(self, node):
        """An index out of range is an error that a kernel can't raise: only those go in that can't be."""
        if not is_of_columns(node):
            return False
        if node.operation.traits.role is Role.FINDS:
            return True
        return is_in_range(node.inputs[1], full_of(node).shape[-1], self.made_by, self.numbers)

    @staticmethod
    def _choices(sources, beside):
        """Sets of groups to join, the largest first."""
        if len(sources) > 1:
            yield sources
        for group in sorted(sources, key=lambda g: -g.index):
            yield [group]
        for group in sorted(set(beside), key=lambda g: -g.index):
            yield [group]

    def _join(self, node, candidates, sources):
        first, whole = candidates[0], _spanning(candidates)
        if whole is None or self._leads_back(candidates, sources):
            return False
        if len(candidates) == 1:
            if not self._has_room(candidates, node) or not first.add(node):
                return False
            self._own(first, node)
            return True
        if not self._has_room(candidates, node):
            return False
        merged = _Open(whole.space, first.index)
        merged.boundary = whole.boundary if any(g.space != whole.space for g in candidates) else None
        for member in sorted((n for g in candidates for n in g.nodes), key=lambda n: self.order[id(n)]):
            if not merged.add(member):
                return False
        if not merged.add(node):
            return False
        for member in merged.nodes:
            self._own(merged, member)
        for group in candidates:
            self._forget(group)
        return True

    def _forget(self, group):
        """Nobody joins this group any more."""
        for x in group.reads:
            if group in self.readers.get(x, ()):
                self.readers[x].remove(group)

    @staticmethod
    def _has_room(candidates, node):
        arrays = {x for g in candidates for x in g.reads} | set(node.inputs)
        return len(arrays) <= MOST_ARRAYS

    def _leads_back(self, candidates, sources):
        """Whether another open group that the new one would read from needs a candidate."""
        outside = [g for g in sources if g not in candidates]
        for group in candidates:
            outside += [h for h in self._needs(group) if h not in candidates]
        seen, pending = set(), outside
        while pending:
            group = pending.pop()
            if group in candidates:
                return True
            if group not in seen:
                seen.add(group)
                pending += self._needs(group)
        return False

    def _needs(self, group):
        return {self.owner[x] for x in group.reads if x in self.owner and self.owner[x] is not group}

    def _own(self, group, node):
        self.owner[node.outputs[0]] = group
        for x in node.inputs:
            if x in group.reads and x.shape == group.space and x not in self.numbers:
                readers = self.readers.setdefault(x, [])
                if group not in readers:
                    readers.append(group)

    # -- closing --------------------------------------------------------------------------------------------------

    def _close_finished(self, sources):
        """Close groups of which nobody is going to read anything any more: their memory is free sooner."""
        for group in sources:
            owner = (
                self.owner.get(group.nodes[0].outputs[0]) if group.nodes else None
            )  # the group itself, or the one that it was merged into
            if owner is not None and all(not self.waiting.get(t) for t in owner.kinds):
                self._close(owner)

    def _close(self, group):
        if not group.nodes or self.owner.get(group.nodes[0].outputs[0]) is not group:
            return
        for needed in sorted(self._needs(group), key=lambda g: g.index):
            self._close(needed)
        self._forget(group)
        for tensor in group.kinds:
            del self.owner[tensor]
        inside = {}
        for node in group.nodes:
            for x in dict.fromkeys(node.inputs):
                inside[x] = inside.get(x, 0) + 1
        group.close(lambda t: t in self.wanted or self.totals.get(t, 0) > inside.get(t, 0), self.numbers)
        if len(group.nodes) == 1 and group.nodes[0].operation.traits.role is Role.SPREADS:
            self.done += group.nodes
            return
        first = group.nodes[0]
        self.done.append(
            PrimitiveNode(
                operation=FUSED,
                inputs=list(group.inputs),
                attributes={"group": group},
                outputs=group.outputs,
                several=True,
                order=first.order,
                scope=first.scope,
            )
        )
