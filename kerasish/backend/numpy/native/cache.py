"""Object code on disk: one file a kernel, in a folder a version of everything that the code depends on.

The folder is `KERASISH_CACHE_DIR`, or `kerasish` in the user's cache folder. A file is written beside its place and renamed, so that processes
that start at once never read half of one; it begins with its checksum, so that a damaged file is compiled again. Where nothing can be written,
kernels live as long as the process.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path


def folder():
    """The folder of all compiled kernels.

    >>> from kerasish.backend.numpy.native import cache
    >>> cache.folder().name != ""
    True
    """
    chosen = os.environ.get("KERASISH_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "kerasish" / "kernels"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "kerasish" / "kernels"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kerasish" / "kernels"


def load(version, key):
    """The bytes stored for `key`, or None."""
    try:
        content = (folder() / version / key).read_bytes()
    except OSError:
        return None
    digest, code = content[:32], content[32:]
    return code if hashlib.sha256(code).digest() == digest else None


def store(version, key, code):
    """Keep `code`; says whether that was possible."""
    place = folder() / version
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=place, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(code).digest() + code)
            os.replace(temporary, place / key)
        except OSError:
            os.unlink(temporary)
            return False
    except OSError:
        return False
    return True


def clear():
    """Remove all compiled kernels from disk; those in memory stay."""
    shutil.rmtree(folder(), ignore_errors=True)
