"""How much a file may ask for: text, nesting, memory. What is over the limit is refused before it is begun."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from math import prod
from typing import Any

from kerasish.backend import context
from kerasish.backend.dtypes import bits
from kerasish.typing import DTypeLike, ShapeLike

MAX_TEXT = 256 << 20  # bytes of JSON
MAX_DEPTH = 256  # containers inside each other; a model inside a model takes about four
MAX_CALLS = 100_000  # of layers, while one model is made
_CONTAINERS = (dict, list, tuple)


def load_json(text: str, what: str) -> Any:
    """The data in `text` (str or bytes of UTF-8).

    Args:
        what: what messages call it, e.g. "`json_string`".

    Raises:
        ValueError: for what is not JSON, too long or nested too deeply.
    """
    if not isinstance(text, (str, bytes, bytearray)):
        raise ValueError(f"{what} must be JSON text, got {type(text).__name__}.")
    if len(text) > MAX_TEXT:
        raise ValueError(f"{what} has {len(text)} characters of JSON; at most {MAX_TEXT} are read.")
    try:
        data = json.loads(text if isinstance(text, str) else bytes(text).decode("utf-8"))
    except RecursionError as error:
        raise ValueError(f"{what} is nested too deeply; at most {MAX_DEPTH} levels are read.") from error
    except ValueError as error:
        raise ValueError(f"{what} is not valid JSON: {error}.") from error
    check_depth(data, what)
    return data


def read_text(path: str, what: str) -> Any:
    """The bytes of a file of JSON, for `load_json`.

    Raises ValueError for one that is too long, before memory is taken for it.
    """
    with open(path, "rb") as file:
        return read_open_text(file, what)


def read_open_text(file: Any, what: str) -> Any:
    """As `read_text`, of a binary file that is open."""
    size = os.fstat(file.fileno()).st_size
    if size > MAX_TEXT:
        raise ValueError(f"{what} has {size} bytes of JSON; at most {MAX_TEXT} are read.")
    return file.read(size)


def check_depth(data: Any, what: str) -> None:
    """Raise a ValueError that names `what` where lists and dicts lie in each other more than `MAX_DEPTH` deep."""
    level = [data] if isinstance(data, _CONTAINERS) else []
    for _ in range(MAX_DEPTH):
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, _CONTAINERS)
        ]
        if not level:
            return
    raise ValueError(f"{what} is nested too deeply; at most {MAX_DEPTH} levels are read.")


class Allowance:
    """What a config out of a file may still ask for: bytes of variables, and calls of layers.

    Calls are counted because models inside each other, each called twice by the next, double the work with every level:
    fifty levels would never end.
    """

    def __init__(self, memory: Any, what: str, calls: Any = MAX_CALLS) -> None:
        self.memory = self.left = memory
        self.calls = calls
        self.what: str = what

    def take_variable(self, shape: ShapeLike, dtype: DTypeLike, name: str) -> None:
        """Count a variable that is about to be made.

        Raises ValueError when it is too much; no memory was taken then.
        """
        asked = prod(shape) * bits(dtype) // 8
        self.left -= asked
        if self.left < 0:
            raise ValueError(
                f"{self.what} is damaged or hostile: its config asks for a variable {name!r} of shape {tuple(shape)} "
                f"({asked} bytes), "
                f"which brings its variables over {self.memory} bytes, far more than the numbers that it holds, or "
                "than this machine's memory."
            )

    def take_call(self, name: str) -> None:
        """Count a call of a layer that is about to be made. Raises ValueError when it is one too many."""
        self.calls -= 1
        if self.calls < 0:
            raise ValueError(
                f"{self.what} is damaged or hostile: building its model takes more than {MAX_CALLS} calls of layers "
                f"(the last one of {name!r})."
            )


@contextmanager
def allowing(memory: Any, what: str) -> Iterator[Any]:
    """While the block runs, a config may make variables of `memory` bytes together. None: as it was outside."""
    outer = context.current().allowance
    if memory is None or outer is not None and outer.left < memory:
        yield
    else:
        with context.scope(allowance=Allowance(memory, what)):
            yield


@cache
def machine_memory() -> Any:
    """Bytes of memory that this machine has, or None where the system doesn't say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
