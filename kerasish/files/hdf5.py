"""HDF5 files that somebody else wrote.

Opened for reading alone, and looked through before anything in them is believed.

HDF5 can point out of the file (external links, external storage, virtual datasets), load plug-ins (filters), declare
terabytes that nobody stored, and go in circles. No Keras ever wrote any of that into a model, so a file that does is
refused before a number is read.
"""

from __future__ import annotations

import math
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import h5py
from h5py import h5a, h5d, h5g, h5l, h5o, h5s

from kerasish.configs.limits import LIMITS, allowing, claim
from kerasish.files import checksums
from kerasish.files.hdf5_texts import claimed_lengths
from kerasish.whole_files import reading

if TYPE_CHECKING:
    import h5py

_FREE = 64 << 20  # bytes that may be declared with little behind them
_DEFLATE = 1100  # no stream of deflate grows by more than 1032
_TOTAL = 100  # nor do all datasets of a model together by more than this
_GZIP, _LZF = 1, 32000
_BLOCK = 1 << 20
_ATTRIBUTES = 500  # of one group or dataset; lists of names that are split into many have some tens
_FILTERS = frozenset(
    {_GZIP, 2, 3, _LZF}
)  # gzip, shuffle, fletcher32, lzf: inside HDF5 and h5py; any other would be looked for among plug-ins
_TYPES = frozenset({"TypeIntegerID", "TypeFloatID", "TypeStringID", "TypeOpaqueID", "TypeEnumID", "TypeCompoundID"})
_names = {}  # of open files: identifier -> what messages call it


@contextmanager
def opened(
    source: Any, name: str | None = None, builds_model: bool = False, stored: int | None = None
) -> Iterator[Any]:
    """An `h5py.File` for reading, checked whole.

    Args:
        source: path or readable binary file object.
        name: what messages call it, by default the path.
        builds_model: whether a model is made from a config meanwhile; its variables may then ask for about ten times
            the file's numbers in memory, no more.
        stored: bytes that the whole takes where it is kept packed, in an archive.

    Raises:
        ValueError: that names the file, for one that is damaged or reaches out of itself; and in place of any other
            error inside the block.
    """
    is_path = isinstance(source, (str, bytes, os.PathLike))
    what = repr(name or (os.fspath(source) if is_path else "the file"))
    with reading(what):
        if is_path and not os.path.isfile(source):
            raise ValueError(f"File not found: {what}.")
        with open(source, "rb") if is_path else nullcontext(source) as raw:
            file = _opened_as(raw, source, what) if is_path else _open(source, what)
            with file:
                declared, kept = _check_file(file, raw, what)
                checksums.check(file, what)
                _names[file.id.id] = what
                try:
                    with allowing(claim(declared, min(kept, stored or kept)) if builds_model else None, what):
                        yield file
                finally:
                    _names.pop(file.id.id, None)


def _open(source, what):
    try:
        return h5py.File(source, "r")
    except Exception as error:
        raise ValueError(f"{what} is no HDF5 file, or it is cut off or damaged ({_short(error)}).") from error


def _opened_as(raw, path, what):
    """The HDF5 file at a path, which is still the one that is open as `raw`; else by that handle.

    HDF5 opens paths by itself, and another process may have saved there since.
    """
    file = _open(path, what)
    try:
        if os.path.sameopenfile(raw.fileno(), file.id.get_vfd_handle()):
            return file
    except (OSError, NotImplementedError):
        pass
    file.close()
    return _open(raw, what)


def name_of(file: h5py.File) -> Any:
    """What messages call an open `h5py.File`: in quotes, the path of the file, or of the archive around it."""
    return _names.get(file.id.id) or repr(str(file.filename))


def _short(error):
    return str(error).strip("'\"").split("\n")[0][:200] or type(error).__name__


