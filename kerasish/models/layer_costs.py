"""`model.explain(kind="layers")`: what each layer costs, counted from the primitives that its call consists of."""

from __future__ import annotations

import html
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend.compiler import cost
from kerasish.backend.context import active_interpreters
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.graph import Graph
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.primitives.shapes import product
from kerasish.backend.trace import trace
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.base.layer import Layer
from kerasish.models.summary import readable_bytes
from kerasish.ops.serialization import class_name
from kerasish.typing import Arrays

if TYPE_CHECKING:
    from kerasish.models.model import Model

_COLUMNS = (
    ("Layer (class)", "<"),
    ("Output shape", "<"),
    ("Params", ">"),
    ("FLOPs", ">"),
    ("Share", ">"),
    ("Activations", ">"),
)


class LayerExplanation:
    """What each layer of a model costs in one forward pass.

    Attributes:
        rows: one dict a layer, in the order of their first calls, those of inner models after their model: `layer`
            (name), `class`, `depth` (0: of the model itself), `calls`, `output_shape` (of the last call; a list where
            there are several outputs), `parameters` (number), `parameter_bytes`, `flops`, `activation_bytes` (of the
            outputs of all calls), `share` (of all FLOPs, 0 to 1). The numbers of an inner model are those of its layers
            together.
        flops: int, of the whole pass.
        other_flops: int, the part that belongs to no layer (a subclassed model's own arithmetic, masks).
        parameters: int, of the whole model, shared ones once.
        parameter_bytes: int, their size.
        activation_bytes: int, the outputs of all layers, those of inner models once.
        batch_size: int, of the pass.

    `print(explanation)` shows the table.

    A multiplication and an addition are two operations; see `kerasish/backend/compiler/cost.py` for the rules. Nothing
    is computed.
    """

    def __init__(self, name: str, rows: Any, totals: Any, batch_size: int) -> None:
        self.name, self.rows, self.batch_size = name, rows, batch_size
        self.flops, self.parameters, self.parameter_bytes = (
            totals["flops"],
            totals["parameters"],
            totals["parameter_bytes"],
        )
        self.other_flops = self.flops - sum(row["flops"] for row in rows if not row["depth"])
        inner = [not following["depth"] > row["depth"] for row, following in zip(rows, [*rows[1:], {"depth": 0}])]
        self.activation_bytes = sum(row["activation_bytes"] for row, is_leaf in zip(rows, inner) if is_leaf)
        for row in rows:
            row["share"] = row["flops"] / self.flops if self.flops else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, for JSON."""
        keys = ("name", "batch_size", "flops", "other_flops", "parameters", "parameter_bytes", "activation_bytes")
        return {**{key: getattr(self, key) for key in keys}, "rows": [dict(row) for row in self.rows]}

    def _cells(self):
        for row in self.rows:
            indent = "   " * row["depth"] + ("└ " if row["depth"] else "")
            calls = f" × {row['calls']}" if row["calls"] > 1 else ""
            yield [
                f"{indent}{row['layer']} ({row['class']}){calls}", str(row["output_shape"]), f"{row['parameters']:,}",
                readable_count(row["flops"]),
                f"{row['share']:.1%}", readable_bytes(row["activation_bytes"]),
            ]  # fmt: skip
        if self.other_flops:
            share = self.other_flops / self.flops
            yield ["(outside of layers)", "", "", readable_count(self.other_flops), f"{share:.1%}", ""]

    def _totals(self):
        short = f" ({readable_count(self.flops)})" if self.flops >= 1000 else ""
        samples = "1 sample" if self.batch_size == 1 else f"{self.batch_size} samples"
        return [
            f"FLOPs: {self.flops:,}{short} for a forward pass of {samples}",
            f"Parameters: {self.parameters:,} ({readable_bytes(self.parameter_bytes)})",
            f"Activations: {readable_bytes(self.activation_bytes)}",
        ]

    def __str__(self) -> str:
        lines = [[title for title, _ in _COLUMNS], *self._cells()]
        widths = [max(len(line[i]) for line in lines) for i in range(len(_COLUMNS))]
        shown = [
            "  ".join(f"{cell:{align}{width}}" for cell, width, (_, align) in zip(line, widths, _COLUMNS)).rstrip()
            for line in lines
        ]
        shown.insert(1, "─" * (sum(widths) + 2 * (len(widths) - 1)))
        return "\n".join([f'Model: "{self.name}"', *shown, "", *self._totals()])

    def __repr__(self) -> str:
        return f"<LayerExplanation of {self.name!r}: {len(self.rows)} layers, {self.flops:,} FLOPs>"

    def _repr_html_(self):
        side = {"<": "left", ">": "right"}
        head = "".join(f'<th style="text-align:{side[align]}">{title}</th>' for title, align in _COLUMNS)
        cells = (zip(line, _COLUMNS) for line in self._cells())
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align:{side[align]};white-space:pre">{html.escape(cell)}</td>'
                for cell, (_, align) in line
            )
            + "</tr>"
            for line in cells
        )
        foot = "<br>".join(self._totals())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<div><b>Model: {html.escape(self.name)}</b>{table}<p>{foot}</p></div>"


def readable_count(count: int) -> str:
    """1536 -> "1.54 k"."""
    for size, prefix in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g} {prefix}"
    return str(count)


def explain_layers(model: Model, x: Arrays) -> Any:
    """The LayerExplanation of a built model for a batch `x`.

    A structure of arrays, of which only shapes and dtypes matter.
    """
    arrays = tree.flatten(x)
    specs = [Spec(tuple(array.shape), standardize_dtype(array.dtype)) for array in arrays]
    observer = _Observer(model)
    with observer.watching():
        graph = trace(
            lambda *values: observer.begin(model, tree.pack_sequence_as(x, list(values))),
            specs,
            f"{model.name} by layer",
        )
    model._clear_losses()
    costs = [cost.flops(node) for node in graph.nodes]
    rows = [_row(record, costs) for record in observer.in_order()]
    totals = {"flops": sum(costs), **_parameters(model)}
    return LayerExplanation(model.name, rows, totals, specs[0].shape[0] if specs and specs[0].shape else 1)


def _parameters(operation):
    """Number and bytes of the weights, each once."""
    weights = list({id(v): v for v in getattr(operation, "weights", ())}.values())
    return {
        "parameters": sum(product(v.shape) for v in weights),
        "parameter_bytes": sum(cost.tensor_bytes(v) for v in weights),
    }


class _Record:
    """The calls of one layer within one model. `spans`: (first node, node after the last) of each."""

    def __init__(self, operation, depth, parent):
        self.operation, self.depth, self.parent = operation, depth, parent
        self.spans, self.outputs, self.bytes = [], None, 0


class _Observer:
    """Notes which nodes of a trace belong to which layer's call, by standing before the `call` of each."""

    def __init__(self, model):
        self.model = model
        self.trace, self.stack, self.records = None, [], {}

    def begin(self, model, x):
        """Call the model in the trace that is running."""
        self.trace = active_interpreters()[0]
        return model(x, training=False) if _takes_training(model) else model(x)

    @contextmanager
    def watching(self):
        """While it lasts, calls of the model's layers and of the bare ops in its graphs are noted."""
        layers = [
            layer for layer in self.model._flatten_layers() if layer is not self.model and "call" not in vars(layer)
        ]
        graphs = [
            g
            for g in {
                id(g): g for g in (layer._graph for layer in self.model._flatten_layers()) if g is not None
            }.values()
        ]
        for layer in layers:
            vars(layer)["call"] = self._noted(layer)
        for graph in graphs:
            graph.run = self._run(graph)
        try:
            yield
        finally:
            for layer in layers:
                del vars(layer)["call"]
            for graph in graphs:
                del graph.run

    def _noted(self, layer):
        def call(*args, **kwargs):
            return self._note(layer, lambda: type(layer).call(layer, *args, **kwargs))

        return call

    def _run(self, graph):
        def op_call(node, args, kwargs):
            if isinstance(node.operation, Layer):
                return node.operation(*args, **kwargs)
            return self._note(node.operation, lambda: node.operation(*args, **kwargs))

        return lambda values, call=None: Graph.run(graph, values, call or op_call)

    def _note(self, operation, run):
        active = active_interpreters()
        if self.trace is None or not active or active[0] is not self.trace or not self._is_shown():
            return run()  # within a loop's body, which the loop's node stands for, or inside of a layer that is one row
        parent = self.stack[-1] if self.stack else None
        key = (id(parent), id(operation))
        record = self.records.get(key)
        if record is None:
            record = self.records[key] = _Record(operation, len(self.stack), parent)
        start = len(self.trace.nodes)
        self.stack.append(record)
        try:
            result = run()
        finally:
            self.stack.pop()
        record.spans.append((start, len(self.trace.nodes)))
        found = [t for t in tree.flatten(result) if hasattr(t, "shape") and hasattr(t, "dtype")]
        record.outputs = [tuple(t.shape) for t in found]
        record.bytes += sum(cost.tensor_bytes(self.trace.lift(t)) for t in found)
        return result

    def _is_shown(self):
        """Layers of models have rows; what other layers are made of has none."""
        return not self.stack or hasattr(self.stack[-1].operation, "summary")

    def in_order(self):
        """Records, each followed by those of its inner layers."""
        children = {}
        for record in self.records.values():
            children.setdefault(id(record.parent), []).append(record)
        order, stack = [], children.get(id(None), [])[::-1]
        while stack:
            record = stack.pop()
            order.append(record)
            stack.extend(children.get(id(record), [])[::-1])
        return order


def _takes_training(model):
    return call_signature(type(model).call).takes_training


def _row(record, costs):
    operation = record.operation
    shapes = record.outputs or []
    return {
        "layer": operation.name, "class": type(operation).__name__ if isinstance(operation,
        Layer) else class_name(operation.op), "depth": record.depth,
        "calls": len(record.spans), "output_shape": shapes[0] if len(shapes) == 1 else shapes, **_parameters(operation),
        "flops": sum(sum(costs[start:end]) for start, end in record.spans),
        "activation_bytes": record.bytes,
    }  # fmt: skip
