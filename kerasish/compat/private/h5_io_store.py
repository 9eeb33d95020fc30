"""H5IOStore: named arrays in an HDF5 file, as packages keep adapters and tables of their own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import h5py

from kerasish.files import hdf5
from kerasish.ops import convert_to_numpy
from kerasish.typing import PathLike


class H5IOStore:
    """An HDF5 file of groups of arrays, `<path>/vars/<name>`.

    Args:
        path_or_io: path, or a binary file object.
        archive: None; kept for programs written for Keras.
        mode: "r" to read, "w" to write.

    Raises:
        ValueError: for another mode, an archive, and for a file that is no HDF5 or is damaged.

    Example:
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "adapter.h5")
        >>> store = H5IOStore(path, mode="w")
        >>> store.make("lora")["rank"] = 4
        >>> store.close()
        >>> store = H5IOStore(path, mode="r")
        >>> int(store.get("lora")["rank"][()])
        4
        >>> store.close()
    """

    def __init__(self, path_or_io: PathLike | BinaryIO, archive: Any = None, mode: str = "r") -> None:
        if mode not in ("r", "w"):
            raise ValueError(f'`mode` must be "r" or "w", got {mode!r}.')
        if archive is not None:
            raise ValueError("`archive` is not offered here: give the path of the HDF5 file itself.")
        self.mode: str = mode
        self._open = contextlib.ExitStack()
        target = path_or_io if hasattr(path_or_io, "read") else os.fspath(path_or_io)
        opened = h5py.File(target, "w") if mode == "w" else hdf5.opened(target)
        self.h5_file: h5py.File = self._open.enter_context(opened)

    def make(self, path: str, metadata: dict[str, Any] | None = None) -> _Group:
        """A new group at `path`, into which arrays are set by name.

        Args:
            path: string, names with "/" between.
            metadata: dict of plain values, kept beside the arrays.

        Raises:
            ValueError: in a store that is open for reading.
        """
        if self.mode != "w":
            raise ValueError("`make` needs a store that is open for writing: pass `mode='w'`.")
        group = self.h5_file.require_group(f"{path}/vars" if path else "vars")
        group.attrs.update(metadata or {})
        return _Group(group)

    def get(self, path: str) -> _Group:
        """The group at `path`; an empty one where there is none."""
        return _Group(self.h5_file.get(f"{path}/vars" if path else "vars"))

    def has_path(self, path: str) -> bool:
        """Whether something is kept at `path`."""
        return path in self.h5_file

    def close(self) -> None:
        """Write what is left, and close the file."""
        self._open.close()


class _Group:
    """The arrays of one path, as a dict."""

    def __init__(self, group):
        self.group = group

    def __bool__(self):
        return self.group is not None and len(self.group) > 0

    def __len__(self):
        return 0 if self.group is None else len(self.group)

    def __iter__(self) -> Iterator[str]:
        return iter(() if self.group is None else self.group)

    def keys(self) -> list[str]:
        return list(self)

    def __contains__(self, name):
        return self.group is not None and name in self.group

    def __getitem__(self, name):
        if name not in self:
            raise KeyError(f"There is no array {name!r} here; there are {self.keys()}.")
        return self.group[name]

    def __setitem__(self, name, value):
        self.group[name] = convert_to_numpy(value)
