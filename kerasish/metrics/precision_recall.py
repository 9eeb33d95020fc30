"""Precision and Recall."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.docstrings import shares_arguments
from kerasish.metrics.confusion import (
    FALSE_NEGATIVES,
    FALSE_POSITIVES,
    LOWEST,
    TRUE_POSITIVES,
    are_even,
    check_count,
    parse_thresholds,
    update_confusion,
)
from kerasish.metrics.metric import Metric
from kerasish.typing import AnyTensor, Config, DTypeLike, TensorLike


class HitRate(Metric):
    """True positives as a share of themselves and of what `other`, of the class, counts."""

    other = None
    _direction = "up"

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k = None if top_k is None else check_count("top_k", top_k, 1)
        self.class_id = None if class_id is None else check_count("class_id", class_id, 0)
        self.thresholds = parse_thresholds(thresholds, default=0.5 if top_k is None else LOWEST)
        self._evenly = are_even(self.thresholds)
        for outcome in (TRUE_POSITIVES, self.other):
            setattr(self, outcome, self.add_variable((len(self.thresholds),), "zeros", name=outcome))

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, 0 or 1, shape (batch, ...).
            y_pred: predictions in [0, 1], same shape.
            sample_weight: None, or weights that broadcast against `y_true`: a weight a sample, shape (batch,), or a
                value.
        """
        update_confusion(
            {outcome: getattr(self, outcome) for outcome in (TRUE_POSITIVES, self.other)},
            y_true,
            y_pred,
            self.thresholds,
            evenly=self._evenly,
            top_k=self.top_k,
            class_id=self.class_id,
            sample_weight=sample_weight,
        )

    def result(self) -> AnyTensor:
        """The share: a scalar, or a tensor (thresholds,) where there are several; 0 where nothing was counted."""
        share = ops.divide_no_nan(self.true_positives, ops.add(self.true_positives, getattr(self, self.other)))
        return share[0] if len(self.thresholds) == 1 else share

    def get_config(self) -> Config:
        own = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


@shares_arguments(Metric)
class Precision(HitRate):
    """The share of positive predictions that are right.

    Args:
        thresholds: float in [0, 1] or a list of them; predictions above are positive. 0.5 when None; with `top_k`, any.
        top_k: None, or how many of a sample's largest predictions can be positive.
        class_id: None, or the only class that counts.

    Raises:
        ValueError: for thresholds outside of [0, 1].

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.Precision()([0, 1, 1, 0], [0.9, 0.8, 0.3, 0.2]))
        0.5
    """

    other = FALSE_POSITIVES


@shares_arguments(Metric)
class Recall(HitRate):
    """The share of targets of 1 that are found.

    Args:
        thresholds: float in [0, 1] or a list of them; predictions above are positive. 0.5 when None; with `top_k`, any.
        top_k: None, or how many of a sample's largest predictions can be positive.
        class_id: None, or the only class that counts.

    Raises:
        ValueError: for thresholds outside of [0, 1].

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.Recall()([1, 1, 1, 1], [0.9, 0.8, 0.7, 0.2]))
        0.75
    """

    other = FALSE_NEGATIVES
