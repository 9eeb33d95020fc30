"""The first steps of a layered layout: which arrows run against the stream, and the rank (the row) of each node."""

from __future__ import annotations

from typing import Any


def backward_edges(count: int, edges: Any) -> Any:
    """Indices of edges whose reversal leaves no cycle.

    Those that a walk from node 0 on, in order, finds to lead back to where it is.

    Args:
        count: number of nodes.
        edges: list of (from, to).
    """
    leaving = [[] for _ in range(count)]
    for index, (u, v) in enumerate(edges):
        leaving[u].append((v, index))
    state, backward = [0] * count, set()  # 0: not seen, 1: on the way, 2: left
    entered = {v for _, v in edges}
    for start in sorted(range(count), key=lambda u: (u in entered, u)):
        if state[start]:
            continue
        state[start], stack = 1, [(start, iter(leaving[start]))]
        while stack:
            u, remaining = stack[-1]
            v, index = next(remaining, (None, None))
            if v is None:
                state[u] = 2
                stack.pop()
            elif state[v] == 1:
                backward.add(index)
            elif not state[v]:
                state[v] = 1
                stack.append((v, iter(leaving[v])))
    return backward


def ranks_of(count: int, edges: Any, first: Any = (), last: Any = ()) -> Any:
    """The rank of each node: one more than that of the lowest above it.

    A node that nothing leads to stands right above what it feeds, so that a late input is not drawn far from its use.

    Args:
        edges: list of (upper, lower) without cycles.
        first, last: nodes that must stand in the first and the last rank.
    """
    below, above = [[] for _ in range(count)], [[] for _ in range(count)]
    for u, v in edges:
        below[u].append(v)
        above[v].append(u)
    order = _topological(count, below, above)
    rank = [0] * count
    for u in order:
        rank[u] = max((rank[x] + 1 for x in above[u]), default=0)
    for u in reversed(order):
        if below[u] and len(above[u]) < len(below[u]) and not (above[u] and len(below[u]) > 1):
            rank[u] = max(rank[u], min(rank[x] for x in below[u]) - 1)
    shift = min(rank, default=0)
    rank = [r - shift for r in rank]
    if first:
        rank = [r + 1 for r in rank]
        for u in first:
            rank[u] = 0
        shift = min((rank[u] for u in range(count) if u not in set(first)), default=1) - 1
        rank = [r if r == 0 else r - shift for r in rank]
    if last:
        end = max((rank[u] for u in range(count) if u not in set(last)), default=0) + 1
        for u in last:
            rank[u] = end
    return rank


def _topological(count, below, above):
    waiting = [len(above[u]) for u in range(count)]
    ready = [u for u in range(count) if not waiting[u]]
    order = []
    while ready:
        u = ready.pop()
        order.append(u)
        for v in below[u]:
            waiting[v] -= 1
            if not waiting[v]:
                ready.append(v)
    return order
