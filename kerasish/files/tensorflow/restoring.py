"""The weights, tables and optimizer's state of a model out of a checkpoint with a graph of objects."""

from __future__ import annotations

import warnings
from typing import Any

from kerasish.files.old_hdf5 import optimizer_state
from kerasish.files.old_hdf5.stored import fill_all
from kerasish.files.tensorflow.matching import Matching
from kerasish.files.tensorflow.object_graph import Node, ObjectGraph
from kerasish.files.tensorflow.optimizer import state_of
from kerasish.files.tensorflow.tables import restore_tables

_LISTED = 20  # problems in a message


def restore(
    model: Any,
    graph: ObjectGraph,
    node: Node,
    what: str,
    names: dict[int, str] | None = None,
    folder: str | None = None,
    skip_mismatch: bool = False,
) -> list[Any]:
    """Set the weights and tables of a built model.

    Args:
        model: a layer or model.
        graph: the graph of objects in an open bundle.
        node: the object that the model was.
        what: what messages call the file.
        names: dict from an object's number to its layer's name, where the file tells them.
        folder: path of the SavedModel, if it is one.
        skip_mismatch: leave weights alone, with a warning, that are missing or whose shapes differ.

    Returns:
        List of (Variable, source) that were set.

    Raises:
        ValueError: that lists what does not fit; nothing is changed then.
    """
    found = Matching(graph, names)
    found.add(model, node)
    lines = [f"{where}: {text}" for where, text in found.problems]
    if len(lines) > _LISTED:
        lines[_LISTED:] = [f"... and {len(lines) - _LISTED} more"]
    listed = "\n  ".join(lines)
    if lines and not skip_mismatch:
        raise ValueError(f"The weights in {what} do not fit the model; nothing was changed.\n  {listed}")
    if lines:
        warnings.warn(f"Weights in {what} were left out and stay as they were:\n  {listed}", stacklevel=6)
    for _, source in found.pairs:
        source.probe()
    restore_tables(found.places, graph, folder)
    fill_all(found.pairs)
    return found.pairs


def restore_optimizer(model: Any, graph: ObjectGraph, node: Node | None, pairs: list[Any], what: str) -> None:
    """Set the optimizer's variables, where the file holds them; what does not fit is said in a warning."""
    sources = state_of(graph, node)
    if not sources or getattr(model, "optimizer", None) is None:
        return
    optimizer_state.restore(model, sources, pairs, what)
