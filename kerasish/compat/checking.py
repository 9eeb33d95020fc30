"""Which names of Keras a program uses that kerasish does not have, found by reading it."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kerasish.compat import answers
from kerasish.compat.scopes import Reader, Use


class Missing(NamedTuple):
    """A name that is not there."""

    file: str
    line: int
    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.name}: {self.why}"


def python_files(paths: Iterable[str]) -> Iterator[str]:
    """The files among `paths`, and the Python files in the folders among them."""
    for path in map(pathlib.Path, paths):
        yield from (str(file) for file in sorted(path.rglob("*.py"))) if path.is_dir() else [str(path)]


def missing_names(file: str) -> list[Missing]:
    """The names of Keras that a Python file uses and kerasish does not have, in the order of lines.

    What the program itself asks for first (`hasattr(keras, ...)`, `except ImportError`) is not counted.

    Args:
        file: path of a Python file; it is read, never run.

    Returns:
        List of (file, line, name, why).

    Raises:
        OSError: the file can't be read.
        SyntaxError: it is no Python.
    """
    reader = Reader()
    reader.read(ast.parse(pathlib.Path(file).read_text(encoding="utf-8"), file))
    found = {Missing(file, use.line, use.shown, why) for use in reader.uses for why in [_why_missing(use)] if why}
    return sorted(found, key=lambda missing: (missing.line, missing.name))


def _why_missing(use: Use) -> str | None:
    """Why the name of Keras that a program uses is not there; None where it is."""
    if use.name is None:
        return None if answers.is_package(use.path) else "kerasish has no such module yet."
    if answers.is_package(answers.below(f"{use.path}.{use.name}".strip("."))):
        return None
    try:
        answers.find(use.path, use.name)
    except AttributeError as error:
        return str(error)
    return None
