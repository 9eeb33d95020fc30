"""Numbers of true and false positives and negatives."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.docstrings import shares_arguments
from kerasish.metrics.confusion import (
    FALSE_NEGATIVES,
    FALSE_POSITIVES,
    TRUE_NEGATIVES,
    TRUE_POSITIVES,
    are_even,
    parse_thresholds,
    update_confusion,
)
from kerasish.metrics.metric import Metric
from kerasish.typing import AnyTensor, Config, DTypeLike, TensorLike


class OutcomeCount(Metric):
    """How often one outcome occurs, weighted; `outcome`, of the class, says which."""

    outcome = None

    def __init__(
        self, thresholds: float | Sequence[float] | None = None, name: str | None = None, dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = parse_thresholds(thresholds, default=0.5)
        self._evenly = are_even(self.thresholds)
        self.accumulator = self.add_variable((len(self.thresholds),), "zeros", name="accumulator")

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, 0 or 1, shape (batch, ...).
            y_pred: predictions in [0, 1], same shape.
            sample_weight: None, or weights that broadcast against `y_true`: a weight a sample, shape (batch,), or a
                value.
        """
        update_confusion(
            {self.outcome: self.accumulator},
            y_true,
            y_pred,
            self.thresholds,
            evenly=self._evenly,
            sample_weight=sample_weight,
        )

    def result(self) -> AnyTensor:
        """The count: a scalar, or a tensor (thresholds,) where there are several."""
        counts = self.accumulator.value
        return counts[0] if len(self.thresholds) == 1 else counts

    def get_config(self) -> Config:
        return {**super().get_config(), "thresholds": self.init_thresholds}


@shares_arguments(Metric)
class FalsePositives(OutcomeCount):
    """How many targets of 0 have a prediction above the threshold.

    Args:
        thresholds: float in [0, 1] or a list of them; 0.5 when None.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.FalsePositives()([0, 1, 0, 0], [0.2, 0.7, 0.9, 0.8]))
        2.0
    """

    outcome = FALSE_POSITIVES


@shares_arguments(Metric)
class FalseNegatives(OutcomeCount):
    """How many targets of 1 have a prediction that is not above the threshold.

    Args:
        thresholds: float in [0, 1] or a list of them; 0.5 when None.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.FalseNegatives()([0, 1, 1, 1], [0.2, 0.7, 0.4, 0.1]))
        2.0
    """

    outcome = FALSE_NEGATIVES


@shares_arguments(Metric)
class TrueNegatives(OutcomeCount):
    """How many targets of 0 have a prediction that is not above the threshold.

    Args:
        thresholds: float in [0, 1] or a list of them; 0.5 when None.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.TrueNegatives()([0, 1, 0, 0], [0.2, 0.7, 0.4, 0.8]))
        2.0
    """

    outcome = TRUE_NEGATIVES


@shares_arguments(Metric)
class TruePositives(OutcomeCount):
    """How many targets of 1 have a prediction above the threshold.

    Args:
        thresholds: float in [0, 1] or a list of them; 0.5 when None.

    Example:
        >>> import kerasish as keras
        >>> keras.metrics.TruePositives(thresholds=[0.5, 0.8])([0, 1, 1, 1], [0.2, 0.7, 0.9, 0.1]).tolist()
        [2.0, 1.0]
    """

    outcome = TRUE_POSITIVES
