"""Files: written whole or not at all, and read so that whatever is wrong with them is said in one way."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any


@contextmanager
def reading(what: str) -> Iterator[Any]:
    """Raise a ValueError that names `what` for whatever goes wrong while it is read.

    what: text for messages, e.g. a path in quotes.
    """
    try:
        yield
    except (ValueError, Warning):
        raise
    except (
        ImportError,
        NameError,
    ):  # a library that is not installed, a slip in somebody's program: no matter of the file
        raise
    except MemoryError as error:
        raise ValueError(f"{what} asks for more memory than there is.") from error
    except RecursionError as error:
        raise ValueError(f"{what} is nested too deeply.") from error
    except Exception as error:
        raise ValueError(f"Can't load {what}: {type(error).__name__}: {error}") from error


_PREFIX, _SUFFIX = (
    ".kerasish.",
    ".part",
)  # of temporary names. The target's own is not in them: it may be as long as the file system allows
_LEFT = re.compile(re.escape(_PREFIX) + r"(?P<machine>[0-9a-f]{8})-(?P<process>\d{1,10})-\w+" + re.escape(_SUFFIX))


def _own_prefix():
    """Of this process's temporary names: they say who writes, so that what dead ones left can be told."""
    return f"{_PREFIX}{_machine()}-{os.getpid()}-"


@lru_cache
def _machine():
    """A word for where this process's number means this process: the machine, and the container on it."""
    try:
        names = os.readlink("/proc/self/ns/pid")
    except OSError:
        names = ""
    return hashlib.sha256(f"{platform.node()} {names}".encode()).hexdigest()[:8]


def _sweep(folder):
    """Remove what processes of this machine that are dead by now left half written in a folder."""
    if os.name != "posix":
        return  # where a process can't be asked for without harm
    for entry in os.scandir(folder):
        found = _LEFT.fullmatch(entry.name)
        if found and found["machine"] == _machine() and not _lives(int(found["process"])):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with suppress(OSError):  # another process was first
                    os.remove(entry.path)


def _lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass  # somebody else's
    return True


@contextmanager
def replacing(path: str) -> Iterator[Any]:
    """Give a temporary path beside `path`; when the block ends well it becomes `path` in one step, else it is removed.

    A process killed at any point leaves the old file as it was; so does a machine that loses power. As by plain
    writing, an existing file keeps its permissions, and of a link it is the target that is replaced.
    """
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    _sweep(folder)
    handle, temporary = tempfile.mkstemp(prefix=_own_prefix(), suffix=_SUFFIX, dir=folder)
    os.close(handle)
    try:
        yield temporary
        sync(temporary)
        _permit(temporary, path, 0o666 & ~_umask())
        os.replace(temporary, path)
        sync(folder)
    except (OSError, RuntimeError) as error:
        _raise_naming(path, temporary, error)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


@contextmanager
def replacing_folder(path: str) -> Iterator[Any]:
    """As `replacing`, for a folder: the block fills a temporary folder, which then takes the place of `path`.

    Where the system can't exchange two folders in one step (Linux can), a kill between two renames leaves the old one
    beside `path`, under a name that ends in ".old".
    """
    path = os.path.realpath(path)
    parent = os.path.dirname(path)
    os.makedirs(parent, exist_ok=True)
    _sweep(parent)
    temporary = tempfile.mkdtemp(prefix=_own_prefix(), suffix=_SUFFIX, dir=parent)
    try:
        yield temporary
        for folder, _, names in os.walk(temporary):
            for name in names:
                place = os.path.join(folder, name)
                sync(place)
                _permit(place, os.path.join(path, os.path.relpath(place, temporary)))
            sync(folder)
        _permit(temporary, path, 0o777 & ~_umask())
        if not os.path.lexists(path):
            os.rename(temporary, path)
        elif not _exchange(temporary, path):
            old = f"{temporary.removesuffix(_SUFFIX)}.old"
            os.rename(path, old)
            os.rename(temporary, path)
            os.rename(old, temporary)
        sync(parent)
    except (OSError, RuntimeError) as error:
        _raise_naming(path, temporary, error)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _raise_naming(path, temporary, error):
    """Raise what a write met with the name of the file that was asked for: of the temporary one nobody knows."""
    said = re.search(r"errno = (\d+)", str(error))  # HDF5's library says it in a text only
    number = getattr(error, "errno", None) or (said and int(said.group(1)))
    named = getattr(error, "filename", None)
    if not number or (named is not None and not os.fspath(named).startswith(temporary)):
        raise error
    raise OSError(number, f"{os.strerror(number)}: the file is not written", path) from error


def _permit(new, old, otherwise=None):
    """Give `new` the permissions of `old`, whose place it takes; where there is none `otherwise`, if given."""
    mode = stat.S_IMODE(os.stat(old).st_mode) & 0o777 if os.path.exists(old) else otherwise
    if mode is not None:
        os.chmod(new, mode)


def _exchange(first, second):
    """Let two paths change places in one step; False where the system has no call for that."""
    import ctypes  # start-up time: folders are exchanged rarely

    if sys.platform != "linux":
        return False
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    return call is not None and call(here, os.fsencode(first), here, os.fsencode(second), swap) == 0


def sync(path: str) -> None:
    """Have the system put a file or folder on the disk, so that a rename never arrives there before what it names."""
    if os.name == "nt":
        return  # folders can't be opened there, and a file is flushed by closing it
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if os.path.isfile(path) and error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(handle)


_NO_SYNC = (22, 95)  # EINVAL, EOPNOTSUPP: file systems that can't


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def may_write(path: str, overwrite: bool) -> bool:
    """Whether `path` may be written: it is new, or `overwrite` says so, or the person at the terminal does.

    Raises: FileExistsError where nobody can be asked.
    """
    if overwrite or not os.path.exists(path):
        return True
    if sys.stdin is None or not sys.stdin.isatty():  # None: a program without a console
        raise FileExistsError(f"{path} exists already. Pass `overwrite=True` to replace it.")
    return input(f"{path} exists already. Overwrite it? [y/n] ").strip().lower() in ("y", "yes")
