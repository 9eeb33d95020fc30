"""R2Score."""

from __future__ import annotations

import warnings

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.operands import as_operands
from kerasish.metrics.means import weights_like
from kerasish.metrics.metric import Metric
from kerasish.typing import AnyTensor, Config, DTypeLike, TensorLike

AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


@shares_arguments(Metric)
class R2Score(Metric):
    """The coefficient of determination, 1 - (sum of squared errors) / (sum of squares around the mean): 1 is perfect.

    Args:
        class_aggregation: how the scores of the output columns become one number: "uniform_average" (their mean),
            "variance_weighted_average", or None (one score a column).
        num_regressors: int; with p > 0 the adjusted score 1 - (1 - R2) (n - 1) / (n - p - 1), n being the number of
            targets.

    Raises:
        ValueError: for an unknown `class_aggregation` or a negative `num_regressors`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
        0.5714
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        if not any(class_aggregation is known or class_aggregation == known for known in AGGREGATIONS):
            raise ValueError(f"`class_aggregation` must be one of {AGGREGATIONS}, got {class_aggregation!r}.")
        if isinstance(num_regressors, bool) or not isinstance(num_regressors, int) or num_regressors < 0:
            raise ValueError(f"`num_regressors` must be an int, 0 or larger; got {num_regressors!r}.")
        super().__init__(name=name, dtype=dtype)
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self._built = False

    def _build(self, shape):
        for attribute, name in (
            ("squared_sum", "squared_sum"),
            ("sum", "sum"),
            ("total_mse", "residual"),
            ("count", "count"),
        ):
            setattr(self, attribute, self.add_variable((shape[-1],), "zeros", name=name))
        self._built = True

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, shape (batch, columns).
            y_pred: predictions, same shape.
            sample_weight: None, a weight a sample, (batch,), or a value, (batch, columns).
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = as_operands(y_true, y_pred, match_rank=True, same_shape=True)
        if len(y_pred.shape) != 2 or y_pred.shape[-1] is None:
            shape = tuple(y_pred.shape)
            raise ValueError(f"R2Score takes `y_true` and `y_pred` of shape (batch, columns), got {shape}.")
        if self._built and (y_pred.shape[-1],) != self.sum.shape:
            counted = self.sum.shape[0]
            raise ValueError(f"{self.name!r} counts {counted} columns, got `y_pred` of shape {tuple(y_pred.shape)}.")
        parts = [ops.square(ops.subtract(y_true, y_pred)), ops.square(y_true), y_true]
        weight = _weights_of_values(sample_weight, y_true, self.dtype)
        if weight is not None:
            parts = [ops.multiply(part, weight) for part in parts]
        error, squares, targets = parts
        counted = ops.ones_like(y_true) if weight is None else weight
        if not self._built:
            self._build(y_pred.shape)
        self.sum.assign_add(ops.sum(targets, axis=0))
        self.squared_sum.assign_add(ops.sum(squares, axis=0))
        self.total_mse.assign_add(ops.sum(error, axis=0))
        self.count.assign_add(ops.sum(counted, axis=0))
        self.num_samples.assign_add(ops.cast(ops.size(y_true), self.num_samples.dtype))

    def result(self) -> AnyTensor:
        """The score, a scalar, or a tensor (columns,) where `class_aggregation` is None."""
        if not self._built:
            raise ValueError(f"R2Score {self.name!r} has no result before its first `update_state`.")
        mean = ops.divide(self.sum, self.count)
        total = ops.subtract(self.squared_sum, ops.multiply(self.sum, mean))
        scores = ops.subtract(1.0, ops.divide(self.total_mse, total))
        scores = ops.where(ops.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = ops.divide(ops.sum(ops.multiply(total, scores)), ops.sum(total))
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, score):
        """The score with a penalty for regressors; as it is where there are no more samples than regressors."""
        samples = self.num_samples.value
        spare = ops.subtract(ops.subtract(samples, 1.0), float(self.num_regressors))
        if not isinstance(spare, backend.Tensor) and ops.convert_to_numpy(spare) <= 0.0:
            counted = f"{self.num_regressors} regressors for {int(ops.convert_to_numpy(samples))} targets"
            warnings.warn(f"R2Score {self.name!r}: {counted}; the score is not adjusted.", stacklevel=3)
        enough = ops.greater(spare, 0.0)
        factor = ops.divide(ops.subtract(samples, 1.0), ops.where(enough, spare, 1.0))
        adjusted = ops.subtract(1.0, ops.multiply(ops.subtract(1.0, score), factor))
        return ops.where(enough, adjusted, score)

    def get_config(self) -> Config:
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}


def _weights_of_values(sample_weight, values, dtype):
    """A weight a value, or None."""
    if sample_weight is None:
        return None
    sample_weight = ops.convert_to_tensor(sample_weight, dtype=dtype)
    if len(sample_weight.shape) == 1:
        sample_weight = ops.expand_dims(sample_weight, axis=1)
    return weights_like(values, sample_weight)
