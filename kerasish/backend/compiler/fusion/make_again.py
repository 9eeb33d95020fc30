"""Pass `make_again`: what costs a few instructions is made again by the Groups that read it, and never stored.

    first Group                             first Group
      c = x - mean; s = sum(c * c)            c = x - mean; s = sum(c * c)
      stores c                              second Group
    second Group                              c = x - mean; y = c * scale
      y = c * scale

The reader reads `x` in the place of `c`: as much, and nobody writes. So it is with the differences from the mean in
batch normalization, and the normalized values in layer normalization, on the way back too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.fusion.fuse import LARGEST, MOST_ARRAYS
from kerasish.backend.dtypes import bits
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives.group import FULL, FUSED, Group, is_elementwise

_FEW = 4  # nodes that are worth a store; conversions cost nothing beside it


def make_again(draft: Draft) -> Draft:
    """The draft in which no Group stores what its readers can make again."""
    walk = _Walk(draft)
    for place, node in enumerate(draft.nodes):
        if node.operation is FUSED:
            for tensor in node.outputs:
                walk.give_up(place, tensor)
    return draft.replace(nodes=walk.nodes)


class _Recipe(NamedTuple):
    """How a value is made: `nodes` in order, of what is in memory anyway, and `constants`.

    `full`: those of its sources that are FULL.
    """

    nodes: list[Any]
    full: set[Any]
    constants: dict[Any, Any]


class _Walk:
    def __init__(self, draft):
        self.nodes, self.wanted = list(draft.nodes), set(draft.wanted)
        self.readers = {}
        for place, node in enumerate(self.nodes):
            for x in dict.fromkeys(node.inputs):
                self.readers.setdefault(x, []).append(place)

    def give_up(self, place, tensor):
        """Let the readers of `tensor`, which the Group at `place` stores, make it again, where all of them can."""
        group = self.nodes[place].attributes["group"]
        readers = self.readers.get(tensor, [])
        if tensor in self.wanted or not readers or group.kinds[tensor] != FULL or len(group.outputs) < 2:
            return
        recipe = _recipe(group, tensor)
        if recipe is None or any(self.nodes[reader].operation is not FUSED for reader in readers):
            return
        changed = {reader: _making(self.nodes[reader], tensor, recipe) for reader in readers}
        if None in changed.values():
            return
        changed[place] = _without(self.nodes[place], tensor)
        for at, node in changed.items():
            for x in set(self.nodes[at].inputs) - set(node.inputs):
                self.readers[x].remove(at)
            for x in set(node.inputs) - set(self.nodes[at].inputs):
                self.readers.setdefault(x, []).append(at)
            self.nodes[at] = node


def _recipe(group, tensor):
    """The _Recipe of a value that `group` makes; None where it takes too much, or what is not in memory."""
    maker, stored = {node.outputs[0]: node for node in group.nodes}, set(group.outputs)
    needed, full, pending, steps = set(), set(), [tensor], 0
    while pending:
        t = pending.pop()
        node = maker[t]
        if t in needed:
            continue
        steps += not node.operation.traits.converts
        if steps > _FEW or not is_elementwise(node) or node.operation.traits.cost.expensive:
            return None
        needed.add(t)
        for x in node.inputs:
            if x in group.constants:
                continue
            kind = group.kinds.get(x)
            if kind is None or x in stored:
                full |= {x} if tuple(x.shape) == group.space else set()
            elif kind == FULL:
                pending.append(x)
            else:
                return None
    return _Recipe([node for node in group.nodes if node.outputs[0] in needed], full, group.constants)


def _making(node, tensor, recipe):
    """A reader that makes `tensor` itself; None where it would read more, or they do not fit."""
    group = node.attributes["group"]
    more = sum(bits(x.dtype) for x in recipe.full - set(node.inputs))
    if group.space != tuple(tensor.shape) or more > bits(tensor.dtype):
        return None
    stands = {}
    nodes = list(_copied(recipe.nodes, stands))
    nodes += [inner.replace(inputs=[stands.get(x, x) for x in inner.inputs]) for inner in group.nodes]
    return _rebuilt(node, nodes, group.outputs, {**recipe.constants, **group.constants})


def _copied(nodes: list[Any], stands: dict[Any, Any]) -> Iterator[Any]:
    for inner in nodes:
        twin = inner.replace(inputs=[stands.get(x, x) for x in inner.inputs])
        twin.outputs = [Tensor(t.shape, t.dtype, node=twin) for t in inner.outputs]
        stands.update(zip(inner.outputs, twin.outputs))
        yield twin


def _without(node, tensor):
    """The Group without one of its outputs, and what was for that alone."""
    group = node.attributes["group"]
    outputs = [t for t in group.outputs if t is not tensor]
    kept, wanted = [], set(outputs)
    for inner in reversed(group.nodes):
        if inner.outputs[0] in wanted:
            kept.insert(0, inner)
            wanted.update(inner.inputs)
    return _rebuilt(node, kept, outputs, group.constants)


def _each_once(nodes, outputs):
    """`nodes` without those that make what another has made."""
    seen, stands = {}, {}
    for inner in nodes:
        inner = inner.replace(inputs=[stands.get(x, x) for x in inner.inputs])
        key = inner.operation.name, tuple(map(id, inner.inputs)), repr(inner.attributes)
        if key in seen and inner.outputs[0] not in outputs:
            stands[inner.outputs[0]] = seen[key]
        else:
            seen.setdefault(key, inner.outputs[0])
            yield inner


def _rebuilt(node, nodes, outputs, constants):
    """The node of a Group of other nodes; None where they are too many, or do not fit."""
    old = node.attributes["group"]
    nodes = list(_each_once(nodes, set(outputs)))
    group = Group(old.space)
    group.boundary, group.period = old.boundary, old.period
    if len(nodes) > LARGEST or not all(group.add(inner) for inner in nodes):
        return None
    kept = set(outputs)
    group.close(lambda t: t in kept, constants)
    if len(group.inputs) > MOST_ARRAYS:
        return None
    attributes = {**node.attributes, "group": group}
    return node.replace(inputs=list(group.inputs), outputs=list(group.outputs), attributes=attributes)
