"""Where everything in a picture goes.

Each Group is laid out by itself, with ports on its border for the arrows from outside, and is one large box to the
rest.

Positions are (across, along): `along` is the direction of the arrows. The drawing turns them into x and y.
"""

from __future__ import annotations

from typing import Any

from kerasish.utils.drawing.diagram import Group
from kerasish.utils.drawing.order import ordered
from kerasish.utils.drawing.place import Layers, positions
from kerasish.utils.drawing.ranks import backward_edges, ranks_of

BETWEEN_BOXES, BETWEEN_LINES = 26, 16  # pixels of free space
BETWEEN_RANKS, AFTER_PORTS = 34, 14
ARROW = 9  # the straight part before the tip of an arrow
_PORTS = 13  # between the tips of two arrows at one box
LOOP = 24  # how far an arrow from a box to itself reaches out


class Frame:
    """A Group that was laid out. Positions are from its own corner.

    Attributes:
        group; across, along: its size. placed: list of (Box or Frame, position of its middle). lines: list of (points,
        arrow at the start, arrow at the end).
        loops: list of Box with an arrow to itself. tops, bottoms: dict from a Box inside to where on the border (from
            the middle of it) its arrow passes.
    """

    def __init__(self, group: Any) -> None:
        self.group = group
        self.placed, self.lines, self.loops, self.tops, self.bottoms = [], [], [], {}, {}


class Padding:
    """Free space within the border of a Group, its title included."""

    def __init__(self, before: Any, after: Any, across_before: Any, across_after: Any) -> None:
        self.before, self.after, self.across_before, self.across_after = before, after, across_before, across_after


def laid_out(root: Any, size_of: Any, padding: str, title_of: Any) -> Any:
    """The Frame of the outermost Group.

    Args:
        size_of: function of a Box to its (across, along).
        padding: Padding of inner Groups.
        title_of: function of a Group to the least (across, along) that its title needs.
    """
    inside = {}
    for source, target in root.edges:
        chain = {id(group) for group in _chain(source)}
        common = next(group for group in _chain(target) if id(group) in chain)
        inside.setdefault(id(common), []).append((source, target))
    return _Level(root, inside, size_of, padding, title_of).frame({}, {})


def _chain(member):
    """The Groups around a member, the nearest first."""
    while member.parent is not None:
        member = member.parent
        yield member


class _Edge:
    """One arrow within a level, from the upper to the lower node.

    `heads`: whether it has a tip at its upper and at its lower end.
    """

    def __init__(self, upper, lower, upper_box, lower_box, heads):
        self.upper, self.lower, self.upper_box, self.lower_box, self.heads = upper, lower, upper_box, lower_box, heads
        self.out = self.into = 0.0
        self.chain = []


