"""A laid-out picture as SVG."""

from __future__ import annotations

from typing import Any

from kerasish.utils.drawing import text
from kerasish.utils.drawing.diagram import TONES
from kerasish.utils.drawing.frames import LOOP, Frame, Padding, laid_out

DIRECTIONS = ("TB", "LR", "BT", "RL")
_TITLE, _ROW = 13, 11  # sizes of the fonts
_HEAD, _LINE, _SIDE = 26, 17, 11  # heights of a box's head and of a row, and the space beside texts
_MARGIN = 16
_LONGEST = 56  # characters of a name
_INK, _DIM, _EDGE = "#0f172a", "#64748b", "#64748b"
_TONES = {"": _INK, **TONES}

# What a class's name contains -> the head's colour and the border's. The first that fits decides.
_COLOURS = (
    ("InputLayer", "#e2e8f0", "#94a3b8"),
    ("Normalization Rescaling", "#ccfbf1", "#5eb8ac"),
    ("Pool Up", "#dcfce7", "#74b98a"),
    ("Dropout Noise Random", "#f5f5f4", "#a8a29e"),
    ("LSTM GRU RNN Bidirectional TimeDistributed Cell", "#f3e8ff", "#b490d6"),
    ("Attention Transformer", "#ffedd5", "#dfa06a"),
    ("Embedding", "#cffafe", "#62b6c4"),
    ("Conv", "#dbeafe", "#7fa8dd"),
    ("Dense Einsum", "#e0e7ff", "#929bd8"),
    ("Activation ReLU Relu Softmax Sigmoid ELU Elu Swish Silu Gelu", "#fef3c7", "#d6b257"),
    ("Add Multiply Subtract Average Maximum Minimum Concatenate Dot Divide Matmul", "#ffe4e6", "#dc8f9a"),
    ("Flatten Reshape Permute RepeatVector Padding Cropping Squeeze Expand Transpose", "#f1f5f9", "#a3afbf"),
    ("Model Functional Sequential", "#ede9fe", "#a493d6"),
    ("", "#f8fafc", "#a3afbf"),
)
_FRAMES = ("#f8fafc", "#f1f5f9")  # by depth, in turn


def drawn(root: Any, rankdir: str = "TB", splines: str = "curved") -> Any:
    """The SVG text of a Group, and its (width, height) in pixels.

    Args:
        rankdir: where the arrows lead: "TB", "LR", "BT" or "RL".
        splines: "line" and "polyline" give straight lines, all else curves.
    """
    return _Drawing(rankdir, splines in ("line", "polyline", "false", False)).svg(root)


