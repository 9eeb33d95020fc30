"""Categories that are listed, in the program or in a file."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.data import Feature
from kerasish.feature_column.column import (
    CategoricalColumn,
    Categories,
    Host,
    OneFeature,
    checked_dtype,
    checked_key,
    checked_size,
)
from kerasish.feature_column.hashed import check_kind
from kerasish.feature_column.raw import is_missing, rows_of
from kerasish.typing import DTypeLike, PathLike
from kerasish.utils import fingerprint64


@dataclasses.dataclass(frozen=True)
class VocabularyColumn(OneFeature, CategoricalColumn):
    """What `categorical_column_with_vocabulary_list` and `..._file` make. It holds the words, also of a file.

    Args:
        key: string, the feature's name.
        vocabulary: the values.
        dtype: string.
        default_value: int.
        num_oov_buckets: int.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.categorical_column_with_vocabulary_list("sex", ["F", "M"], num_oov_buckets=1).num_buckets
        3
    """

    vocabulary: tuple[Any, ...]
    dtype: str = "string"
    default_value: int = -1
    num_oov_buckets: int = 0

    @property
    def num_buckets(self) -> int:
        return len(self.vocabulary) + self.num_oov_buckets

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return {self.key: Feature((None,), self.dtype, "" if self.dtype == "string" else -1)}

    def categories(self, host: Host) -> Categories:
        rows = rows_of(host, self.key)
        check_kind(rows, self.key, self.dtype)
        places = self._places
        flat = rows.ravel().tolist()
        ids = np.array([places.get(item, -2) for item in flat], np.int64).reshape(rows.shape)
        unknown = ids == -2
        if unknown.any():
            ids[unknown] = self._of_unknown(rows[unknown])
        return Categories(np.where(is_missing(rows), -1, ids))

    @functools.cached_property
    def _places(self):
        return {word: place for place, word in enumerate(self.vocabulary)}

    def _of_unknown(self, values):
        if not self.num_oov_buckets:
            return self.default_value
        buckets = fingerprint64(values) % np.uint64(self.num_oov_buckets)
        return buckets.astype(np.int64) + len(self.vocabulary)


def categorical_column_with_vocabulary_list(
    key: str,
    vocabulary_list: Sequence[Any],
    dtype: DTypeLike | None = None,
    default_value: int = -1,
    num_oov_buckets: int = 0,
) -> VocabularyColumn:
    """Text or integers by their place in a list; "" and -1 are no value.

    Args:
        key: string, the feature's name.
        vocabulary_list: list of the values, without repetition.
        dtype: "string", or a dtype of integers; that of the list by default.
        default_value: int, the category of values that are not listed; -1 is none.
        num_oov_buckets: int, how many further categories there are, into which the hash of those values falls.

    Returns:
        `VocabularyColumn`.

    Raises:
        ValueError: for an empty list, repeated values, both a default and buckets, and a dtype that does not fit.

    Example:
        >>> from kerasish import feature_column as fc
        >>> sex = fc.categorical_column_with_vocabulary_list("sex", ["Female", "Male"])
        >>> fc.DenseFeatures([fc.indicator_column(sex)])({"sex": [["Male"], ["?"]]}).tolist()
        [[0.0, 1.0], [0.0, 0.0]]
    """
    words = [word.decode() if isinstance(word, bytes) else word for word in _listed(vocabulary_list)]
    if not words:
        raise ValueError(f"`vocabulary_list` of {key!r} must not be empty.")
    if len(set(words)) < len(words):
        twice = next(word for word in words if words.count(word) > 1)
        raise ValueError(f"`vocabulary_list` of {key!r} has {twice!r} more than once.")
    of_text = all(isinstance(word, str) for word in words)
    if not of_text and not all(isinstance(word, int) for word in words):
        raise ValueError(f"`vocabulary_list` of {key!r} must hold either text or integers, got {words!r:.80}.")
    name = checked_dtype(("string" if of_text else "int64") if dtype is None else dtype, "categories")
    if (name == "string") != of_text:
        raise ValueError(f"`dtype` {name} does not fit `vocabulary_list` of {key!r}, {words!r:.80}.")
    _check_unknown(default_value, num_oov_buckets, len(words))
    return VocabularyColumn(checked_key(key), tuple(words), name, default_value, num_oov_buckets)


def categorical_column_with_vocabulary_file(
    key: str,
    vocabulary_file: PathLike,
    vocabulary_size: int | None = None,
    num_oov_buckets: int = 0,
    default_value: int | None = None,
    dtype: DTypeLike = "string",
) -> VocabularyColumn:
    """Text or integers by their line in a file; "" and -1 are no value.

    The file is read once, here, so a model that is saved needs it no longer.

    Args:
        key: string, the feature's name.
        vocabulary_file: path of a text file (UTF-8), a value a line.
        vocabulary_size: int, how many lines count; all by default.
        num_oov_buckets: int, as in `categorical_column_with_vocabulary_list`.
        default_value: int, as there; None is -1.
        dtype: "string", or a dtype of integers.

    Returns:
        `VocabularyColumn`.

    Raises:
        ValueError: for a file of fewer lines than `vocabulary_size`, and as `categorical_column_with_vocabulary_list`.

    Example:
        >>> import os, tempfile
        >>> from kerasish import feature_column as fc
        >>> path = os.path.join(tempfile.mkdtemp(), "words.txt")
        >>> with open(path, "w") as file: _ = file.write("red\\ngreen\\n")
        >>> fc.categorical_column_with_vocabulary_file("colour", path, num_oov_buckets=2).num_buckets
        4
    """
    with open(vocabulary_file, encoding="utf-8") as file:
        lines = file.read().splitlines()
    if vocabulary_size is not None:
        checked_size(vocabulary_size, "vocabulary_size")
        if vocabulary_size > len(lines):
            raise ValueError(f"`vocabulary_size` is {vocabulary_size}, but '{vocabulary_file}' has {len(lines)} lines.")
    name = checked_dtype(dtype, "categories")
    words = [line if name == "string" else int(line) for line in lines[:vocabulary_size]]
    default = -1 if default_value is None else default_value
    return categorical_column_with_vocabulary_list(key, words, name, default, num_oov_buckets)


def _listed(vocabulary):
    if isinstance(vocabulary, (str, bytes)):
        raise ValueError(f"`vocabulary_list` must be a list of values, got the text {vocabulary!r}.")
    return vocabulary.tolist() if hasattr(vocabulary, "tolist") else list(vocabulary)


def _check_unknown(default_value, num_oov_buckets, size):
    checked_size(num_oov_buckets, "num_oov_buckets", 0)
    if num_oov_buckets and default_value != -1:
        raise ValueError("Give either `num_oov_buckets` or `default_value`, not both.")
    if not -1 <= default_value < size:
        raise ValueError(f"`default_value` must be from -1 to {size - 1}, got {default_value!r}.")
