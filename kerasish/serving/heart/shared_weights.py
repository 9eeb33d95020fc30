"""One copy of the weights for many processes: the first that opens a file lays them down, all others map them.

Whatever format a model was saved in, its weights are then plain numbers in a file, one behind the other, which the
operating system keeps in memory once. The pages are mapped for each process to write on privately: a layer that keeps
a state changes nobody else's.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.serving.heart.folders import Found
from kerasish.typing import PathLike
from kerasish.whole_files import replacing

_ALIGNED = 64  # bytes, as the engine's own memory


class SharedWeights:
    """A folder of laid down weights.

    Args:
        folder: path, seen by all processes of a server and by nobody else: what lies in it is believed.
    """

    def __init__(self, folder: PathLike) -> None:
        self._folder = os.fspath(folder)

    def share(self, model: Any, name: str, found: Found) -> None:
        """Let the variables of a model that was just loaded live in the shared copy."""
        variables = [v for v in model.variables if isinstance(v.memory(), np.ndarray) and v.memory().size]
        places, size = _places(variables)
        if not size:
            return
        laid_out = [(v.path, str(v.dtype), tuple(v.shape)) for v in variables]
        key = hashlib.sha256(repr((found.folder, found.stamp, laid_out)).encode()).hexdigest()[:32]
        path = os.path.join(self._folder, f"{name}-{found.version}-{key}.weights")
        with _turn(f"{path}.lock"):
            if not os.path.exists(path):
                _write(path, variables, places, size)
        with open(path, "rb") as file:
            mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
        whole = np.frombuffer(mapped, np.uint8)
        for variable, place in zip(variables, places):
            own = variable.memory()
            variable._buffer = whole[place : place + own.nbytes].view(own.dtype).reshape(own.shape)


def _places(variables):
    places, end = [], 0
    for variable in variables:
        places.append(end)
        end += -(-variable.memory().nbytes // _ALIGNED) * _ALIGNED
    return places, end


def _write(path, variables, places, size):
    with replacing(path) as target, open(target, "wb") as file:
        file.truncate(size)
        for variable, place in zip(variables, places):
            file.seek(place)
            file.write(np.ascontiguousarray(variable.memory()).tobytes())


@contextlib.contextmanager
def _turn(path: str) -> Iterator[None]:
    """One process at a time."""
    with open(path, "wb") as file:
        try:
            import fcntl  # an optional package: Windows has none, and there the last one to write wins
        except ImportError:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