class _Drawing:
    def __init__(self, rankdir, straight):
        self.rankdir, self.straight = rankdir, straight
        self.sideways = rankdir in ("LR", "RL")
        self.parts = []

    def svg(self, root):
        padding = {"TB": Padding(34, 14, 16, 16), "BT": Padding(14, 34, 16, 16)}.get(
            self.rankdir, Padding(18, 18, 34, 14)
        )
        frame = laid_out(
            root,
            lambda box: self._turned(box_size(box)),
            padding,
            lambda group: self._turned((_frame_title(group)[2], 0)),
        )
        self.extent = (frame.across, frame.along)
        width, height = (round(n + 2 * _MARGIN, 1) for n in self._turned(self.extent))
        self._frame(frame, (0.0, 0.0), 0)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="{-_MARGIN} '
            f'{-_MARGIN} {width:g} {height:g}" '
            f'font-family="{text.FONT}" font-size="{_ROW}" role="img">'
        )
        words = f"<title>{text.escaped(root.name)}</title>"
        ground = f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{width:g}" height="{height:g}" fill="#ffffff"/>'
        return "\n".join([head, words, ground, *self.parts, "</svg>"]) + "\n", (width, height)

    def _turned(self, size):
        return (size[1], size[0]) if self.sideways else (size[0], size[1])

    def _point(self, across, along):
        """(x, y) of a position in the outermost Frame."""
        if self.rankdir in ("BT", "RL"):
            along = self.extent[1] - along
        return (along, across) if self.sideways else (across, along)

    # -- frames and boxes ---------------------------------------------------------------------------------------

    def _frame(self, frame, corner, depth):
        """Frames first, then lines, then boxes, so that no line runs over a box."""
        left, top = corner
        if depth:
            self._border(frame, corner, depth)
        for item, (across, along) in frame.placed:
            if isinstance(item, Frame):
                self._frame(item, (left + across - item.across / 2, top + along - item.along / 2), depth + 1)
        for points, *heads in frame.lines:
            self._line([(left + x, top + y) for x, y in points], heads)
        for item, (across, along) in frame.placed:
            if not isinstance(item, Frame):
                middle = self._point(left + across, top + along)
                if any(item is box for box in frame.loops):
                    self._loop(item, middle)
                self._box(item, middle)
        if depth:
            self._frame_name(frame, corner, depth)

    def _border(self, frame, corner, depth):
        left, top = corner
        (x0, y0), (x1, y1) = self._point(left, top), self._point(left + frame.across, top + frame.along)
        x, y, width, height = min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
        fill = _FRAMES[depth % len(_FRAMES)]
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="10" fill="{fill}" '
            'stroke="#a493d6" stroke-width="1.2" stroke-dasharray="5 3"/>'
        )

    def _frame_name(self, frame, corner, depth):
        """Where no line runs through it; on a ground of its own where there is no such place."""
        (x0, y0), (x1, y1) = self._point(*corner), self._point(corner[0] + frame.across, corner[1] + frame.along)
        name, kind, wide = _frame_title(frame.group)
        lines = sorted((frame.bottoms if self.rankdir == "BT" else frame.tops).values()) if not self.sideways else []
        x, y = min(x0, x1) + _free_side(lines, abs(x1 - x0), wide), min(y0, y1)
        self.parts.append(
            f"<g><title>{text.escaped(f'{frame.group.name} ({frame.group.kind})')}</title>"
            f'<rect x="{x + 8:.1f}" y="{y + 7:.1f}" width="{wide - 16:.1f}" height="18" '
            f'fill="{_FRAMES[depth % len(_FRAMES)]}"/>'
            f'<text x="{x + 12:.1f}" y="{y + 20:.1f}" font-size="12" fill="{_INK}">'
            f'<tspan font-weight="bold">{text.escaped(name)}</tspan><tspan dx="6" '
            f'fill="{_DIM}">{text.escaped(kind)}</tspan></text></g>'
        )

    def _box(self, box, middle):
        width, height = box_size(box)
        x, y = middle[0] - width / 2, middle[1] - height / 2
        fill, stroke = _colours(box.kind)
        parts = [
            f'<g><title>{text.escaped(box.title)}</title><rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}" rx="6" fill="#ffffff"/>'
        ]
        if box.rows:
            parts.append(
                f'<path d="M{x:.1f} {y + _HEAD:.1f}v{6 - _HEAD}a6 6 0 0 1 6 -6h{width - 12:.1f}a6 6 0 0 1 6 '
                f'6v{_HEAD - 6}z" fill="{fill}"/>'
            )
            parts.append(f'<path d="M{x:.1f} {y + _HEAD:.1f}h{width:.1f}" stroke="{stroke}" stroke-width="1"/>')
        filled = "none" if box.rows else fill
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="6" fill="{filled}" '
            f'stroke="{stroke}" stroke-width="1.3"/>'
        )
        where = f'x="{middle[0]:.1f}" text-anchor="middle"' if box.name is None else f'x="{x + _SIDE:.1f}"'
        parts.append(
            f'<text {where} y="{y + 17.5 + (0 if box.rows else 1):.1f}" font-size="{_TITLE}" '
            f'fill="{_INK}">{_head(box)}</text>'
        )
        split = x + _SIDE + max((text.width(label, _ROW) for label, *_ in box.rows), default=0)
        for number, (label, value, tone) in enumerate(box.rows):
            line = y + _HEAD + 3 + number * _LINE + 12.5
            parts.append(
                f'<text x="{split:.1f}" y="{line:.1f}" text-anchor="end" fill="{_DIM}">{text.escaped(label)}</text>'
            )
            weight = ' font-weight="bold"' if tone else ""
            parts.append(
                f'<text x="{split + 8:.1f}" y="{line:.1f}" '
                f'fill="{_TONES[tone]}"{weight}>{text.escaped(_value(value))}</text>'
            )
        self.parts.append("".join(parts) + "</g>")

    # -- lines --------------------------------------------------------------------------------------------------

    def _line(self, points, heads):
        whole = points
        if heads[0]:
            points = [(points[0][0], points[0][1] + 5), *points[1:]]
        if heads[1]:
            points = [*points[:-1], (points[-1][0], points[-1][1] - 5)]
        path, last = [f"M{self._at(points[0])}"], points[0]
        for point in points[1:]:
            if abs(point[0] - last[0]) < 0.05 or self.straight:
                if point != last:
                    path.append(f"L{self._at(point)}")
            else:
                half = (last[1] + point[1]) / 2
                path.append(f"C{self._at((last[0], half))} {self._at((point[0], half))} {self._at(point)}")
            last = point
        self.parts.append(f'<path d="{"".join(path)}" fill="none" stroke="{_EDGE}" stroke-width="1.4"/>')
        for tip, towards, shown in ((whole[0], 1, heads[0]), (whole[-1], -1, heads[1])):
            if shown:
                corners = (tip, (tip[0] - 4, tip[1] + 8 * towards), (tip[0] + 4, tip[1] + 8 * towards))
                self.parts.append(f'<path d="M{"L".join(self._at(corner) for corner in corners)}z" fill="{_EDGE}"/>')

    def _at(self, position):
        x, y = self._point(*position)
        return f"{x:.1f} {y:.1f}"

    def _loop(self, box, middle):
        """An arrow from a box to itself, at its right or (sideways) below it."""
        width, height = box_size(box)
        x, y = middle
        if self.sideways:
            y += height / 2
            self.parts.append(
                f'<path d="M{x + 9:.1f} {y:.1f}c6 {LOOP} -24 {LOOP} -18 6" fill="none" stroke="{_EDGE}" '
                'stroke-width="1.4"/>'
            )
            self.parts.append(f'<path d="M{x - 9:.1f} {y:.1f}l-4 8l8 0z" fill="{_EDGE}"/>')
        else:
            x += width / 2
            self.parts.append(
                f'<path d="M{x:.1f} {y + 7:.1f}c{LOOP} 6 {LOOP} -20 6 -14" fill="none" stroke="{_EDGE}" '
                'stroke-width="1.4"/>'
            )
            self.parts.append(f'<path d="M{x:.1f} {y - 7:.1f}l8 -4l0 8z" fill="{_EDGE}"/>')


