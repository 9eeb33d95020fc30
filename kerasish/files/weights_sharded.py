"""Weights in several HDF5 files and an index (".weights.json") of which file holds what, as Keras 3.15 writes them.

The index is written last, and names files that no earlier index named: whenever the writing stops, the old index still
finds the old files whole.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from math import prod
from typing import TYPE_CHECKING, Any

from kerasish.backend.dtypes import bits
from kerasish.configs.limits import load_json, read_text
from kerasish.files import checksums, hdf5, low_bits, weights_walk
from kerasish.files.hdf5_writing import created
from kerasish.files.weights_h5 import best_plan, check_built, make_group, tensors_of
from kerasish.files.weights_store import describe, own_variables, stored_values
from kerasish.files.weights_walk import saveables
from kerasish.whole_files import replacing

if TYPE_CHECKING:
    from kerasish.models.model import Model

_ENDING = ".weights.json"
_CHECKSUMS = "kerasish.checksums"  # in the metadata: of each file, so that none of another save is taken for it
_TRIES = 1000  # to open what is being replaced
_GIGABYTE = 1 << 30
_DEFAULT_SIZE = 5  # gigabytes, as in Keras


# -- writing ------------------------------------------------------------------------------------------------------


def save(
    model: Model, path: str, max_shard_size: float | None = None, objects_to_skip: Sequence[Any] | None = None
) -> None:
    """Write the weights (and the optimizer's state) of a built model into several files and an index.

    A file has at most `max_shard_size` gigabytes.

    Args:
        path: of the index; it ends in ".weights.json". "m.weights.json" stands beside "m_00000.weights.h5" and so on.
        max_shard_size: number of gigabytes (2 ** 30 bytes), by default 5.
        objects_to_skip: list of layers and other objects to leave out.

    Raises:
        ValueError: for a model that is not built, another ending, a size that is not positive or smaller than one of
            the variables; the old files stay then.
    """
    path = os.fspath(path)
    check_built(model)
    limit = _limit(max_shard_size)
    _check_sizes(model, limit, objects_to_skip)
    base = os.path.basename(_checked_ending(path)).removesuffix(_ENDING)
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    old = _old_shards(path, base)
    shards = _Shards(folder, base, old | _placeholder(folder, base, old), limit)
    try:
        with shards:
            for place, item in saveables(model, objects_to_skip):
                shards.begin(place, getattr(item, "name", None))
                for key, value in stored_values(item):
                    shards.put(key, value)
        metadata = {"total_size": shards.total, _CHECKSUMS: shards.checksums}
        index = {"metadata": metadata, "weight_map": shards.weight_map}
        with replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
            json.dump(index, file, indent=4)
    except BaseException:
        _remove(
            folder, set(shards.names) - _old_shards(path, base)
        )  # all, unless the new index has taken its place before something failed
        raise
    _clean(folder, base, old - set(shards.names), shards.names)


def _checked_ending(path):
    if not path.endswith(_ENDING):
        raise ValueError(f"The index of weights in several files must end in {_ENDING!r}, got {path!r}.")
    return path


def _limit(max_shard_size):
    size = _DEFAULT_SIZE if max_shard_size is None else max_shard_size
    if isinstance(size, bool) or not isinstance(size, (int, float)) or not size > 0:
        raise ValueError(f"`max_shard_size` must be a positive number of gigabytes, got {max_shard_size!r}.")
    return size * _GIGABYTE


def _check_sizes(model, limit, objects_to_skip):
    for place, item in saveables(model, objects_to_skip):
        variables = own_variables(item)
        if variables is None:
            sizes = [value.nbytes for _, value in stored_values(item)]
        else:
            sizes = [prod(variable.shape) * bits(variable.dtype) // 8 for variable in variables]
        if max(sizes, default=0) > limit:
            raise ValueError(
                f"A variable of {describe(item, place)} takes {max(sizes)} bytes, more than the {int(limit)} bytes "
                f"that `max_shard_size`={limit / _GIGABYTE:g} "
                "(in gigabytes) allows. Raise it."
            )


def _name(base, number):
    return f"{base}_{number:05}.weights.h5"


def _old_shards(path, base):
    """Names of the files that the index at `path` needs now; none where there is no index, or it can't be read."""
    try:
        names = {name for names in read_index(path)["weight_map"].values() for name in names}
    except (ValueError, OSError):
        return set()
    return {name for name in names if re.fullmatch(re.escape(base) + r"_\d{5,}\.weights\.h5", name)}


def _placeholder(folder, base, old):
    """The name of the file number 0 that stands beside a set without one (`_clean` tells why).

    It is not written over while the set is in use.
    """
    first = _name(base, 0)
    return {first} if old and first not in old and os.path.exists(os.path.join(folder, first)) else set()


class _Shards:
    """Files that are filled one after the other.

    Attributes:
        names: of the files written. weight_map: dict from the path of a group to the file, or list of files, that hold
            it. checksums: dict from name to the checksum of the file. total: bytes of all values.
    """

    def __init__(self, folder, base, taken, limit):
        self._folder, self._base, self._taken, self._limit = folder, base, taken, limit
        self.names, self.weight_map, self.checksums, self.total = [], {}, {}, 0
        self._number, self._size, self._file, self._group = -1, 0, None, None
        self._place = self._label = None

    def __enter__(self):
        self._stack = ExitStack()
        self._open()
        return self

    def __exit__(self, *exc):
        try:
            if exc[0] is None:
                self._seal()
        except BaseException:
            self._stack.__exit__(*sys.exc_info())
            raise
        self._stack.__exit__(*exc)

    def _open(self):
        """Begin the next file; the one before takes its place."""
        self._seal()
        self._stack.close()
        self._number += 1
        while _name(self._base, self._number) in self._taken:
            self._number += 1
        self.names.append(_name(self._base, self._number))
        temporary = self._stack.enter_context(replacing(os.path.join(self._folder, self.names[-1])))
        self._file = self._stack.enter_context(created(temporary))
        self._size, self._group = 0, None

    def _seal(self):
        if self._file is not None:
            self.checksums[self.names[-1]] = checksums.seal(self._file)

    def begin(self, place, label):
        """The next values belong to the object called `label` at `place`."""
        self._place, self._label = place, label
        self._group = make_group(self._file, place, label)

    def put(self, key, value):
        """Write a value into the file that has room for it."""
        if self._size and self._size + value.nbytes > self._limit:
            self._open()
        if self._group is None:
            self._group = make_group(self._file, self._place, self._label)
        low_bits.write_dataset(self._group, key, value)
        self._size += value.nbytes
        self.total += value.nbytes
        place, name = self._group.name, self.names[-1]
        if place not in self.weight_map:
            self.weight_map[place] = (
                name  # as Keras has it: one variable's file is a string, from the second on it is a list
            )
            return
        held = self.weight_map[place]
        held = self.weight_map[place] = [held] if isinstance(held, str) else held
        if held[-1] != name:
            held.append(name)


def _clean(folder, base, unused, names):
    """Remove the files of the index before. Keras opens number 0 whatever the index says, so there is always one."""
    first = _name(base, 0)
    if first not in names:
        with replacing(os.path.join(folder, first)) as temporary, created(temporary):
            pass
    _remove(folder, unused - {first})


def _remove(folder, names):
    for name in names:
        try:
            os.remove(os.path.join(folder, name))
        except OSError:
            pass  # gone already, or held open elsewhere: the index does not name it


# -- reading ------------------------------------------------------------------------------------------------------


def load(model: Model, path: str, skip_mismatch: bool = False, objects_to_skip: Sequence[Any] | None = None) -> None:
    """Set the weights of a built model from an index and its files; everything is checked before the first is changed.

    Args:
        path: of the index.
        skip_mismatch, objects_to_skip: as for `weights_h5.load_from`.

    Raises:
        ValueError: for an index or file that is missing, damaged or points elsewhere, and for weights that do not fit
            the model.
    """
    with opened(path) as groups:
        best_plan(model, groups, objects_to_skip).apply(repr(os.fspath(path)), skip_mismatch)


def read_index(path: str) -> dict[str, Any]:
    """The index as a dict.

    "metadata", and "weight_map" from the path of a group to the list of names of the files that hold it.

    Raises:
        ValueError: for what is no index, or names a file that is not beside it.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise ValueError(f"File not found: {path!r}.")
    index = load_json(read_text(path, repr(path)), repr(path))
    if not isinstance(index, dict) or not isinstance(index.get("weight_map"), dict):
        raise ValueError(f"{path!r} is no index of weights: it has no 'weight_map'.")
    found = {}
    for place, names in index["weight_map"].items():
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not names:
            raise ValueError(
                f"{path!r} is damaged: its 'weight_map' gives {names!r} for {place!r}, expected the name of a file."
            )
        for name in names:
            if not isinstance(name, str) or not name or name in (".", "..") or re.search(r"[/\\:\0]", name):
                raise ValueError(
                    f"{path!r} is refused: it looks for {place!r} in {name!r}, which is no file beside it."
                )
        found[place] = list(dict.fromkeys(names))
    return {**index, "weight_map": found}


class opened(ExitStack):
    """A context manager that gives what the files of an index hold, as `weights_h5.Groups` does for one file.

    Each file is opened once, and checked.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = os.fspath(path)

    def __enter__(self) -> Any:
        super().__enter__()
        try:
            for _ in range(_TRIES):
                index = read_index(self._path)
                try:
                    self._open(index)
                    return self
                except ValueError:
                    self.close()
                    if read_index(self._path) == index:
                        raise
                    time.sleep(0.001)  # another process saved there meanwhile
            raise ValueError(
                f"{self._path!r} is replaced all the time while it is read. Load it when nobody saves there."
            )
        except BaseException:
            self.close()
            raise

    def _open(self, index):
        """Open the files of an index: first all, so that none is replaced while others are looked through."""
        self._map = index["weight_map"]
        self.files: dict[Any, Any] = {}
        sums = index["metadata"].get(_CHECKSUMS, {}) if isinstance(index.get("metadata"), dict) else {}
        handles = {}
        for name in dict.fromkeys(name for names in self._map.values() for name in names):
            handles[name] = self.enter_context(self._handle(name))
        for name, handle in handles.items():
            file = self.files[name] = self.enter_context(hdf5.opened(handle, handle.name))
            if isinstance(sums, dict) and name in sums and sums[name] != checksums.stored(file):
                raise ValueError(
                    f"{self._path!r} and the file {name!r} beside it come from two saves, or one of them is damaged."
                )

    def _handle(self, name):
        place = os.path.join(os.path.dirname(os.path.abspath(self._path)), name)
        if os.path.islink(place):  # which might lead to any file of this machine
            raise ValueError(
                f"{self._path!r} needs the file {name!r} beside it, which is a link: it is refused. Put the "
                "file itself into its place."
            )
        if not os.path.isfile(place):
            raise ValueError(f"{self._path!r} needs the file {name!r} beside it, which is missing.")
        try:
            return open(place, "rb")
        except FileNotFoundError as error:
            raise ValueError(f"{self._path!r} needs the file {name!r} beside it, which is missing.") from error

    def groups(self) -> Iterator[Any]:
        """(place, dict from name to StoredTensor) for everything in the index."""
        for place in self._map:
            inner = place.strip("/")
            yield inner.removesuffix("vars").rstrip("/"), self._tensors(place)

    def _tensors(self, place):
        found = {}
        for name in self._map[place]:
            group = self.files[name].get(place)
            if group is None or not hasattr(group, "items"):
                raise ValueError(f"{self._path!r} says that {place!r} is in {name!r}, but that file lacks it.")
            for key, tensor in tensors_of(group).items():
                if key in found:
                    raise ValueError(f"{self._path!r} finds the variable {key!r} of {place!r} in more than one file.")
                found[key] = tensor
        return found

    def find(self, path: str) -> Any:
        """Dict from name to StoredTensor for the object at `path`; None where the index has no place for it."""
        for place in (f"/{path}/vars" if path else "/vars", path):
            if place and place in self._map:
                return self._tensors(place)
        return None

    def has_container(self, path: str) -> bool:
        """Whether the index has a place for the nested list in which `path` stands."""
        head = path.split("/container")[0]
        return any(place.startswith(f"/{head}/container") for place in self._map)

    def orders(self) -> list[Any]:
        """Only Keras 3 writes such files."""
        return [weights_walk.KERAS3]
