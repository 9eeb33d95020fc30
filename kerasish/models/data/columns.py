"""Columns of a data set, read a batch at a time: arrays, memory maps, data frames, sparse matrices, arrays in files."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.device import device
from kerasish.backend.host_arrays import as_numpy
from kerasish.backend.settings import floatx
from kerasish.models.data.stored_rows import ColumnOfADataset, StoredRows, is_lazy_column
from kerasish.typing import DTypeLike, TensorLike

_CAST_BYTES = 1 << 19


def batch_dtype(dtype: DTypeLike, name: str) -> Any:
    """The dtype that a batch of data of `dtype` gets: floats become `floatx()`, integers, bools and text stay.

    Raises:
        ValueError: for objects, dates and others that no layer takes.
    """
    kind = dtype.kind
    if kind == "f" or dtype.name.startswith(("bfloat16", "float8")):
        if floatx() == "bfloat16":
            import ml_dtypes  # start-up time: few models are of it

            return np.dtype(ml_dtypes.bfloat16)
        return np.dtype(floatx())
    if kind in "biu":
        return dtype.newbyteorder("=")
    if kind in "SUT":
        return dtype
    if kind == "O":
        raise ValueError(
            f"`{name}` is an array of dtype object: rows of different lengths, text, or mixed types. Pad the rows "
            "(`keras.utils.pad_sequences`), "
            f"convert it with `.astype(...)` to numbers, or number its words: `np.unique({name}, "
            "return_inverse=True)[1]`."
        )
    raise ValueError(f"`{name}` must hold numbers, bools or text, got dtype {dtype}. Convert it to numbers first.")


def dtype_in_batch(array: Any, name: str) -> Any:
    """The dtype that a batch of an array gets; objects stay where they are all text.

    Raises:
        ValueError: for objects, dates and others that no layer takes.
    """
    text = array.dtype.kind == "O" and name.startswith("x") and _is_all_text(array)
    return array.dtype if text else batch_dtype(array.dtype, name)


def _is_all_text(array):
    return array.size > 0 and all(issubclass(kind, (str, bytes)) for kind in set(map(type, array.ravel().tolist())))


def check_no_text(dtype: DTypeLike, name: str) -> None:
    """Raise ValueError for text where only numbers make sense: targets and weights.

    Inputs may be text, for layers that take it.
    """
    if dtype.kind not in "SUT":
        return
    advice = "Convert it: `.astype('float32')`."
    if not name.startswith("sample_weight"):
        advice = (
            f"Use class numbers: `np.unique({name}, return_inverse=True)[1]`. Text of digits converts with `.astype`."
        )
    raise ValueError(f"`{name}` must hold numbers, got text (dtype {dtype}). {advice}")


def to_array(leaf: Any, name: str) -> Any:
    """`leaf` as a plain numpy.ndarray, without a copy where it is one already (also where it is a memory map).

    Args:
        leaf: an array of the device, anything with `__array__`, a tensor of another library, or a data frame; a column
            of a frame becomes (n, 1).

    Raises:
        ValueError: when it cannot be an array.
    """
    if type(leaf) is np.ndarray:
        return leaf
    if isinstance(leaf, np.ma.MaskedArray):
        raise ValueError(f"`{name}` is a masked array, whose mask would be lost. Fill it first: `array.filled(value)`.")
    if isinstance(leaf, (np.ndarray, memoryview)):
        return np.asarray(leaf)
    if device().is_array(leaf):
        return device().to_host(leaf)
    if hasattr(leaf, "iloc") and hasattr(leaf, "to_numpy"):
        return _frame_to_array(leaf, name)
    if hasattr(leaf, "toarray"):
        return leaf.toarray()
    if hasattr(leaf, "__cuda_array_interface__") and hasattr(leaf, "get"):
        return leaf.get()
    if hasattr(leaf, "detach") and hasattr(leaf, "cpu"):
        leaf = leaf.detach().cpu()
    if not hasattr(leaf, "__array__"):
        raise ValueError(f"`{name}` must be an array, or a list, tuple or dict of arrays, got {type(leaf).__name__}.")
    try:
        return as_numpy(leaf)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"`{name}` ({type(leaf).__name__}) does not convert to an array: {error}") from error


def _frame_to_array(frame, name):
    """A pandas DataFrame or Series as an array.

    Nullable columns of numbers become floats, with NaN where a value is missing; columns of text become an array of
    text.
    """
    array = frame.to_numpy()
    if array.dtype.kind == "O" and _is_all_text(array):
        array = array if name.startswith("x") else array.astype(str)
    elif array.dtype.kind == "O":
        columns = list(frame.dtypes.items()) if array.ndim == 2 else [(frame.name, frame.dtype)]
        wrong = [str(column) for column, dtype in columns if getattr(dtype, "kind", "O") not in "biuf"]
        if wrong:
            raise ValueError(
                f"`{name}` is a data frame with columns that hold no numbers: {', '.join(wrong[:8])}. "
                "Encode or drop them, or pass each column on its own: `dict(frame)`. Where values of text are missing, "
                "fill them in: `.fillna('')`."
            )
        array = frame.to_numpy(dtype=floatx(), na_value=np.nan)
    return array[:, np.newaxis] if array.ndim == 1 else array


class ArrayRows:
    """Rows of a numpy.ndarray (or of a memory map, which is never read as a whole).

    Attributes, of every kind of rows:
        shape: of the whole. dtype: of a batch.
        copies: whether rows in their order must be copied (or cast), where a view would do else.
        slow: whether they come from a disk.
    """

    def __init__(self, array: TensorLike, name: str) -> None:
        self.array, self._name = array, name
        self.shape = array.shape
        self.dtype = dtype_in_batch(array, name)
        self._ordered = array.flags.c_contiguous
        self._casts = self.dtype != array.dtype
        self.copies = self._casts or not self._ordered
        self.slow = array.base is not None and _is_mapped(array)

    def hold(self, start: int, stop: int) -> None:
        """Rows of this stretch are asked for until the next call; of mapped memory the system keeps them at hand."""

    def view(self, where: Any, out: Any = None) -> Any:
        """The rows in the slice `where` as they lie; only where `copies` is False."""
        return self.array[where]

    def read(self, where: Any, out: Any = None) -> Any:
        """A contiguous array of the rows in the slice `where`; in the first rows of `out`, where that is given."""
        rows = self.array[where]
        out = np.empty(rows.shape, self.dtype) if out is None else out[: len(rows)]
        np.copyto(out, rows, casting="unsafe")
        return out

    def take(self, indices: TensorLike, out: Any = None) -> Any:
        """A contiguous array of the rows `indices`; in the first rows of `out`, where that is given."""
        count = len(indices)
        out = np.empty((count, *self.shape[1:]), self.dtype) if out is None else out[:count]
        if not self._ordered:
            # numpy.take is the faster gather, but it first copies the whole of an array that is not contiguous.
            np.copyto(out, self.array[indices], casting="unsafe")
        elif self._casts:
            self._take_and_cast(indices, out)
        else:
            # Indices are known to fit: any mode but "raise" spares NumPy a second buffer.
            self.array.take(indices, 0, out, "clip")
        return out

    def _take_and_cast(self, indices, out):
        """Through a piece of the processor's cache, so that the rows cross the memory once."""
        step = max(1, _CAST_BYTES * len(self.array) // max(1, self.array.nbytes))
        for start in range(0, len(indices), step):
            rows = self.array.take(indices[start : start + step], axis=0)
            np.copyto(out[start : start + step], rows, casting="unsafe")

    def buffer(self, count: int) -> Any:
        """An array that `read` and `take` can fill with up to `count` rows."""
        return np.empty((count, *self.shape[1:]), self.dtype)

    def part(self, start: Any, stop: Any) -> Any:
        """The same data from row `start` to `stop`, as something that `as_rows` takes."""
        return self.array[start:stop]


def _is_mapped(array):
    """Whether the memory of `array` is a file's."""
    while isinstance(array, np.ndarray):
        array = array.base
    return type(array).__name__ == "mmap"


class SparseRows:
    """Rows of a scipy.sparse matrix, made dense a batch at a time."""

    copies, slow = True, False

    def __init__(self, matrix: TensorLike, name: str) -> None:
        if len(matrix.shape) != 2:
            raise ValueError(f"`{name}` must be a sparse matrix with 2 axes, got shape {tuple(matrix.shape)}.")
        self._matrix = matrix.tocsr()
        self._name = name
        self.shape = tuple(matrix.shape)
        self.dtype = batch_dtype(np.dtype(matrix.dtype), name)

    def read(self, where: Any, out: Any = None) -> Any:
        return np.ascontiguousarray(self._matrix[where].toarray(), self.dtype)

    take = read

    def buffer(self, count: int) -> None:
        return None  # SciPy makes its own

    def part(self, start: Any, stop: Any) -> Any:
        return SparseRows(self._matrix[start:stop], self._name)


def as_rows(leaf: Any, name: str) -> Any:
    """The rows object for an array-like `leaf`. Raises ValueError for a scalar or for what is no array."""
    if type(leaf) is np.ndarray and leaf.ndim:
        return ArrayRows(leaf, name)
    if isinstance(leaf, (ArrayRows, SparseRows, StoredRows)):
        return leaf
    if hasattr(leaf, "tocsr"):
        return SparseRows(leaf, name)
    library = type(leaf).__module__.partition(".")[0]
    if library in ("h5py", "zarr") and getattr(leaf, "shape", None):
        return StoredRows(leaf, name, batch_dtype(np.dtype(leaf.dtype), name))
    if is_lazy_column(leaf):
        first = to_array(leaf[0], name) if len(leaf) and hasattr(leaf[0], "__array__") else np.asarray(leaf[:1])[0]
        stored = ColumnOfADataset(leaf, np.shape(first))
        return StoredRows(stored, name, batch_dtype(first.dtype, name))
    array = to_array(leaf, name)
    if array.ndim == 0:
        raise ValueError(f"`{name}` must have the samples along its first axis, got an array without axes (shape ()).")
    return ArrayRows(array, name)


def is_array_like(leaf: Any) -> bool:
    """Whether `as_rows` is the way to read `leaf`, as against iterating over it for batches."""
    if isinstance(leaf, (np.ndarray, memoryview, ArrayRows, SparseRows, StoredRows)) or is_lazy_column(leaf):
        return True
    return (
        device().is_array(leaf)
        or hasattr(leaf, "__array__")
        or hasattr(leaf, "tocsr")
        or hasattr(leaf, "__cuda_array_interface__")
    )
