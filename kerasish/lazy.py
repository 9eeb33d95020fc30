"""Packages whose parts are imported when they are first asked for.

Such a package says its names three times, for three readers: `homes` for Python, imports below `if TYPE_CHECKING:` for
type checkers and editors, and `__all__` for both. `tests/test_face.py` holds that they say the same.
"""

from __future__ import annotations

import importlib
import sys

from kerasish.forks import WholeWork

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and the `__dir__` of a package whose names stand in other modules.

    Args:
        package: name of the package, its `__name__`.
        homes: dict from the full name of a module to the names that it gives, in one string with spaces between. Below
            the package's own name stand those of its modules that are public themselves.
    """
    where = {name: home for home, names in homes.items() for name in names.split()}
    module = sys.modules[package]

    def __getattr__(name):
        home = where.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with WholeWork():  # in a child of fork a module that a thread was importing stays locked for good
            if home == package:
                return importlib.import_module(f"{package}.{name}")
            value = getattr(importlib.import_module(home), name)
        setattr(module, name, value)
        return value

    def __dir__():
        return sorted({*module.__all__, *(name for name in vars(module) if name.startswith("__"))})

    return __getattr__, __dir__