def _check_file(file, raw, what):
    """Follow every link once, check every attribute and dataset. Gives the bytes that all declare, and that they store.

    `raw` is the same file as bytes.
    """
    declared = unpacked = stored = 0
    size = raw.seek(0, os.SEEK_END)
    try:
        for path, dataset in _datasets(file["/"].id, _Attributes(file, raw, size), what):
            where = f"{path!r} in {what}"
            wants, takes, has = _check_dataset(dataset, where)
            if has > size:
                raise ValueError(
                    f"{where} declares {has} bytes, but the whole file has {size}: it is cut off or damaged."
                )
            _check_packed(dataset, where)
            declared, unpacked, stored = declared + wants, unpacked + takes, stored + has
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"{what} is damaged ({_short(error)}).") from error
    if stored > size:
        raise ValueError(f"The datasets of {what} declare {stored} bytes, but the whole file has {size}: they overlap.")
    if unpacked > max(_FREE, _TOTAL * stored):
        raise ValueError(f"{what} declares {unpacked} bytes of numbers, but only {stored} are stored in it.")
    return declared, stored


def _datasets(root, attributes, what):
    """(path, DatasetID) of every dataset below the GroupID `root`.

    Only hard links are followed, and none leads twice to the same place.

    Groups lie in each other no deeper than a config's parts do: every path is a text, and a chain of them would be
    quadratic work for every reader.
    """
    address = h5o.get_info(root).addr
    pending, seen = [("", 0, root)], {address}
    attributes.check(root, address, f"'/' in {what}")
    while pending:
        path, depth, group = pending.pop()
        links = []
        group.links.iterate(lambda name, info, links=links: links.append((name, info.type, info.u)), info=True)
        if links and depth >= LIMITS.depth:
            raise ValueError(
                f"{what} has groups that lie in each other more than {LIMITS.depth} deep, which no model needs: it is "
                "refused."
            )
        for name, kind, address in links:
            inner = f"{path}/{name.decode('utf-8', 'replace')}"
            if kind != h5l.TYPE_HARD:
                called = "an external" if kind == h5l.TYPE_EXTERNAL else "a symbolic"
                raise ValueError(f"{what} has {called} link at {inner!r}, which no model needs: it is refused.")
            if address in seen:
                raise ValueError(
                    f"{inner!r} in {what} leads to a place that another name leads to as well: it is refused."
                )
            seen.add(address)
            item = h5o.open(group, name)
            attributes.check(item, address, f"{inner!r} in {what}")
            if isinstance(item, h5g.GroupID):
                pending.append((inner, depth + 1, item))
            elif isinstance(item, h5d.DatasetID):
                yield inner, item


class _Attributes:
    """Refuses attributes of types that no Keras writes, and texts that claim to be longer than the file.

    HDF5 has been seen to crash on such types.
    """

    def __init__(self, file, raw, size):
        properties = file.id.get_create_plist()
        self.base, self.sizes = properties.get_userblock(), properties.get_sizes()
        self.raw, self.size = raw, size

    def check(self, item, address, where):
        """`item`: an open object of the file, whose header lies at `address`."""
        texts, count = 0, h5a.get_num_attrs(item)
        if count > _ATTRIBUTES:  # HDF5 goes through all of them for each
            raise ValueError(
                f"{where} has {count} attributes, more than the {_ATTRIBUTES} that any model needs: it is refused."
            )
        for index in range(count):
            attribute = h5a.open(item, index=index)
            found = attribute.get_type()
            _check_type(found, attribute.name, where)
            texts += _is_text(found)
        if texts:
            self._check_texts(texts, address, where)

    def _check_texts(self, count, address, where):
        try:
            if self.sizes != (8, 8):
                raise ValueError(f"its addresses have {self.sizes} bytes")
            claimed = claimed_lengths(self._read, address)
            if len(claimed) != count:
                raise ValueError(f"of {count} texts only {len(claimed)} are found")
        except (ValueError, IndexError, OverflowError, struct.error) as error:
            raise ValueError(
                f"{where} has attributes that no Keras writes in this way, or that are damaged ({error}): it is "
                "refused."
            ) from error
        for name, lengths in claimed:
            if sum(lengths) > self.size:
                raise ValueError(
                    f"The attribute {name!r} of {where} declares {sum(lengths)} bytes of text, but the whole file has "
                    f"{self.size}: it is refused."
                )

    def _read(self, place, size):
        self.raw.seek(self.base + place)
        return self.raw.read(min(size, self.size))


def _is_text(found):
    return type(found).__name__ == "TypeStringID" and found.is_variable_str()


