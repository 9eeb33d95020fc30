"""AUC: the area under a curve of rates over thresholds."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.metrics.confusion import OUTCOMES, are_even, check_count, parse_thresholds, update_confusion
from kerasish.metrics.metric import Metric
from kerasish.suggestions import did_you_mean
from kerasish.typing import AnyTensor, Config, DTypeLike, TensorLike

CURVES = ("ROC", "PR", "PRGAIN")
SUMMATION_METHODS = ("interpolation", "majoring", "minoring")


def _one_of(argument, value, known):
    """The entry of `known` that `value` spells, in whatever case."""
    spelled = str(getattr(value, "value", value))
    for entry in known:
        if spelled.lower() == entry.lower():
            return entry
    hint = did_you_mean(spelled, known)
    raise ValueError(f"`{argument}` must be one of {', '.join(map(repr, known))}, got {value!r}.{hint}")


@shares_arguments(Metric)
class AUC(Metric):
    """The area under the ROC curve (or the precision-recall curve), by sums over thresholds.

    Args:
        num_thresholds: int > 1, how many thresholds the curve is computed at.
        curve: "ROC" (recall over false positive rate), "PR" (precision over recall; interpolated along the counts) or
            "PRGAIN" (precision gain over recall gain).
        summation_method: "interpolation" (trapezoids), "minoring" (the lower end of each interval) or "majoring".
        thresholds: None, or floats in [0, 1] to use in place of `num_thresholds`; 0 and 1 are added.
        multi_label: whether to compute the area of each entry of the last axis on its own, and average them.
        num_labels: None, or the size of that axis; with it the state is made at once.
        label_weights: None, or weights of that axis: of the average where `multi_label`, else of the counts.
        from_logits: whether predictions have not been through a sigmoid.

    Raises:
        ValueError: for arguments out of range.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.AUC(num_thresholds=3)
        >>> float(m([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]))
        0.75

    Reference:
        Davis & Goadrich 2006, "The relationship between precision-recall and ROC curves"; Flach & Kull 2015,
        "Precision-recall-gain curves: PR analysis done right".
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: DTypeLike | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        self.curve = _one_of("curve", curve, CURVES)
        self.summation_method = _one_of("summation_method", summation_method, SUMMATION_METHODS)
        if num_labels and not multi_label:
            raise ValueError("`num_labels` goes with `multi_label=True`; leave it None otherwise.")
        self._init_from_thresholds = thresholds is not None
        if self._init_from_thresholds:
            inner = sorted(parse_thresholds(thresholds, default=None)) if len(thresholds) else []
            self.num_thresholds = len(inner) + 2
        else:
            self.num_thresholds = check_count("num_thresholds", num_thresholds, 2)
            inner = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)]
        self._evenly = not self._init_from_thresholds or are_even([0.0, *inner, 1.0])
        # The ends lie outside of [0, 1], so that predictions of exactly 0 and 1 fall between thresholds too.
        self._thresholds = [-backend.epsilon(), *inner, 1.0 + backend.epsilon()]
        super().__init__(name=name, dtype=dtype)
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = None if label_weights is None else [float(w) for w in label_weights]
        self._from_logits = from_logits
        self._built = False
        if not multi_label or num_labels:
            self._build((num_labels,) if multi_label else ())

    @property
    def thresholds(self) -> list[float]:
        """The thresholds in rising order, with the two that were added at the ends."""
        return list(self._thresholds)

    def _build(self, labels):
        for outcome in OUTCOMES:
            setattr(self, outcome, self.add_variable((self.num_thresholds, *labels), "zeros", name=outcome))
        self._built = True

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, 0 or 1, shape (batch, ...); (batch, labels) where `multi_label`.
            y_pred: predictions in [0, 1], same shape.
            sample_weight: None, or weights that broadcast against `y_true`.
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype=backend.floatx())
        if self.multi_label:
            self._check_labels(y_pred)
        if not self._built:
            self._build((y_pred.shape[1],))
        update_confusion(
            {outcome: getattr(self, outcome) for outcome in OUTCOMES},
            y_true,
            ops.sigmoid(y_pred) if self._from_logits else y_pred,
            self._thresholds,
            evenly=self._evenly,
            sample_weight=sample_weight,
            multi_label=self.multi_label,
            label_weights=None if self.multi_label else self.label_weights,
        )

    def _check_labels(self, y_pred):
        if len(y_pred.shape) != 2:
            raise ValueError(
                f"With `multi_label=True`, `y_pred` must have shape (batch, labels), got {tuple(y_pred.shape)}."
            )
        labels = y_pred.shape[1]
        counted = self.true_positives.shape[1] if self._built else labels
        weighted = labels if self.label_weights is None else len(self.label_weights)
        if labels != counted or labels != weighted:
            wanted = f"`label_weights` has {weighted}" if labels != weighted else f"this AUC counts {counted}"
            raise ValueError(f"`y_pred` of shape {tuple(y_pred.shape)} has {labels} labels, but {wanted}.")

    def result(self) -> AnyTensor:
        """The area, a scalar."""
        if not self._built:
            raise ValueError(f"AUC {self.name!r} has no result before its first `update_state`; or pass `num_labels`.")
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._over_labels(self._interpolated_areas())
        x, y = self._curve_points()
        before, after = y[:-1], y[1:]
        if self.summation_method == "interpolation":
            heights = ops.multiply(ops.add(before, after), 0.5)
        else:
            heights = (ops.minimum if self.summation_method == "minoring" else ops.maximum)(before, after)
        return self._over_labels(ops.multiply(ops.subtract(x[:-1], x[1:]), heights))

    def _curve_points(self):
        """`x` and y of the curve at falling x, each (thresholds,) or (thresholds, labels)."""
        tp, fp = self.true_positives, self.false_positives
        tn, fn = self.true_negatives, self.false_negatives
        if self.curve == "PRGAIN":
            odds = ops.divide_no_nan(ops.add(tp, fn), ops.add(tn, fp))
            found = ops.greater(tp, 0.0)
            recall_gain = ops.subtract(1.0, ops.multiply(odds, ops.divide_no_nan(fn, tp)))
            precision_gain = ops.subtract(1.0, ops.multiply(odds, ops.divide_no_nan(fp, tp)))
            return ops.maximum(ops.where(found, recall_gain, 0.0), 0.0), ops.where(found, precision_gain, 1.0)
        recall = ops.divide_no_nan(tp, ops.add(tp, fn))
        if self.curve == "PR":
            return recall, ops.divide_no_nan(tp, ops.add(tp, fp))
        return ops.divide_no_nan(fp, ops.add(fp, tn)), recall

    def _interpolated_areas(self):
        """Areas under the PR curve between neighbouring thresholds.

        Between two thresholds the true positives are taken to be linear in the positives p = tp + fp, tp = intercept +
        slope p. The integral of tp / p over the true positives is then slope (dtp + intercept log(p_before / p_after)),
        in parts of all targets of 1.
        """
        tp, positives = self.true_positives, ops.add(self.true_positives, self.false_positives)
        tp_after, before, after = tp[1:], positives[:-1], positives[1:]
        gained = ops.subtract(tp[:-1], tp_after)
        slope = ops.divide_no_nan(gained, ops.maximum(ops.subtract(before, after), 0.0))
        intercept = ops.subtract(tp_after, ops.multiply(slope, after))
        both = ops.logical_and(ops.greater(before, 0.0), ops.greater(after, 0.0))
        ratio = ops.where(both, ops.divide_no_nan(before, ops.maximum(after, 0.0)), 1.0)
        area = ops.multiply(slope, ops.add(gained, ops.multiply(intercept, ops.log(ratio))))
        return ops.divide_no_nan(area, ops.maximum(ops.add(tp_after, self.false_negatives[1:]), 0.0))

    def _over_labels(self, areas):
        """The sum over the intervals, averaged over labels where they are counted on their own."""
        area = ops.sum(areas, axis=0)
        if not self.multi_label:
            return area
        if self.label_weights is None:
            return ops.mean(area)
        weights = ops.convert_to_tensor(self.label_weights, dtype=backend.standardize_dtype(area.dtype))
        return ops.divide_no_nan(ops.sum(ops.multiply(area, weights)), ops.sum(weights))

    def get_config(self) -> Config:
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self._from_logits,
        }
        if self._init_from_thresholds:
            config["thresholds"] = self._thresholds[1:-1]
        return config
