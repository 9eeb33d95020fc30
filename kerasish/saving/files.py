"""Writing files whole or not at all."""

import os
import sys
import tempfile
from contextlib import contextmanager


@contextmanager
def replacing(path):
    """Give a temporary path beside `path`; when the block ends well it becomes `path` in one step, else it is removed.

    A process killed at any point leaves the old file as it was.
    """
    path = os.fspath(path)
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", suffix=".part", dir=folder)
    os.close(handle)
    try:
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def may_write(path, overwrite):
    """Whether `path` may be written: it is new, or `overwrite` says so, or the person at the terminal does.

    Raises: FileExistsError where nobody can be asked.
    """
    if overwrite or not os.path.exists(path):
        return True
    if not sys.stdin.isatty():
        raise FileExistsError(f"{path} exists already. Pass `overwrite=True` to replace it.")
    return input(f"{path} exists already. Overwrite it? [y/n] ").strip().lower() in ("y", "yes")
