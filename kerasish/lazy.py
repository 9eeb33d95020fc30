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
    from types import FrameType
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


def missing(package: str, name: str) -> AttributeError | ImportError:
    """The error for a name that a package does not have; to be made by the package's `__getattr__` itself."""
    text = f"module {package!r} has no attribute {name!r}"
    if name.startswith("_"):  # asked by tools, often
        return AttributeError(text, name=name, obj=sys.modules[package])
    from kerasish.later import comes_later  # start-up time: it is needed for errors alone
    from kerasish.suggestions import did_you_mean  # start-up time: it is needed for errors alone

    later = comes_later(name)
    if later:
        return fitting_error(f"{text}. {later}", package, sys._getframe(2))
    public = package.replace("kerasish", "keras", 1)
    hint = did_you_mean(name, getattr(sys.modules[package], "__all__", ()), count=2)
    text += f".{hint} Keras may have `{public}.{name}` and kerasish not yet: {_DIFFERENCES} says what is left out."
    return fitting_error(text, package, sys._getframe(2))


def fitting_error(text: str, package: str, caller: FrameType) -> AttributeError | ImportError:
    """What a module's `__getattr__` raises for a name that it does not have, so that the text is seen.

    `from package import name` would put a text of its own in the place of an AttributeError's; `hasattr` and `getattr`
    want an AttributeError. No class can be both, so the instruction of the caller decides.

    Args:
        text: the message.
        package: name of the module.
        caller: the frame that asks the module for the name.
    """
    from opcode import opmap  # start-up time: it is needed for errors alone

    code, at = caller.f_code.co_code, caller.f_lasti
    is_import = 0 <= at < len(code) and code[at] == opmap.get("IMPORT_FROM")
    return ImportError(text, name=package) if is_import else AttributeError(text)


def says_what_is_missing(package: str) -> Callable[[str], Any]:
    """The `__getattr__` of a public package that has all its names from the start."""

    def __getattr__(name):
        raise missing(package, name)

    return __getattr__


_DIFFERENCES = "docs/coming-from-keras.md"
