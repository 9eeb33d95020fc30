"""CompiledMetrics: the metrics that `compile` was given, matched to the outputs of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import metrics as metrics_module
from kerasish import tree
from kerasish.backend.names import to_snake_case
from kerasish.losses import Loss
from kerasish.metrics import MeanMetricWrapper, Metric
from kerasish.models.training.outputs import Outputs
from kerasish.signatures import call_with_accepted, takes
from kerasish.typing import Arrays, Config, TensorLike

_ACCURACY = ("accuracy", "acc")
_CROSSENTROPY = ("crossentropy", "ce")


class CompiledMetrics(Metric):
    """All metrics of `compile` behind one update and one result.

    Args:
        metrics, weighted_metrics: None, a list, or a list or dict of lists by output; names, Metrics or functions.
        output_names: names of the model's outputs, where it has them.
    """

    def __init__(
        self,
        metrics: Any,
        weighted_metrics: Any,
        name: str = "compile_metrics",
        output_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(name=name)
        for role, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            _check(role, given)
        self._given, self._given_weighted, self._names = metrics, weighted_metrics, output_names
        self.built = False
        self.entries = []

    @property
    def metrics(self) -> list[Any]:
        """The single metrics; none before the first batch."""
        return [metric for _, _, metric, _ in self.entries]

    @property
    def variables(self) -> list[Any]:
        return [v for metric in self.metrics for v in metric.variables]

    def build(self, y_true: TensorLike, y_pred: TensorLike) -> None:
        """Match the metrics to the outputs and choose the accuracies by the shapes of targets and predictions."""
        outputs = Outputs(y_pred, self._names)
        targets = outputs.match(y_true, "y")
        self.entries = []
        for given, weighted in ((self._given, False), (self._given_weighted, True)):
            for index, wanted in enumerate(_per_output(outputs, given, "weighted_metrics" if weighted else "metrics")):
                for item in wanted:
                    if item is None:
                        continue
                    prefix = f"{outputs.metric_labels[index]}_" if len(outputs) > 1 else ""
                    self.entries.append(
                        (index, prefix, _as_metric(item, targets[index], outputs.flat[index]), weighted)
                    )
        self.built = True

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: Arrays = None) -> None:
        """Add one batch to every metric; `sample_weight` goes to the weighted ones."""
        if not self.built:
            self.build(y_true, y_pred)
        outputs = Outputs(y_pred, self._names)
        targets = outputs.match(y_true, "y")
        weights = outputs.match(sample_weight, "sample_weight", is_leaf=lambda item: hasattr(item, "shape"))
        for index, _, metric, weighted in self.entries:
            if targets[index] is None:
                continue
            weight = weights[index] if weighted else None
            if weight is not None and not takes(metric.update_state, "sample_weight", place=2):
                raise TypeError(
                    f"The metric {metric.name!r} is among `weighted_metrics`, but its `update_state` takes no "
                    "`sample_weight`. Let it take one, or move the metric to `metrics`."
                )
            call_with_accepted(
                metric.update_state, y_true=targets[index], y_pred=outputs.flat[index], sample_weight=weight
            )

    def reset_state(self) -> None:
        """Start counting anew."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> Any:
        """Dict from name to value. Of two metrics with one name the weighted one says so, others are numbered."""
        results = {}
        for _, prefix, metric, weighted in self.entries:
            value = metric.result()
            for name, part in value.items() if isinstance(value, dict) else [(metric.name, value)]:
                marked = f"{prefix}weighted_{name}" if weighted and f"{prefix}{name}" in results else f"{prefix}{name}"
                results[_free(marked, results)] = part
        return results

    def get_config(self) -> Config:
        raise TypeError("The metrics of `compile` are saved with the model's compile config.")


def _free(name, taken):
    if name not in taken:
        return name
    count = 1
    while f"{name}_{count}" in taken:
        count += 1
    return f"{name}_{count}"


def _check(role, given):
    for item in tree.flatten(given):
        if item is not None and not isinstance(item, str) and not callable(item) and not isinstance(item, Metric):
            raise ValueError(f"`{role}` must hold names, Metrics or functions, got {item!r}.")
        if isinstance(item, str) and item not in _ACCURACY + _CROSSENTROPY:
            metrics_module.get(item)


def _per_output(outputs, given, role):
    """One list of metrics an output. A flat list belongs to the only output, or holds one entry for each."""
    if isinstance(given, (list, tuple)) and not given:
        given = None
    return [_listed(item) for item in outputs.match(_listed_at_top(given), role, lists=True, any_name=True)]


def _listed_at_top(given):
    """One name, Metric or function as a list of one."""
    return given if given is None or isinstance(given, (list, tuple, dict)) else [given]


def _listed(item):
    return [] if item is None else list(item) if isinstance(item, (list, tuple)) else [item]


def _as_metric(item, y_true, y_pred):
    if isinstance(item, str) and item.lower() in _ACCURACY + _CROSSENTROPY:
        return _by_shapes(item, y_true, y_pred)
    found = metrics_module.get(item)
    if isinstance(found, Metric):
        if isinstance(item, str):
            found.name = item  # the logs call it what the user called it
        return found
    return MeanMetricWrapper(found, name=item if isinstance(item, str) else _name_of(found))


def _name_of(function):
    """What the logs call a function or a Loss.

    The latter's name, else the function's as Keras spells it ("<lambda>" is "lambda").
    """
    return (
        function.name
        if isinstance(function, Loss)
        else to_snake_case(getattr(function, "__name__", type(function).__name__))
    )


def _by_shapes(name, y_true, y_pred):
    """Which accuracy (or crossentropy) is meant.

    Binary for one output column, sparse for labels without the class axis.
    """
    kind = "Crossentropy" if name.lower() in _CROSSENTROPY else "Accuracy"
    true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
    if not pred_shape or pred_shape[-1] == 1:
        family = "Binary"
    elif len(true_shape) < len(pred_shape) or true_shape[-1] == 1:
        family = "SparseCategorical"
    else:
        family = "Categorical"
    return getattr(metrics_module, family + kind)(name=name)
