"""Nested data: tell structures from lists of plain numbers, name the leaves, put batches back into shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import numpy as np

from kerasish.backend.texts import holds_text, text_array

_SCALARS = (int, float, str, bytes, np.generic)


def settle(structure: Any, name: str) -> Any:
    """`structure` with every list of plain numbers (or of lists of numbers) as one array, so that the rest are leaves.

    Raises:
        ValueError: for a ragged list, or for a number that stands alone.
    """
    if structure is None or type(structure) is np.ndarray:
        return structure
    if isinstance(structure, Mapping) and hasattr(structure, "tocsr"):
        return structure.tocsr()  # scipy.sparse's DOK is a dict by itself
    if isinstance(structure, Mapping):
        return {key: settle(value, f"{name}[{key!r}]") for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        if _holds_plain_numbers(structure):
            return _to_array(structure, name)
        children = [settle(value, f"{name}[{index}]") for index, value in enumerate(structure)]
        return type(structure)(*children) if hasattr(structure, "_fields") else type(structure)(children)
    if isinstance(structure, _SCALARS):
        raise ValueError(
            f"`{name}` must be an array with the samples along its first axis, got the single value {structure!r}."
        )
    return structure


def _holds_plain_numbers(sequence):
    while isinstance(sequence, (list, tuple)) and len(sequence):
        sequence = sequence[0]
    return isinstance(sequence, _SCALARS)


def _to_array(sequence, name):
    if name.startswith("x") and holds_text(sequence):
        return text_array(sequence, name)  # objects: one long text would make all as wide
    try:
        return np.array(sequence)
    except ValueError:
        raise ValueError(
            f"`{name}` is a list whose rows differ in length, which makes no array. "
            "Pad the rows to one length first: `keras.utils.pad_sequences(...)`."
        ) from None


def leaves(structure: Any, name: str) -> list[Any]:
    """`[(name, leaf), ...]` of a settled structure, without the Nones; names read like `x[1]` or `y['age']`."""
    if structure is None:
        return []
    if type(structure) is np.ndarray:
        return [(name, structure)]
    if isinstance(structure, Mapping):
        items = structure.items()
    elif isinstance(structure, (list, tuple)):
        items = enumerate(structure)
    else:
        return [(name, structure)]
    return [found for key, value in items for found in leaves(value, f"{name}[{key!r}]")]


def packer(structure: Any, numbers: Any) -> Any:
    """A function from a list of columns' values to the shape of `structure`.

    Args:
        numbers: iterator of the positions that the leaves take in that list, in the order of `leaves`.
    """
    if structure is None:
        return _none
    if type(structure) is np.ndarray:
        return itemgetter(next(numbers))
    if isinstance(structure, Mapping):
        parts = [(key, packer(value, numbers)) for key, value in structure.items()]
        return lambda values: {key: pack(values) for key, pack in parts}
    if isinstance(structure, (list, tuple)):
        packs = [packer(value, numbers) for value in structure]
        if hasattr(structure, "_fields"):
            kind = type(structure)
            return lambda values: kind(*[pack(values) for pack in packs])
        if isinstance(structure, tuple):
            return lambda values: tuple([pack(values) for pack in packs])
        return lambda values: [pack(values) for pack in packs]
    return itemgetter(next(numbers))


def _none(values):
    return None


def map_leaves(function: Callable[..., Any], structure: Any, name: str) -> Any:
    """`structure` with `function(leaf, name)` in place of every leaf; None stays."""
    if structure is None:
        return None
    if isinstance(structure, Mapping):
        return {key: map_leaves(function, value, f"{name}[{key!r}]") for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        children = [map_leaves(function, value, f"{name}[{index}]") for index, value in enumerate(structure)]
        return type(structure)(*children) if hasattr(structure, "_fields") else type(structure)(children)
    return function(structure, name)


def check_same_length(named_shapes: Any) -> Any:
    """Raise ValueError unless all of `[(name, shape), ...]` have one first dimension; return it."""
    first = named_shapes[0][1][0]
    if any(shape[0] != first for _, shape in named_shapes):
        listed = ", ".join(f"`{name}` has {shape[0]}" for name, shape in named_shapes)
        raise ValueError(f"All arrays must have the same number of samples (first axis), but {listed}.")
    return first
