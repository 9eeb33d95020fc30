"""fit, evaluate, predict: batches from a data source through a compiled step, with callbacks around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

from kerasish.backend.function import Function
from kerasish.backend.interrupts import undivided
from kerasish.callbacks import CallbackList, History
from kerasish.models.data import make_data, train_validation_split
from kerasish.models.training import old_spellings
from kerasish.models.training.checks import check_epochs, check_validation, has_labels, label_checks, limited_epochs
from kerasish.models.training.course import Course
from kerasish.models.training.host_outputs import outputs_on_host
from kerasish.models.training.lazy_logs import LazyLogs
from kerasish.models.training.results import Collector
from kerasish.models.training.single_batches import SingleBatches, ranks_predicting, ranks_together
from kerasish.suggestions import refuse_unknown, suggesting
from kerasish.typing import Arrays, CallbacksLike, DataSet, Results, Verbosity
from kerasish.utils.batch import unpack_x_y_sample_weight


class Trainer(old_spellings.OldSpellings, SingleBatches):
    """The training loop of every model."""

    # -- loops --------------------------------------------------------------------------------------------------

    def fit(
        self,
        x: DataSet = None,
        y: Arrays = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Verbosity = "auto",
        callbacks: CallbacksLike = None,
        validation_split: float = 0.0,
        validation_data: DataSet = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Arrays = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        **kwargs: Any,
    ) -> History:
        """Train for a number of epochs.

        The data are checked, and the model is built and compiled to a step, before anything is computed. The last
        incomplete batch of arrays is trained on too. Data sets are read once and in order, after the `on_epoch_begin`
        of the callbacks and of the data set; the first batch before the callbacks where the model is built from it.

        Args:
            x: inputs: an array of shape (samples, ...), a list or dict of arrays where the model has several inputs, or
                a data set that yields batches (x, y) or (x, y, sample_weight): a `PyDataset`, a generator, or any
                iterable.
            y: targets, an array of shape (samples, ...), or a list or dict of arrays by output; None where `x` yields
                them.
            batch_size: int, samples in one step, 32 when None; for arrays only: data sets bring their batches.
            epochs: int, the number of the epoch at which to stop; with `initial_epoch` 0 the number of epochs.
            verbose: 0 silent, 1 a bar an epoch, 2 a line an epoch, "auto" chooses by where the output goes.
            callbacks: list of `Callback`, or a `CallbackList`, whose hooks are called while training. A `History` is
                there without asking.
            validation_split: float in [0, 1), the fraction at the end of the arrays that is held out for validation,
                before they are shuffled.
            validation_data: (x, y) or (x, y, sample_weight) of arrays, or a data set, on which loss and metrics are
                computed after each epoch; it takes precedence over `validation_split`.
            shuffle: bool. Shuffle arrays before each epoch; a data set keeps its order.
            class_weight: dict from class index to float, by which the loss of the samples of that class is multiplied;
                with a sparse loss of each label, where a sample has several.
            sample_weight: weights of the loss and of the weighted metrics: an array of shape (samples,), or (samples,
                steps) for a weight a time step; a list or dict of them by output. Not with a data set, which yields its
                own.
            initial_epoch: int, the number of the first epoch, for training that goes on.
            steps_per_epoch: int, the batches that make up an epoch; None: until the data end. Needed for data without
                end.
            validation_steps: int, the batches of a validation, from the beginning of the data each time; None: until
                the data end.
            validation_batch_size: int, samples in one step of validation; `batch_size` when None.
            validation_freq: int, validate every so many epochs; or a list of the epochs (from 1) after which to
                validate.
            **kwargs: `nb_epoch`, Keras 1's name of `epochs`, and the workers of Keras 2's generators (with a
                DeprecationWarning).

        Returns:
            A `History`, whose `history` is a dict from the names of loss and metrics (those of the validation as
            "val_...") to lists of floats, one an epoch.

        Raises:
            ValueError: before `compile`, for data that do not fit the model or each other, and for data that yield no
                batch.
            TypeError: for unknown arguments.

        Example:
            >>> import kerasish as keras, numpy as np
            >>> x = np.random.default_rng(0).normal(size=(64, 4))
            >>> y = x @ np.array([[1.0], [2.0], [0.0], [-1.0]])
            >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
            >>> model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", metrics=["mae"])
            >>> history = model.fit(x, y, batch_size=16, epochs=20, validation_split=0.25, verbose=0)
            >>> sorted(history.history)
            ['loss', 'mae', 'val_loss', 'val_mae']
            >>> history.history["loss"][-1] < 0.01
            True
        """
        old = old_spellings.fit_arguments(kwargs, Trainer.fit)
        epochs = old.get("epochs", epochs)
        self._assert_compiled("fit")
        check_epochs(epochs, initial_epoch)
        epochs = limited_epochs(epochs)
        check_validation(validation_data, validation_freq)
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split((x, y, sample_weight), validation_split)
        source = make_data(
            x,
            y,
            sample_weight,
            batch_size,
            steps_per_epoch,
            shuffle,
            class_weight,
            initial_epoch=initial_epoch,
            labels=has_labels(self),
            limited=True,
        )
        held_out = self._validation_source(validation_data, validation_batch_size or batch_size, validation_steps)
        run, ranks = None, ranks_together()
        try:
            if ranks is not None:
                ranks.begin(self, source, held_out)
            self._prepare_for(source)
            checks = label_checks(self, y)
            run = self._callbacks(callbacks, verbose, epochs, source.num_batches, history=True)
            function = self.make_train_function(force=True)
            self.stop_training = False
            course = self._course = Course(self, source, held_out, run, function, initial_epoch)
            if ranks is not None:
                ranks.make_alike(self, again=True)
            run.on_train_begin()
            while course.epoch < epochs and not course.is_over:
                epoch = course.epoch
                if ranks is not None:
                    course.begin_epoch()
                trained = None if source.used_up else self._train_epoch(source, function, run, course, checks, ranks)
                if trained is None:
                    source.has_more()  # says why there is not
                    break
                if held_out is not None and _validates(epoch, validation_freq):
                    held_out.reset()  # every validation sees the same batches, also where `validation_steps` are few
                    results = self._test_loop(held_out, run, ranks=ranks)
                    trained.update({f"val_{name}": value for name, value in results.items()})
                course.end_epoch(trained)
                run.on_epoch_end(epoch, trained)
                if ranks is not None:
                    ranks.agree(self)
                if self.stop_training:
                    break
                if ranks is not None and course.epoch < epochs:
                    ranks.regroup(self, run)
            _end(source, held_out)
            if self.optimizer is not None:
                self.optimizer.finalize_variable_values(self.trainable_weights)
            run.on_train_end(course.logs)
        except BaseException as error:
            if ranks is not None and run is not None:
                ranks.keep_what_is_done(error, run)
            _cut_off(run, source, held_out)
            raise
        finally:
            self._course = None
        return self.history

    def _train_epoch(self, source, function, run, course, checks, ranks):
        """The logs of one epoch, or None where the data have come to an end."""
        self.reset_metrics()
        run.on_epoch_begin(course.epoch)
        source.on_epoch_begin()
        course.take_up()
        if not course.batch and not source.has_more():
            return None
        logs = self._loop(source, function, run, "train", "stop_training", checks, course, ranks)
        source.on_epoch_end()
        return dict(logs.items())

    def _loop(self, source, function, run, kind, stop, checks=(), course=None, ranks=None):
        """Run `function` over one epoch of batches, or over what is left of it; returns the logs of the last."""
        begin, end = run.around_batches(kind)
        logs, step = ({}, 0) if course is None else (course.logs, course.batch)
        if step and getattr(self, stop):
            return LazyLogs(logs)
        together, turn = self.steps_per_execution, self._between_steps
        batches = _batches(source, function, ranks)
        if ranks is not None:
            batches = ranks.in_step(batches, self)
        try:
            for batch in batches:
                for check in checks:
                    check(batch[1])
                if begin is not None and step % together == 0:
                    begin(step)
                with turn:
                    logs = function(*batch) if ranks is None else ranks.step(function, batch, self)
                step += 1
                if course is not None:
                    course.last_batch = batch
                if step % together == 0:
                    if course is not None:
                        course.batch, course.logs = step, logs
                    if end is not None:
                        end(step - 1, LazyLogs(logs))
                    if getattr(self, stop):
                        break
            else:
                if step % together:
                    if course is not None:
                        course.batch, course.logs = step, logs
                    if end is not None:
                        end(step - 1, LazyLogs(logs))
        finally:
            batches.close()
        if step == 0:
            raise ValueError("The data set yields no batch. Pass at least one sample, and a fresh generator each time.")
        return LazyLogs(logs)

    @overload
    def evaluate(
        self,
        x: DataSet = None,
        y: Arrays = None,
        batch_size: int | None = None,
        verbose: Verbosity = "auto",
        sample_weight: Arrays = None,
        steps: int | None = None,
        callbacks: CallbacksLike = None,
        return_dict: Literal[False] = False,
    ) -> Results: ...

    @overload
    def evaluate(
        self,
        x: DataSet = None,
        y: Arrays = None,
        batch_size: int | None = None,
        verbose: Verbosity = "auto",
        sample_weight: Arrays = None,
        steps: int | None = None,
        callbacks: CallbacksLike = None,
        *,
        return_dict: Literal[True],
    ) -> dict[str, float]: ...

    def evaluate(
        self,
        x: DataSet = None,
        y: Arrays = None,
        batch_size: int | None = None,
        verbose: Verbosity = "auto",
        sample_weight: Arrays = None,
        steps: int | None = None,
        callbacks: CallbacksLike = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Results | dict[str, float]:
        """Loss and metrics over a data set, in test mode: nothing is trained, dropout is off.

        Args:
            x: inputs: an array of shape (samples, ...), a list or dict of arrays where the model has several inputs, or
                a data set that yields batches (x, y) or (x, y, sample_weight): a `PyDataset`, a generator, or any
                iterable.
            y: targets, an array of shape (samples, ...), or a list or dict of arrays by output; None where `x` yields
                them.
            batch_size: int, samples in one step, 32 when None; for arrays only: data sets bring their batches.
            verbose: 0 silent, 1 a bar, 2 a line, "auto" chooses by where the output goes.
            sample_weight: weights of the loss and of the weighted metrics: an array of shape (samples,), or (samples,
                steps) for a weight a time step; a list or dict of them by output. Not with a data set, which yields its
                own.
            steps: int, the number of batches; None: until the data end.
            callbacks: list of `Callback`, or a `CallbackList`, whose hooks are called while evaluating.
            return_dict: bool. Return a dict from name to float.
            **kwargs: none; refused by name.

        Returns:
            The loss, a float, where there are no metrics; else a list of the loss and the metrics, in the order of
            `metrics_names`; a dict from name to float with `return_dict`.

        Raises:
            ValueError: before `compile`, and for data that do not fit the model or each other.
            TypeError: for unknown arguments.

        Example:
            >>> import kerasish as keras, numpy as np
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
            >>> model.compile(loss="mse", metrics=["mae"])
            >>> model.evaluate(np.ones((4, 2)), np.zeros((4, 1)), verbose=0)
            [4.0, 2.0]
            >>> model.evaluate(np.ones((4, 2)), np.zeros((4, 1)), verbose=0, return_dict=True)
            {'loss': 4.0, 'mae': 2.0}
        """
        refuse_unknown("evaluate", kwargs, Trainer.evaluate)
        self._assert_compiled("evaluate")
        source, run, ranks = make_data(x, y, sample_weight, batch_size, steps, limited=True), None, ranks_together()
        try:
            self._prepare_for(source)
            checks = label_checks(self, y)
            if ranks is not None:
                ranks.make_alike(self)
            run = self._callbacks(callbacks, _quiet_when_short(verbose, source), 1, source.num_batches)
            results = self._test_loop(source, run, checks, ranks)
            _end(source)
        except BaseException:
            _cut_off(run, source)
            raise
        return self._given_out(results, return_dict)

    def _test_loop(self, source, run, checks=(), ranks=None):
        function = self.make_test_function()
        self.stop_evaluating = False
        run.on_test_begin()
        self.reset_metrics()
        source.on_epoch_begin()
        logs = self._loop(source, function, run, "test", "stop_evaluating", checks, ranks=ranks)
        source.on_epoch_end()
        logs = dict(logs.items())
        run.on_test_end(logs)
        return logs

    @suggesting
    def predict(
        self,
        x: DataSet,
        batch_size: int | None = None,
        verbose: Verbosity = "auto",
        steps: int | None = None,
        callbacks: CallbacksLike = None,
    ) -> Any:
        """The outputs for a data set, in inference mode.

        Safe to call from several threads, and in a loop: a signature of shapes and dtypes is compiled once, and no
        state is kept. For a single batch inside a loop, `model(x)` is quicker and returns an array of the backend.

        Several processes that train together (`keras.distribution`) share out all but a single batch: all call it, each
        computes its rows, and each gets the whole answer. Callbacks see the outputs of the rows of their process.

        Args:
            x: inputs, as for `fit`.
            batch_size: int, samples in one step, 32 when None; for arrays only: data sets bring their batches.
            verbose: 0 silent, 1 a bar, 2 a line, "auto" chooses by where the output goes. No bar for a single batch.
            steps: int, the number of batches; None: until the data end.
            callbacks: list of `Callback`, or a `CallbackList`, whose hooks are called while predicting.

        Returns:
            A NumPy array of shape (samples, ...), or the model's structure of outputs of such arrays.

        Raises:
            ValueError: for data that do not fit the model.

        Example:
            >>> import kerasish as keras, numpy as np
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
            >>> model.predict(np.array([[1.0, 2.0], [3.0, 4.0]]), verbose=0).tolist()
            [[3.0], [7.0]]
        """
        source, run = make_data(x, None, None, batch_size, steps, limited=True), None
        ranks = ranks_predicting(source, self)
        try:
            if not self.built:
                self._prepare(source.peek())
            function = self.make_predict_function()
            if ranks is not None:
                ranks.meet(self, source)
            run = self._callbacks(callbacks, _quiet_when_short(verbose, source), 1, source.num_batches)
            self.stop_predicting = False
            run.on_predict_begin()
            source.on_epoch_begin()
            outputs = (
                self._predict_loop(source, function, run)
                if ranks is None
                else ranks.whole(lambda: self._predict_loop(source, function, run, ranks), source, self)
            )
            _end(source)
            source.on_epoch_end()
            run.on_predict_end()
        except BaseException:
            _cut_off(run, source)
            raise
        return outputs

    def _predict_loop(self, source, function, run, ranks=None):
        begin, end = run.around_batches("predict")
        collector = Collector(source.num_samples) if ranks is None else ranks.collector(self)
        batches = _batches(source, function, ranks)
        try:
            for step, batch in enumerate(batches):
                if begin is not None:
                    begin(step)
                outputs = outputs_on_host(function, batch[0]) if ranks is None else ranks.outputs(function, batch)
                collector.add(outputs)
                if end is not None:
                    end(step, {"outputs": outputs})
                if self.stop_predicting:
                    break
        finally:
            batches.close()
        return collector.result()

    # -- pieces -------------------------------------------------------------------------------------------------

    def _prepare_for(self, source):
        """Build the model and match its losses.

        The first batch is looked at where one of them needs it, or where looking costs nothing: a data set of the
        user's is else read in its epoch, after the hooks.
        """
        if source.peeks_freely or not self._is_prepared():
            self._prepare(source.peek())

    def _validation_source(self, validation_data, batch_size, steps):
        if validation_data is None:
            return None
        if (
            isinstance(validation_data, (tuple, list))
            and 1 <= len(validation_data) <= 3
            and not hasattr(validation_data, "num_batches")
        ):
            return make_data(*unpack_x_y_sample_weight(tuple(validation_data)), batch_size, steps, limited=True)
        return make_data(validation_data, None, None, None, steps, limited=True)

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


def _batches(source, function, ranks):
    """The batches of an epoch; of several processes the rows that this one computes, where the source can make them.

    A compiled step has read its batch when it returns, so that their memory may be used again.
    """
    source.reuse_memory = isinstance(function, Function)
    source.share_of = None if ranks is None else ranks.share_of
    return source.epoch()


def _end(*sources):
    """No pass over the data is gone on with: end its workers."""
    for source in sources:
        if source is not None:
            source.reset()


def _cut_off(run, *sources):
    """An error or an interrupt ends a run: whoever holds a file or a thread lets go of it."""

    def all_of_it():
        _end(*sources)
        if run is not None:
            run.abandon()

    undivided(all_of_it)()


def _validates(epoch, frequency):
    return epoch + 1 in frequency if isinstance(frequency, (list, tuple, set)) else (epoch + 1) % frequency == 0


def _quiet_when_short(verbose, source):
    """No bar with "auto" for a single batch: in a loop of predictions it would be most of the time."""
    return 0 if verbose == "auto" and source.num_batches == 1 else verbose
