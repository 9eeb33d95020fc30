"""Which names of Keras a program uses that kerasish does not have, found by reading it."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kerasish.compat import answers


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

    Args:
        file: path of a Python file; it is read, never run.

    Returns:
        List of (file, line, name, why).

    Raises:
        OSError: the file can't be read.
        SyntaxError: it is no Python.
    """
    tree = ast.parse(pathlib.Path(file).read_text(encoding="utf-8"), file)
    modules, found = {}, []  # what a name of the program stands for: a module path below Keras

    def look(line, path, name, shown):
        inner = _below(f"{path}.{name}".strip("."))
        if answers.is_package(inner):
            return inner
        try:
            answers.find(path, name)
        except AttributeError as error:
            found.append(Missing(file, line, shown, str(error)))
        return None

    def imported(line, fullname):
        """The path below Keras of a module that is imported, None where it is another package's or is not there."""
        place = answers.split(fullname)
        if place is None or place[0] == "tensorflow":
            return None
        if answers.is_package(place[1]):
            return place[1]
        found.append(Missing(file, line, fullname, "kerasish has no such module yet."))
        return None

    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                path = imported(node.lineno, alias.name)
                if path is not None and alias.asname:
                    modules[alias.asname] = path
                elif path is not None:
                    modules[".".join(answers.split(alias.name)[0].split("."))] = ""
                elif alias.name in ("tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2"):
                    modules[f"{alias.asname or alias.name}.keras"] = ""
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module in ("tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2"):
                modules.update((alias.asname or "keras", "") for alias in node.names if alias.name == "keras")
                continue
            path = imported(node.lineno, node.module)
            for alias in node.names if path is not None else ():
                if alias.name == "*":
                    continue
                inner = look(node.lineno, path, alias.name, f"{node.module}.{alias.name}")
                if inner is not None:
                    modules[alias.asname or alias.name] = inner
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            dotted = _dotted(node)
            owner = dotted.rpartition(".")[0] if dotted else ""
            path = _path_of(owner, modules)
            if path is not None:
                look(node.lineno, path, node.attr, dotted)
    return sorted(set(found), key=lambda missing: (missing.line, missing.name))


def _below(path):
    """`path` without Keras's names for itself (`src`, ...) in front."""
    return answers.split(f"keras.{path}")[1] if path else path


def _dotted(node):
    """`a.b.c` as text; None for attributes of anything but names."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _path_of(owner, modules):
    """The module path below Keras that the text `owner` means in a program where `modules` are imported, or None."""
    parts = owner.split(".") if owner else []
    for count in range(len(parts), 0, -1):
        base = modules.get(".".join(parts[:count]))
        if base is not None:
            path = _below(".".join([*([base] if base else []), *parts[count:]]))
            return path if answers.is_package(path) else None
    return None
