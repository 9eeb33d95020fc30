"""Rows that lie in files: arrays of h5py and zarr, columns of Hugging Face's data sets. They are never read whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.typing import DTypeLike, Shape, TensorLike


class StoredRows:
    """Rows of an array in a file, read a batch, or a stretch, at a time.

    Args:
        stored: has `shape`; slices and rising index arrays give rows.
        dtype: of a batch.
    """

    copies, slow = True, True

    def __init__(self, stored: Any, name: str, dtype: DTypeLike, start: int = 0, stop: Any = None) -> None:
        self._stored, self._name, self._start = stored, name, start
        stop = stored.shape[0] if stop is None else stop
        self.shape = (stop - start, *stored.shape[1:])
        self.dtype = dtype
        self._held = (0, 0, None)  # first row, row behind the last, the rows once they were asked for

    def hold(self, start: int, stop: int) -> None:
        """Rows of this stretch alone are asked for until the next call: it is read once, when the first are."""
        self._held = (start, stop, None)

    def read(self, where: Any, out: Any = None) -> Any:
        """The rows in the slice `where`."""
        rows = self._stored[self._start + where.start : self._start + where.stop]
        return np.ascontiguousarray(rows, self.dtype)

    def take(self, indices: TensorLike, out: Any = None) -> Any:
        """The rows `indices`."""
        first, last = int(indices.min()), int(indices.max())
        start, stop, rows = self._held
        if start <= first and last < stop:
            if rows is None:
                rows = self.read(slice(start, stop))
                self._held = (start, stop, rows)
            return rows.take(indices - start, axis=0)
        if last - first < len(indices):
            return self.read(slice(first, last + 1)).take(indices - first, axis=0)  # one stretch of the file
        # Files are read in rising order only; put the rows back into the order that was asked for.
        order = np.argsort(indices)
        rows = np.ascontiguousarray(self._stored[self._start + indices[order]], self.dtype)
        shuffled = np.empty_like(rows)
        shuffled[order] = rows
        return shuffled

    def buffer(self, count: int) -> None:
        return None  # the file's library makes its own

    def part(self, start: Any, stop: Any) -> Any:
        """The same data from row `start` to `stop`, as something that `as_rows` takes."""
        return StoredRows(self._stored, self._name, self.dtype, self._start + start, self._start + stop)


class ColumnOfADataset:
    """A column of a data set of Hugging Face's library, which gives lists, as an array that is read by rows."""

    def __init__(self, column: Any, row_shape: Shape) -> None:
        self._column = column
        self.shape = (len(column), *row_shape)

    def __getitem__(self, where: Any) -> Any:
        return np.asarray(self._column[where] if isinstance(where, slice) else self._column[where.tolist()])


def is_lazy_column(leaf: Any) -> bool:
    """Whether `leaf` is a column of a data set of Hugging Face's library."""
    return (
        type(leaf).__module__.startswith("datasets.") and not hasattr(leaf, "column_names") and hasattr(leaf, "__len__")
    )


def columns_of(structure: Any) -> Any:
    """A data set of Hugging Face's library as a dict of its columns; everything else as it is."""
    if type(structure).__module__.startswith("datasets.") and hasattr(structure, "num_rows"):
        return {name: structure[name] for name in structure.column_names}
    return structure
