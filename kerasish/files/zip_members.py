"""Members of a zip archive that somebody else wrote.

Their names checked, their sizes believed only when the bytes are there.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from typing import Any

from kerasish.typing import TensorLike

_FREE = 64 << 20  # bytes that a packed member may declare with little behind it
_GROWTH = 100  # and how many times its packed size beyond that
_BLOCK = 1 << 20
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEADER = struct.Struct("<4s22xHH")  # of a member: signature, ..., lengths of name and extra field


def check_members(archive: zipfile.ZipFile, path: str) -> Any:
    """Dict from name to ZipInfo of a `zipfile.ZipFile`.

    Raises:
        ValueError: for names that leave the folder or come twice, links, bombs, and packings other than deflate:
            zipfile unpacks those without a bound, whatever size is declared.
    """
    found = {}
    for info in archive.infolist():
        name = info.filename
        if not name or name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/"):
            raise ValueError(
                f"{path!r} has a member called {name!r}, which would lie outside of the archive's own folder: it is "
                "refused."
            )
        if name in found:
            raise ValueError(f"{path!r} has two members called {name!r}: it is refused.")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ValueError(f"{path!r} has a member {name!r} that is a link or a device: it is refused.")
        if info.flag_bits & 1:
            raise ValueError(f"{path!r} has a member {name!r} that is encrypted, which no model is: unpack it first.")
        if info.compress_type not in _PACKINGS:
            called = zipfile.compressor_names.get(info.compress_type, info.compress_type)
            raise ValueError(
                f"{path!r} has a member {name!r} that is packed by {called}: it is refused. Pack it by deflate, or "
                "only store it."
            )
        stored = info.compress_type == zipfile.ZIP_STORED
        if info.file_size > (info.compress_size if stored else max(_FREE, _GROWTH * info.compress_size)):
            raise ValueError(
                f"The member {name!r} of {path!r} declares {info.file_size} bytes, but only {info.compress_size} are "
                "stored: it is refused."
            )
        found[name] = info
    packed, declared = (
        sum(info.compress_size for info in found.values()),
        sum(info.file_size for info in found.values()),
    )
    if packed > os.fstat(archive.fp.fileno()).st_size:
        raise ValueError(
            f"The members of {path!r} declare more bytes than the file has: it is damaged, or they overlap."
        )
    if declared > max(_FREE, _GROWTH * packed):
        raise ValueError(
            f"The members of {path!r} declare {declared} bytes, but only {packed} are stored: it is refused."
        )
    return found


def copy_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: TensorLike) -> None:
    """Unpack a member into a binary file object, by the block.

    Never more than it declares, and its checksum is compared.
    """
    with archive.open(info) as member:
        while block := member.read(_BLOCK):
            target.write(block)


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    """The bytes of a member.

    `zipfile` unpacks as much as it is asked for and cuts at the declared size only then, so it is asked by the block.
    """
    with archive.open(info) as member:
        return b"".join(iter(lambda: member.read(_BLOCK), b""))


def verify(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> None:
    """Compare the checksum of a member that is stored plainly with its bytes. Raises ValueError where they differ."""
    if info.compress_type != zipfile.ZIP_STORED:
        return  # compared while it is unpacked
    checksum = 0
    view = member_view(archive, info, path)
    while block := view.read(_BLOCK):
        checksum = zlib.crc32(block, checksum)
    if checksum != info.CRC:
        raise ValueError(f"{path!r} is damaged: the checksum of its member {info.filename!r} is wrong.")


def member_view(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> Any:
    """A seekable file object on the bytes of a plainly stored member, which is not copied.

    It reads by the archive's own handle: at its path may lie another process's save by now.
    """
    file = archive.fp
    file.seek(info.header_offset)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise ValueError(f"{path!r} is damaged: its member {info.filename!r} begins behind the end of the file.")
    signature, name_length, extra_length = _HEADER.unpack(header)
    if signature != b"PK\3\4" or file.read(name_length) != info.orig_filename.encode(
        "utf-8" if info.flag_bits & 0x800 else "cp437"
    ):
        raise ValueError(
            f"{path!r} is damaged: its member {info.filename!r} is not where the archive's directory says."
        )
    start = info.header_offset + _HEADER.size + name_length + extra_length
    if start + info.file_size > os.fstat(file.fileno()).st_size:
        raise ValueError(f"{path!r} is damaged: its member {info.filename!r} is cut off.")
    return _View(file, start, info.file_size)


class _View(io.RawIOBase):
    """`size` bytes of an open binary file from `start`, as a file of their own.

    A read past the end is an error: HDF5 would take what stood in its buffer.
    """

    def __init__(self, file, start, size):
        super().__init__()
        self._file, self._start, self._size, self._position = file, start, size, 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._position

    def seek(self, offset, whence=os.SEEK_SET):
        self._position = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence] + offset
        return self._position

    def read(self, size=-1):
        left = max(0, self._size - self._position)
        block = self._at(left if size is None or size < 0 else min(size, left))
        self._position += len(block)
        return block

    def _at(self, size):
        self._file.seek(self._start + self._position)
        return self._file.read(size)

    def readinto(self, buffer):
        view = memoryview(buffer).cast("B")
        if self._position < 0 or self._position + len(view) > self._size:
            raise OSError(f"{len(view)} bytes were asked for at {self._position}, behind the end at {self._size}")
        self._file.seek(self._start + self._position)
        done = 0
        while done < len(view):
            count = self._file.readinto(view[done:])
            if not count:
                raise OSError("the file ends too early")
            done += count
        self._position += done
        return done
