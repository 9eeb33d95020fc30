"""What callbacks share that watch one quantity: which direction is better, and what is an improvement."""

from __future__ import annotations

import operator
import re
import warnings

from kerasish import backend
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.plain_logs import as_float, rounded
from kerasish.suggestions import did_you_mean, in_backticks

MODES = ("auto", "min", "max")

# Where the metric itself does not say it, its name does: as a whole or as the last words ("val_out_accuracy", "auc_1").
_UP = r"acc|accuracy|auc|precision|recall|sensitivity|specificity|f1|score|iou|io_u|correlation|similarity"
_DOWN = r"loss|error|mse|mae|mape|msle|rmse|crossentropy|logcosh|divergence|hinge|poisson"


class MonitorCallback(Callback):
    """Base class of callbacks that watch the log `monitor`.

    Args:
        monitor: name of a log, e.g. "val_loss".
        mode: "min", "max", or "auto", which knows from the metric or its name which is better.
        baseline: float to start from as the best value, or None.
        min_delta: float; a smaller change is no improvement.

    Raises:
        ValueError: in training, where "auto" can't know which is better.
    """

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", baseline: float | None = None, min_delta: float = 0
    ) -> None:
        super().__init__()
        if mode not in MODES:
            hint = did_you_mean(mode, MODES, cutoff=0.3)
            problem = f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto mode."
            warnings.warn(f"{problem} Expected one of {', '.join(map(repr, MODES))}.{hint}", stacklevel=3)
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self.monitor_op = None

    def _is_improvement(self, value, reference):
        """Whether `value` is better than `reference` by more than `min_delta`; anything is better than None."""
        if self.monitor_op is None:
            # Not earlier: the metrics of a model may come to be in its first step only.
            self.monitor_op = self._find_direction()
        if reference is None:
            return True
        delta = -self.min_delta if self.monitor_op is operator.lt else self.min_delta
        # Metrics are computed in single precision. Compared in double, 0.7 would beat 0.8 by more than 0.1.
        as_computed = float if backend.floatx() == "float64" else rounded
        return self.monitor_op(as_computed(value - delta), as_computed(reference))

    def _find_direction(self):
        if self.mode != "auto":
            return operator.lt if self.mode == "min" else operator.gt
        name = self.monitor.removeprefix("val_")
        direction = "down" if name == "loss" else None
        metrics = getattr(self.model, "metrics", ())
        direction = direction or _direction_of_metric(metrics, name) or direction_of_name(name)
        if direction is None:
            raise ValueError(
                f"{type(self).__name__} callback received monitor={self.monitor}, and can't know whether more or less "
                "of it is better. Pass `mode='max'` to look for the highest value, or `mode='min'` for the lowest."
            )
        return operator.lt if direction == "down" else operator.gt

    def _monitored(self, logs, purpose):
        """The value of `monitor` as a float, an array as it is. Where it was not logged, None after a warning.

        Args:
            purpose: how the warning begins.
        """
        value = None if logs is None else logs.get(self.monitor)
        if value is None:
            names = list(logs or ())
            hint = did_you_mean(self.monitor, names, quoted=in_backticks)
            if self.monitor.startswith("val_") and not any(name.startswith("val_") for name in names):
                hint = " Pass `validation_data` or `validation_split` to `fit`."
            available = f"Available metrics are: {','.join(names)}."
            warnings.warn(f"{purpose} metric `{self.monitor}` which is not available. {available}{hint}", stacklevel=3)
        return as_float(value)


def _direction_of_metric(metrics, name):
    """What the metric called `name` says of itself, or one that is logged with an output's name before its own."""
    known = {metric.name: getattr(metric, "_direction", None) for metric in metrics}
    known = {known_name: direction for known_name, direction in known.items() if direction}
    if name in known:
        return known[name]
    fitting = [known_name for known_name in known if name.endswith(f"_{known_name}")]
    return known[max(fitting, key=len)] if fitting else None


def direction_of_name(name: str) -> str | None:
    """Whether more ("up") or less ("down") of what a log's name says is better; None where it does not say it.

    Args:
        name: string, without "val_".
    """
    for direction, words in (("up", _UP), ("down", _DOWN)):
        if re.search(rf"(^|_)({words})(_\d+)?$", name):
            return direction
    return None