def _check_type(found, name, where):
    """Numbers and text; of pairs only complex numbers. No sequences of any length, no references into the file."""
    kind = type(found).__name__
    if kind not in _TYPES or kind == "TypeCompoundID" and found.get_nmembers() != 2:
        called = kind.removeprefix("Type").removesuffix("ID").lower()
        place = f" in its attribute {name!r}" if name else ""
        raise ValueError(f"{where} holds {called} data{place}, which no model has: it is refused.")


def _check_dataset(dataset, where):
    """Refuse a DatasetID whose numbers lie elsewhere or nowhere.

    Return (bytes declared, bytes that reading takes, bytes stored).
    """
    properties = dataset.get_create_plist()
    if properties.get_layout() == h5d.VIRTUAL:
        raise ValueError(f"{where} is a virtual dataset, which takes its numbers from other files: it is refused.")
    if properties.get_layout() == h5d.CONTIGUOUS and properties.get_external_count():
        raise ValueError(
            f"{where} keeps its numbers in external storage ({properties.get_external(0)[0]!r}): it is refused."
        )
    filters = {properties.get_filter(index)[0] for index in range(properties.get_nfilters())}
    if filters - _FILTERS:
        raise ValueError(
            f"{where} is packed by the HDF5 filter {min(filters - _FILTERS)}, which would be loaded as a plug-in: it "
            "is refused. "
            "Known are gzip, lzf, shuffle and fletcher32."
        )
    datatype, space = dataset.get_type(), dataset.get_space()
    _check_type(datatype, None, where)
    if space.get_simple_extent_type() == h5s.NULL:
        return 0, 0, 0
    declared = unpacked = math.prod(space.get_simple_extent_dims()) * datatype.get_size()
    if properties.get_layout() == h5d.CHUNKED:  # HDF5 unpacks whole chunks, which may be larger than the dataset
        unpacked = max(declared, math.prod(properties.get_chunk()) * datatype.get_size())
    stored = dataset.get_storage_size()
    if unpacked > max(_FREE, _DEFLATE * stored if filters else stored):
        raise ValueError(
            f"{where} declares {unpacked} bytes, but only {stored} are stored: it is refused before any memory is "
            "taken."
        )
    return declared, unpacked, stored


def _check_packed(dataset, where):
    """Refuse a DatasetID whose gzip unpacks to more than its chunks hold: HDF5 takes memory for whatever comes out.

    Large chunks are unpacked here first, by the block. The others can't become more than is free anyway.
    """
    properties = dataset.get_create_plist()
    if properties.get_layout() != h5d.CHUNKED:
        return
    filters = [properties.get_filter(index)[0] for index in range(properties.get_nfilters())]
    if len([kind for kind in filters if kind in (_GZIP, _LZF)]) > 1:
        raise ValueError(f"{where} is packed twice, which no model is: it is refused.")
    if _GZIP not in filters:
        return
    skipped = 1 << filters.index(_GZIP)
    large = [info for info in _chunks(dataset) if info.size * _DEFLATE > _FREE and not info.filter_mask & skipped]
    room = (
        math.prod(properties.get_chunk()) * dataset.get_type().get_size() + 4
    )  # a checksum may be packed with the numbers
    for info in large:
        _, data = dataset.read_direct_chunk(info.chunk_offset)
        if not _unpacks_within(data, room):
            raise ValueError(
                f"{where} has a chunk of {info.size} packed bytes that are more than the {room} it declares, or "
                "damaged: it is refused."
            )


def _chunks(dataset):
    """What HDF5 knows of each chunk that is stored: its place, size and which filters it went past."""
    if not hasattr(dataset, "chunk_iter"):  # HDF5 before 1.12.3
        return [dataset.get_chunk_info(index) for index in range(dataset.get_num_chunks())]
    found = []
    dataset.chunk_iter(found.append)
    return found


def _unpacks_within(data, room):
    """Whether the deflated `data` are whole and become at most `room` bytes."""
    unpacker, length = zlib.decompressobj(), 0
    try:
        for start in range(0, len(data), _BLOCK):
            piece = data[start : start + _BLOCK]
            while piece and not unpacker.eof and length <= room:
                length += len(unpacker.decompress(piece, _BLOCK))
                piece = unpacker.unconsumed_tail
    except zlib.error:
        return False
    return length <= room and unpacker.eof
