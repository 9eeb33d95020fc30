"""The table that `model.summary()` prints, and its HTML form for notebooks."""

from __future__ import annotations

import html
import re
import shutil
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend.dtypes import bits
from kerasish.backend.primitives.shapes import product
from kerasish.layers.base.layer import Layer
from kerasish.ops.serialization import class_name

if TYPE_CHECKING:
    from kerasish.models.model import Model

DEFAULT_WIDTH = 108
_PLAIN, _BRANCHED = (0.45, 0.80, 1.0), (0.3, 0.56, 0.74, 1.0)  # where columns end, as in Keras


class Row:
    """One layer of the table: its cells, as text."""

    def __init__(self, layer: Any, depth: int, model: Model) -> None:
        self.layer, self.depth = layer, depth
        self.trainable = getattr(layer, "trainable", None)
        indent = "   " * depth + ("└ " if depth else "")
        self.name = (
            f"{indent}{layer.name} ({type(layer).__name__ if isinstance(layer, Layer) else class_name(layer.op)})"
        )
        self.shape = output_shape(layer, model)
        self.params = _params(layer)
        self.connected = _connections(layer, model) if not depth else ["-"]


def output_shape(layer: Any, model: Model) -> str:
    """The shape of what the layer returns in `model` (where it is functional), or last returned on symbolic inputs.

    Else "?".
    """
    nodes = _calls(model, layer) or layer._inbound_nodes
    outputs = nodes[-1].structure if nodes and nodes[-1] is not None else layer._outputs_struct
    shapes = [tuple(t.shape) for t in tree.flatten(outputs)] if outputs is not None else _shapes_when_built(layer)
    if not shapes:
        return "?"
    return str(shapes[0]) if len(shapes) == 1 else f"[{', '.join(map(str, shapes))}]"


def _calls(model, layer):
    """The nodes of a layer in the graph of a functional `model`; none elsewhere."""
    return model._graph.calls_of(layer) if model._graph is not None else []


def _shapes_when_built(layer):
    """What a layer returns that was never called on symbolic tensors (in a subclassed model).

    It is told by the shapes that the layer was built with.
    """
    shapes = getattr(layer, "_build_shapes", None)
    if not shapes or not layer.built:
        return []
    try:
        found = layer.compute_output_shape(**shapes)
    except Exception:  # a user's layer; the table is printed all the same
        return []
    collected = []
    tree.map_shape_structure(lambda shape: collected.append(tuple(shape)), found)
    return collected


def _params(layer):
    if not isinstance(layer, Layer):
        return "0"
    if not layer.built:
        return "0 (unbuilt)"
    return f"{layer.count_params():,}"


def _connections(layer, model):
    """The "name[call][output]" of every tensor that goes into the layer, in this model."""
    found = []
    for node in _calls(model, layer):
        for tensor in node.inputs:
            source = tensor.node
            calls = _calls(model, source.operation) or [source]
            call = next((i for i, other in enumerate(calls) if other is source), 0)
            found.append(f"{source.operation.name}[{call}][{tensor.index}]")
    return found or ["-"]


def table_rows(model: Model, expand_nested: bool = False, layer_range: Sequence[str] | None = None) -> Any:
    """The rows of the table, nested models unfolded where asked for."""
    rows = []

    def add(owner, depth):
        for layer in _shown(owner, layer_range if depth == 0 else None):
            rows.append(Row(layer, depth, owner))
            if expand_nested and hasattr(layer, "layers") and isinstance(layer, Layer):
                add(layer, depth + 1)

    add(model, 0)
    return rows


def _shown(model, layer_range):
    layers = model.layers if model._graph is None or model._is_sequence else model.operations
    if layer_range is None:
        return layers
    if len(layer_range) != 2:
        raise ValueError(
            "`layer_range` must hold two names (regular expressions): the first and the last layer, got "
            f"{layer_range!r}."
        )
    ends = []
    for pattern in layer_range:
        matching = [i for i, layer in enumerate(layers) if re.match(pattern, layer.name)]
        if not matching:
            raise ValueError(
                f"`layer_range` names {pattern!r}, which no layer matches: {[layer.name for layer in layers]}."
            )
        ends.append(matching)
    first, last = min(ends[0]), max(ends[1])
    return layers[min(first, last) : max(first, last) + 1]


def is_branched(model: Model) -> bool:
    """Whether some layer takes several tensors, or one tensor goes to several layers.

    Then the table says what is connected to what.
    """
    if model._graph is None or model._is_sequence:
        return False
    uses = {}
    for operation in model._graph.operations:
        inputs = [t for node in _calls(model, operation) for t in node.inputs]
        if len(inputs) > 1:
            return True
        for tensor in inputs:
            uses[id(tensor)] = uses.get(id(tensor), 0) + 1
    return any(count > 1 for count in uses.values()) or len(model.inputs) > 1


def columns_of(model: Model, rows: Any, show_trainable: bool) -> Any:
    """[(title, alignment, list of cells as lists of lines)] of the table."""
    columns = [
        ("Layer (type)", "<", [[row.name] for row in rows]),
        ("Output Shape", "<", [[row.shape] for row in rows]),
        ("Param #", ">", [[row.params] for row in rows]),
    ]
    if is_branched(model):
        columns.append(("Connected to", "<", [row.connected for row in rows]))
    if show_trainable:
        columns.append(("Trainable", "^", [[_mark(row)] for row in rows]))
    return columns


