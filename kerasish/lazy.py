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
            raise missing(package, name)
        with WholeWork():  # in a child of fork a module that a thread was importing stays locked for good
            if home == package:
                return importlib.import_module(f"{package}.{name}")
            value = getattr(importlib.import_module(home), name)
        setattr(module, name, value)
        return value

    def __dir__():
        return sorted({*module.__all__, *(name for name in vars(module) if name.startswith("__"))})

    return __getattr__, __dir__


def missing(package: str, name: str) -> AttributeError:
    """The error for a name that a package does not have."""
    text = f"module {package!r} has no attribute {name!r}"
    if name.startswith("_"):  # asked by tools, often
        return AttributeError(text, name=name, obj=sys.modules[package])
    from kerasish.suggestions import did_you_mean  # start-up time: it is needed for errors alone

    public = package.replace("kerasish", "keras", 1)
    hint = did_you_mean(name, getattr(sys.modules[package], "__all__", ()), count=2)
    text += f".{hint} Keras may have `{public}.{name}` and kerasish not yet: {_DIFFERENCES} says what is left out."
    return AttributeError(text)


def says_what_is_missing(package: str) -> Callable[[str], Any]:
    """The `__getattr__` of a public package that has all its names from the start."""

    def __getattr__(name):
        raise missing(package, name)

    return __getattr__


_DIFFERENCES = "docs/coming-from-keras.md"
