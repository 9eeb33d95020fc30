"""A Report as text: aligned columns, a tree, values, or JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.files.inspect.report import is_of_training
from kerasish.typing import IntOrInts, ShapeLike, TensorLike

_STATISTICS = ("min", "mean", "max", "std", "zeros", "nan", "inf")


def overview(report: Any, statistics: bool = True) -> Iterator[Any]:
    """Yield the lines of the whole report. Weights are read one after the other as their lines are asked for."""
    parameters, size = report.totals()
    yield f"{printable(report.path)}: {report.format}"
    for key, value in report.facts.items():
        yield f"  {printable(key)}: {printable(value)}"
    if report.weights:
        yield f"  weights: {parameters:,} parameters, {readable(size)}"
        state = sum(weight.bytes for weight in report.weights if is_of_training(weight.name))
        if state:
            yield f"  state of training: {readable(state)}"
    if report.layers:
        yield ""
        yield from _table(_layer_rows(report), ("layer", "class", "parameters", ""), "llrl")
    if report.weights:
        yield ""
        yield from _weight_table(report, statistics)


def _layer_rows(report):
    for layer, count in zip(report.layers, report.parameters_of()):
        name = "  " * layer["depth"] + printable(layer["name"])
        yield (
            name,
            printable(layer["class_name"]),
            "-" if count is None else f"{count:,}",
            "" if layer["trainable"] else "frozen",
        )


def _weight_table(report, statistics):
    """Yield a line for each weight. The columns' widths are known before a value is read."""
    labelled = any(weight.layer is not None and weight.layer not in weight.name.split("/") for weight in report.weights)
    left = []
    for weight in report.weights:
        left.append(
            [
                printable(weight.name),
                *([printable(weight.layer or "")] if labelled else ()),
                shape_text(weight.shape),
                weight.dtype,
            ]
        )
    head = ["weight", *(["layer"] if labelled else ()), "shape", "dtype"]
    widths = [max(len(row[column]) for row in [head, *left]) for column in range(len(head))] + [10]
    aligned = "l" * len(head) + "r"
    if statistics:
        widths, aligned = widths + [10, 10, 10, 10, 7, 6, 6], aligned + "r" * len(_STATISTICS)
    yield _line([*head, "bytes", *(_STATISTICS if statistics else ())], widths, aligned)
    for weight, row in zip(report.weights, left):
        yield _line(
            [*row, readable(weight.bytes), *(_cells(statistics_of(weight)) if statistics else ())], widths, aligned
        )


def statistics_of(weight: Any) -> Any:
    """The statistics of a weight, {} for one that holds no numbers."""
    return weight.statistics() if weight.is_numeric else {}


def _cells(found):
    if not found:
        return ["-"] * len(_STATISTICS)
    numbers = ["-" if found[key] is None else f"{found[key]:.4g}" for key in ("min", "mean", "max", "std")]
    return [*numbers, f"{100 * found['zeros']:.1f}%", str(found["nan"]), str(found["inf"])]


def tree(report: Any) -> Iterator[Any]:
    """Yield the lines of the tree of names, with the shapes of the weights at its ends."""
    root = {}
    for weight in report.weights:
        place = root
        for part in weight.name.split("/")[:-1]:
            place = place.setdefault(("", part), {})
        place[("weight", weight.name.split("/")[-1])] = weight
    yield f"{printable(report.path)}: {report.format}"
    if report.weights:
        yield from _branches(root, "")
    else:
        for layer in report.layers:
            yield "  " * (layer["depth"] + 1) + f"{printable(layer['name'])} ({printable(layer['class_name'])})"


def _branches(place, indent):
    for index, ((_, name), value) in enumerate(place.items()):
        last = index == len(place) - 1
        yield f"{indent}{'└─' if last else '├─'} {printable(name)}" + (
            "" if isinstance(value, dict) else f"  {shape_text(value.shape)} {value.dtype}"
        )
        if isinstance(value, dict):
            yield from _branches(value, indent + ("   " if last else "│  "))


def values(weight: Any, threshold: float = 1000) -> Iterator[Any]:
    """Yield the lines that show one weight.

    What it is, its statistics and its values (the middle is left out of more than `threshold`).
    """
    yield f"{printable(weight.name)}: shape {shape_text(weight.shape)}, {weight.dtype}, {readable(weight.bytes)}"
    found = statistics_of(weight)
    if found:
        yield "  " + ", ".join(f"{key} {cell}" for key, cell in zip(_STATISTICS, _cells(found)))
    with np.printoptions(threshold=threshold, linewidth=120):
        yield str(weight.read())


def as_json(report: Any, statistics: bool = True) -> Any:
    """The report as JSON text; numbers that JSON lacks (NaN, infinity) as null."""
    parameters, size = report.totals()
    weights = []
    for weight in report.weights:
        row = {
            "name": weight.name,
            "shape": list(weight.shape),
            "dtype": weight.dtype,
            "bytes": weight.bytes,
            "layer": weight.layer,
        }
        weights.append(
            {**row, **({key: finite(value) for key, value in statistics_of(weight).items()} if statistics else {})}
        )
    layers = [
        {
            "name": layer["name"],
            "class_name": layer["class_name"],
            "depth": layer["depth"],
            "trainable": layer["trainable"],
            "parameters": count,
        }
        for layer, count in zip(report.layers, report.parameters_of())
    ]
    data = {
        "path": report.path,
        "format": report.format,
        "facts": report.facts,
        "parameters": parameters,
        "bytes": size,
        "layers": layers,
        "weights": weights,
    }
    return json.dumps(data, indent=2, allow_nan=False)


def finite(value: TensorLike) -> Any:
    """A number that JSON has, or None."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def printable(text: str) -> Any:
    """`text` from a file, without what could steer a terminal."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in str(text))[
        :500
    ]


def shape_text(shape: ShapeLike) -> str:
    """A shape as "(3, 4)"."""
    return str(tuple(shape))


def readable(size: IntOrInts) -> str:
    """A number of bytes as "1.50 MB"."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            return f"{size} B" if unit == "B" else f"{size:.2f} {unit}"
        size /= 1024
    return f"{size} B"


def _table(rows, head, aligned):
    rows = [head, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        yield _line(row, widths, aligned)


def _line(cells, widths, aligned):
    return "  ".join(
        cell.rjust(width) if side == "r" else cell.ljust(width) for cell, width, side in zip(cells, widths, aligned)
    ).rstrip()
