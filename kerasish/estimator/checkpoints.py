"""Checkpoints of a model folder: one file a step, and a file that says which there are."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from kerasish.typing import PathLike
from kerasish.whole_files import reading, replacing

_STATE = "checkpoint"
_PATH = re.compile(r'^(?:all_)?model_checkpoint_path(s?): "(.*)"$')
GLOBAL_STEP = "global_step"


def latest_checkpoint(model_dir: PathLike) -> str | None:
    """The newest checkpoint of a folder.

    Args:
        model_dir: path of the folder.

    Returns:
        Its path without ".npz" ("FOLDER/model.ckpt-200"), or None.

    Example:
        >>> import tempfile
        >>> from kerasish import estimator
        >>> estimator.latest_checkpoint(tempfile.mkdtemp()) is None
        True
    """
    known = checkpoints(model_dir)
    return known[-1] if known else None


def checkpoints(model_dir: PathLike) -> list[str]:
    """The checkpoints of a folder, the newest last.

    Args:
        model_dir: path of the folder.
    """
    found = []
    with suppress(FileNotFoundError), open(os.path.join(model_dir, _STATE), encoding="utf-8") as file:
        for line in file:
            match = _PATH.match(line.strip())
            if match and line.startswith("all_"):
                found.append(os.path.join(os.fspath(model_dir), os.path.basename(match[2])))
    return [path for path in found if os.path.isfile(f"{path}.npz")]


def write_checkpoint(model_dir: PathLike, step: int, state: Mapping[str, Any], keep: int | None) -> str:
    """Write the checkpoint of a step, and take away those that are too many.

    Args:
        model_dir: path of the folder.
        step: int, the global step.
        state: dict from name to array.
        keep: int, how many are kept; 0 or None for all.

    Returns:
        Its path without ".npz".
    """
    os.makedirs(model_dir, exist_ok=True)
    path = os.path.join(os.fspath(model_dir), f"model.ckpt-{step}")
    with replacing(f"{path}.npz") as part, open(part, "wb") as file:
        np.savez(file, **{name: _plain(value) for name, value in state.items()}, **{GLOBAL_STEP: np.int64(step)})
    known = [other for other in checkpoints(model_dir) if other != path] + [path]
    kept = known[-keep:] if keep else known
    lines = [f'model_checkpoint_path: "{os.path.basename(path)}"']
    lines += [f'all_model_checkpoint_paths: "{os.path.basename(other)}"' for other in kept]
    with replacing(os.path.join(model_dir, _STATE)) as part, open(part, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    for other in known[: len(known) - len(kept)]:
        with suppress(FileNotFoundError):
            os.remove(f"{other}.npz")
    return path


def read_checkpoint(path: PathLike) -> dict[str, Any]:
    """The arrays of a checkpoint by name, and its global step.

    Args:
        path: of the checkpoint, with ".npz" or without; or of a folder, whose newest is read.

    Raises:
        ValueError: where there is none, or the file is damaged.
    """
    name = _file_of(path)
    try:
        with reading(f"'{name}'"), np.load(name, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except ValueError as error:
        raise ValueError(f"The checkpoint '{name}' is damaged: remove it, to go on from the one before.") from error


def stamp(path: PathLike) -> tuple[str, float, int]:
    """What is another one when the file of a checkpoint was written anew. Raises ValueError where there is none.

    Args:
        path: as of `read_checkpoint`.
    """
    name = _file_of(path)
    facts = os.stat(name)
    return name, facts.st_mtime, facts.st_size


def _file_of(path):
    name = os.fspath(path)
    if os.path.isdir(name):
        found = latest_checkpoint(name)
        if found is None:
            raise ValueError(f"There is no checkpoint in '{name}'.")
        name = found
    name = name.removesuffix(".npz") + ".npz"
    if not os.path.isfile(name):
        raise ValueError(f"There is no checkpoint '{name}'.")
    return name


def _plain(value):
    """An array of a dtype that NumPy's files know."""
    return value if value.dtype.kind in "biufcU" else value.astype(np.float32)
