"""Collecting the outputs of many batches into whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import tree


class Collector:
    """Batches of outputs, joined along the first axis.

    Args:
        num_samples: the total where it is known; the result is then allocated once and filled.
    """

    def __init__(self, num_samples: int | None = None) -> None:
        self._total, self._filled = num_samples, 0
        self._first = self._arrays = self._parts = None

    def add(self, outputs: Any) -> None:
        """Append one batch (a structure of NumPy arrays, which is kept)."""
        if self._first is None:
            self._first = outputs
            return
        if self._parts is None:
            self._begin(tree.flatten(self._first))
        self._append(tree.flatten(outputs))

    def _begin(self, flat):
        size = flat[0].shape[0] if flat and flat[0].shape else None
        whole = (
            self._total is not None
            and size is not None
            and size < self._total
            and all(a.shape and a.shape[0] == size for a in flat)
        )
        self._arrays = [np.empty((self._total, *a.shape[1:]), a.dtype) for a in flat] if whole else None
        self._parts = [[] for _ in flat]
        self._append(flat)

    def _append(self, flat):
        if self._arrays is not None:
            stop = self._filled + flat[0].shape[0]
            if all(a.shape[1:] == into.shape[1:] for a, into in zip(flat, self._arrays)):
                for into, array in zip(self._arrays, flat):
                    into[self._filled : stop] = array
                self._filled = stop
                return
            self._parts = [[into[: self._filled]] for into in self._arrays]
            self._arrays = None
        for part, array in zip(self._parts, flat):
            part.append(array)

    def result(self) -> Any:
        """The joined arrays in the structure of one batch's outputs. Raises ValueError when there was no batch."""
        if self._first is None:
            raise ValueError("There is nothing to predict: the data set yields no batch.")
        if self._parts is None:
            return self._first
        if self._arrays is not None:
            return tree.pack_sequence_as(self._first, [a[: self._filled] for a in self._arrays])
        return tree.pack_sequence_as(self._first, [p[0] if len(p) == 1 else np.concatenate(p) for p in self._parts])
