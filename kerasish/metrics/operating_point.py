"""The best of one rate where another is at least a given value."""

from __future__ import annotations

from kerasish import ops
from kerasish.docstrings import shares_arguments
from kerasish.metrics.confusion import (
    FALSE_NEGATIVES,
    FALSE_POSITIVES,
    OUTCOMES,
    TRUE_NEGATIVES,
    TRUE_POSITIVES,
    check_count,
    check_fraction,
    update_confusion,
)
from kerasish.metrics.metric import Metric
from kerasish.typing import AnyTensor, Config, DTypeLike, TensorLike

# What each rate is a share of, besides its first outcome.
RATES = {
    "sensitivity": (TRUE_POSITIVES, FALSE_NEGATIVES),
    "specificity": (TRUE_NEGATIVES, FALSE_POSITIVES),
    "recall": (TRUE_POSITIVES, FALSE_NEGATIVES),
    "precision": (TRUE_POSITIVES, FALSE_POSITIVES),
}


class OperatingPoint(Metric):
    """The largest rate `wanted` over the thresholds at which the rate `given` is at least `value`.

    `wanted` and `given`, of the class, are keys of `RATES`.
    """

    wanted = given = None
    _direction = "up"

    def __init__(
        self,
        value: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        check_fraction(self.given, value)
        check_count("num_thresholds", num_thresholds, 1)
        super().__init__(name=name, dtype=dtype)
        setattr(self, self.given, value)
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = None if class_id is None else check_count("class_id", class_id, 0)
        steps = num_thresholds - 1
        self.thresholds = [i / steps for i in range(num_thresholds)] if steps else [0.5]
        if steps == 1:
            self.thresholds = [0.0, 1.0]
        self._evenly = steps > 0
        for outcome in OUTCOMES:
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
            {outcome: getattr(self, outcome) for outcome in OUTCOMES},
            y_true,
            y_pred,
            self.thresholds,
            evenly=self._evenly,
            class_id=self.class_id,
            sample_weight=sample_weight,
        )

    def result(self) -> AnyTensor:
        """The rate, a scalar; 0 where no threshold meets the condition."""
        allowed = ops.greater_equal(self._rate(self.given), self.value)
        return ops.max(ops.where(allowed, self._rate(self.wanted), 0.0))

    def _rate(self, name):
        hits, misses = (getattr(self, outcome) for outcome in RATES[name])
        return ops.divide_no_nan(hits, ops.add(hits, misses))

    def get_config(self) -> Config:
        own = {"num_thresholds": self.num_thresholds, self.given: self.value, "class_id": self.class_id}
        return {**super().get_config(), **own}


@shares_arguments(Metric)
class SensitivityAtSpecificity(OperatingPoint):
    """The best sensitivity, tp / (tp + fn), where the specificity, tn / (tn + fp), is at least the given one.

    Args:
        specificity: float in [0, 1].
        num_thresholds: int, how many thresholds to try.
        class_id: None, or the only class that counts.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.SensitivityAtSpecificity(0.5)
        >>> float(m([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    wanted, given = "sensitivity", "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(specificity, num_thresholds=num_thresholds, class_id=class_id, name=name, dtype=dtype)


@shares_arguments(Metric)
class SpecificityAtSensitivity(OperatingPoint):
    """The best specificity, tn / (tn + fp), where the sensitivity, tp / (tp + fn), is at least the given one.

    Args:
        sensitivity: float in [0, 1].
        num_thresholds: int, how many thresholds to try.
        class_id: None, or the only class that counts.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.SpecificityAtSensitivity(0.5)
        >>> round(float(m([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])), 4)
        0.6667
    """

    wanted, given = "specificity", "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds=num_thresholds, class_id=class_id, name=name, dtype=dtype)


@shares_arguments(Metric)
class PrecisionAtRecall(OperatingPoint):
    """The best precision, tp / (tp + fp), where the recall, tp / (tp + fn), is at least the given one.

    Args:
        recall: float in [0, 1].
        num_thresholds: int, how many thresholds to try.
        class_id: None, or the only class that counts.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.PrecisionAtRecall(0.5)
        >>> float(m([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    wanted, given = "precision", "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(recall, num_thresholds=num_thresholds, class_id=class_id, name=name, dtype=dtype)


@shares_arguments(Metric)
class RecallAtPrecision(OperatingPoint):
    """The best recall, tp / (tp + fn), where the precision, tp / (tp + fp), is at least the given one.

    Args:
        precision: float in [0, 1].
        num_thresholds: int, how many thresholds to try.
        class_id: None, or the only class that counts.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.RecallAtPrecision(0.8)
        >>> float(m([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]))
        0.5
    """

    wanted, given = "recall", "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(precision, num_thresholds=num_thresholds, class_id=class_id, name=name, dtype=dtype)
