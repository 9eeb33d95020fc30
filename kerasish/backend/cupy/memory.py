"""Memory of the card, and what is said when there is none left."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cupy


def allocated(make: Callable[[], Any]) -> Any:
    """What `make` allocates; where there is too little memory, once more after all that is free was given back."""
    try:
        return make()
    except cupy.cuda.memory.OutOfMemoryError:
        gc.collect()
        cupy.get_default_memory_pool().free_all_blocks()
    with saying_what_to_do():
        return make()


@contextmanager
def saying_what_to_do() -> Iterator[None]:
    """A context in which "out of memory" says the sizes, and what helps."""
    try:
        yield
    except cupy.cuda.memory.OutOfMemoryError as error:
        card = cupy.cuda.Device()
        free, total = card.mem_info
        used = cupy.get_default_memory_pool().used_bytes()
        raise MemoryError(
            f"GPU {card.id} has too little memory left: {error} It has {_size(total)}, of which {_size(free)} are free "
            f"and {_size(used)} are held by arrays of this process. Take a smaller batch size, compute layers again on "
            "the way back (`keras.remat`), or let go of models that are no longer used (`keras.utils.clear_session()`)."
        ) from error


def _size(count):
    return f"{count / 2**30:.2f} GiB" if count >= 2**28 else f"{count / 2**20:.1f} MiB"
