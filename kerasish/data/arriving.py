"""Files that appear while training runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from kerasish.typing import PathLike


def arriving_files(
    folder: PathLike, pattern: str = "*", every: float = 1.0, patience: float | None = None
) -> Iterator[str]:
    """The files of a folder, and those that come into it later: for online training.

    A file counts as there when its size is the same at two looks; writers that rename whole files into the folder (as
    `tfrecord.Writer` does) are best.

    Args:
        folder: path of the folder.
        pattern: string, of their names: "*.tfrecord". Hidden files are left out.
        every: float, seconds between two looks.
        patience: float, seconds without a new file after which it ends, though never while one is being looked at a
            second time; None goes on for ever.

    Returns:
        An iterator of paths, oldest first; to be given to `TFRecordBatches` and the others as their `paths`.

    Raises:
        NotADirectoryError: where `folder` is none.

    Example:
        >>> import pathlib, tempfile
        >>> from kerasish.data import arriving_files
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "1.csv").write_text("a")
        >>> [pathlib.Path(path).name for path in arriving_files(folder, "*.csv", every=0.01, patience=0.05)]
        ['1.csv']
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NotADirectoryError(f"`folder` must be a folder, got '{folder}'.")
    return _arriving(folder, pattern, every, patience)


def _arriving(folder, pattern, every, patience):
    given, sizes, quiet_since = set(), {}, time.monotonic()
    while True:
        unsure = False
        seen = sorted((path for path in folder.glob(pattern) if not path.name.startswith(".")), key=_age)
        for path in seen:
            if path in given or not path.is_file():
                continue
            size = path.stat().st_size
            if sizes.get(path) == size:
                given.add(path)
                yield str(path)
                quiet_since = time.monotonic()
            else:
                unsure = True
            sizes[path] = size
        if patience is not None and not unsure and time.monotonic() - quiet_since > patience:
            return
        time.sleep(every)


def _age(path):
    try:
        return path.stat().st_mtime_ns, path.name
    except FileNotFoundError:  # gone between two looks
        return 0, path.name
