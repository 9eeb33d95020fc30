"""Weights as a tree of named objects: nested dicts with arrays at their ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.files.weights_h5 import VARIABLES
from kerasish.files.weights_store import stored_values
from kerasish.files.weights_walk import saveables

if TYPE_CHECKING:
    from kerasish.models.model import Model


def checked_name(name: Any) -> str:
    """`name`, if an object in a file can have it. Raises ValueError."""
    if not isinstance(name, str) or not name or name in (VARIABLES, ".", ".."):
        raise ValueError(f"{name!r} can't be the name of an object in a weights file.")
    return name


def checked_weights(weights: Any) -> dict[str, Any]:
    """The arrays of a dict, nested or not, as NumPy's. Raises ValueError that says which is none."""
    if not isinstance(weights, dict):
        raise ValueError(
            "`weights` must be a dict from names of weights (usually '0', '1', ...) to arrays, got "
            f"{type(weights).__name__}."
        )
    checked = {}
    for name, value in weights.items():
        if isinstance(value, dict):
            checked[checked_name(name)] = checked_weights(value)
            continue
        array = value.numpy() if hasattr(value, "numpy") else np.asarray(value)
        if array.dtype.kind not in "biufc" or "/" in checked_name(name):
            raise ValueError(
                f"`weights[{name!r}]` must be an array of numbers, and its name no path, got {array.dtype}."
            )
        checked[name] = array
    return checked


def places_of(tree: dict[str, Any], name: str, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """(dict, path) for each place in the tree that has a member called `name`."""
    for key, value in tree.items():
        if key == name:
            yield tree, f"{path}/{key}"
        if isinstance(value, dict):
            yield from places_of(value, name, f"{path}/{key}")


def object_paths(tree: dict[str, Any], path: str) -> Iterator[str]:
    """The paths of all objects below `path`, where `tree` stands."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield f"{path}/{key}"
            yield from object_paths(value, f"{path}/{key}")


def tree_of_model(model: Model) -> dict[str, Any]:
    """The nested dict that a file of `model` would have, with arrays at its ends."""
    tree = {}
    for path, item in saveables(model):
        values = dict(stored_values(item))
        if not values:
            continue
        place = tree
        for part in path.split("/") if path else ():
            place = place.setdefault(part, {})
        place.update(values)
    return tree


def compare(saved: dict[str, Any], wanted: dict[str, Any], path: str, counts: dict[str, int]) -> None:
    """Print where two trees differ, and count "errors" and "matches" in `counts`."""
    for names, has, lacks in ((wanted, "reference model", "saved file"), (saved, "saved file", "reference model")):
        other = saved if names is wanted else wanted
        for name in names:
            if name not in other or isinstance(other[name], dict) != isinstance(names[name], dict):
                counts["errors"] += 1
                kind = "Object" if isinstance(names[name], dict) else "Weight"
                print(f"...{kind} {path}/{name} present in {has}, missing from {lacks}")
                if kind == "Object":
                    print(f"    In {has}, {path}/{name} contains the following keys: {list(names[name])}")
    for name in wanted:
        here, there = saved.get(name), wanted[name]
        if isinstance(here, dict) and isinstance(there, dict):
            compare(here, there, f"{path}/{name}", counts)
        elif here is not None and not isinstance(here, dict) and not isinstance(there, dict):
            if tuple(here.shape) == tuple(there.shape):
                counts["matches"] += 1
            else:
                counts["errors"] += 1
                print(f"...Weight shape mismatch for {path}/{name}")
                print(
                    f"    In reference model: shape={tuple(there.shape)}\n    In saved file: shape={tuple(here.shape)}"
                )


def counted(count: int, what: str) -> str:
    """`3 errors`, `1 error`."""
    return f"{count} {what}" + ("" if count == 1 else "s")
