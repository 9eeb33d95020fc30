"""The shapes and dtypes of batches, and a model's symbolic inputs for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasish import Input, tree

Batch = tuple[Any, Any]


class Layout:
    """How the features and labels of batches look, the first axis apart; None where sizes differ from batch to batch.

    Args:
        batch: pair of structures of arrays; None for no labels.
        shapes: list of shapes to take in place of the batch's own.
    """

    def __init__(self, batch: Batch, shapes: Any = None) -> None:
        arrays = _arrays(batch)
        self.shapes = [tuple(array.shape[1:]) for array in arrays] if shapes is None else shapes
        kinds = tuple("string" if array.dtype.kind in "SUOT" else array.dtype.name for array in arrays)
        names = tuple(tuple(sorted(part)) if isinstance(part, Mapping) else part is None for part in batch)
        self.rest = (kinds, names)

    @property
    def key(self) -> Any:
        """What is equal where one model fits."""
        return (tuple(self.shapes), self.rest)

    def fits(self, batch: Batch) -> bool:
        """Whether a batch looks so."""
        other = Layout(batch)
        if other.rest != self.rest:
            return False
        return all(_fits(mine, its) for mine, its in zip(self.shapes, other.shapes))

    def with_batch(self, batch: Batch) -> Layout:
        """What both this and a batch look like; the batch's own layout where they have nothing in common."""
        other = Layout(batch)
        ranks = [list(map(len, layout.shapes)) for layout in (self, other)]
        if other.rest != self.rest or ranks[0] != ranks[1]:
            return other
        shapes = [
            tuple(size if size == its else None for size, its in zip(mine, theirs))
            for mine, theirs in zip(self.shapes, other.shapes)
        ]
        return Layout(batch, shapes)

    def inputs(self, batch: Batch) -> Batch:
        """Symbolic inputs in the structures of a batch."""
        made = iter([Input(shape, dtype=kind) for shape, kind in zip(self.shapes, self.rest[0])])
        features, labels = (
            None if part is None else tree.map_structure(lambda array: next(made), part) for part in batch
        )
        return features, labels


def _arrays(batch):
    return [array for part in batch if part is not None for array in tree.flatten(part)]


def _fits(shape, other):
    return len(shape) == len(other) and all(size in (None, its) for size, its in zip(shape, other))
