"""One batch at a time: `train_on_batch`, `test_on_batch` and `predict_on_batch`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, overload

from kerasish.distribution.shares import in_force, is_apart
from kerasish.models.data import make_data
from kerasish.models.training.checks import check_labels, has_labels
from kerasish.models.training.compiled_steps import CompiledSteps
from kerasish.models.training.host_outputs import outputs_on_host
from kerasish.models.training.lazy_logs import LazyLogs
from kerasish.typing import Arrays, Results


class SingleBatches(CompiledSteps):
    """The part of a model that takes batches from the caller's own loop."""

    @overload
    def train_on_batch(
        self,
        x: Arrays,
        y: Arrays = None,
        sample_weight: Arrays = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: Literal[False] = False,
    ) -> Results: ...

    @overload
    def train_on_batch(
        self,
        x: Arrays,
        y: Arrays = None,
        sample_weight: Arrays = None,
        class_weight: Mapping[int, float] | None = None,
        *,
        return_dict: Literal[True],
    ) -> dict[str, float]: ...

    def train_on_batch(
        self,
        x: Arrays,
        y: Arrays = None,
        sample_weight: Arrays = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Results | dict[str, float]:
        """One update of the weights from one batch.

        Args:
            x: inputs of one batch: an array, or a list or dict of arrays.
            y: targets of one batch.
            sample_weight: weights, an array of shape (batch,) or (batch, steps), or a list or dict of them by output.
            class_weight: dict from class index to float, by which the loss of the samples of that class is multiplied;
                with a sparse loss of each label, where a sample has several.
            return_dict: bool. Return a dict from name to float.

        Returns:
            The loss, a float, where there are no metrics; else a list of the loss and the metrics, in the order of
            `metrics_names`; a dict from name to float with `return_dict`.

        Raises:
            ValueError: before `compile`, and for data that do not fit the model or each other.

        Example:
            >>> import kerasish as keras, numpy as np
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
            >>> model.compile("sgd", "mse")
            >>> model.train_on_batch(np.ones((4, 2)), np.zeros((4, 1)))
            4.0
        """
        self._assert_compiled("train_on_batch")
        batch = single_batch(x, y, sample_weight, class_weight, has_labels(self))
        self._prepare(batch)
        check_labels(self, batch[1])
        return self._on_batch(self.make_train_function(), batch, return_dict)

    @overload
    def test_on_batch(
        self, x: Arrays, y: Arrays = None, sample_weight: Arrays = None, return_dict: Literal[False] = False
    ) -> Results: ...

    @overload
    def test_on_batch(
        self, x: Arrays, y: Arrays = None, sample_weight: Arrays = None, *, return_dict: Literal[True]
    ) -> dict[str, float]: ...

    def test_on_batch(
        self, x: Arrays, y: Arrays = None, sample_weight: Arrays = None, return_dict: bool = False
    ) -> Results | dict[str, float]:
        """Loss and metrics of one batch, in test mode.

        Args:
            x: inputs of one batch: an array, or a list or dict of arrays.
            y: targets of one batch.
            sample_weight: weights, an array of shape (batch,) or (batch, steps), or a list or dict of them by output.
            return_dict: bool. Return a dict from name to float.

        Returns:
            The loss, a float, where there are no metrics; else a list of the loss and the metrics, in the order of
            `metrics_names`; a dict from name to float with `return_dict`.

        Raises:
            ValueError: before `compile`, and for data that do not fit the model or each other.
        """
        self._assert_compiled("test_on_batch")
        batch = single_batch(x, y, sample_weight)
        self._prepare(batch)
        check_labels(self, batch[1])
        return self._on_batch(self.make_test_function(), batch, return_dict)

    def predict_on_batch(self, x: Arrays) -> Any:
        """The outputs for one batch, in inference mode.

        Args:
            x: inputs of one batch: an array, or a list or dict of arrays.

        Returns:
            A NumPy array of shape (batch, ...), or the model's structure of outputs of such arrays.
        """
        batch = single_batch(x)
        if not self.built:
            self._prepare(batch)
        ranks = ranks_together()
        if ranks is not None:
            ranks.make_alike(self)
        return outputs_on_host(self.make_predict_function(), batch[0])

    def _on_batch(self, function, batch, return_dict):
        with self._between_steps:
            self.reset_metrics()
            ranks = ranks_together()
            if ranks is not None:
                ranks.make_alike(self)
            found = function(*batch) if ranks is None else ranks.step(function, batch, self)
            logs = dict(LazyLogs(found).items())
        return self._given_out(logs, return_dict)

    def _given_out(self, logs, return_dict):
        """A dict by name.

        Or the values in Keras's order: by the names of `metrics` (of compiled ones without their output's), all others
        after them.
        """
        if return_dict:
            return dict(sorted(logs.items()))
        names = []
        for metric in self._metrics_at_hand():
            names += [single.name for single in metric.metrics] if metric is self._compile_metrics else [metric.name]
        order = dict.fromkeys([name for name in names if name in logs] + sorted(logs))
        values = [logs[name] for name in order]
        return values[0] if len(values) == 1 else values


def ranks_together() -> Any:
    """The processes that compute each batch together, or None where this one computes all of it."""
    if in_force[0] is None or is_apart():
        return None
    from kerasish.models.training.together import together  # start-up time: most train in one process

    return together()


def ranks_predicting(source: Any, model: Any) -> Any:
    """The processes that share out the batches of a `predict`, or None where this one computes all of them.

    Args:
        source: the DataSource.
        model: the model.
    """
    if in_force[0] is None:
        return None
    from kerasish.models.training.predictions_together import predicting  # start-up time: as above

    return predicting(source, model)


def single_batch(
    x: Arrays,
    y: Arrays = None,
    sample_weight: Arrays = None,
    class_weight: Mapping[int, float] | None = None,
    labels: bool = False,
) -> tuple[Any, ...]:
    """All rows as one batch, through the same conversions and checks as a data set."""
    return make_data(x, y, sample_weight, steps_per_epoch=1, class_weight=class_weight, labels=labels).peek()
