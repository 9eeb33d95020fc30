"""The layout of pictures of models: nothing overlaps, and arrows run one way."""

import random
import re
import xml.etree.ElementTree as ElementTree

import pytest

import kerasish as keras
from kerasish import layers
from kerasish.utils.drawing.diagram import Box, Group, Style, diagram_of
from kerasish.utils.drawing.frames import Frame, Padding, laid_out
from kerasish.utils.drawing.order import crossings, ordered
from kerasish.utils.drawing.ranks import backward_edges, ranks_of
from kerasish.utils.drawing.svg import DIRECTIONS, drawn
from tests.utils.drawings import SVG, siamese

# -- layout -----------------------------------------------------------------------------------------------------


def random_group(rng, depth, prefix="g"):
    group = Group(prefix, "Model")
    for i in range(rng.randint(1, 7)):
        if depth and rng.random() < 0.3:
            group.add(random_group(rng, depth - 1, f"{prefix}.{i}"))
        else:
            group.add(
                Box(
                    f"{prefix}.{i}",
                    "Dense",
                    [("output", "x" * rng.randint(1, 40), "")] * rng.randint(0, 3),
                    f"{prefix}.{i}",
                )
            )
            group.members[-1].parent = group
    for member in group.members:
        member.parent = group
    return group


def rectangles(frame, corner=(0.0, 0.0), sizes=None, found=None, lines=None):
    """Of all boxes and frames (with their depth's path), and the lines, in the outermost frame's positions."""
    found, lines = ([], []) if found is None else (found, lines)
    for item, (x, y) in frame.placed:
        across, along = (item.across, item.along) if isinstance(item, Frame) else sizes(item)
        left, top = corner[0] + x - across / 2, corner[1] + y - along / 2
        found.append((item, frame, (left, top, left + across, top + along)))
        if isinstance(item, Frame):
            rectangles(item, (left, top), sizes, found, lines)
    lines += [[(corner[0] + x, corner[1] + y) for x, y in points] for points, *_ in frame.lines]
    return found, lines


def boxes_of(group):
    for member in group.members:
        yield from boxes_of(member) if isinstance(member, Group) else [member]


@pytest.mark.parametrize("seed", range(25))
def test_nothing_overlaps(seed):
    rng = random.Random(seed)
    root = random_group(rng, 2)
    boxes = list(boxes_of(root))
    root.edges = list(
        {
            (id(a), id(b)): (a, b)
            for a, b in ((rng.choice(boxes), rng.choice(boxes)) for _ in range(rng.randint(0, 2 * len(boxes))))
        }.values()
    )

    def size(box):
        return 40 + 7 * max([len(box.name), *(len(value) for _, value, _ in box.rows)]), 26 + 17 * len(box.rows)

    frame = laid_out(root, size, Padding(30, 12, 16, 16), lambda group: (70, 0))
    found, lines = rectangles(frame, sizes=size)
    assert len([item for item, *_ in found if not isinstance(item, Frame)]) == len(boxes)
    for i, (_, owner, (left, top, right, bottom)) in enumerate(found):
        assert left >= -0.01 and top >= -0.01 and right <= frame.across + 0.01 and bottom <= frame.along + 0.01
        for _, other_owner, (l2, t2, r2, b2) in found[i + 1 :]:
            if owner is other_owner:
                assert right <= l2 + 0.01 or r2 <= left + 0.01 or bottom <= t2 + 0.01 or b2 <= top + 0.01, (
                    "two boxes overlap"
                )
    for points in lines:
        for (x0, y0), (x1, y1) in zip(points, points[1:]):
            assert y1 >= y0 - 0.01, "lines run in one direction"
            for item, _, (left, top, right, bottom) in found:
                if not isinstance(item, Frame) and y0 < bottom - 0.01 and y1 > top + 0.01:
                    assert max(x0, x1) <= left + 0.01 or min(x0, x1) >= right - 0.01, "a line runs through a box"


def test_long_chains_are_straight_lines():
    x = keras.Input((4,))
    y = x
    for _ in range(5):
        y = layers.Add()([layers.Dense(4)(layers.ReLU()(y)), y])
    root = diagram_of(keras.Model(x, y), Style(show_layer_names=True))
    frame = laid_out(root, lambda box: (90, 26), Padding(0, 0, 0, 0), lambda group: (0, 0))
    bends = [sum(abs(a[0] - b[0]) > 0.1 for a, b in zip(points, points[1:])) for points, *_ in frame.lines]
    assert max(bends) <= 2 and bends.count(0) >= 5


def test_cycles_are_broken_and_ranks_grow():
    edges = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 1)]
    backward = backward_edges(4, edges)
    assert backward == {2, 4}
    turned = [(v, u) if i in backward else (u, v) for i, (u, v) in enumerate(edges)]
    rank = ranks_of(4, turned)
    assert all(rank[u] < rank[v] for u, v in turned)
    assert ranks_of(3, [(0, 1), (1, 2)], first=[0], last=[2]) == [0, 1, 2]
    assert ranks_of(4, [(0, 1), (1, 2), (3, 2)]) == [0, 1, 2, 1], "a late input stands right above its use"


def test_crossings():
    below = [[5, 6], [4], [], [], [], [], []]
    above = [[], [], [], [], [1], [0], [0]]
    assert crossings([[0, 1], [4, 5, 6]], below) == 2
    assert crossings(ordered([[0, 1], [4, 5, 6]], below, above), below) == 0


@pytest.mark.parametrize("rankdir", DIRECTIONS)
def test_directions(rankdir):
    svg, (width, height) = drawn(diagram_of(siamese(), Style(True, show_layer_names=True, expand_nested=True)), rankdir)
    root = ElementTree.fromstring(svg)
    assert (width > height) == (rankdir in ("LR", "RL"))
    titles = {}
    for group in root.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        titles[group.find(f"{SVG}title").text.split()[0]] = (float(rect.get("x")), float(rect.get("y")))
        assert -16 <= float(rect.get("x")) <= width and -16 <= float(rect.get("y")) <= height
    first, last = titles["left"], titles["chances"]
    along = 1 if rankdir in ("TB", "BT") else 0
    assert (first[along] < last[along]) == (rankdir in ("TB", "LR"))


def test_straight_lines():
    root = diagram_of(siamese(), Style())
    assert "C" in re.sub(r"[^MCLz ]", "", " ".join(re.findall(r' d="([^"]*)"', drawn(root)[0])))
    assert not [
        path for path in re.findall(r'<path d="([^"]*)" fill="none"', drawn(root, splines="polyline")[0]) if "C" in path
    ]
