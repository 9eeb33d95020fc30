"""The container: records one behind the other, each with its length and two checksums.

Reference:
    [TFRecord's format](https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details): length
    (uint64), masked CRC-32C of the length, data, masked CRC-32C of the data, all little-endian.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from kerasish.data.extras import library
from kerasish.files.tensorflow.crc32c import masked
from kerasish.suggestions import did_you_mean
from kerasish.typing import PathLike
from kerasish.whole_files import replacing

COMPRESSIONS = ("gzip", "zlib")
_HEAD = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")
_PIECE = 1 << 20  # bytes that are asked for at once: a length that lies takes no more memory than the file has bytes


class Writer:
    """Writes one TFRecord file; a context manager. The file takes its place whole when the block ends well.

    Args:
        path: path of the file; what stood there is replaced.
        compression: None, "gzip" or "zlib".

    Raises:
        ValueError: for another compression.

    Example:
        >>> import os, tempfile
        >>> from kerasish.data import tfrecord
        >>> path = os.path.join(tempfile.mkdtemp(), "two.tfrecord")
        >>> with tfrecord.Writer(path) as writer:
        ...     writer.write(tfrecord.encode_example({"age": 7}))
        ...     writer.write(b"any bytes")
        >>> [len(record) for record in tfrecord.read(path)]
        [16, 9]
    """

    def __init__(self, path: PathLike, compression: str | None = None) -> None:
        self._path, self._compression = path, _checked(compression)
        self._checksum = _masked_checksum()
        self._files = contextlib.ExitStack()
        self._file: Any = None

    def __enter__(self) -> Writer:
        plain = self._files.enter_context(open(self._files.enter_context(replacing(self._path)), "wb"))
        if self._compression == "gzip":
            plain = self._files.enter_context(gzip.GzipFile("", "wb", fileobj=plain, mtime=0))
        elif self._compression == "zlib":
            plain = self._files.enter_context(_ZlibFile(plain))
        self._file = plain
        return self

    def __exit__(self, *error: Any) -> None:
        self._file = None
        self._files.__exit__(*error)

    def write(self, record: bytes) -> None:
        """Write one record.

        Args:
            record: bytes.

        Raises:
            TypeError: for anything else.
            ValueError: outside of the `with` block.
        """
        if self._file is None:
            raise ValueError(
                f"The writer of '{self._path}' is not open: `with Writer(path) as writer: writer.write(...)`."
            )
        if not isinstance(record, (bytes, bytearray, memoryview)):
            raise TypeError(f"`record` must be bytes (`encode_example(...)` makes some), got {type(record).__name__}.")
        record = bytes(record)
        length = struct.pack("<Q", len(record))
        head = length + _CHECKSUM.pack(self._checksum(length))
        self._file.write(head + record + _CHECKSUM.pack(self._checksum(record)))


def write(
    path: PathLike, records: Iterable[bytes], compression: str | None = None, shards: int | None = None
) -> list[str]:
    """Write records to one file, or in turn to several.

    Args:
        path: path of the file. With `shards`, what their names begin with: `train.tfrecord-00000-of-00004`.
        records: iterable of bytes.
        compression: None, "gzip" or "zlib".
        shards: int, the number of files; None writes one by the name of `path`.

    Returns:
        The paths that were written, a list of strings.

    Raises:
        ValueError: for another compression, or fewer shards than one.

    Example:
        >>> import os, tempfile
        >>> from kerasish.data import tfrecord
        >>> path = os.path.join(tempfile.mkdtemp(), "train.tfrecord")
        >>> paths = tfrecord.write(path, (tfrecord.encode_example({"x": i}) for i in range(5)), shards=2)
        >>> [os.path.basename(path) for path in paths]
        ['train.tfrecord-00000-of-00002', 'train.tfrecord-00001-of-00002']
        >>> [len(list(tfrecord.read(path))) for path in paths]
        [3, 2]
    """
    path = os.fspath(path)
    if shards is not None and (isinstance(shards, bool) or not isinstance(shards, int) or shards < 1):
        raise ValueError(f"`shards` must be a positive integer or None, got {shards!r}.")
    paths = [path] if shards is None else [f"{path}-{number:05}-of-{shards:05}" for number in range(shards)]
    with contextlib.ExitStack() as files:
        writers = [files.enter_context(Writer(target, compression)) for target in paths]
        for number, record in enumerate(records):
            writers[number % len(writers)].write(record)
    return paths


def read(path: PathLike, compression: str | None = "auto", check: bool = True) -> Iterator[bytes]:
    """The records of one file, in their order.

    Args:
        path: path of a TFRecord file.
        compression: None, "gzip" or "zlib"; "auto" looks at the first bytes.
        check: whether the records' checksums are compared; their lengths' always are.

    Returns:
        An iterator of bytes. The file is open until it ends or is closed.

    Raises:
        ValueError: for a record that is cut off or whose checksum differs: it says the file, the number of the record
            and the byte (of what is decompressed) where it begins. For a compression that is not known.
        FileNotFoundError: where there is no such file.

    Example:
        >>> import os, tempfile
        >>> from kerasish.data import tfrecord
        >>> path = os.path.join(tempfile.mkdtemp(), "one.tfrecord.gz")
        >>> _ = tfrecord.write(path, [b"one"], compression="gzip")
        >>> list(tfrecord.read(path))
        [b'one']
    """
    if compression != "auto":
        _checked(compression)
    return _records(Path(path), compression, check, _masked_checksum())


def _records(path, compression, check, checksum):
    with open(path, "rb") as plain:
        compression = _seen_compression(plain, checksum) if compression == "auto" else compression
        file: Any = plain
        if compression == "gzip":
            file = gzip.GzipFile(fileobj=plain, mode="rb")
        elif compression == "zlib":
            file = _ZlibFile(plain)
        number, place = 0, 0

        def where():
            return f"record {number} of '{path}', at byte {place}"

        with _decompressing(where):
            while head := file.read(_HEAD.size):
                if len(head) < _HEAD.size:
                    raise ValueError(f"The file ends within {where()}.")
                length, length_sum = _HEAD.unpack(head)
                if checksum(head[:8]) != length_sum:
                    raise ValueError(
                        f"The length of {where()} is damaged: its checksum differs. (Is it a TFRecord file? Is "
                        "`compression` right?)"
                    )
                record = _exactly(file, length)
                tail = file.read(_CHECKSUM.size)
                if record is None or len(tail) < _CHECKSUM.size:
                    raise ValueError(f"The file ends within {where()}.")
                if check and checksum(record) != _CHECKSUM.unpack(tail)[0]:
                    raise ValueError(f"The data of {where()} are damaged: their checksum differs.")
                yield record
                number, place = number + 1, place + _HEAD.size + length + _CHECKSUM.size


@contextlib.contextmanager
def _decompressing(where):
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"The compressed data are damaged within {where()}: {error}") from error


def _exactly(file, length):
    if length <= _PIECE:
        record = file.read(length)
        return record if len(record) == length else None
    pieces = []
    while length:
        piece = file.read(min(length, _PIECE))
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _seen_compression(file, checksum):
    """What the first bytes say: a record's head, checked by its sum, else gzip's or zlib's mark."""
    head = file.read(_HEAD.size)
    file.seek(0)
    if len(head) == _HEAD.size and checksum(head[:8]) == _HEAD.unpack(head)[1]:
        return None
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    is_zlib = len(head) > 1 and head[0] & 15 == 8 and (head[0] << 8 | head[1]) % 31 == 0
    return "zlib" if is_zlib else None


