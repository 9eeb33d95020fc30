"""Estimator: a model function, a folder, and training, evaluation and prediction on input functions."""

from __future__ import annotations

import copy
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.estimator import checkpoints, exporting
from kerasish.estimator import steps as steps_of
from kerasish.estimator.arguments import check_config, check_model_fn, check_steps, checked_hooks
from kerasish.estimator.batches import accepted, batches_of
from kerasish.estimator.graphs import mode_model, predictions_of
from kerasish.estimator.hooks.checkpoint_saver_hook import CheckpointSaverHook, CheckpointSaverListener
from kerasish.estimator.hooks.logging_tensor_hook import LoggingTensorHook
from kerasish.estimator.hooks.nan_tensor_hook import NanTensorHook
from kerasish.estimator.hooks.session_run_hook import SessionRunHook
from kerasish.estimator.hooks.step_counter_hook import StepCounterHook
from kerasish.estimator.hooks.summary_saver_hook import SummarySaverHook
from kerasish.estimator.mode_models import ModeModels
from kerasish.estimator.run_config import RunConfig
from kerasish.estimator.running import Run, steps_with_hooks
from kerasish.estimator.spec import EstimatorSpec, ModeKeys
from kerasish.summary import create_file_writer
from kerasish.typing import PathLike

_log = logging.getLogger("kerasish.estimator")


