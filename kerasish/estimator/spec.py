"""What a model function is told and what it returns."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from kerasish.backend import is_keras_tensor
from kerasish.metrics import Metric
from kerasish.optimizers import Optimizer


class ModeKeys:
    """What a model function is called for.

    Example:
        >>> from kerasish import estimator
        >>> estimator.ModeKeys.PREDICT
        'infer'
    """

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"


@dataclasses.dataclass(frozen=True)
class TrainOp:
    """What `minimize` makes: which loss which optimizer makes smaller, by which variables."""

    loss: Any
    optimizer: Optimizer
    variables: Sequence[Any] | None = None


def minimize(loss: Any, optimizer: Optimizer, var_list: Sequence[Any] | None = None) -> TrainOp:
    """The `train_op` of an `EstimatorSpec`.

    Args:
        loss: symbolic scalar.
        optimizer: `Optimizer`. A copy of it trains, so that one object may serve several calls.
        var_list: list of Variables that it changes; all trainable ones when None.

    Returns:
        `TrainOp`.

    Raises:
        TypeError: for what is no optimizer.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import estimator
        >>> loss = keras.ops.mean(keras.Input((3,)))
        >>> estimator.minimize(loss, keras.optimizers.SGD(0.1)).variables is None
        True
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"`optimizer` must be an `Optimizer`, got {type(optimizer).__name__}: {optimizer!r:.80}.")
    return TrainOp(loss, optimizer, None if var_list is None else list(var_list))


@dataclasses.dataclass(frozen=True)
class EvalMetric:
    """What `metric` makes: a metric, and the symbolic tensors with which each batch updates it."""

    metric: Metric
    arguments: tuple[Any, ...]
    weights: Any = None


def metric(metric: Metric, *arguments: Any, weights: Any = None) -> EvalMetric:
    """One of the `eval_metric_ops` of an `EstimatorSpec`.

    Args:
        metric: `Metric`.
        *arguments: symbolic tensors, those of its `update_state`: labels and predictions, or values.
        weights: symbolic tensor of weights; None for none.

    Returns:
        `EvalMetric`.

    Raises:
        TypeError: for what is no metric.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import estimator
        >>> estimator.metric(keras.metrics.Mean(), keras.Input((3,))).weights is None
        True
    """
    if not isinstance(metric, Metric):
        raise TypeError(f"`metric` must be a `Metric`, got {type(metric).__name__}: {metric!r:.80}.")
    return EvalMetric(metric, arguments, weights)


@dataclasses.dataclass(frozen=True)
class LabelTexts:
    """A prediction that is text: the place of each in a list. It becomes text behind the compiled step."""

    ids: Any
    texts: tuple[str, ...]


class EstimatorSpec:
    """What a model function returns: predictions, a loss, how it is made smaller, metrics.

    Args:
        mode: one of `ModeKeys`.
        predictions: symbolic tensor or dict of such.
        loss: symbolic scalar, needed to train and evaluate. Losses that layers add (regularizers) are added to it.
        train_op: an `Optimizer`, which makes `loss` smaller; or what `minimize` made, or a list of such. Needed to
            train.
        eval_metric_ops: dict from name to what `metric` made, or a tuple (metric, labels, predictions).
        export_outputs: dict from name to dict of symbolic tensors that an exported model gives; "serving_default", or
            the first. `predictions` by default.
        training_hooks: list of `SessionRunHook`s that run while training.
        evaluation_hooks: the same while evaluating.
        prediction_hooks: the same while predicting.

    Raises:
        ValueError: where what the mode needs is missing, or is no symbolic tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import estimator
        >>> outputs = keras.layers.Dense(1)(keras.Input((3,)))
        >>> sorted(estimator.EstimatorSpec(estimator.ModeKeys.PREDICT, predictions={"price": outputs}).predictions)
        ['price']
    """

    def __init__(
        self,
        mode: str,
        predictions: Any = None,
        loss: Any = None,
        train_op: Any = None,
        eval_metric_ops: Mapping[str, Any] | None = None,
        export_outputs: Mapping[str, Any] | None = None,
        training_hooks: Sequence[Any] | None = None,
        evaluation_hooks: Sequence[Any] | None = None,
        prediction_hooks: Sequence[Any] | None = None,
    ) -> None:
        modes = (ModeKeys.TRAIN, ModeKeys.EVAL, ModeKeys.PREDICT)
        if mode not in modes:
            raise ValueError(f"`mode` must be one of {modes}, got {mode!r}.")
        if mode != ModeKeys.PREDICT and not is_keras_tensor(loss):
            raise ValueError(f"`loss` must be a symbolic scalar where `mode` is {mode!r}, got {loss!r:.80}.")
        if mode == ModeKeys.TRAIN and train_op is None:
            raise ValueError(
                "`train_op` is missing: an `Optimizer`, or `estimator.minimize(loss, optimizer)`, is needed to train."
            )
        if mode == ModeKeys.PREDICT and predictions is None:
            raise ValueError("`predictions` is missing: symbolic tensors are needed to predict.")
        self.mode, self.loss = mode, loss
        self.predictions = _by_name(predictions)
        self.gives_dict = isinstance(predictions, Mapping)
        self.train_ops = [] if train_op is None else _train_ops(train_op, loss)
        self.eval_metric_ops = {name: _eval_metric(name, item) for name, item in (eval_metric_ops or {}).items()}
        self.export_outputs = export_outputs
        self.training_hooks = list(training_hooks or ())
        self.evaluation_hooks = list(evaluation_hooks or ())
        self.prediction_hooks = list(prediction_hooks or ())


def _by_name(predictions):
    if predictions is None:
        return {}
    return dict(predictions) if isinstance(predictions, Mapping) else {"output": predictions}


def _train_ops(train_op, loss):
    found = train_op if isinstance(train_op, (list, tuple)) else [train_op]
    made = [minimize(loss, item) if isinstance(item, Optimizer) else item for item in found]
    for item in made:
        if not isinstance(item, TrainOp):
            raise ValueError(
                "`train_op` must be an `Optimizer`, what `estimator.minimize` made, or a list of such, got "
                f"{type(item).__name__}: {item!r:.80}."
            )
    return made


def _eval_metric(name, item):
    if isinstance(item, tuple) and len(item) > 1 and isinstance(item[0], Metric):
        return metric(*item)
    if not isinstance(item, EvalMetric):
        raise ValueError(
            f"`eval_metric_ops[{name!r}]` must be what `estimator.metric` made, or a tuple (metric, labels, "
            f"predictions), got {type(item).__name__}: {item!r:.80}."
        )
    return item