class _Level:
    """One Group in the making."""

    def __init__(self, group, inside, size_of, padding, title_of):
        self.group, self.inside, self.size_of, self.padding, self.title_of = group, inside, size_of, padding, title_of

    def frame(self, tops, bottoms):
        """Lay the group out, with arrows through its upper and lower border.

        Args:
            tops, bottoms: dict from a Box inside, whose arrow passes the border at that side, to whether the arrow
                points at it.
        """
        members, frame = self.group.members, Frame(self.group)
        self.tops, self.bottoms = list(tops), list(bottoms)
        self.count = len(members) + len(tops) + len(bottoms)
        edges, frame.loops = self._edges(tops, bottoms)
        self.items = [self._item(member, index, edges) for index, member in enumerate(members)] + [None] * (
            len(tops) + len(bottoms)
        )
        for edge in edges:
            edge.out = _port(self.items[edge.upper], edge.upper_box, "bottoms")
            edge.into = _port(self.items[edge.lower], edge.lower_box, "tops")
        looped = {id(box) for box in frame.loops}
        self.sizes = [_size(item, self.size_of, looped) for item in self.items]
        self._place(edges)
        self._finish(frame, edges)
        return frame

    def _edges(self, tops, bottoms):
        """The level's _Edges, those from and to its ports included, and the Boxes with an arrow to themselves."""
        number = {id(member): index for index, member in enumerate(self.group.members)}

        def owner(box):
            while box.parent is not self.group:
                box = box.parent
            return number[id(box)]

        pairs, loops = [], []
        for source, target in self.inside.get(id(self.group), ()):
            if source is target:
                loops.append(source)
            else:
                pairs.append((source, target))
        ends = [(owner(source), owner(target)) for source, target in pairs]
        backward = backward_edges(len(number), ends)
        edges = []
        for index, ((source, target), (u, v)) in enumerate(zip(pairs, ends)):
            edges.append(
                _Edge(v, u, target, source, (True, False))
                if index in backward
                else _Edge(u, v, source, target, (False, True))
            )
        first = len(number)
        edges += [_Edge(first + i, owner(box), None, box, (False, tops[box])) for i, box in enumerate(tops)]
        first += len(tops)
        edges += [_Edge(owner(box), first + i, box, None, (bottoms[box], False)) for i, box in enumerate(bottoms)]
        return edges, loops

    def _item(self, member, index, edges):
        """The Box, or the Frame of a Group, which has a port for each Box inside that an arrow leads to."""
        if not isinstance(member, Group):
            return member
        tops, bottoms = {}, {}
        for edge in edges:
            if edge.lower == index:
                tops[edge.lower_box] = tops.get(edge.lower_box, False) or edge.heads[1]
            if edge.upper == index:
                bottoms[edge.upper_box] = bottoms.get(edge.upper_box, False) or edge.heads[0]
        return _Level(member, self.inside, self.size_of, self.padding, self.title_of).frame(tops, bottoms)

    def _place(self, edges):
        """Ranks, order and positions; long edges get a dummy node in each rank that they pass."""
        members = len(self.group.members)
        first = range(members, members + len(self.tops))
        last = range(members + len(self.tops), self.count)
        self.rank = ranks_of(self.count, [(e.upper, e.lower) for e in edges], first, last)
        width, gap = (
            [size[0] for size in self.sizes],
            [BETWEEN_BOXES if item is not None else BETWEEN_LINES for item in self.items],
        )
        steps = []
        for edge in edges:
            edge.chain = list(range(len(width), len(width) + self.rank[edge.lower] - self.rank[edge.upper] - 1))
            for step in range(len(edge.chain)):
                self.rank.append(self.rank[edge.upper] + 1 + step)
                width.append(0.0)
                gap.append(BETWEEN_LINES)
            whole = [edge.upper, *edge.chain, edge.lower]
            for i, (u, v) in enumerate(zip(whole, whole[1:])):
                steps.append((u, v, edge.out if not i else 0.0, edge.into if v == edge.lower else 0.0))
        dummies = [u >= self.count for u in range(len(width))]
        below, above = [[] for _ in width], [[] for _ in width]
        for u, v, *_ in steps:
            below[u].append(v)
            above[v].append(u)
        self.layers = ordered(_begun(self.rank, below, above), below, above)
        self.across = positions(Layers(self.layers, width, gap, dummies, steps))

    def _finish(self, frame, edges):
        """Sizes and positions from the corner of the Frame."""
        inner = self.group.parent is not None
        pad = self.padding if inner else Padding(0, 0, 0, 0)
        starts, ends = self._rank_bands(edges, pad.before)
        least = self.title_of(self.group) if inner else (0, 0)
        content = max((x + size[0] / 2 for x, size in zip(self.across, self.sizes)), default=0.0)
        content = max([content, *self.across[self.count :]]) if self.across else 0.0
        frame.across = max(content + pad.across_before + pad.across_after, least[0])
        frame.along = max((ends[-1] if ends else pad.before) + pad.after, least[1])
        shift = pad.across_before + (frame.across - pad.across_before - pad.across_after - content) / 2
        self.across = [x + shift for x in self.across]
        if inner:
            self._make_room_for_title(frame, pad, least[0])
        members = len(self.group.members)
        for u, item in enumerate(self.items[:members]):
            frame.placed.append((item, (self.across[u], (starts[self.rank[u]] + ends[self.rank[u]]) / 2)))
        frame.tops = {box: self.across[members + i] - frame.across / 2 for i, box in enumerate(self.tops)}
        frame.bottoms = {
            box: self.across[members + len(self.tops) + i] - frame.across / 2 for i, box in enumerate(self.bottoms)
        }
        self._route(frame, edges, starts, ends)

    def _make_room_for_title(self, frame, pad, wide):
        """Widen the Frame at one side where the arrows need it.

        That is where those through the border with the title leave no room for it at either side.
        """
        members, tops = len(self.group.members), len(self.tops)
        ports = (
            self.across[members : members + tops]
            if pad.before > pad.after
            else self.across[members + tops : self.count]
        )
        if not ports or not wide:
            return
        left, right = wide - min(ports), wide - (frame.across - max(ports))
        if left > 0 and right > 0:
            frame.across += min(left, right)
            if left < right:
                self.across = [x + left for x in self.across]

    def _rank_bands(self, edges, begin):
        """Where each rank begins and ends; the space between two grows with how far edges go across in it."""
        heights = [max(self.sizes[u][1] if u < self.count else 0.0 for u in layer) for layer in self.layers]
        reach = [0.0] * (len(heights) + 1)
        for edge in edges:
            whole = [edge.upper, *edge.chain, edge.lower]
            for u, v in zip(whole, whole[1:]):
                reach[self.rank[v]] = max(reach[self.rank[v]], abs(self.across[u] - self.across[v]))
        starts, ends, along = [], [], begin
        for rank, height in enumerate(heights):
            if rank:
                ports = not heights[rank - 1] or not height
                along += (AFTER_PORTS if ports else BETWEEN_RANKS) + min(44.0, reach[rank] * 0.07)
            starts.append(along)
            along += height
            ends.append(along)
        return starts, ends

    def _route(self, frame, edges, starts, ends):
        arrivals = {}
        for edge in edges:
            if edge.lower < len(self.group.members) and not isinstance(self.items[edge.lower], Frame):
                arrivals.setdefault(edge.lower, []).append(edge)
        looped = {id(box) for box in frame.loops}
        for u, found in arrivals.items():
            half = self.sizes[u][0] / 2 - (LOOP if id(self.items[u]) in looped else 0)
            _spread(found, [self._before(edge) - self.across[u] for edge in found], max(half - 10, 1))
        for edge in edges:
            heads = tuple(
                head and not isinstance(self.items[u], Frame) for head, u in zip(edge.heads, (edge.upper, edge.lower))
            )  # tips are at boxes
            frame.lines.append((self._points(edge, frame, starts, ends), *heads))

    def _before(self, edge):
        """Where an edge comes from, in the last rank before its end."""
        return self.across[edge.chain[-1]] if edge.chain else self.across[edge.upper] + edge.out

    def _points(self, edge, frame, starts, ends):
        u, v = edge.upper, edge.lower
        members = len(self.group.members)
        x, y = self.across[u] + edge.out, (starts[self.rank[u]] + ends[self.rank[u]] + self.sizes[u][1]) / 2
        points = [(x, 0.0 if u >= members else y)]
        if edge.heads[0]:
            points.append((x, max(y + ARROW, ends[self.rank[u]])))
        else:
            points.append((x, ends[self.rank[u]]))
        for dummy in edge.chain:
            points += [(self.across[dummy], starts[self.rank[dummy]]), (self.across[dummy], ends[self.rank[dummy]])]
        x, y = self.across[v] + edge.into, (starts[self.rank[v]] + ends[self.rank[v]] - self.sizes[v][1]) / 2
        points.append((x, min(y - ARROW, starts[self.rank[v]]) if edge.heads[1] else starts[self.rank[v]]))
        points.append((x, frame.along if v >= members else y))
        return points


