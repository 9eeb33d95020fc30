"""Packages that are not always there: imported when they are asked for, and named when they are missing."""

from __future__ import annotations

import importlib
from typing import Any


def needed(module: str, otherwise: str) -> Any:
    """A module of a package that may be missing.

    Args:
        module: string, its full name.
        otherwise: string, what to say where it can't be imported: what needs it, and what to type.

    Raises:
        ImportError: where it can't be imported.

    Example:
        >>> from kerasish.optional import needed
        >>> needed("math", "Roots need math.").sqrt(9.0)
        3.0
    """
    try:
        importlib.import_module(
            module.partition(".")[0]
        )  # a module that is loaded is no sign that its package is there
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(otherwise, name=module) from error
