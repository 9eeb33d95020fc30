"""One version of a model that answers requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish import forks, tree
from kerasish.backend.function import Function
from kerasish.models.training.host_outputs import outputs_on_host
from kerasish.serving.heart.queue import BatchQueue
from kerasish.serving.heart.signature import signature_of
from kerasish.serving.options import Batching

_MOST_ROWS = 64  # of a batch, where nobody said


class Servable:
    """A version: its model, its signature, the sizes of its batches, and who uses it.

    Args:
        name: string. version: int.
        model: a `Model`, built.
        batching: Batching.

    Attributes:
        sizes: list of ints, the numbers of rows that a batch is filled up to.
        seconds: dict from such a size to the time that a batch of it takes, where it was measured.
        queue: BatchQueue.
    """

    def __init__(self, name: str, version: int, model: Any, batching: Batching | None = None) -> None:
        self.name, self.version, self.model = name, version, model
        self.batching = batching or Batching()
        self.signature = signature_of(model)
        self.function: Any = model.make_predict_function()
        self.seconds: dict[int, float] = {}
        self.warm_shapes: frozenset[Any] = frozenset()
        self.use_sizes(self._told_sizes())
        self._users, self._retired, self._gone = 0, False, None
        self._counting = forks.lock()

    def _told_sizes(self):
        if not self.signature.can_batch:
            return [1]
        if self.signature.rows is not None:
            return [self.signature.rows]
        most = self.batching.max_batch_size or _MOST_ROWS
        return list(self.batching.allowed_batch_sizes or _doubling(most))

    @property
    def chooses_sizes(self) -> bool:
        """Whether warming up may find the sizes of batches: nobody said them, and the model takes any."""
        told = self.batching.max_batch_size or self.batching.allowed_batch_sizes
        return self.signature.can_batch and self.signature.rows is None and not told

    def use_sizes(self, sizes: list[int]) -> None:
        """Set the sizes of batches, before the first request."""
        self.sizes = sizes
        timeout = self.batching.batch_timeout_micros / 1e6 if self.signature.can_batch else 0.0
        most = sizes[-1] if self.signature.can_batch else 1
        self.queue = BatchQueue(most, timeout, self.batching.max_queued_rows)

    @property
    def bytes(self) -> int:
        """About how much memory it holds: weights and compiled Programs."""
        weights = sum(int(np.prod(v.shape)) * _item_bytes(v.dtype) for v in self.model.variables)
        held = self.function._signatures.entries() if isinstance(self.function, Function) else ()
        return weights + sum(entry.bytes for entry in held)

    # -- who uses it

    def enter(self) -> bool:
        """Count a user; False where the version has left meanwhile, and another has to be asked for."""
        with self._counting:
            if self._retired:
                return False
            self._users += 1
            return True

    def leave(self) -> None:
        """A user of `enter` is done."""
        with self._counting:
            self._users -= 1
            gone = self._gone if self._retired and not self._users else None
        if gone is not None:
            gone(self)

    def retire(self, gone: Callable[[Servable], None]) -> None:
        """Take no more users; `gone` is called when the last one has left."""
        with self._counting:
            self._retired, self._gone = True, gone
            at_once = not self._users
        if at_once:
            gone(self)

    # -- computing

    def compute(self, works: Any) -> tuple[list[list[Any]], int]:
        """The outputs of each request, and the number of rows that were computed for them."""
        if not self.signature.can_batch:
            return [self.call(work.arrays) for work in works], sum(work.rows for work in works)
        rows = sum(work.rows for work in works)
        if rows > self.sizes[-1]:
            return [self._in_parts(works[0].arrays)], rows
        size = next(size for size in self.sizes if size >= rows)
        outputs = self.call([_stacked(parts, size) for parts in zip(*(work.arrays for work in works))])
        if len(works) == 1 and size == rows:
            return [outputs], size
        results, start = [], 0
        for work in works:
            results.append([output[start : start + work.rows] for output in outputs])
            start += work.rows
        return results, size

    def _in_parts(self, arrays):
        """One request of more rows than a batch."""
        rows, most, parts = len(arrays[0]), self.sizes[-1], []
        for start in range(0, rows, most):
            piece = [array[start : start + most] for array in arrays]
            size = next(size for size in self.sizes if size >= len(piece[0]))
            parts.append([output[: len(piece[0])] for output in self.call([_stacked([a], size) for a in piece])])
        return [np.concatenate(outputs) for outputs in zip(*parts)]

    def call(self, arrays: list[Any]) -> list[Any]:
        """The flat outputs of one call of the compiled function."""
        return tree.flatten(outputs_on_host(self.function, self.signature.pack(arrays)))


def _stacked(parts, size):
    """Rows of several arrays one behind the other, filled up to `size` by repeating the last."""
    rows = sum(map(len, parts))
    if len(parts) == 1 and rows == size:
        return parts[0]
    if rows < size:
        parts = [*parts, np.repeat(parts[-1][-1:], size - rows, axis=0)]
    return np.concatenate(parts)


def _doubling(most):
    sizes = [1]
    while sizes[-1] * 2 <= most:
        sizes.append(sizes[-1] * 2)
    return sizes if sizes[-1] == most else [*sizes, most]


def _item_bytes(dtype):
    return {"bool": 1, "bfloat16": 2}.get(dtype) or (np.dtype(dtype).itemsize if dtype != "string" else 0)
