"""HDF5 files that we write, on disks that may be full.

HDF5 may end the process where a write fails: it keeps what it could not write, and stumbles over that when the file is
closed, or the next one. So it never hears of a failed write; we do.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import h5py

from kerasish.typing import PathLike

_SMALL = 1 << 20  # bytes of a write that HDF5 may want to read again: what describes the numbers, never they


@contextmanager
def created(target: PathLike | BinaryIO) -> Iterator[Any]:
    """A new `h5py.File`.

    Args:
        target: path, or an open binary file, which stays open.

    Raises:
        OSError: when the block ends, for the first write that failed.
    """
    if not hasattr(target, "write"):
        with open(target, "w+b", buffering=0) as file, created(file) as made:
            yield made
        return
    disk = _Disk(target)
    try:
        with h5py.File(disk, "w") as made:
            yield made
    except Exception:
        if disk.error is None:  # else that is why
            raise
    if disk.error is not None:
        raise disk.error


class _Disk(io.RawIOBase):
    """A binary file on which every write succeeds, as far as its user can tell.

    Attributes:
        error: the OSError of the first write that did not, or None.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.error: OSError | None = None
        self._file, self._place, self._end, self._unwritten = file, 0, 0, {}

    def write(self, data: Any) -> int:
        data = memoryview(data).cast("B")
        if self.error is None:
            try:
                self._file.seek(self._place)
                left = data
                while left:
                    left = left[self._file.write(left) :]
            except OSError as error:
                self.error = error
        if self.error is not None and len(data) <= _SMALL:
            self._unwritten[self._place] = bytes(data)
        self._place += len(data)
        self._end = max(self._end, self._place)
        return len(data)

    def readinto(self, buffer: Any) -> int:
        buffer = memoryview(buffer).cast("B")
        wanted, found = len(buffer), self._unwritten.get(self._place, b"")
        if not found:
            self._file.seek(self._place)
            found = self._file.read(wanted) or b""
        found = found[:wanted].ljust(wanted, b"\0")
        buffer[:] = found
        self._place += wanted
        return wanted

    def seek(self, place: int, whence: int = 0) -> int:
        self._place = place + (0, self._place, self._end)[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def truncate(self, size: int | None = None) -> int:
        self._end = self._place if size is None else size
        if self.error is None:
            try:
                self._file.truncate(self._end)
            except OSError as error:
                self.error = error
        return self._end

    def flush(self) -> None:
        if self.error is None:
            try:
                self._file.flush()
            except OSError as error:
                self.error = error

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True
