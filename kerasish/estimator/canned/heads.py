"""Heads: what becomes of logits: predictions, the loss, the metrics of TensorFlow's canned estimators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kerasish import metrics, ops
from kerasish.backend import is_keras_tensor
from kerasish.estimator.canned.labels import class_ids
from kerasish.estimator.spec import EstimatorSpec, LabelTexts, ModeKeys, metric

REDUCTIONS = ("sum", "sum_over_batch_size", "mean", "sum_by_nonzero_weights")


class Head:
    """What becomes of logits of `size` a row.

    Args:
        weight_column: name of the feature of weights, or a numeric column; None for none.
        loss_reduction: "sum", "sum_over_batch_size", "mean" (by the sum of weights) or "sum_by_nonzero_weights".
    """

    size = 1

    def __init__(self, weight_column: Any = None, loss_reduction: str = "sum") -> None:
        reduction = str(getattr(loss_reduction, "value", loss_reduction)).lower().removeprefix("weighted_")
        if reduction not in REDUCTIONS:
            raise ValueError(f"`loss_reduction` must be one of {', '.join(REDUCTIONS)}, got {loss_reduction!r}.")
        if weight_column is not None and not isinstance(weight_column, str) and not hasattr(weight_column, "key"):
            raise ValueError(
                f"`weight_column` must be a feature's name or a numeric column, got {weight_column!r:.80}."
            )
        self._weight_column, self._reduction = weight_column, reduction

    def spec(
        self,
        mode: str,
        features: Mapping[str, Any],
        labels: Any,
        logits: Any,
        train_op: Callable[[Any], Any],
    ) -> EstimatorSpec:
        """What a model function returns.

        Args:
            mode: one of `ModeKeys`.
            features: dict from name to symbolic tensor.
            labels: symbolic tensor, or None.
            logits: symbolic tensor of shape (batch, size).
            train_op: function of the loss that returns the `train_op`.
        """
        predictions = self.predictions(logits)
        if mode == ModeKeys.PREDICT:
            return EstimatorSpec(mode, predictions)
        if not is_keras_tensor(labels):
            raise ValueError(f"Labels must be one tensor, got {type(labels).__name__}.")
        targets, weights = self.targets(labels), self._weights(features)
        losses = self.losses(targets, logits)
        loss = self._reduced(losses, weights)
        if mode == ModeKeys.TRAIN:
            return EstimatorSpec(mode, predictions, loss, train_op(loss))
        found = self.metrics(targets, predictions, losses, weights)
        return EstimatorSpec(mode, predictions, loss, eval_metric_ops=found)

    def predictions(self, logits: Any) -> dict[str, Any]:
        """Predictions by name."""
        raise NotImplementedError

    def targets(self, labels: Any) -> Any:
        """Labels as the loss takes them."""
        raise NotImplementedError

    def losses(self, targets: Any, logits: Any) -> Any:
        """The loss of each number that is predicted, (batch, ...)."""
        raise NotImplementedError

    def metrics(self, targets: Any, predictions: Mapping[str, Any], losses: Any, weights: Any) -> dict[str, Any]:
        """The `eval_metric_ops`."""
        raise NotImplementedError

    def _weights(self, features):
        column = self._weight_column
        if column is None:
            return None
        key = column if isinstance(column, str) else column.key
        if key not in features:
            raise ValueError(f"`weight_column` names the feature {key!r}; there are {', '.join(features)}.")
        weights = features[key] if isinstance(column, str) else column.dense(features[key])
        return ops.reshape(ops.cast(weights, "float32"), (-1, 1))

    def _reduced(self, losses, weights):
        weighted = losses if weights is None else ops.multiply(losses, weights)
        total = ops.sum(weighted)
        if self._reduction == "sum":
            return total
        every = ops.ones_like(losses)
        if self._reduction == "sum_over_batch_size" or weights is None:
            return ops.divide(total, ops.sum(every))
        spread = ops.multiply(every, weights)
        if self._reduction == "sum_by_nonzero_weights":
            spread = ops.cast(ops.not_equal(spread, 0.0), "float32")
        divisor = ops.sum(spread)
        is_none = ops.equal(divisor, 0.0)
        return ops.where(is_none, 0.0, ops.divide(total, ops.where(is_none, 1.0, divisor)))


class _ClassHead(Head):
    def __init__(self, n_classes: int, label_vocabulary: Sequence[Any] | None, **options: Any) -> None:
        super().__init__(**options)
        self._n_classes = n_classes
        self._vocabulary = None if label_vocabulary is None else tuple(label_vocabulary)

    def _ids(self, labels):
        return class_ids(labels, self._n_classes, self._vocabulary)

    def _classes(self, probabilities):
        texts = tuple(map(str, range(self._n_classes) if self._vocabulary is None else self._vocabulary))
        ids = ops.expand_dims(ops.argmax(probabilities, axis=-1), -1)
        every = ops.add(ops.zeros_like(ids), ops.arange(self._n_classes, dtype="int32"))
        return {
            "class_ids": ids,
            "classes": LabelTexts(ids, texts),
            "all_class_ids": every,
            "all_classes": LabelTexts(every, texts),
        }


class MultiClassHead(_ClassHead):
    """Logits of three classes and more: softmax."""

    def __init__(self, n_classes: int, label_vocabulary: Sequence[Any] | None = None, **options: Any) -> None:
        super().__init__(n_classes, label_vocabulary, **options)
        self.size = n_classes

    def predictions(self, logits: Any) -> dict[str, Any]:
        probabilities = ops.softmax(logits)
        return {"logits": logits, "probabilities": probabilities, **self._classes(probabilities)}

    def targets(self, labels: Any) -> Any:
        return self._ids(labels)

    def losses(self, targets: Any, logits: Any) -> Any:
        every = ops.sparse_categorical_crossentropy(ops.squeeze(targets, -1), logits, from_logits=True)
        return ops.expand_dims(every, -1)

    def metrics(self, targets: Any, predictions: Mapping[str, Any], losses: Any, weights: Any) -> dict[str, Any]:
        return {
            "accuracy": metric(metrics.Accuracy(), targets, predictions["class_ids"], weights=weights),
            "average_loss": metric(metrics.Mean(), losses, weights=weights),
        }


class BinaryHead(_ClassHead):
    """One logit for two classes: sigmoid."""

    def __init__(self, label_vocabulary: Sequence[Any] | None = None, **options: Any) -> None:
        super().__init__(2, label_vocabulary, **options)

    def predictions(self, logits: Any) -> dict[str, Any]:
        probabilities = ops.softmax(ops.concatenate([ops.zeros_like(logits), logits], axis=-1))
        return {
            "logits": logits,
            "logistic": ops.sigmoid(logits),
            "probabilities": probabilities,
            **self._classes(probabilities),
        }

    def targets(self, labels: Any) -> Any:
        return ops.cast(self._ids(labels), "float32")

    def losses(self, targets: Any, logits: Any) -> Any:
        return ops.binary_crossentropy(targets, logits, from_logits=True)

    def metrics(self, targets: Any, predictions: Mapping[str, Any], losses: Any, weights: Any) -> dict[str, Any]:
        likely = predictions["logistic"]
        of_both = {"accuracy": metrics.BinaryAccuracy(), "precision": metrics.Precision(), "recall": metrics.Recall()}
        of_both["auc"] = metrics.AUC(num_thresholds=200)
        of_both["auc_precision_recall"] = _AreaByTrapezoids(num_thresholds=200, curve="PR")
        return {
            **{name: metric(item, targets, likely, weights=weights) for name, item in of_both.items()},
            "accuracy_baseline": metric(_BaselineAccuracy(), targets, weights=weights),
            "average_loss": metric(metrics.Mean(), losses, weights=weights),
            "label/mean": metric(metrics.Mean(), targets, weights=weights),
            "prediction/mean": metric(metrics.Mean(), likely, weights=weights),
        }


class RegressionHead(Head):
    """Numbers: the squared error."""

    def __init__(self, label_dimension: int = 1, **options: Any) -> None:
        super().__init__(**options)
        if isinstance(label_dimension, bool) or not isinstance(label_dimension, int) or label_dimension < 1:
            raise ValueError(f"`label_dimension` must be an int of at least 1, got {label_dimension!r}.")
        self.size = label_dimension

    def predictions(self, logits: Any) -> dict[str, Any]:
        return {"predictions": logits}

    def targets(self, labels: Any) -> Any:
        found = tuple(labels.shape[1:])
        if found != (self.size,) and not (found == () and self.size == 1):
            raise ValueError(f"Labels must have shape (batch, {self.size}), as `label_dimension` says, got {found}.")
        return ops.reshape(ops.cast(labels, "float32"), (-1, self.size))

    def losses(self, targets: Any, logits: Any) -> Any:
        return ops.square(ops.subtract(logits, targets))

    def metrics(self, targets: Any, predictions: Mapping[str, Any], losses: Any, weights: Any) -> dict[str, Any]:
        values = {"average_loss": losses, "label/mean": targets, "prediction/mean": predictions["predictions"]}
        spread = None if weights is None else ops.multiply(ops.ones_like(losses), weights)
        return {name: metric(metrics.Mean(), value, weights=spread) for name, value in values.items()}


class _AreaByTrapezoids(metrics.AUC):
    """The area below precision over recall by trapezoids, as TensorFlow 1 measures it; Keras interpolates."""

    def result(self) -> Any:
        found = ops.add(self.true_positives, 1e-6)
        precision = ops.divide(found, ops.add(found, self.false_positives))
        recall = ops.divide(found, ops.add(found, self.false_negatives))
        heights = ops.add(precision[:-1], precision[1:])
        return ops.multiply(ops.sum(ops.multiply(ops.subtract(recall[:-1], recall[1:]), heights)), 0.5)


class _BaselineAccuracy(metrics.Mean):
    """The accuracy of always saying the class that is more frequent."""

    def result(self) -> Any:
        mean = super().result()
        return ops.maximum(mean, ops.subtract(1.0, mean))


def class_head(n_classes: int, label_vocabulary: Sequence[Any] | None, **options: Any) -> Head:
    """The head of a classifier.

    Args:
        n_classes: int, at least 2.
        label_vocabulary: list of the texts of classes, or None.
        **options: those of `Head`.

    Raises:
        ValueError: for fewer classes, or a vocabulary of another length.
    """
    if isinstance(n_classes, bool) or not isinstance(n_classes, int) or n_classes < 2:
        raise ValueError(f"`n_classes` must be an int of at least 2, got {n_classes!r}.")
    if label_vocabulary is not None and len(label_vocabulary) != n_classes:
        raise ValueError(f"`label_vocabulary` must have {n_classes} texts, `n_classes`, got {len(label_vocabulary)}.")
    if n_classes == 2:
        return BinaryHead(label_vocabulary, **options)
    return MultiClassHead(n_classes, label_vocabulary, **options)
