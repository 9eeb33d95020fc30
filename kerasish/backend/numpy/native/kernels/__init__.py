"""Kernels: sources in the language of `native/language/`, a family a file.

They are read and compiled, never imported. So they are data, `NAME.kernel`, which lie beside the code also where that
is bytecode alone.
"""

from __future__ import annotations

from functools import lru_cache

from kerasish.beside import read_data


@lru_cache
def text(name: str) -> str:
    """What stands in the file of a family of kernels, e.g. "walk"."""
    return read_data(__name__, f"{name}.kernel").decode("utf-8")