class _ZlibFile:
    """A file of one zlib stream, to be read or written in turn; a context manager that ends the stream."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._packer, self._unpacker = zlib.compressobj(), zlib.decompressobj()
        self._ready = b""

    def write(self, data: bytes) -> None:
        self._file.write(self._packer.compress(data))

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self._file.read(1 << 16)
            if not packed:
                raise EOFError("the stream is cut off")
            self._ready += self._unpacker.decompress(packed, max(1 << 16, size - len(self._ready)))
        taken, self._ready = self._ready[:size], self._ready[size:]
        return taken

    def __enter__(self) -> _ZlibFile:
        return self

    def __exit__(self, *error: Any) -> None:
        self._file.write(self._packer.flush())


def _checked(compression):
    if compression is None or compression == "":
        return None
    wanted = compression.lower() if isinstance(compression, str) else compression  # TensorFlow says "GZIP"
    if wanted not in COMPRESSIONS:
        hint = did_you_mean(str(compression), COMPRESSIONS)
        raise ValueError(f"`compression` must be None, 'gzip' or 'zlib', got {compression!r}.{hint}")
    return wanted


def _masked_checksum():
    """The function from bytes to what a record keeps of their CRC-32C."""
    crc = library("google_crc32c", "google-crc32c", "A TFRecord file").value
    return lambda data: masked(crc(data))
