"""Who asks for a module: whether it goes on without it."""

from __future__ import annotations

import ast
import linecache
import sys
from types import FrameType

_ERRORS = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


def does_without() -> bool:
    """Whether the import that is being looked up stands in a `try` that goes on where the module is missing.

    Packages try for TensorFlow so, and then use all of it.
    """
    frame = _importing_frame()
    return frame is not None and _in_a_try(frame)


def somebody_does_without() -> bool:
    """Whether this code runs below an import that stands in such a `try`, of whatever module."""
    frame = _importing_frame()
    while frame is not None:
        if frame.f_code.co_name == "<module>" and _imported_in_a_try(frame):
            return True
        frame = frame.f_back
    return False


def _imported_in_a_try(module_frame):
    """Whether the import that runs a module's code stands in a `try` that goes on without the module."""
    frame = module_frame.f_back
    while frame is not None and _is_machinery(frame):
        frame = frame.f_back
    return frame is not None and _in_a_try(frame)


def _in_a_try(frame):
    source = "".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals))
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    tries = (node for node in ast.walk(tree) if isinstance(node, ast.Try) and any(map(_catches, node.handlers)))
    return any(part.lineno <= frame.f_lineno <= part.end_lineno for node in tries for part in node.body)


def _importing_frame() -> FrameType | None:
    """The frame of the import statement: the first one above that is neither of this package nor of Python's import."""
    frame = sys._getframe(1)
    while frame is not None and _is_machinery(frame):
        frame = frame.f_back
    return frame


def _is_machinery(frame):
    name = frame.f_globals.get("__name__", "")
    return name.startswith("kerasish.compat") or name.partition(".")[0] in ("importlib", "_frozen_importlib")


def _catches(handler):
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in _ERRORS for kind in kinds)