def _mark(row):
    return "-" if not getattr(row.layer, "weights", None) else "Y" if row.trainable else "N"


def totals(model: Model) -> list[Any]:
    """[(label, number of parameters, bytes)] that stand under the table."""
    weights = model.weights
    trainable = model.trainable_weights
    optimizer = getattr(model, "optimizer", None)
    slots = list(optimizer.variables) if optimizer is not None and getattr(optimizer, "built", False) else []
    entries = [("Total params", weights + slots), ("Trainable params", trainable)]
    known = {id(v) for v in trainable}
    entries.append(("Non-trainable params", [v for v in weights if id(v) not in known]))
    if slots:
        entries.append(("Optimizer params", slots))
    return [
        (label, sum(product(v.shape) for v in found), sum(product(v.shape) * bits(v._dtype) // 8 for v in found))
        for label, found in entries
    ]


def readable_bytes(count: int) -> str:
    """1536 -> "1.50 KB"."""
    units = ("B", "KB", "MB", "GB", "TB")
    size, index = float(count), 0
    while size >= 1024 and index < len(units) - 1:
        size, index = size / 1024, index + 1
    return f"{size:.2f} {units[index]}"


def print_summary(
    model: Model,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print the table; see `Model.summary`."""
    rows = table_rows(model, expand_nested, layer_range)
    columns = columns_of(model, rows, show_trainable)
    widths = _widths(columns, line_length, positions)
    lines = [f'Model: "{model.name}"', *_draw(columns, widths)]
    lines += [f" {label}: {count:,} ({readable_bytes(size)})" for label, count, size in totals(model)]
    (print_fn or print)("\n".join(lines))


def _widths(columns, line_length, positions):
    """The width of each column's text.

    Where nothing is asked for: as wide as the content, the widest narrowed where the line would be too long. A given
    `line_length` is filled, and shared as in Keras.
    """
    if line_length is None and not positions:
        wanted = [max([len(title), *(len(line) for cell in cells for line in cell)]) for title, _, cells in columns]
        room = min(DEFAULT_WIDTH, shutil.get_terminal_size((DEFAULT_WIDTH + 4, 24)).columns - 4) - 3 * len(columns) - 1
        while sum(wanted) > room and max(wanted) > 12:
            wanted[wanted.index(max(wanted))] -= 1
        return wanted
    line_length = line_length or DEFAULT_WIDTH
    if not positions:
        branched, marked = columns[3:] and columns[3][0] == "Connected to", columns[-1][0] == "Trainable"
        positions = _BRANCHED if branched else _PLAIN
        positions = [p * 0.9 for p in positions] + [1.0] if marked else positions
    ends = [int(p * line_length) if p <= 1 else int(p) for p in positions][: len(columns)]
    widths = [end - start - 3 for start, end in zip([0, *ends], ends)]
    widths[-1] -= 1
    if len(widths) < len(columns) or min(widths) < 2:
        raise ValueError(
            f"`line_length`={line_length} and `positions`={list(positions)} leave no room for {len(columns)} columns: "
            "pass a larger `line_length`, and one "
            "position for the end of each column, in ascending order."
        )
    return widths


def _wrapped(cell, width):
    return [part for line in cell for part in (textwrap.wrap(line, width, subsequent_indent=_indent_of(line)) or [""])]


def _indent_of(line):
    return " " * (len(line) - len(line.lstrip(" └")))


def _draw(columns, widths):
    def rule(left, line, middle, right):
        return left + middle.join(line * (w + 2) for w in widths) + right

    def row(cells, bar):
        parts = [_wrapped(cell, width) for cell, width in zip(cells, widths)]
        height = max(len(part) for part in parts)
        for i in range(height):
            texts = [
                f"{part[i] if i < len(part) else '':{align}{width}}"
                for part, width, (_, align, _) in zip(parts, widths, columns)
            ]
            yield f"{bar} " + f" {bar} ".join(texts) + f" {bar}"

    yield rule("┏", "━", "┳", "┓")
    yield from row([[title] for title, _, _ in columns], "┃")
    yield rule("┡", "━", "╇", "┩")
    count = len(columns[0][2])
    for i in range(count):
        yield from row([cells[i] for _, _, cells in columns], "│")
        yield rule("├", "─", "┼", "┤") if i < count - 1 else rule("└", "─", "┴", "┘")
    if not count:
        yield rule("└", "─", "┴", "┘")


def html_summary(model: Model) -> str:
    """The same table as HTML, for notebooks."""
    rows = table_rows(model)
    columns = columns_of(model, rows, show_trainable=False)
    side = {"<": "left", ">": "right", "^": "center"}
    head = "".join(f'<th style="text-align:{side[align]}">{html.escape(title)}</th>' for title, align, _ in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align:{side[align]}">{"<br>".join(map(html.escape, cells[i]))}</td>'
            for _, align, cells in columns
        )
        + "</tr>"
        for i in range(len(rows))
    )
    foot = "<br>".join(f"{label}: {count:,} ({readable_bytes(size)})" for label, count, size in totals(model))
    title = f"<b>Model: {html.escape(model.name)}</b>"
    return f"<div>{title}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{foot}</p></div>"