class Estimator:
    """A model function and a folder: `train`, `evaluate`, `predict`, from checkpoint to checkpoint.

    The model function is called once for each mode, on symbolic tensors, and returns an `EstimatorSpec` of symbolic
    tensors: what layers and `keras.ops` make of them. `train` goes on where the newest checkpoint of `model_dir` ends.

    Args:
        model_fn: function of `features`, and as it likes of `labels`, `mode`, `params`, `config`.
        model_dir: path of the folder of checkpoints and events; that of `config`, or a temporary one, when None.
        config: `RunConfig`.
        params: dict that is handed to the model function.
        warm_start_from: path of a checkpoint, or of a folder of such, whose weights of the same names a fresh
            `model_dir` begins with.

    Attributes:
        model_dir: path of the folder.
        config: `RunConfig`.
        params: dict.

    Raises:
        ValueError: for a model function without `features`, with other arguments, or with `params` that it does not
            take; for a `model_dir` that is not that of `config`.
        TypeError: for a `config` that is no `RunConfig`.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> from kerasish import estimator
        >>> def model_fn(features, labels, mode, params):
        ...     outputs = keras.layers.Dense(1)(features["x"])[:, 0]
        ...     if mode == estimator.ModeKeys.PREDICT:
        ...         return estimator.EstimatorSpec(mode, {"y": outputs})
        ...     loss = keras.ops.mean(keras.ops.square(outputs - labels))
        ...     optimizer = keras.optimizers.SGD(params["rate"])
        ...     return estimator.EstimatorSpec(mode, {"y": outputs}, loss, optimizer)
        >>> line = estimator.Estimator(model_fn, params={"rate": 0.1})
        >>> x = np.linspace(-1, 1, 32, dtype="float32")[:, None]
        >>> rows = estimator.inputs.numpy_input_fn({"x": x}, 2 * x[:, 0] + 1, 32, num_epochs=None, shuffle=False)
        >>> _ = line.train(rows, steps=100)
        >>> line.evaluate(rows, steps=1)["loss"] < 1e-3, line.latest_checkpoint()[-14:]
        (True, 'model.ckpt-100')
    """

    def __init__(
        self,
        model_fn: Callable[..., EstimatorSpec],
        model_dir: PathLike | None = None,
        config: RunConfig | None = None,
        params: Mapping[str, Any] | None = None,
        warm_start_from: PathLike | None = None,
    ) -> None:
        check_model_fn(model_fn, params)
        check_config(config, model_dir)
        self._model_fn = model_fn
        self.config = RunConfig() if config is None else config
        folder = model_dir if model_dir is not None else self.config.model_dir
        self.model_dir = os.fspath(folder) if folder is not None else tempfile.mkdtemp(prefix="kerasish-estimator-")
        self.config = self.config.replace(
            model_dir=self.model_dir,
            save_checkpoints_steps=self.config.save_checkpoints_steps,
            save_checkpoints_secs=self.config.save_checkpoints_secs,
        )
        self.params = copy.deepcopy(dict(params or {}))
        seed = self.config.tf_random_seed
        self._models = ModeModels(self._call_model_fn, self.model_dir, seed, warm_start_from)

    @property
    def model_fn(self) -> Callable[..., EstimatorSpec]:
        """The model function."""
        return self._model_fn

    # -- the three modes ------------------------------------------------------------------------------------------

    def train(
        self,
        input_fn: Callable[..., Any],
        hooks: Sequence[SessionRunHook] | None = None,
        steps: int | None = None,
        max_steps: int | None = None,
        saving_listeners: Sequence[CheckpointSaverListener] | None = None,
    ) -> Estimator:
        """Train, from the newest checkpoint on.

        Args:
            input_fn: function that returns batches (features, labels): a generator, an iterable (a `kerasish.data`
                reader, a `PyDataset`, a data set of another library), or arrays, which are one batch again and again.
                It may take `mode`, `params`, `config`.
            hooks: list of `SessionRunHook`.
            steps: int, how many steps are taken; None until the data end.
            max_steps: int, the global step behind which no more are taken.
            saving_listeners: list of `CheckpointSaverListener`.

        Returns:
            The estimator.

        Raises:
            ValueError: for both `steps` and `max_steps`, numbers below 1, data without labels, and a checkpoint of
                another model.
            NanLossDuringTrainingError: where the loss is no number any more.
        """
        check_steps(steps, max_steps)
        step = self._global_step()
        if max_steps is not None and step >= max_steps:
            _log.info("The global step is %d, and `max_steps` %d: nothing is trained.", step, max_steps)
            return self
        limit = steps if max_steps is None else max_steps - step
        hooks = checked_hooks(hooks)
        batches = self._batches(input_fn, ModeKeys.TRAIN)
        first = next(batches, None)
        if first is None:
            _log.warning("`input_fn` gave no batches: nothing is trained.")
            return self
        model = self._models.model(ModeKeys.TRAIN, first, hooks)
        self._models.begin(model)
        writer = self._writer(self.model_dir)
        beside = self._training_hooks(model, hooks, saving_listeners, writer)
        for hook in beside:
            hook.begin()
        run = Run(self, model, step)

        def one(batch, names):
            run.model = self._models.model(ModeKeys.TRAIN, batch, hooks)
            values = steps_of.train(run.model, batch, names)
            run.global_step += 1
            return values

        self._models.is_training = True
        try:
            for _ in steps_with_hooks(run, beside, steps_of.chained(first, batches), one, limit):
                pass
        finally:
            self._models.is_training = False
            if writer is not None:
                writer.close()
        return self

    def evaluate(
        self,
        input_fn: Callable[..., Any],
        steps: int | None = None,
        hooks: Sequence[SessionRunHook] | None = None,
        checkpoint_path: PathLike | None = None,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Loss and metrics.

        Args:
            input_fn: as of `train`.
            steps: int, how many batches are looked at; None until the data end.
            hooks: list of `SessionRunHook`.
            checkpoint_path: path of the checkpoint; the newest when None. Where there is none, the weights are fresh.
            name: string, for several evaluations: events go to "eval_NAME".

        Returns:
            Dict from metric name to float, with "loss" (the mean of the batches' losses) and "global_step".

        Raises:
            ValueError: for data without rows or labels, and a checkpoint of another model.
        """
        check_steps(steps, None)
        hooks = checked_hooks(hooks)
        batches = self._batches(input_fn, ModeKeys.EVAL)
        first = next(batches, None)
        if first is None:
            raise ValueError("`input_fn` gave no batches to evaluate on.")
        model = self._models.restored(ModeKeys.EVAL, first, checkpoint_path)
        step = self._global_step(checkpoint_path)
        for item in model.spec.eval_metric_ops.values():
            item.metric.reset_state()
        beside = [*model.spec.evaluation_hooks, *hooks]
        for hook in beside:
            hook.begin()
        run, losses = Run(self, model, step), []

        def one(batch, names):
            run.model = self._models.restored(ModeKeys.EVAL, batch, checkpoint_path, keep_metrics=run.model)
            return dict(run.model.make_test_function()(steps_of.pair(batch)))

        for values in steps_with_hooks(run, beside, steps_of.chained(first, batches), one, steps):
            losses.append(steps_of.scalar(values["loss"]))
        results = {key: steps_of.scalar(item.metric.result()) for key, item in run.model.spec.eval_metric_ops.items()}
        results = {"loss": float(np.mean(losses)), **results, "global_step": step}
        self._write_evaluation(results, step, name)
        return dict(sorted(results.items()))

    def predict(
        self,
        input_fn: Callable[..., Any],
        predict_keys: str | Sequence[str] | None = None,
        hooks: Sequence[SessionRunHook] | None = None,
        checkpoint_path: PathLike | None = None,
        yield_single_examples: bool = True,
    ) -> Iterator[Any]:
        """Predictions, a row at a time, computed as they are asked for.

        Args:
            input_fn: as of `train`; labels are left out.
            predict_keys: name, or list of names, of the predictions that are wanted; all when None.
            hooks: list of `SessionRunHook`.
            checkpoint_path: as of `evaluate`.
            yield_single_examples: bool; False yields whole batches.

        Yields:
            Dict from name to array (of one row), or an array where the model function predicts no dict.

        Raises:
            ValueError: for `predict_keys` that are not predicted.
        """
        run: Run | None = None
        beside: list[SessionRunHook] = []

        def one(batch, names):
            model = run.model = self._models.restored(ModeKeys.PREDICT, batch, checkpoint_path)
            outputs = model.make_predict_function()(batch[0], None, None)
            found = steps_of.kept(predictions_of(model.spec, outputs), predict_keys)
            return {**found, "predictions": found}

        batches = self._batches(input_fn, ModeKeys.PREDICT)
        first = next(batches, None)
        if first is None:
            return
        model = self._models.restored(ModeKeys.PREDICT, first, checkpoint_path)
        run = Run(self, model, self._global_step(checkpoint_path))
        beside = [*model.spec.prediction_hooks, *checked_hooks(hooks)]
        for hook in beside:
            hook.begin()
        for values in steps_with_hooks(run, beside, steps_of.chained(first, batches), one, None):
            found = values["predictions"]
            for row in steps_of.rows(found) if yield_single_examples else [found]:
                yield row if model.spec.gives_dict else next(iter(row.values()))

    # -- files ----------------------------------------------------------------------------------------------------

    def latest_checkpoint(self) -> str | None:
        """The path of the newest checkpoint, without ".npz"; None where there is none."""
        return checkpoints.latest_checkpoint(self.model_dir)

    def get_variable_names(self) -> list[str]:
        """The names of the arrays that the newest checkpoint holds.

        Raises:
            ValueError: where there is none.
        """
        state = checkpoints.read_checkpoint(self.model_dir)
        return sorted(name for name, value in state.items() if value.dtype.kind != "U")  # but kinds of optimizers

    def get_variable_value(self, name: str) -> Any:
        """An array of the newest checkpoint.

        Args:
            name: string, one of `get_variable_names()`.

        Raises:
            ValueError: where there is no checkpoint, or none of that name in it.
        """
        state = checkpoints.read_checkpoint(self.model_dir)
        if name not in state:
            raise ValueError(f"The checkpoint has no {name!r}, it has {', '.join(sorted(state))}.")
        return state[name]

    def eval_dir(self, name: str | None = None) -> str:
        """The folder of an evaluation's events.

        Args:
            name: of the evaluation.
        """
        return os.path.join(self.model_dir, f"eval_{name}" if name else "eval")

    def export_saved_model(
        self,
        export_dir_base: PathLike,
        serving_input_receiver_fn: Callable[[], Any],
        checkpoint_path: PathLike | None = None,
    ) -> str:
        """Write what predicts as a version that `python -m kerasish serve` reads, and `load_model` opens.

        Args:
            export_dir_base: path of the model's folder; the version's number is the time, in seconds.
            serving_input_receiver_fn: function that returns a `ServingInputReceiver`; see
                `build_raw_serving_input_receiver_fn` and `build_parsing_serving_input_receiver_fn`.
            checkpoint_path: path of the checkpoint; the newest when None.

        Returns:
            Path of the version's folder.

        Raises:
            ValueError: where there is no checkpoint.
        """
        receiver = serving_input_receiver_fn()
        path = checkpoint_path if checkpoint_path is not None else self.latest_checkpoint()
        if path is None:
            raise ValueError(f"There is no checkpoint in '{self.model_dir}': call `train` first.")
        spec = self._call_model_fn(receiver.features, None, ModeKeys.PREDICT)
        model = mode_model(spec, receiver.receiver_tensors, None, {})
        model.set_state(checkpoints.read_checkpoint(path))
        return exporting.write_version(export_dir_base, spec, receiver.receiver_tensors)

    # -- models ---------------------------------------------------------------------------------------------------

    def _global_step(self, path=None):
        found = path if path is not None else self.latest_checkpoint()
        return 0 if found is None else int(checkpoints.read_checkpoint(found)[checkpoints.GLOBAL_STEP])

    def _batches(self, input_fn, mode):
        offered = {"mode": mode, "params": self.params, "config": self.config}
        return batches_of(input_fn, mode != ModeKeys.PREDICT, **offered)

    def _call_model_fn(self, features, labels, mode):
        offered = {"labels": labels, "mode": mode, "params": self.params, "config": self.config}
        spec = self._model_fn(features, **accepted(self._model_fn, **offered))
        if not isinstance(spec, EstimatorSpec):
            raise ValueError(f"`model_fn` must return an `EstimatorSpec`, got {type(spec).__name__}: {spec!r:.80}.")
        return spec

    def _training_hooks(self, model, hooks, listeners, writer):
        config, found = self.config, []
        if config.log_step_count_steps is not None:
            found.append(LoggingTensorHook({"loss": "loss", "step": "global_step"}, config.log_step_count_steps))
            found.append(StepCounterHook(config.log_step_count_steps, summary_writer=writer))
        if writer is not None:
            found.append(SummarySaverHook(config.save_summary_steps, summary_writer=writer))
        given = [*model.spec.training_hooks, *hooks]
        savers = [hook for hook in given if isinstance(hook, CheckpointSaverHook)]
        if not savers:
            savers = [
                CheckpointSaverHook(
                    self.model_dir,
                    config.save_checkpoints_secs,
                    config.save_checkpoints_steps,
                    keep_checkpoint_max=config.keep_checkpoint_max,
                )
            ]
            given += savers
        savers[0].listeners += [item for item in listeners or () if item not in savers[0].listeners]
        watching = [] if any(isinstance(hook, NanTensorHook) for hook in given) else [NanTensorHook("loss")]
        return [*watching, *found, *given]

    def _writer(self, folder):
        if self.config.save_summary_steps is None:
            return None
        try:
            return create_file_writer(folder)
        except ImportError as error:
            _log.info("No events are written: %s", error)
            return None

    def _write_evaluation(self, results, step, name):
        shown = {key: value for key, value in results.items() if isinstance(value, float)}
        _log.info("Evaluation at step %d: %s", step, ", ".join(f"{key} = {value:g}" for key, value in shown.items()))
        writer = self._writer(self.eval_dir(name))
        if writer is not None:
            with writer:
                writer.scalars(shown, step)
