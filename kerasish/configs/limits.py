"""How much a file may ask for: text, nesting, memory. What is over the limit is refused before it is begun."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

from kerasish.backend import context
from kerasish.backend.dtypes import bits
from kerasish.typing import DTypeLike, ShapeLike


@dataclass
class Limits:
    """What any file may ask for; `LIMITS` holds the numbers in force, which a program that trusts its files may raise.

    Attributes:
        text: bytes of JSON.
        depth: containers inside each other; a model inside a model takes about four.
        containers: dicts and lists of a text of JSON, each of which takes some 200 bytes.
        containers_a_byte: and how many a stored byte may bring, beyond `free_containers`.
        free_containers: how many a text may have with little behind it.
        numbers: items of all its lists and dicts.
        calls: of layers, while one model is made.
        objects: made from a config (layers, tensors between them, numbers of a list that the config only counts).
        constant: bytes of one array that is computed while a config is read.
        constants: bytes of all of them.
        growth: a model's variables against the file's numbers: optimizer slots that the file lacks, float16 read as
            float32.
        packed: how many times their stored bytes gzipped numbers count there.
        free: bytes of variables with little behind them.
        seconds: of this thread's own time, for making a model from its config.

    Example:
        >>> from kerasish.configs.limits import LIMITS
        >>> LIMITS.seconds = 120.0  # a model of a hundred thousand layers
    """

    text: int = 256 << 20
    depth: int = 256
    containers: int = 1_000_000
    containers_a_byte: float = 1.0
    free_containers: int = 100_000
    numbers: int = 10_000_000
    calls: int = 100_000
    objects: int = 1_000_000
    constant: int = 64 << 20
    constants: int = 1 << 30
    growth: int = 10
    packed: int = 10
    free: int = 64 << 20
    seconds: float = 120.0


LIMITS = Limits()
_CONTAINERS = (dict, list, tuple)
_RAISE = "If you trust the file, raise `kerasish.configs.limits.LIMITS`."


def load_json(text: str, what: str, stored: int | None = None) -> Any:
    """The data in `text` (str or bytes of UTF-8).

    Args:
        what: what messages call it, e.g. "`json_string`".
        stored: bytes that it takes in its file, where it is packed.

    Raises:
        ValueError: for what is not JSON, too long, of too many parts or nested too deeply.
    """
    if not isinstance(text, (str, bytes, bytearray)):
        raise ValueError(f"{what} must be JSON text, got {type(text).__name__}.")
    if len(text) > LIMITS.text:
        raise ValueError(f"{what} has {len(text)} characters of JSON; at most {LIMITS.text} are read.")
    _check_parts(text, what, len(text) if stored is None else stored)
    try:
        data = json.loads(text if isinstance(text, str) else bytes(text).decode("utf-8"))
    except RecursionError as error:
        raise ValueError(f"{what} is nested too deeply; at most {LIMITS.depth} levels are read.") from error
    except ValueError as error:
        raise ValueError(f"{what} is not valid JSON: {error}.") from error
    check_depth(data, what)
    return data


def _check_parts(text, what, stored):
    """Refuse JSON whose dicts and lists would take far more memory than its bytes; brackets in words count, too."""
    marks = "{[," if isinstance(text, str) else (b"{", b"[", b",")
    braces, brackets, commas = map(text.count, marks)
    allowed = min(LIMITS.containers, max(LIMITS.free_containers, int(LIMITS.containers_a_byte * stored)))
    for name, count, most in (("dicts and lists", braces + brackets, allowed), ("items", commas, LIMITS.numbers)):
        if count > most:
            raise ValueError(
                f"{what} has {count} {name} in {stored} stored bytes of JSON; at most {most} are read. {_RAISE}"
            )


def read_text(path: str, what: str) -> Any:
    """The bytes of a file of JSON, for `load_json`.

    Raises ValueError for one that is too long, before memory is taken for it.
    """
    with open(path, "rb") as file:
        return read_open_text(file, what)


def read_open_text(file: Any, what: str) -> Any:
    """As `read_text`, of a binary file that is open."""
    size = os.fstat(file.fileno()).st_size
    if size > LIMITS.text:
        raise ValueError(f"{what} has {size} bytes of JSON; at most {LIMITS.text} are read.")
    return file.read(size)


def check_depth(data: Any, what: str) -> None:
    """Raise a ValueError that names `what` where lists and dicts lie in each other more than `LIMITS.depth` deep."""
    level = [data] if isinstance(data, _CONTAINERS) else []
    for _ in range(LIMITS.depth):
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, _CONTAINERS)
        ]
        if not level:
            return
    raise ValueError(f"{what} is nested too deeply; at most {LIMITS.depth} levels are read.")


class Allowance:
    """What a config out of a file may still ask for: bytes of variables and constants, calls of layers, objects, time.

    Calls are counted because models inside each other, each called twice by the next, double the work with every level:
    fifty levels would never end.
    """

    def __init__(self, memory: Any, what: str) -> None:
        self.memory = self.left = memory
        self.what: str = what
        self.calls = LIMITS.calls
        self.objects = LIMITS.objects
        self.constants = LIMITS.constants
        self._began = time.monotonic(), time.thread_time()

    def _refuse(self, reason):
        raise ValueError(f"{self.what} is damaged or hostile: {reason} {_RAISE}")

    def take_objects(self, count: int, what: str) -> None:
        """Count objects that are about to be made for `what`, and look at the time. Raises ValueError."""
        self.objects -= count
        if self.objects < 0:
            self._refuse(f"its config asks for more than {LIMITS.objects} objects ({count} of them for {what}).")
        if self._has_taken(LIMITS.seconds):
            self._refuse(f"making what its config describes takes more than {LIMITS.seconds:g} seconds ({what}).")

    def _has_taken(self, seconds):
        """Whether this thread has computed for so long; asking the clock on the wall first is quick."""
        wall, own = self._began
        return time.monotonic() - wall > seconds and time.thread_time() - own > seconds

    def take_constant(self, shape: ShapeLike, dtype: DTypeLike, name: str) -> None:
        """Count an array that is about to be computed by the op `name`. Raises ValueError; no memory was taken then."""
        asked = prod(shape) * bits(dtype) // 8
        self.constants -= asked
        if asked > LIMITS.constant or self.constants < 0:
            self._refuse(
                f"its config has {name!r} compute an array of shape {tuple(shape)} ({asked} bytes); at most "
                f"{LIMITS.constant} bytes are computed at once while a model is made, {LIMITS.constants} altogether."
            )

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
                f"than this machine's memory. {_RAISE}"
            )

    def take_call(self, name: str) -> None:
        """Count a call of a layer that is about to be made. Raises ValueError when it is one too many."""
        self.calls -= 1
        if self.calls < 0:
            self._refuse(
                f"building its model takes more than {LIMITS.calls} calls of layers (the last one of {name!r})."
            )
        self.take_objects(1, f"a call of {name!r}")


def claim(declared: int, stored: int) -> int:
    """Bytes that a config may ask for in variables, beside `declared` bytes of numbers that take `stored` in a file."""
    return LIMITS.growth * min(declared, LIMITS.packed * stored) + LIMITS.free


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
