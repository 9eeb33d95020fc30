"""Logs of epochs as curves, one picture a metric, and as a table."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

from kerasish.optional import needed
from kerasish.suggestions import did_you_mean, install

_VALIDATION = "val_"
_MOST_ROWS, _FIRST_ROWS = 20, 3  # of a table: a long one shows its begin and its end


def draw_curves(history: Mapping[str, Sequence[float]], epochs: Sequence[int], names: Any, axes: Any = None) -> Any:
    """Draw the logs of epochs: of each name the training solid, the validation dashed.

    Args:
        history: dict from name to one number an epoch.
        epochs: numbers of the epochs, from 0.
        names: which to draw, without "val_"; None: all.
        axes: of matplotlib, one a name; None: in a new figure.

    Returns:
        The figure.

    Raises:
        ValueError: for a name that was not logged, too few axes, and where nothing was logged.
        ImportError: where matplotlib is not installed.
    """
    names = _names(history, names)
    if axes is None:
        axes = _new_axes(len(names))
    axes = axes if isinstance(axes, (list, tuple)) else list(getattr(axes, "flat", [axes]))
    if len(axes) < len(names):
        raise ValueError(f"`axes` must hold one for each of {len(names)} names, got {len(axes)}.")
    for axis, name in zip(axes, names):
        for kind, style, label in ((name, "-", "training"), (_VALIDATION + name, "--", "validation")):
            if kind in history:
                values = history[kind]
                axis.plot([epoch + 1 for epoch in epochs[-len(values) :]], values, style, label=label)
        axis.set_xlabel("epoch")
        axis.set_title(name)
        axis.xaxis.get_major_locator().set_params(integer=True)
        if _VALIDATION + name in history:
            axis.legend()
    return axes[0].figure


def _names(history, names):
    known = list(dict.fromkeys(name.removeprefix(_VALIDATION) for name in history))
    if not known:
        raise ValueError("There is nothing to draw: no epoch was logged.")
    names = known if names is None else [names] if isinstance(names, str) else list(names)
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} was not logged, only {', '.join(known)}.{did_you_mean(name, known)}")
    return names


def _new_axes(count):
    drawn_by = needed("matplotlib.figure", f"Curves are drawn by matplotlib, which is not installed: {install('plot')}")
    columns = min(3, count)
    rows = math.ceil(count / columns)
    figure = drawn_by.Figure(
        figsize=(4 * columns, 3 * rows), layout="constrained"
    )  # of no window: notebooks show it once
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for spare in axes[count:]:
        spare.remove()
    return axes[:count]


def html_table(history: Mapping[str, Sequence[float]], epochs: Sequence[int]) -> str:
    """The logs of epochs as a table, a row an epoch."""
    names = list(history)
    head = "".join(f"<th>{html.escape(name)}</th>" for name in ["epoch", *names])
    rows = [_row(epoch, [_value(history[name], i - len(epochs)) for name in names]) for i, epoch in enumerate(epochs)]
    if len(rows) > _MOST_ROWS:
        rows[_FIRST_ROWS : len(rows) - (_MOST_ROWS - _FIRST_ROWS)] = [_row(None, ["…"] * len(names))]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _row(epoch, cells):
    first = "…" if epoch is None else str(epoch + 1)
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in [first, *cells]) + "</tr>"


def _value(values, from_the_end):
    """A number of an epoch, counted from the last; nothing where the name was logged later only."""
    return f"{values[from_the_end]:.4g}" if -from_the_end <= len(values) else ""
