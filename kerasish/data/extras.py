"""Libraries that the files need, imported when the first such file is opened."""

from __future__ import annotations

import importlib
from typing import Any


def needed(module: str, package: str, what: str) -> Any:
    """A module of a library that kerasish does not always bring.

    Args:
        module: string, its full name.
        package: string, what `pip` calls the library.
        what: string, what it is needed for, to begin a sentence with.

    Raises:
        ImportError: where it is not installed, which says what to type.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"{what} needs {package}: `pip install {package}`.") from error
