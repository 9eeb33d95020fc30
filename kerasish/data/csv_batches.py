"""Batches from CSV files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kerasish.data.extras import library
from kerasish.data.file_batches import FileBatches
from kerasish.typing import PathLike

_OF_BATCHES = (
    "inputs",
    "label",
    "weight",
    "batch_size",
    "shuffle",
    "interleave",
    "drop_remainder",
    "transform",
    "ahead",
    "seed",
)


class CSVBatches(FileBatches):
    """Batches from CSV files, compressed too, read by pandas in pieces.

    Args:
        paths: as of `FileBatches`.
        piece: int, rows that are read at once.
        **options: of `FileBatches` (`inputs`, `label`, `weight`, `batch_size`, `shuffle`, ...); all others go to
            `pandas.read_csv`: `names` where the files have no header, `usecols`, `sep`, `dtype`, `na_values`. Columns
            keep the dtype that pandas finds, text is text, empty numbers are NaN.

    Raises:
        ImportError: where pandas is not installed.
        ValueError: in the loop, for files that are no CSV, with their names.

    Example:
        >>> import os, tempfile
        >>> from kerasish.data import CSVBatches
        >>> path = os.path.join(tempfile.mkdtemp(), "houses.csv")
        >>> with open(path, "w") as file: _ = file.write("rooms,area,price\\n3,70,200\\n5,120,410\\n2,40,150\\n")
        >>> for x, y in CSVBatches(path, inputs=["rooms", "area"], label="price", batch_size=2): print(x.tolist(), y)
        [[3, 70], [5, 120]] [200 410]
        [[2, 40]] [150]
    """

    def __init__(self, paths: PathLike | Iterable[PathLike], *, piece: int = 4096, **options: Any) -> None:
        super().__init__(paths, **{name: options.pop(name) for name in _OF_BATCHES if name in options})
        if isinstance(piece, bool) or not isinstance(piece, int) or piece < 1:
            raise ValueError(f"`piece` must be a positive integer, got {piece!r}.")
        self._pandas = library("pandas", "pandas", "A CSV file")
        self._read_csv = {"chunksize": piece, **options}

    def read(self, path: str) -> Iterator[dict[str, Any]]:
        """The rows of one file, in pieces."""
        try:
            with self._pandas.read_csv(path, **self._read_csv) as pieces:
                for frame in pieces:
                    yield {str(name): _column(frame[name]) for name in frame.columns}
        except ValueError as error:  # pandas does not name the file
            raise ValueError(f"'{path}' can't be read as CSV: {error}") from error


def _column(series):
    if series.dtype.kind in "biuf":
        return series.to_numpy()
    if getattr(series.dtype, "kind", "O") == "O" or str(series.dtype) in ("str", "string", "category"):
        return series.fillna("").astype(object).to_numpy().astype(str)
    return series.to_numpy()
