"""The first batches of a version, before anybody waits for it: all that is compiled is compiled then, and timed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from kerasish.serving.heart.servable import Servable
from kerasish.serving.heart.work import Work

_LONGEST = 0.025  # seconds that a batch may take where nobody said how large batches are
_WORTH = 0.97  # of the time a row takes, with which a batch of twice the size still pays
_OPEN_SIZE = 32  # what an axis that is open is made of in made-up rows


def warm_up(servable: Servable, requests: Sequence[Sequence[Any]] = ()) -> None:
    """Compute batches of every size.

    Where nobody said how large batches are, they double as long as a row costs less in the larger one, and a batch
    takes no more than 25 ms: beyond that those who wait pay for what the server gains.

    Args:
        servable: Servable, not yet public.
        requests: recorded requests, lists of arrays in the order of the inputs; made-up rows where there are none.

    Raises:
        Exception: whatever the model raises; such a version is not served.
    """
    inputs = servable.signature.inputs
    samples = [[array[:1] for array in arrays] for arrays in requests] if servable.signature.can_batch else requests
    samples = list({tuple(a.shape for a in arrays): arrays for arrays in samples}.values())
    if not samples:
        open_size = _OPEN_SIZE if any(None in info.shape[1:] for info in inputs) else 1
        samples = [[info.empty_rows(servable.sizes[0] if servable.signature.rows else 1, open_size) for info in inputs]]
    kept = []
    for size in servable.sizes:
        seconds = max(_timed(servable, arrays, size) for arrays in samples)
        before = servable.seconds.get(kept[-1], 0.0) / kept[-1] if kept else None
        if kept and servable.chooses_sizes and (seconds > _LONGEST or seconds / size > before * _WORTH):
            break
        servable.seconds[size] = seconds
        kept.append(size)
    servable.use_sizes(kept)
    servable.warm_shapes = frozenset(tuple(array.shape[1:] for array in arrays) for arrays in samples)


def _timed(servable, arrays, size):
    """Seconds that a batch of `size` such rows takes, the best of three calls behind the one that compiles."""
    work = Work(servable, arrays, 0.0, lambda _: None)
    if not servable.signature.can_batch:
        size = work.rows

    def run():
        began = time.perf_counter()
        if servable.signature.can_batch:
            servable.call([_repeated(array, size) for array in arrays])
        else:
            servable.call(list(arrays))
        return time.perf_counter() - began

    run()
    return min(run() for _ in range(3))


def _repeated(array, size):
    return array.repeat(size, axis=0) if len(array) == 1 else array[:size]
