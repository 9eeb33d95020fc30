"""Batches from TFRecord files of examples."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasish.data import columns as col
from kerasish.data import record_files
from kerasish.data.examples import parsed, value_of
from kerasish.data.file_batches import FileBatches
from kerasish.typing import PathLike

_PIECE = 256  # records


@dataclass(frozen=True)
class Feature:
    """How a feature of an example becomes an array.

    Args:
        shape: tuple, of one row; () for a number. Its first size may be None: rows of a batch are padded to the
            longest.
        dtype: string, of numbers; or "string".
        default: number, text or array, for examples that lack the feature, and what rows are padded with (0, or "", by
            default); None refuses examples that lack it.
        decode: function from the feature's bytes to an array of `shape`: an image's file to its pixels. Without it,
            bytes of numbers are read as `dtype` lies in memory, little-endian.
        sequence: whether it is a list of a SequenceExample: `shape` is then of a step, and rows are padded to the
            longest.

    Example:
        >>> from kerasish.data import Feature
        >>> words, age = Feature((None,), "string"), Feature((), default=0.0)
        >>> words.open, age.open
        (True, False)
    """

    shape: tuple[int | None, ...] = ()
    dtype: str = "float32"
    default: Any = None
    decode: Callable[[bytes], Any] | None = None
    sequence: bool = False

    @property
    def open(self) -> bool:
        """Whether rows may differ in size."""
        return self.sequence or None in self.shape

    @property
    def row_shape(self) -> tuple[int | None, ...]:
        """The shape of a row, None where it is open."""
        return ((None,) if self.sequence else ()) + tuple(self.shape)


class TFRecordBatches(FileBatches):
    """Batches from TFRecord files whose records are `tf.train.Example`s or `SequenceExample`s.

    Args:
        paths: as of `FileBatches`.
        features: dict from names to `Feature`s; a tuple stands for `Feature(*tuple)`, a shape and a dtype. Features
            that are not named are skipped.
        compression: None, "gzip", "zlib", or "auto", which looks at each file.
        check: whether the records' checksums are compared.
        **options: of `FileBatches`: `inputs`, `label`, `weight`, `batch_size`, `shuffle`, `interleave`, ...

    Raises:
        ValueError: for features that make no sense; in the loop, for records that are damaged or lack a feature, with
            file and place.

    Example:
        >>> import os, tempfile
        >>> from kerasish import data
        >>> path = os.path.join(tempfile.mkdtemp(), "points.tfrecord")
        >>> examples = ({"place": [i, i + 0.5], "kind": i % 2} for i in range(5))
        >>> _ = data.tfrecord.write(path, map(data.tfrecord.encode_example, examples), shards=2)
        >>> features = {"place": ((2,), "float32"), "kind": ((), "int64")}
        >>> batches = data.TFRecordBatches(path + "*", features, inputs="place", label="kind", batch_size=3)
        >>> [(x.shape, y.tolist()) for x, y in batches]
        [((3, 2), [0, 0, 0]), ((2, 2), [1, 1])]
    """

    def __init__(
        self,
        paths: PathLike | Iterable[PathLike],
        features: Mapping[str, Feature | tuple[Any, ...]],
        *,
        compression: str | None = "auto",
        check: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(paths, **options)
        if not isinstance(features, Mapping) or not features:
            raise ValueError(f"`features` must be a dict from names to `Feature`s, got {features!r}.")
        self._features = {name: _checked(feature, name) for name, feature in features.items()}
        kinds = {feature.sequence for feature in self._features.values()}
        self._kind = "SequenceExample" if True in kinds else "Example"
        self._compression, self._check = compression, check

    def read(self, path: str) -> Iterator[dict[str, Any]]:
        """The rows of one file, in pieces."""
        records = record_files.read(path, self._compression, self._check)
        counted = enumerate(records)
        while piece := list(itertools.islice(counted, _PIECE)):
            yield self._columns(piece, path)

    def finish(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The columns of a batch, those of open shapes padded."""
        for name, feature in self._features.items():
            if feature.open:
                dtype = object if feature.dtype == "string" else feature.dtype
                padded = col.padded(batch[name], feature.row_shape, dtype, _filler(feature))
                batch[name] = padded.astype(str) if feature.dtype == "string" else padded
        return batch

    def _columns(self, records, path):
        values = {name: [] for name in self._features}
        for number, record in records:
            try:
                message = parsed(self._kind, record)
                sequential = self._kind == "SequenceExample"
                held = (message.context if sequential else message.features).feature
                lists = message.feature_lists.feature_list if sequential else {}
                for name, feature in self._features.items():
                    values[name].append(_value(feature, name, lists if feature.sequence else held))
            except ValueError as error:
                raise ValueError(f"Record {number} of '{path}': {error}") from error
        return {name: self._column(name, rows) for name, rows in values.items()}

    def _column(self, name, rows):
        feature = self._features[name]
        if feature.open:
            return col.of_objects(rows)
        return np.array(rows, str if feature.dtype == "string" else feature.dtype)


def _checked(feature, name):
    feature = feature if isinstance(feature, Feature) else Feature(*feature)
    if None in tuple(feature.shape)[1:] or (feature.sequence and None in feature.shape):
        raise ValueError(f"`features[{name!r}]`: only the first size of `shape` may be open, got {feature.shape}.")
    if feature.dtype != "string":
        np.dtype(feature.dtype)
    return feature


def _filler(feature):
    if feature.default is not None and np.ndim(feature.default) == 0:
        return feature.default
    return "" if feature.dtype == "string" else 0


def _value(feature, name, held):
    """The row of one example, an array of the feature's shape."""
    if name not in held:
        if feature.default is None:
            there = ", ".join(sorted(held)) or "none"
            raise ValueError(f"it has no feature {name!r} (there are: {there}). Give its `Feature` a `default`.")
        return _default(feature)
    if feature.sequence:
        steps = [_shaped(step, feature, name) for step in held[name].feature]
        empty = np.empty((0, *feature.shape), object if feature.dtype == "string" else feature.dtype)
        return np.stack(steps) if steps else empty
    return _shaped(held[name], feature, name)


def _default(feature):
    dtype = object if feature.dtype == "string" else feature.dtype
    if feature.open and np.ndim(feature.default) == 0:
        return np.empty([0 if size is None else size for size in feature.row_shape], dtype)
    return np.broadcast_to(np.array(feature.default, dtype), feature.row_shape)


def _shaped(message, feature, name):
    value = value_of(message)
    if feature.decode is not None:
        if not isinstance(value, list) or len(value) != 1:
            raise ValueError(f"feature {name!r} has a `decode`, so it must hold one text of bytes, got {value!r:.60}.")
        value = np.asarray(feature.decode(value[0]))
    elif isinstance(value, list) and feature.dtype == "string":
        value = np.array([item.decode("utf-8", "replace") for item in value], object)
    elif isinstance(value, list):
        value = np.concatenate([_numbers(item, feature, name) for item in value]) if value else np.empty(0)
    elif feature.dtype == "string":
        raise ValueError(f"feature {name!r} holds numbers, but its `Feature` says dtype 'string'.")
    shape = tuple(-1 if size is None else size for size in feature.shape)
    try:
        return value.reshape(shape)
    except ValueError:
        raise ValueError(
            f"feature {name!r} has {value.size} values, which make no array of shape {feature.shape}."
        ) from None


def _numbers(item, feature, name):
    try:
        return np.frombuffer(item, np.dtype(feature.dtype).newbyteorder("<"))
    except ValueError as error:
        raise ValueError(f"feature {name!r} is bytes that are no numbers of {feature.dtype}: {error}") from error
