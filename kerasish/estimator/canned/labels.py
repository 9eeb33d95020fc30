"""Labels as the numbers of classes, checked on the host."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.feature_column import CategoricalColumn, FeatureTransform


@dataclasses.dataclass(frozen=True)
class LabelColumn(CategoricalColumn):
    """Labels, each one of `n_classes` numbers or of the texts of a vocabulary."""

    n_classes: int
    vocabulary: tuple[Any, ...] | None = None

    @property
    def name(self) -> str:
        return "labels"

    @property
    def keys(self) -> list[str]:
        return ["labels"]

    @property
    def num_buckets(self) -> int:
        return self.n_classes

    def categories(self, host: Any) -> Any:
        labels = np.asarray(host.arrays["labels"])
        rows = labels.reshape(len(labels), -1)
        if self.vocabulary is not None:
            return _Ids(self._places(rows))
        if rows.dtype.kind in "SUOT":
            raise ValueError(
                f"The labels are text, such as {str(rows.ravel()[0])!r}: give `label_vocabulary`, their list."
            )
        ids = rows.astype(np.int64)
        wrong = (ids != rows) | (ids < 0) | (ids >= self.n_classes)
        if wrong.any():
            raise ValueError(
                f"Labels must be integers from 0 to {self.n_classes - 1} (`n_classes` is {self.n_classes}), got "
                f"{rows[wrong][0]}."
            )
        return _Ids(ids)

    def _places(self, rows):
        known = {str(word): place for place, word in enumerate(self.vocabulary)}
        words = [item.decode() if isinstance(item, bytes) else str(item) for item in rows.ravel().tolist()]
        unknown = [word for word in words if word not in known]
        if unknown:
            raise ValueError(f"The label {unknown[0]!r} is not in `label_vocabulary`, {', '.join(known)}.")
        return np.array([known[word] for word in words], np.int64).reshape(rows.shape)


class _Ids(tuple):
    """Numbers of classes as a `FeatureTransform` takes them."""

    def __new__(cls, ids: Any) -> _Ids:
        return super().__new__(cls, (ids, None))


def class_ids(labels: Any, n_classes: int, vocabulary: tuple[Any, ...] | None) -> Any:
    """The symbolic labels as numbers of classes, (batch, 1).

    Args:
        labels: symbolic tensor of shape (batch,) or (batch, 1).
        n_classes: int.
        vocabulary: the texts of the classes, or None.

    Raises:
        ValueError: for labels of another shape.
    """
    if tuple(labels.shape[1:]) not in ((), (1,)):
        raise ValueError(f"Labels must have shape (batch,) or (batch, 1), got {tuple(labels.shape)}.")
    found = FeatureTransform([LabelColumn(n_classes, vocabulary)])({"labels": labels})
    return ops.reshape(found["labels:ids"], (-1, 1))
