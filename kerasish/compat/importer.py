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
    if frame is None:
        return False
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
