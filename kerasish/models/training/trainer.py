"""fit, evaluate, predict: batches from a data source through a compiled step, with callbacks around it."""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.backend.device import device
from kerasish.backend.function import Function
from kerasish.backend.graph import KerasTensor
from kerasish.callbacks import CallbackList
from kerasish.models.data import make_data, single_batch, train_validation_split
from kerasish.models.training import old_spellings
from kerasish.models.training.checks import check_epochs, check_labels
from kerasish.models.training.compiling import Compiling
from kerasish.models.training.lazy_logs import LazyLogs, fetched
from kerasish.models.training.results import Collector
from kerasish.typing import Verbosity
from kerasish.utils.batch import unpack_x_y_sample_weight


class Trainer(old_spellings.OldSpellings, Compiling):
    """The training loop of every model."""

    def __getstate__(self) -> Any:
        """What pickle and `copy` take: all but the compiled steps, which are made anew."""
        return {**vars(self), "_functions": {}, "_metrics_found": None}

    # -- compiled steps -----------------------------------------------------------------------------------------

    def make_train_function(self, force: bool = False) -> Any:
        """The compiled train step: a function of (x, y, sample_weight) that returns the logs."""
        return self._make_function("train", self.train_step, force)

    def make_test_function(self, force: bool = False) -> Any:
        """The compiled test step."""
        return self._make_function("test", self.test_step, force)

    def make_predict_function(self, force: bool = False) -> Any:
        """The compiled predict step: a function of x that returns the outputs."""
        return self._make_function("predict", self.predict_step, force)

    def _make_function(self, kind, step, force=False):
        key = (kind, step.__func__ if hasattr(step, "__func__") else step, self.run_eagerly)
        found = self._functions.get(kind)
        known = found is not None and found[0] == key
        if known and not (force and kind == "train"):
            return found[1]
        trained = tuple(id(v) for v in self.trainable_variables) if kind == "train" else None
        if known and found[2] == trained:
            return found[1]

        def run(*batch):
            return step(_packed(*batch))

        function = run if self.run_eagerly else Function(run, f"{self.name}/{kind}_step", apart=True)
        self._functions[kind] = (key, function, trained)
        return function

    def _prepare(self, batch):
        """Build the model and match losses and metrics to its outputs before anything is computed.

        So what does not fit is refused first.
        """
        x, y, _ = batch
        if not self.built and self._has_only_steps():
            self.built = True
        elif not self.built:
            if self.run_eagerly:
                self(x)  # on numbers, as everything in this mode
                self.built = True
            else:
                self._build_on(tree.map_structure(_symbolic, x))
        if (
            type(self).train_step is Compiling.train_step
            and self._compile_loss is not None
            and self._compile_loss.losses is None
        ):
            outputs = self._output_specs(x)
            self._compile_loss.build(outputs)
            if self._compile_metrics is not None and not self._compile_metrics.built and y is not None:
                self._compile_metrics.build(y, outputs)

    def _has_only_steps(self):
        """Whether this is a model without `call`, whose own steps call its layers, as GANs are written.

        The steps also build the layers when they are traced.
        """
        steps = ("train_step", "test_step", "predict_step")
        return type(self).call is type(self)._no_call and any(
            getattr(type(self), step) is not getattr(Compiling, step) for step in steps
        )

    def _output_specs(self, x):
        if hasattr(self, "_outputs_struct"):
            return self._outputs_struct
        if getattr(self, "_functional", None) is not None:
            return self._functional._outputs_struct
        specs = self(x) if self.run_eagerly else self.compute_output_spec(tree.map_structure(_symbolic, x))
        self._clear_losses()
        return specs

    # -- loops --------------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Verbosity = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: Any = None,
        validation_freq: int = 1,
        **kwargs: Any,
    ) -> Any:
        """Train for a number of epochs.

        Args:
            x: arrays (nested in lists or dicts for several inputs), a generator, `PyDataset` or any iterable of
                batches.
            y: targets for arrays. batch_size: int, default 32. epochs: the epoch at which to stop. verbose: 0 silent, 1
            bar, 2 a line an epoch, "auto" chooses. callbacks: list of Callback. validation_split: fraction of the
            arrays' end that is held out.
            validation_data: (x, y) or (x, y, sample_weight), or a data set. shuffle: whether arrays are shuffled each
                epoch.
            class_weight: dict from class to weight. sample_weight: array of weights. initial_epoch: where to begin
                counting.
            steps_per_epoch, validation_steps: batches an epoch. validation_freq: validate every so many epochs, or in
                the epochs listed.

        Returns: a History, whose `history` is a dict of lists, one value an epoch.

        Raises: ValueError before `compile` and for data that do not fit the model or each other.
        """
        old = old_spellings.fit_arguments(kwargs)
        epochs = old.get("epochs", epochs)
        self._assert_compiled("fit")
        check_epochs(epochs, initial_epoch)
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split((x, y, sample_weight), validation_split)
        source = make_data(
            x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight, initial_epoch=initial_epoch
        )
        held_out = self._validation_source(validation_data, validation_batch_size or batch_size, validation_steps)
        first = source.peek()
        self._prepare(first)
        checks = check_labels(self, y if y is not None else first[1])
        run = self._callbacks(callbacks, verbose, epochs, source.num_batches, history=True)
        function = self.make_train_function(force=True)
        self.stop_training = False
        run.on_train_begin()
        logs = {}
        try:
            for epoch in range(initial_epoch, epochs):
                if not source.has_more():
                    break
                logs = self._train_epoch(source, function, run, epoch, checks if y is None else ())
                if held_out is not None and _validates(epoch, validation_freq):
                    results = self._test_loop(held_out, run)
                    logs.update({f"val_{name}": value for name, value in results.items()})
                run.on_epoch_end(epoch, logs)
                if self.stop_training:
                    break
        finally:
            _end(source, held_out)
        if self.optimizer is not None:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        run.on_train_end(logs)
        return self.history

    def _train_epoch(self, source, function, run, epoch, checks):
        self.reset_metrics()
        source.on_epoch_begin()
        run.on_epoch_begin(epoch)
        logs = self._loop(source, function, run, "train", "stop_training", checks)
        source.on_epoch_end()
        return dict(logs.items())

    def _loop(self, source, function, run, kind, stop, checks=()):
        """Run `function` over one epoch of batches; returns the logs of the last."""
        begin, end = run.around_batches(kind)
        logs, step = {}, 0
        together = self.steps_per_execution
        batches = _batches(source, function)
        try:
            for batch in batches:
                for check in checks:
                    check(batch[1])
                if begin is not None and step % together == 0:
                    begin(step)
                logs = function(*batch)
                step += 1
                if step % together == 0:
                    if end is not None:
                        end(step - 1, LazyLogs(logs))
                    if getattr(self, stop):
                        break
            else:
                if end is not None and step % together:
                    end(step - 1, LazyLogs(logs))
        finally:
            batches.close()
        if step == 0:
            raise ValueError("The data set yields no batch. Pass at least one sample, and a fresh generator each time.")
        return LazyLogs(logs)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Verbosity = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics on a data set, in test mode.

        Args: as in `fit`. return_dict: return a dict instead of a list.

        Returns: the loss, or a list (dict) of loss and metrics.
        """
        if kwargs:
            raise TypeError(f"`evaluate` got unknown arguments: {', '.join(map(repr, kwargs))}.")
        self._assert_compiled("evaluate")
        source = make_data(x, y, sample_weight, batch_size, steps)
        first = source.peek()
        self._prepare(first)
        check_labels(self, y if y is not None else first[1])
        run = self._callbacks(callbacks, _quiet_when_short(verbose, source), 1, source.num_batches)
        try:
            results = self._test_loop(source, run)
        finally:
            _end(source)
        return self._given_out(results, return_dict)

    def _test_loop(self, source, run):
        function = self.make_test_function()
        self.stop_evaluating = False
        run.on_test_begin()
        self.reset_metrics()
        source.on_epoch_begin()
        logs = self._loop(source, function, run, "test", "stop_evaluating")
        source.on_epoch_end()
        logs = dict(logs.items())
        run.on_test_end(logs)
        return logs

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Verbosity = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for a data set, in inference mode.

        Args:
            x: as in `fit`. batch_size: int, default 32. verbose: 0, 1, 2 or "auto" (a bar when there are several
                batches).
            steps: number of batches of a generator. callbacks: list of Callback.

        Returns: NumPy array, or the model's output structure of them. Safe to call from several threads, and in a loop:
        a signature is compiled once and no state is kept.
        """
        source = make_data(x, None, None, batch_size, steps)
        if not self.built:
            self._prepare(source.peek())
        function = self.make_predict_function()
        run = self._callbacks(callbacks, _quiet_when_short(verbose, source), 1, source.num_batches)
        self.stop_predicting = False
        run.on_predict_begin()
        source.on_epoch_begin()
        try:
            outputs = self._predict_loop(source, function, run)
        finally:
            _end(source)
        source.on_epoch_end()
        run.on_predict_end()
        return outputs

    def _predict_loop(self, source, function, run):
        begin, end = run.around_batches("predict")
        collector = Collector(source.num_samples)
        batches = _batches(source, function)
        try:
            for step, batch in enumerate(batches):
                if begin is not None:
                    begin(step)
                outputs = _outputs_on_host(function, batch[0])
                collector.add(outputs)
                if end is not None:
                    end(step, {"outputs": outputs})
                if self.stop_predicting:
                    break
        finally:
            batches.close()
        return collector.result()

    # -- single batches -----------------------------------------------------------------------------------------

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """One update from one batch. Returns the loss, or a list (dict) of loss and metrics."""
        self._assert_compiled("train_on_batch")
        batch = single_batch(x, y, sample_weight, class_weight)
        self._prepare(batch)
        check_labels(self, batch[1])
        return self._on_batch(self.make_train_function(), batch, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch, in test mode."""
        self._assert_compiled("test_on_batch")
        batch = single_batch(x, y, sample_weight)
        self._prepare(batch)
        check_labels(self, batch[1])
        return self._on_batch(self.make_test_function(), batch, return_dict)

    def _on_batch(self, function, batch, return_dict):
        self.reset_metrics()
        logs = dict(LazyLogs(function(*batch)).items())
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

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, in inference mode, as NumPy arrays."""
        batch = single_batch(x)
        if not self.built:
            self._prepare(batch)
        return _outputs_on_host(self.make_predict_function(), batch[0])

    # -- pieces -------------------------------------------------------------------------------------------------

    def _assert_compiled(self, method):
        if not self.compiled:
            raise ValueError(
                f"You must call `compile()` before calling `{method}()`: the model {self.name!r} has no optimizer and "
                "loss yet."
            )

    def _validation_source(self, validation_data, batch_size, steps):
        if validation_data is None:
            return None
        if (
            isinstance(validation_data, (tuple, list))
            and 1 <= len(validation_data) <= 3
            and not hasattr(validation_data, "num_batches")
        ):
            return make_data(*unpack_x_y_sample_weight(tuple(validation_data)), batch_size, steps)
        return make_data(validation_data, None, None, None, steps)

    def _callbacks(self, callbacks, verbose, epochs, steps, history=False):
        if isinstance(callbacks, CallbackList):
            return callbacks
        verbose = 1 if verbose == "auto" else verbose
        return CallbackList(
            callbacks,
            add_history=history,
            add_progbar=bool(verbose),
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=steps,
        )


def _packed(x, y=None, sample_weight=None):
    """What steps are given: (x,), (x, y) or (x, y, sample_weight)."""
    return (x,) if y is None else (x, y) if sample_weight is None else (x, y, sample_weight)


def _symbolic(array):
    """A KerasTensor like `array`, with the batch axis open."""
    if array is None:
        return None
    dtype = getattr(array.dtype, "name", str(array.dtype))
    return KerasTensor((None, *array.shape[1:]) if array.shape else (), dtype)


def _batches(source, function):
    """The batches of an epoch.

    A compiled step has read its batch when it returns, so that their memory may be used again.
    """
    source.reuse_memory = isinstance(function, Function)
    return source.epoch()


def _end(*sources):
    """No pass over the data is gone on with: end its workers."""
    for source in sources:
        if source is not None:
            source.reset()


def _outputs_on_host(function, x):
    """The outputs of a predict step as NumPy arrays."""
    outputs = function(x, None, None)
    if not isinstance(function, Function):
        return tree.map_structure(_to_host, outputs)
    fetch = device().fetch
    return tree.map_structure(fetch, outputs) if tree.is_nested(outputs) else fetch(outputs)


def _to_host(value):
    value = fetched(value)
    return device().to_host(value) if not isinstance(value, float) and device().is_array(value) else value


def _validates(epoch, frequency):
    return epoch + 1 in frequency if isinstance(frequency, (list, tuple, set)) else (epoch + 1) % frequency == 0


def _quiet_when_short(verbose, source):
    """No bar with "auto" for a single batch: in a loop of predictions it would be most of the time."""
    return 0 if verbose == "auto" and source.num_batches == 1 else verbose
