"""Batches from files in libsvm's format."""

from __future__ import annotations

import bz2
import gzip
import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from kerasish.data import columns as col
from kerasish.data.extras import library
from kerasish.data.file_batches import FileBatches
from kerasish.scalars import positive_integer
from kerasish.suggestions import did_you_mean
from kerasish.typing import PathLike

_PIECE = 1 << 18  # bytes
_FORMS = ("dense", "ids")


class LibsvmBatches(FileBatches):
    """Batches from libsvm files: `label id:value id:value ...` a line, `.gz` and `.bz2` too.

    scikit-learn reads them, in pieces. A batch is `(x, y)`, with y the labels, float32. x is

    - with `form="dense"` an array of shape (batch, num_features), float32;
    - with `form="ids"` a dict of two arrays of shape (batch, longest row): "ids" (int32) and "values" (float32), where
      shorter rows end in id 0 with value 0: what an `Embedding` takes.

    Args:
        paths: as of `FileBatches`.
        num_features: int, how many ids there are.
        form: "dense" or "ids".
        zero_based: whether ids in the files begin at 0; libsvm's own begin at 1. In x they begin at 0.
        **options: of `FileBatches`: `batch_size`, `shuffle`, `interleave`, ...

    Raises:
        ImportError: where scikit-learn is not installed.
        ValueError: for arguments out of range; in the loop, for lines that can't be read, with file and place.

    Reference:
        [LIBSVM's data](https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/)

    Example:
        >>> import os, tempfile
        >>> from kerasish.data import LibsvmBatches
        >>> path = os.path.join(tempfile.mkdtemp(), "clicks.svm")
        >>> with open(path, "w") as file: _ = file.write("1 1:0.5 3:2\\n0 2:1\\n")
        >>> next(iter(LibsvmBatches(path, 3)))[0].tolist()
        [[0.5, 0.0, 2.0], [0.0, 1.0, 0.0]]
        >>> next(iter(LibsvmBatches(path, 3, form="ids")))[0]["ids"].tolist()
        [[0, 2], [1, 0]]
    """

    def __init__(
        self,
        paths: PathLike | Iterable[PathLike],
        num_features: int,
        form: str = "dense",
        zero_based: bool = False,
        **options: Any,
    ) -> None:
        inputs = {"dense": "rows", "ids": None}.get(form)
        super().__init__(paths, label="label", inputs=inputs, **options)
        self._num_features = positive_integer(num_features, "num_features")
        if form not in _FORMS:
            raise ValueError(f"`form` must be 'dense' or 'ids', got {form!r}.{did_you_mean(str(form), _FORMS)}")
        self._load = library("sklearn.datasets", "scikit-learn", "A libsvm file").load_svmlight_file
        self._form, self._zero_based = form, bool(zero_based)

    def read(self, path: str) -> Iterator[dict[str, Any]]:
        """The rows of one file, in pieces."""
        opener = {"gz": gzip.open, "bz2": bz2.open}.get(path.rpartition(".")[2], open)
        with opener(path, "rb") as file:
            place = 0
            while lines := file.read(_PIECE) + file.readline():
                try:
                    matrix, labels = self._load(
                        io.BytesIO(lines), n_features=self._num_features, dtype=np.float32, zero_based=self._zero_based
                    )
                except (ValueError, OverflowError) as error:
                    raise ValueError(f"'{path}', in the {len(lines)} bytes from byte {place}: {error}") from error
                place += len(lines)
                if len(labels):
                    yield self._columns(matrix, labels)

    def finish(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The columns of a batch, rows as `form` says."""
        rows = batch.pop("rows")
        ids, values = [col.of_objects([row[part] for row in rows]) for part in (0, 1)]
        if self._form == "ids":
            return {
                "ids": col.padded(ids, (None,), np.int32, 0),
                "values": col.padded(values, (None,), np.float32, 0),
                **batch,
            }
        dense = np.zeros((len(rows), self._num_features), np.float32)
        places = np.repeat(np.arange(len(rows)), [len(row) for row in ids])
        np.add.at(dense, (places, np.concatenate(ids)), np.concatenate(values))
        return {"rows": dense, **batch}

    def _columns(self, matrix, labels):
        cuts = zip(matrix.indptr[:-1], matrix.indptr[1:])
        rows = [(matrix.indices[start:stop], matrix.data[start:stop]) for start, stop in cuts]
        return {"rows": col.of_objects(rows), "label": labels.astype(np.float32)}