def _port(item, box, side):
    return getattr(item, side)[box] if isinstance(item, Frame) else 0.0


def _size(item, size_of, looped):
    if item is None:
        return 0.0, 0.0
    if isinstance(item, Frame):
        return item.across, item.along
    across, along = size_of(item)
    return across + (2 * LOOP if id(item) in looped else 0), along


def _begun(rank, below, above):
    """The layers in the order in which a walk from the first rank on finds their nodes."""
    layers, seen = [[] for _ in range(max(rank, default=-1) + 1)], set()
    for start in sorted(range(len(rank)), key=lambda u: (bool(above[u]), u)):
        stack = [start]
        while stack:
            u = stack.pop()
            if u not in seen:
                seen.add(u)
                layers[rank[u]].append(u)
                stack.extend(reversed(below[u]))
    return layers


def _spread(edges, wanted, half):
    """Where several edges end at one box: each straight below where it comes from, where there is room.

    None nearer to its neighbour than is clear to see.
    """
    if len(edges) == 1:
        edges[0].into = wanted[0] if abs(wanted[0]) <= half else 0.0
        return
    order = sorted(range(len(edges)), key=lambda i: wanted[i])
    apart = min(_PORTS, 2 * half / (len(edges) - 1))
    places = [min(max(wanted[i], -half), half) for i in order]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + apart)
    places[-1] = min(places[-1], half)
    for i in range(len(places) - 2, -1, -1):
        places[i] = min(places[i], places[i + 1] - apart)
    for i, place in zip(order, places):
        edges[i].into = place
