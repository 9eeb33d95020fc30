"""Libraries that the files need, imported when the first such file is opened."""

from __future__ import annotations

from typing import Any

from kerasish.optional import needed


def library(module: str, package: str, what: str) -> Any:
    """A module of a library that kerasish does not always bring.

    Args:
        module: string, its full name.
        package: string, what `pip` calls the library.
        what: string, what it is needed for, to begin a sentence with.

    Raises:
        ImportError: where it is not installed, which says what to type.
    """
    return needed(module, f"{what} needs {package}: `pip install {package}`.")
