"""CUDA C of our own, compiled by NVRTC when a kernel is first asked for."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import cupy
import numpy as np

_THREADS = 256
_TYPES = {
    "bool": "bool",
    "int8": "signed char",
    "uint8": "unsigned char",
    "int16": "short",
    "uint16": "unsigned short",
    "int32": "int",
    "uint32": "unsigned int",
    "int64": "long long",
    "uint64": "unsigned long long",
    "float32": "float",
    "float64": "double",
}


def type_in_c(dtype: Any) -> str:
    """The name in C of a dtype."""
    return _TYPES[np.dtype(dtype).name]


def read(file: str) -> str:
    """The text of a file beside this one."""
    return (Path(__file__).parent / file).read_text(encoding="utf-8")


def function(file: str, name: str, **words: Any) -> Any:
    """Kernel `name` of a file beside this one, for the card in use.

    Args:
        file: string, without `.cu`.
        name: string.
        **words: what the preprocessor puts in place of each name.
    """
    return _function(file, name, tuple(sorted(words.items())), cupy.cuda.Device().id)


@lru_cache(maxsize=None)
def _function(file, name, words, card):
    text = "".join(f"#define {word} {stands_for}\n" for word, stands_for in words)
    text += read("row_of.h") + read(f"{file}.cu")
    return cupy.RawModule(code=text, options=("-std=c++17",)).get_function(name)


def launch(kernel: Any, count: int, *args: Any) -> None:
    """Run `kernel` with a thread for each of `count` things, which is its last parameter.

    Arguments are arrays, ints (`long long` in C) and NumPy scalars.
    """
    if not count:
        return
    given = tuple(np.int64(a) if isinstance(a, int) else a for a in args)
    kernel((-(-count // _THREADS), 1, 1), (_THREADS, 1, 1), (*given, np.int64(count)))
