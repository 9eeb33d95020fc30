"""F-beta and F1 score."""

from __future__ import annotations

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.operands import as_operands
from kerasish.losses.reduction import broadcasts
from kerasish.metrics.metric import Metric
from kerasish.typing import AnyTensor, Config, DTypeLike, TensorLike

AVERAGES = (None, "micro", "macro", "weighted")


@shares_arguments(Metric)
class FBetaScore(Metric):
    """(1 + beta^2) precision recall / (beta^2 precision + recall): recall counts beta times as much as precision.

    Args:
        average: None (a score a class), "micro" (over all classes' counts), "macro" (the mean of the classes' scores)
            or "weighted" (their mean weighted by how often each class occurs).
        beta: float > 0.
        threshold: None (the largest prediction of a sample is its class), or a float in (0, 1]; predictions above it
            mean 1.

    Raises:
        ValueError: for arguments out of range.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.FBetaScore(beta=2.0, threshold=0.5, average="micro")
        >>> round(float(m([[1, 1, 1], [1, 0, 0]], [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6]])), 4)
        0.5
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        if not any(average is known or average == known for known in AVERAGES):
            raise ValueError(f"`average` must be one of {', '.join(map(repr, AVERAGES))}, got {average!r}.")
        if not isinstance(beta, float) or not beta > 0.0:
            raise ValueError(f"`beta` must be a float > 0, got {beta!r}.")
        if threshold is not None and not (isinstance(threshold, float) and 0.0 < threshold <= 1.0):
            raise ValueError(f"`threshold` must be None or a float in (0, 1], got {threshold!r}.")
        super().__init__(name=name, dtype=dtype)
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self.axis = None if average == "micro" else 0
        self._built = False

    def _build(self, classes):
        shape = () if self.average == "micro" else (classes,)
        for part in ("true_positives", "false_positives", "false_negatives", "intermediate_weights"):
            setattr(self, part, self.add_variable(shape, "zeros", dtype=self.dtype, name=part))
        self._built = True

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, 0 or 1, shape (batch, classes).
            y_pred: predictions, same shape.
            sample_weight: None, or weights (batch,).
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = as_operands(y_true, y_pred, same_shape=True)
        if len(y_pred.shape) != 2 or y_pred.shape[1] is None:
            kind, shape = type(self).__name__, tuple(y_pred.shape)
            raise ValueError(f"{kind} takes `y_true` and `y_pred` of shape (batch, classes), got {shape}.")
        if self._built and self.true_positives.shape not in ((), (y_pred.shape[1],)):
            counted = self.true_positives.shape[0]
            raise ValueError(f"{self.name!r} counts {counted} classes, got `y_pred` of shape {tuple(y_pred.shape)}.")
        weight = self._weights(sample_weight, y_pred)
        if self.threshold is None:
            best = ops.max(y_pred, axis=-1, keepdims=True)
            said = ops.logical_and(ops.greater_equal(y_pred, best), ops.greater(ops.abs(y_pred), 1e-9))
        else:
            said = ops.greater(y_pred, self.threshold)
        said = ops.cast(said, self.dtype)
        if not self._built:
            self._build(y_pred.shape[1])
        self._add(self.true_positives, ops.multiply(said, y_true), weight)
        self._add(self.false_positives, ops.multiply(said, ops.subtract(1.0, y_true)), weight)
        self._add(self.false_negatives, ops.multiply(ops.subtract(1.0, said), y_true), weight)
        self._add(self.intermediate_weights, y_true, weight)

    def _weights(self, sample_weight, y_pred):
        if sample_weight is None:
            return None
        weight = ops.convert_to_tensor(sample_weight, dtype=self.dtype)
        column = ops.expand_dims(weight, axis=1) if len(weight.shape) == 1 else weight
        if len(column.shape) != 2 or not broadcasts(column.shape, y_pred.shape):
            raise ValueError(
                f"`sample_weight` must have shape (batch,), got {tuple(weight.shape)} for `y_pred` of shape "
                f"{tuple(y_pred.shape)}."
            )
        return column

    def _add(self, variable, values, weight):
        values = values if weight is None else ops.multiply(values, weight)
        variable.assign_add(ops.sum(values, axis=self.axis))

    def result(self) -> AnyTensor:
        """The score, a scalar, or a tensor (classes,) where `average` is None."""
        if not self._built:
            raise ValueError(f"{type(self).__name__} {self.name!r} has no result before its first `update_state`.")
        tp, epsilon, square = self.true_positives, backend.epsilon(), self.beta**2
        precision = ops.divide(tp, ops.add(ops.add(tp, self.false_positives), epsilon))
        recall = ops.divide(tp, ops.add(ops.add(tp, self.false_negatives), epsilon))
        below = ops.add(ops.add(ops.multiply(precision, square), recall), epsilon)
        score = ops.multiply(ops.divide(ops.multiply(precision, recall), below), 1.0 + square)
        if self.average == "weighted":
            occurs = self.intermediate_weights
            return ops.sum(ops.multiply(score, ops.divide(occurs, ops.add(ops.sum(occurs), epsilon))))
        return score if self.average is None else ops.mean(score)

    def get_config(self) -> Config:
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


@shares_arguments(FBetaScore)
class F1Score(FBetaScore):
    """The harmonic mean of precision and recall, 2 precision recall / (precision + recall).

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.F1Score(threshold=0.5)
        >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
        >>> m(y_true, [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]).round(3).tolist()[0]
        0.5
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> Config:
        config = super().get_config()
        del config["beta"]
        return config
