"""Object code on disk: one file a kernel, in a folder a version of everything that the code depends on.

The folder is `kerasish-kernels` in `KERASISH_CACHE_DIR`, or `kerasish/kernels` in the user's cache folder. A file is
written beside its place and renamed, so that processes that start at once never read half of one; it begins with a
checksum of its name and code, so that a damaged or misplaced file is compiled again. All together take at most `MOST`
bytes. What is read here is run as
machine code: on POSIX only from folders and files that belong to this user and that nobody else may write. Where there
is no such folder, or nothing can be written, kernels live as long as the process.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from kerasish.typing import TensorLike

_VERSION, _FILE = (
    re.compile(r"[0-9a-f]{16}"),
    re.compile(r"[0-9a-f]{32}|\.new-\w+"),
)  # the names that `source.py` and `store` give
MOST = 512 << 20  # bytes of all kernels; those longest unused go first
_HOUR, _DAY = 3600, 24 * 3600  # in seconds
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe would wait for its writer


def folder() -> Any:
    """The folder of all compiled kernels; None where no home folder can be found to put it in.

    >>> from kerasish.backend import kernel_cache as cache
    >>> place = cache.folder()
    >>> place is None or "kernels" in place.name
    True
    """
    chosen = os.environ.get("KERASISH_CACHE_DIR")
    try:
        return Path(chosen).expanduser() / "kerasish-kernels" if chosen else _users() / "kerasish" / "kernels"
    except RuntimeError:  # no HOME, and no entry in the system's list of users
        return None


def _users():
    """The folder in which this user's programs keep what can be made again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _is_ours(status):
    """Whether a file or folder belongs to this user, and nobody else may write it.

    Windows says it by other means: its user folders are the user's.
    """
    return (
        not hasattr(os, "geteuid")
        or status.st_uid == os.geteuid()
        and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _place(version):
    """The folder of a version; None where there can be none.

    Raises: OSError where it or the folder around it does not exist.
    """
    whole = folder()
    return whole / version if whole and _is_ours(whole.stat()) and _is_ours((whole / version).stat()) else None


def load(version: Any, key: TensorLike) -> Any:
    """The bytes stored for `key`, or None."""
    try:
        place = _place(version)
        if place is None:
            return None
        handle = os.open(place / key, _FLAGS)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            content = file.read() if stat.S_ISREG(status.st_mode) and _is_ours(status) else b""
            if time.time() - status.st_mtime > _DAY:
                _attempt(lambda: os.utime(place / key))  # what is in use is not removed
    except OSError:
        return None
    digest, code = content[:32], content[32:]
    return code if _digest(key, code) == digest else None


def _digest(key, code):
    """The checksum of an entry: of its name, too, as each kernel takes arguments of its own."""
    return hashlib.sha256(key.encode() + b"\0" + code).digest()


def store(version: Any, key: TensorLike, code: Any) -> bool:
    """Keep `code`; says whether that was possible."""
    try:
        whole = folder()
        if whole is None:
            return False
        whole.mkdir(parents=True, exist_ok=True, mode=0o700)
        (whole / version).mkdir(exist_ok=True, mode=0o700)
        place = _place(version)
        if place is None:
            return False
        handle, temporary = tempfile.mkstemp(dir=place, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(key, code) + code)
            os.replace(temporary, place / key)
        except OSError:
            os.unlink(temporary)
            return False
        _sweep_once()
    except OSError:
        return False
    return True


@lru_cache
def _sweep_once():
    sweep()


def sweep() -> None:
    """Remove what a killed process left half written, and the kernels longest unused where all take more than they may.

    Done once in a process that stores something.
    """
    whole, entries, now = folder(), [], time.time()
    for version in _named(whole, _VERSION) if whole else ():
        for file in _named(version, _FILE):
            try:
                status = file.lstat()
            except OSError:
                continue
            if file.name.startswith(".new-"):
                if now - status.st_mtime > _HOUR:  # no write takes that long
                    _attempt(file.unlink)
            elif stat.S_ISREG(status.st_mode):
                entries.append((status.st_mtime, status.st_size, file))
    left = sum(size for _, size, _ in entries)
    for _, size, file in sorted(entries, key=lambda entry: entry[0]):
        if left <= MOST:
            break
        _attempt(file.unlink)
        left -= size
    for version in {file.parent for _, _, file in entries}:
        _attempt(version.rmdir)  # where nothing is left


def clear() -> None:
    """Remove all compiled kernels from disk, and nothing that bears another name; those in memory stay."""
    whole = folder()
    for version in _named(whole, _VERSION) if whole else ():
        for file in _named(version, _FILE):
            _attempt(file.unlink)
        _attempt(version.rmdir)
    if whole:
        _attempt(whole.rmdir)


def _named(place, pattern):
    """What lies in a folder under such names; nothing where it can't be read."""
    try:
        return [path for path in place.iterdir() if pattern.fullmatch(path.name)]
    except OSError:
        return []


def _attempt(remove):
    try:
        remove()
    except OSError:  # not empty, in use, or another process was first
        pass