def box_size(box: Any) -> tuple[Any, ...]:
    """(width, height) of a Box in pixels."""
    head = text.width(_name(box), _TITLE, bold=True) + (
        6 + text.width(_kind(box), _TITLE) if box.name is not None else 0
    )
    labels = max((text.width(label, _ROW) for label, *_ in box.rows), default=0)
    rows = max(
        (labels + 8 + text.width(_value(value), _ROW, bold=bool(tone)) for _, value, tone in box.rows), default=0
    )
    return max(head, rows, 44) + 2 * _SIDE, _HEAD + (len(box.rows) * _LINE + 7 if box.rows else 2)


def _name(box):
    """What stands in bold: the layer's name, or its class where names are not shown."""
    return text.shortened(box.name if box.name is not None else box.kind, _LONGEST)


def _kind(box):
    return text.shortened(box.kind, _LONGEST)


def _value(value):
    return text.shortened(value, 2 * _LONGEST)


def _head(box):
    bold = f'<tspan font-weight="bold">{text.escaped(_name(box))}</tspan>'
    return bold if box.name is None else f'{bold}<tspan dx="6" fill="{_DIM}">{text.escaped(_kind(box))}</tspan>'


def _frame_title(group):
    name, kind = text.shortened(group.name, _LONGEST), text.shortened(group.kind, _LONGEST)
    return name, kind, text.width(name, 12, bold=True) + text.width(kind, 12) + 30


def _free_side(lines, width, wide):
    """Where a title begins, so that no line from above runs through it.

    At the left where it can be, else at the right, else between two lines.
    """
    places = [0.0, width - wide, *(line + width / 2 for line in lines)]
    for place in places:
        if 0 <= place <= width - wide and not any(place + 6 < line + width / 2 < place + wide - 6 for line in lines):
            return place
    return 0.0


def _colours(kind):
    return next(
        (fill, stroke) for words, fill, stroke in _COLOURS if not words or any(word in kind for word in words.split())
    )
