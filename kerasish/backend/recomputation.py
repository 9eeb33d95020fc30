"""Parts of a trace whose values are made a second time for the backward pass, so that they need not be kept for it.

A Region marks the nodes that one call recorded. `autodiff` walks back through copies of them, which read what came into
the region behind `wait_for`: no pass makes a copy one with the node that it was made of, nor runs it before the
gradient is there. So the first values die with the region's forward pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kerasish.backend.primitives.primitive import p


class Region:
    """What marks the nodes of one part, and the part around it.

    Args:
        around: Region or None.
    """

    __slots__ = ("around",)

    def __init__(self, around: Region | None) -> None:
        self.around: Region | None = around


@contextmanager
def recorded_in(trace: Any, region: Region | None) -> Iterator[None]:
    """Have what `trace` writes down meanwhile belong to `region`."""
    before = trace.region
    trace.region = region
    try:
        yield
    finally:
        trace.region = before


def dissolve(trace: Any, region: Region) -> None:
    """Have the nodes of a region belong to the one around it."""
    for node in reversed(trace.nodes):
        if not _is_within(node.region, region):
            break
        if node.region is region:
            node.region = region.around
        elif node.region.around is region:
            node.region.around = region.around


def outermost(region: Region | None, here: Region | None) -> Region | None:
    """The largest region around `region` that is not around `here` as well; None where there is none."""
    found = None
    while region is not None and region is not here:
        found, region = region, region.around
    return found


def _is_within(region, other):
    while region is not None and region is not other:
        region = region.around
    return region is not None


class FreshRegions:
    """Regions for copies of nodes: those of one region share one again.

    Args:
        old, new: what stands for what, at the outside.
    """

    def __init__(self, old: Region | None, new: Region | None) -> None:
        self._fresh: dict[Any, Region | None] = {old: new}

    def __getitem__(self, region: Region | None) -> Region | None:
        if region not in self._fresh:
            self._fresh[region] = Region(self[region.around])
        return self._fresh[region]


class ComputedAgain:
    """Copies of a region's nodes, at the end of the trace.

    Args:
        region: Region.
        path: list of its nodes whose values are wanted again, of one trace; what they need of the region comes too.
        after: the value that has to be there first.

    Attributes:
        made: dict from a Tensor of the region to the one that is it again.
        held: dict from a Tensor that the region reads to what its copies read.
    """

    def __init__(self, region: Region, path: Sequence[Any], after: Any) -> None:
        self.made: dict[Any, Any] = {}
        self.held: dict[Any, Any] = {}
        self._trace, self._after = path[0].outputs[0].trace, after
        regions = FreshRegions(region, self._trace.region)
        for node in _needed(region, path):
            before = len(self._trace.nodes)
            operands = [self._operand(x) for x in node.inputs]
            with recorded_in(self._trace, regions[node.region]):
                outputs = self._trace.add_node(node.operation, operands, dict(node.attributes))
            self.made.update(zip(node.outputs, outputs if node.several else [outputs]))
            for new in self._trace.nodes[before:]:
                new.scope = node.scope

    def _operand(self, x):
        if x in self.made or x in self._trace.constants:
            return self.made.get(x, x)
        if x not in self.held:
            self.held[x] = self._trace.bind(p.wait_for, [x, self._after], {})
        return self.held[x]


def _needed(region, path):
    """The nodes of `region` that those of `path` need, themselves included, in order."""
    found, pending = {}, list(path)
    while pending:
        node = pending.pop()
        if id(node) not in found and _is_within(node.region, region):
            found[id(node)] = node
            pending.extend(x.node for x in node.inputs if x.node is not None)
    return sorted(found.values(), key=lambda node: node.order)
