"""Files elsewhere, by paths like "s3://bucket/model.keras": fetched and sent by fsspec, where that is installed."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerasish.optional import needed

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters at least: "C:" is a drive


def is_remote(path: Any) -> bool:
    """Whether a path names a file system of fsspec's.

    Example:
        >>> from kerasish.remote_files import is_remote
        >>> is_remote("s3://bucket/model.keras"), is_remote("/tmp/model.keras")
        (True, False)
    """
    return isinstance(path, str) and _SCHEME.match(path) is not None


def _system(path):
    """(file system, the path in it)."""
    core = needed("fsspec.core", f"The path {path!r} needs fsspec: pip install fsspec (and the package of its kind).")
    return core.url_to_fs(path)


@contextmanager
def fetched(path: str) -> Iterator[str]:
    """A copy here of what stands at a path, for the time of the block: a file with those that it names, or a folder.

    Raises:
        ValueError: where there is nothing.
        ImportError: where fsspec, or its package for this kind of path, is not installed.
    """
    system, there = _system(path)
    with tempfile.TemporaryDirectory() as folder:
        here = os.path.join(folder, there.rstrip("/").rpartition("/")[2] or "model")
        if system.isdir(there):
            system.get(there.rstrip("/") + "/", here + os.sep, recursive=True)
        elif system.isfile(there):
            system.get_file(there, here)
            for name in _names_beside(here):
                beside = f"{there.rpartition('/')[0]}/{name}"
                if system.isfile(beside):  # what is missing is told by who reads
                    system.get_file(beside, os.path.join(folder, name))
        else:
            parts = system.glob(there + ".index") + system.glob(there + ".data-*")  # a checkpoint of TensorFlow
            if not parts:
                raise ValueError(f"File not found: {path!r}.")
            for part in parts:
                system.get_file(part, os.path.join(folder, part.rpartition("/")[2]))
        yield here


def _names_beside(path):
    """Names of files that an index of JSON gives; they lie in its folder."""
    if not path.endswith(".json"):
        return []
    try:
        with open(path, encoding="utf-8") as file:
            said = json.load(file)
        found = list(said["weight_map"].values()) if "weight_map" in said else []
        found += [name for group in said.get("weightsManifest", ()) for name in group["paths"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # told by who reads it
        return []
    flat = [name for item in found for name in (item if isinstance(item, list) else [item])]
    return sorted({name for name in flat if isinstance(name, str) and name == os.path.basename(name) and name})


@contextmanager
def sent(path: str, overwrite: bool = True) -> Iterator[str]:
    """A path here to write to; what stands there when the block ends well is sent to `path`, with all beside it.

    Raises:
        FileExistsError: where something is there that may not be replaced.
        ImportError: where fsspec, or its package for this kind of path, is not installed.
    """
    system, there = _system(path)
    if not overwrite and system.exists(there):
        raise FileExistsError(f"{path} exists already. Pass `overwrite=True` to replace it.")
    parent, _, name = there.rstrip("/").rpartition("/")
    with tempfile.TemporaryDirectory() as folder:
        here = os.path.join(folder, name)
        yield here
        if parent:
            system.makedirs(parent, exist_ok=True)
        for beside in sorted(os.listdir(folder), key=lambda found: found == name):  # an index after what it names
            target, source = f"{parent}/{beside}", os.path.join(folder, beside)
            if os.path.isdir(source):
                system.put(source + os.sep, target + "/", recursive=True)
            else:
                system.put_file(source, target)


def remove(path: str) -> None:
    """Remove a file. Raises FileNotFoundError where there is none."""
    system, there = _system(path)
    system.rm_file(there)
