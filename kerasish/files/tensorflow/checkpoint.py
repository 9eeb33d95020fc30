"""Weights out of TensorFlow's checkpoints: with a graph of objects (tf.keras), or by names alone (TensorFlow 1)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from kerasish.configs.limits import read_text
from kerasish.files.old_hdf5.stored import fill_all
from kerasish.files.tensorflow import bundle, by_name
from kerasish.files.tensorflow.metadata import PROGRAM
from kerasish.files.tensorflow.object_graph import KEY, ObjectGraph
from kerasish.files.tensorflow.optimizer import state_of
from kerasish.files.tensorflow.restoring import restore, restore_optimizer

STATE = "checkpoint"
_NEWEST = re.compile(rb'^\s*model_checkpoint_path:\s*"((?:[^"\\]|\\.)*)"', re.MULTILINE)
_MODEL = ("model", "net", "network")  # what programs call it in `tf.train.Checkpoint(model=model)`


def path_of(path: str) -> str | None:
    """The path of a bundle without its ending, for what a user gives.

    Args:
        path: "ckpt-12" (or with ".index" behind it), or a folder: of a SavedModel, or one with a file `checkpoint`,
            whose newest is taken.

    Returns:
        None where there is none.

    Raises:
        ValueError: for a file `checkpoint` that names no checkpoint beside it.
    """
    if os.path.isdir(path):
        if os.path.isfile(os.path.join(path, PROGRAM)):
            return os.path.join(path, "variables", "variables")
        return _newest(path) if os.path.isfile(os.path.join(path, STATE)) else None
    if bundle.is_bundle(path):
        return path
    return path.removesuffix(bundle.INDEX) if path.endswith(bundle.INDEX) and os.path.isfile(path) else None


def _newest(folder):
    """The newest checkpoint that a folder's list names. It lies in the folder itself, wherever that was once."""
    place = os.path.join(folder, STATE)
    found = _NEWEST.search(read_text(place, repr(place)))
    if found is None:
        raise ValueError(f"{place!r} names no checkpoint (model_checkpoint_path).")
    name = found[1].decode("utf-8", "replace").replace("\\\\", "/").replace("\\", "/").rpartition("/")[2]
    path = os.path.join(folder, name)
    if not name or not bundle.is_bundle(path):
        raise ValueError(f"{place!r} names the checkpoint {name!r}, but there is no {name + bundle.INDEX!r} beside it.")
    return path


def load_weights(model: Any, path: str, skip_mismatch: bool = False, names: bool | Mapping[str, str] = False) -> None:
    """Set the weights of a built model from a checkpoint.

    Args:
        model: the Model.
        path: of the bundle, without an ending.
        skip_mismatch: leave weights alone, with a warning, that are missing or whose shapes differ.
        names: True, to set the weights whose names are in the checkpoint; or a dict from names there (or scopes, which
            end in "/") to those in the model, to set these.

    Raises:
        ValueError: that lists what does not fit; nothing is changed then.
    """
    with bundle.opened(path) as opened:
        if KEY not in opened or names:
            return fill_all(by_name.pairs_of(model, opened, names, skip_mismatch))
        graph = ObjectGraph(opened)
        node = _model_in(graph)
        optimizer = node.children.get("optimizer") or graph.root.children.get("optimizer")
        trained = getattr(model, "optimizer", None) is not None and not skip_mismatch
        for source in state_of(graph, optimizer) if trained else ():
            source.probe()  # before a weight is changed
        pairs = restore(model, graph, node, repr(path), skip_mismatch=skip_mismatch)
        if trained and optimizer is not None:
            model.optimizer.build(model.trainable_variables)
            restore_optimizer(model, graph, optimizer, pairs, repr(path))


def _model_in(graph):
    """The object that is the model: the root, or what `tf.train.Checkpoint` was given as one."""
    own = set(graph.root.children) - {"optimizer", "save_counter", "step", "epoch", "root"}
    name = next((name for name in _MODEL if name in own), None)
    if name is not None and not any(key.startswith("layer") for key in own):
        return graph.root.children[name]
    return graph.root
