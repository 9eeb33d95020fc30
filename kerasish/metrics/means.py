"""Running sums and means, and the metric that is the running mean of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import backend, losses, ops
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.docstrings import shares_arguments
from kerasish.losses.loss import worth_saving
from kerasish.losses.reduction import apply_mask, broadcasts, squeeze_or_expand_to_same_rank
from kerasish.metrics.metric import Metric
from kerasish.typing import AnyTensor, Config, DTypeLike, TensorLike


def reduce_to_samplewise_values(
    values: TensorLike, sample_weight: TensorLike | None, reduce_fn: Callable[..., Any], dtype: DTypeLike
) -> tuple[AnyTensor, AnyTensor | None]:
    """`values` weighted and reduced to one value a sample.

    Args:
        values: tensor (batch, ...) or scalar.
        sample_weight: None, or a tensor whose axes are leading axes of `values` (or broadcast against them).
        reduce_fn: `ops.sum` or `ops.mean`, over the axes after the first.
        dtype: string, dtype of the computation.

    Returns:
        (values, weights), each (batch,) or a scalar; weights None where there were none.

    Raises:
        ValueError: for weights whose shape doesn't fit.
    """
    mask = backend.get_keras_mask(values)
    values = ops.convert_to_tensor(values, dtype=dtype)
    if sample_weight is not None:
        sample_weight = ops.convert_to_tensor(sample_weight, dtype=dtype)
        if mask is not None:
            sample_weight = apply_mask(sample_weight, mask, dtype, "sum")
        values, sample_weight = squeeze_or_expand_to_same_rank(values, sample_weight)
        rank = len(sample_weight.shape)
        if rank < len(values.shape):
            values = reduce_fn(values, axis=tuple(range(rank, len(values.shape))))
        sample_weight = weights_like(values, sample_weight)
        values = ops.multiply(values, sample_weight)
        sample_weight = _reduce_further_axes(sample_weight, reduce_fn)
    return _reduce_further_axes(values, reduce_fn), sample_weight


def weights_like(values: TensorLike, sample_weight: TensorLike) -> AnyTensor:
    """`sample_weight` in the shape of `values`."""
    shape, wanted = tuple(sample_weight.shape), tuple(values.shape)
    if len(shape) > len(wanted) or not broadcasts(shape, wanted):
        raise ValueError(
            f"`sample_weight` of shape {shape} does not fit values of shape {wanted}: pass a weight a sample, or one a "
            "value."
        )
    return sample_weight if shape == wanted else ops.broadcast_to(sample_weight, ops.shape(values))


def _reduce_further_axes(x, reduce_fn):
    further = tuple(x.shape)[1:]
    if not further:
        return x
    if all(size == 1 for size in further):
        return ops.reshape(x, (-1,))  # as of a model with one output: nothing to add up
    return reduce_fn(x, axis=tuple(range(1, len(further) + 1)))


@shares_arguments(Metric)
class Sum(Metric):
    """The weighted sum of all values.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.Sum()
        >>> m.update_state([1.0, 3.0, 5.0], sample_weight=[1.0, 1.0, 0.0])
        >>> float(m.result())
        4.0
    """

    def __init__(self, name: str = "sum", dtype: DTypeLike | None = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", dtype=self.dtype, name="total")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add values.

        Args:
            values: tensor of shape (batch, ...), or a number.
            sample_weight: None, or weights that broadcast against `values`; each value is multiplied by its weight.
        """
        values, _ = reduce_to_samplewise_values(values, sample_weight, ops.sum, self.dtype)
        self.total.assign_add(ops.sum(values))

    def result(self) -> AnyTensor:
        """The sum, a scalar."""
        return self.total.value


@shares_arguments(Metric)
class Mean(Metric):
    """The weighted mean of all values.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.Mean()
        >>> m.update_state([1.0, 3.0])
        >>> m.update_state([8.0])
        >>> float(m.result())
        4.0
    """

    def __init__(self, name: str = "mean", dtype: DTypeLike | None = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", dtype=self.dtype, name="total")
        self.count = self.add_variable((), "zeros", dtype=self.dtype, name="count")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add values.

        Args:
            values: tensor of shape (batch, ...), or a number.
            sample_weight: None, or weights that broadcast against `values`; each value counts as much as its weight
                says.
        """
        values, sample_weight = reduce_to_samplewise_values(values, sample_weight, ops.mean, self.dtype)
        if sample_weight is not None:
            count = ops.sum(sample_weight)
        elif not values.shape:
            count = 1.0
        elif values.shape[0] is None:
            count = ops.sum(ops.ones_like(values))
        else:
            count = 1.0 * values.shape[0]
        self.total.assign_add(ops.sum(values))
        self.count.assign_add(count)

    def result(self) -> AnyTensor:
        """The mean, a scalar; 0 before the first value."""
        return ops.divide_no_nan(self.total, self.count)


@shares_arguments(Metric)
class MeanMetricWrapper(Mean):
    """The running mean of `fn(y_true, y_pred, **kwargs)`.

    Args:
        fn: function that returns a value a sample (or a finer grain).
        **kwargs: passed on to `fn`.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.MeanMetricWrapper(keras.losses.mean_squared_error, name="mse")
        >>> m.update_state([[0.0], [1.0]], [[1.0], [1.0]])
        >>> float(m.result())
        0.5
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: DTypeLike | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if not callable(fn):
            raise ValueError(f"`fn` must be a function of (y_true, y_pred), got {fn!r}.")
        self._fn = fn
        self._fn_kwargs = kwargs
        if isinstance(fn, losses.Loss) or any(fn is known for known in losses.CATALOG.objects.values()):
            self._direction = "down"

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, shape (batch, ...).
            y_pred: predictions, whose Keras mask, if any, leaves entries out.
            sample_weight: None, or weights a sample or a value.
        """
        mask = backend.get_keras_mask(y_pred)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        super().update_state(values, apply_mask(sample_weight, mask, self.dtype, "sum"))

    def get_config(self) -> Config:
        options = serialize_keras_object(self._fn_kwargs)
        return {**super().get_config(), "fn": serialize_keras_object(self._fn), **options}

    @classmethod
    def from_config(cls, config: Config) -> Metric:
        if "fn" in config:
            config = deserialize_keras_object(config)
        return cls(**config)


class FunctionMetric(MeanMetricWrapper):
    """A metric of the library that is the mean of a function.

    Its keyword arguments are attributes and go into the config. `direction`, of the class, tells callbacks whether "up"
    or "down" is better. `saved_if_changed` names arguments with the default that keeps them out of the config: Keras
    does not save them, so a default config equals Keras's, and a changed argument still survives a save.
    """

    direction = "down"
    saved_if_changed = {}

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: DTypeLike | None = None, **kwargs: Any
    ) -> None:
        super().__init__(fn, name=name, dtype=dtype, **kwargs)
        self._direction = self.direction
        for key, value in kwargs.items():
            setattr(self, key, value)

    def get_config(self) -> Config:
        return {**Metric.get_config(self), **worth_saving(self._fn_kwargs, self.saved_if_changed)}
