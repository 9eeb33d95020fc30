"""The third step of a layered layout.

The positions within each rank (Brandes and Koepf, 2001: fast and simple horizontal coordinate assignment).

Nodes of neighbouring ranks are aligned four times, leftmost or rightmost, downwards or upwards; the mean of the two
middle ones of the four positions is straight where it can be and balanced where it can't. Long edges run straight, as
an edge between two dummies has precedence over one that crosses it. Edges may end beside the middle of a node (Rueegg
et al., 2015: size- and port-aware horizontal node coordinate assignment).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Layers:
    """A graph whose edges all lead from one layer to the next.

    Args:
        layers: list of lists of nodes (numbers from 0), in order.
        width, gap, is_dummy: lists by node: its width, the free space that it wants at both sides together, and whether
            it is a part of a long edge.
        edges: list of (upper, lower, offset of the edge's end from the middle of the upper, and of the lower).
    """

    def __init__(self, layers: Sequence[Any], width: Any, gap: Any, is_dummy: bool, edges: Any) -> None:
        self.layers, self.width, self.gap, self.is_dummy, self.edges = layers, width, gap, is_dummy, edges
        count = len(width)
        self.above, self.below = [[] for _ in range(count)], [[] for _ in range(count)]
        for u, v, out, into in edges:
            self.below[u].append((v, out, into))
            self.above[v].append((u, into, out))
        self.place = [0] * count
        for layer in layers:
            for position, u in enumerate(layer):
                self.place[u] = position


def positions(graph: Any) -> list[Any]:
    """The position of the middle of each node (list of float, the smallest left side at 0)."""
    if not graph.width:
        return []
    conflicts = _conflicts(graph)
    found = []
    for downwards in (True, False):
        for side in (1, -1):
            found.append(_aligned(graph, conflicts, downwards, side))
    half = [w / 2 for w in graph.width]
    extents = [(min(x - h for x, h in zip(xs, half)), max(x + h for x, h in zip(xs, half))) for xs in found]
    left, right = min(extents, key=lambda extent: extent[1] - extent[0])
    shifts = [left - extent[0] if i % 2 == 0 else right - extent[1] for i, extent in enumerate(extents)]
    result = []
    for u in range(len(half)):
        four = sorted(xs[u] + shift for xs, shift in zip(found, shifts))
        result.append((four[1] + four[2]) / 2)
    start = min(x - h for x, h in zip(result, half))
    return [x - start for x in result]


def _conflicts(graph):
    """Pairs of nodes whose edge crosses one between two dummies."""
    found = set()
    for upper, lower in zip(graph.layers, graph.layers[1:]):
        start, scanned = 0, 0
        for position, v in enumerate(lower):
            inner = next((u for u, *_ in graph.above[v] if graph.is_dummy[u]), None) if graph.is_dummy[v] else None
            if inner is None and position < len(lower) - 1:
                continue
            end = graph.place[inner] if inner is not None else len(upper)
            for w in lower[scanned : position + 1]:
                for u, *_ in graph.above[w]:
                    if not start <= graph.place[u] <= end and not (graph.is_dummy[u] and graph.is_dummy[w]):
                        found.add((u, w))
            scanned, start = position + 1, end
    return found


def _aligned(graph, conflicts, downwards, side):
    """One of the four: positions as far to the left (`side` 1) or to the right (-1) as the alignment lets them be."""
    layers = graph.layers if downwards else graph.layers[::-1]
    neighbours = graph.above if downwards else graph.below
    count = len(graph.width)
    root, align, shift = list(range(count)), list(range(count)), [0.0] * count
    for layer in layers:
        last = -1 if side > 0 else float("inf")
        for v in layer[::side]:
            around = sorted(neighbours[v], key=lambda item: graph.place[item[0]])[::side]
            middle = (len(around) - 1) / 2
            for u, mine, theirs in around[int(middle) : int(middle + 0.5) + 1] if around else ():
                pair = (u, v) if downwards else (v, u)
                if align[v] == v and (graph.place[u] - last) * side > 0 and pair not in conflicts:
                    align[u], root[v] = v, root[u]
                    align[v] = root[v]
                    shift[v] = shift[u] + theirs - mine
                    last = graph.place[u]
    return _compacted(graph, root, shift, side)


def _compacted(graph, root, shift, side):
    """Blocks of aligned nodes moved together as far as their neighbours let them.

    Then those with room, towards their followers.
    """
    distance = {}
    for layer in graph.layers:
        row = layer[::side]
        for u, v in zip(row, row[1:]):
            apart = (graph.width[u] + graph.width[v] + graph.gap[u] + graph.gap[v]) / 2 + (shift[u] - shift[v]) * side
            pair = (root[u], root[v])
            distance[pair] = max(distance.get(pair, apart), apart)
    after, before = {}, {}
    for (u, v), apart in distance.items():
        after.setdefault(u, []).append((v, apart))
        before.setdefault(v, []).append((u, apart))
    order, waiting = [], {v: len(items) for v, items in before.items()}
    ready = [u for u in range(len(root)) if root[u] == u and u not in waiting]
    while ready:
        u = ready.pop()
        order.append(u)
        for v, _ in after.get(u, ()):
            waiting[v] -= 1
            if not waiting[v]:
                ready.append(v)
    x = {}
    for u in order:
        x[u] = max((x[w] + apart for w, apart in before.get(u, ())), default=0.0)
    for u in reversed(order):
        if u in after:
            x[u] = max(x[u], min(x[v] - apart for v, apart in after[u]))
    return [x[root[u]] * side + shift[u] for u in range(len(root))]
