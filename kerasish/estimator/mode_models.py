"""The models of an Estimator, one a mode, made when batches come and brought to a checkpoint's state."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from kerasish.estimator import checkpoints
from kerasish.estimator.graphs import ModeModel, mode_model
from kerasish.estimator.hooks.session_run_hook import SessionRunHook
from kerasish.estimator.layout import Batch, Layout
from kerasish.estimator.spec import ModeKeys
from kerasish.typing import PathLike
from kerasish.utils import set_random_seed


class ModeModels:
    """The models of an Estimator.

    Args:
        call_model_fn: function (features, labels, mode) that returns an `EstimatorSpec`.
        model_dir: path of the folder of checkpoints.
        seed: int or None, as `RunConfig.tf_random_seed`.
        warm_start_from: as of `Estimator`.

    Attributes:
        is_training: whether a training is under way, whose state a model that is made anew takes over.
    """

    def __init__(
        self, call_model_fn: Callable[..., Any], model_dir: str, seed: int | None, warm_start_from: PathLike | None
    ) -> None:
        self._call_model_fn, self._model_dir, self._seed = call_model_fn, model_dir, seed
        self._warm_start_from = warm_start_from
        self._models: dict[str, tuple[Any, Any, Any]] = {}
        self.is_training = False

    def model(self, mode: str, batch: Batch, hooks: Sequence[SessionRunHook] = ()) -> ModeModel:
        """The model of a mode for batches like this one, with the state that it has by now.

        Args:
            mode: one of `ModeKeys`.
            batch: features and labels.
            hooks: those whose tensors it gives.
        """
        model, layout, own = self._models.get(mode, (None, None, None))
        asked = {name: item for hook in hooks for name, item in hook.tensors.items()}
        if model is not None and layout.fits(batch) and own == list(asked):
            return model
        layout = Layout(batch) if layout is None else layout.with_batch(batch)
        if self._seed is not None and model is None:
            set_random_seed(self._seed)
        features, labels = layout.inputs(batch)
        spec = self._call_model_fn(features, labels, mode)
        of_spec = {name: item for hook in spec.training_hooks for name, item in hook.tensors.items()}
        made = mode_model(spec, features, labels, {**of_spec, **asked} if mode == ModeKeys.TRAIN else {})
        if mode == ModeKeys.TRAIN and model is not None and self.is_training:
            made.set_state(model.state())
        self._models[mode] = (made, layout, list(asked))
        return made

    def begin(self, model: ModeModel) -> None:
        """Bring a model that trains to where the newest checkpoint is.

        Args:
            model: of the mode TRAIN.
        """
        path = checkpoints.latest_checkpoint(self._model_dir)
        if path is not None:
            model.set_state(checkpoints.read_checkpoint(path), keep_rates=True)
        elif self._warm_start_from is not None:
            state = checkpoints.read_checkpoint(self._warm_start_from)
            weights = {name: value for name, value in state.items() if not name.startswith("optimizer_")}
            model.set_state(weights, only_weights=True)

    def restored(
        self, mode: str, batch: Batch, path: PathLike | None, keep_metrics: ModeModel | None = None
    ) -> ModeModel:
        """The model of a mode with the weights of a checkpoint.

        Args:
            mode: one of `ModeKeys`.
            batch: features and labels.
            path: of the checkpoint; the newest when None.
            keep_metrics: a model whose metrics' state goes on in one that is made anew.
        """
        before = self._models.get(mode, (None,))[0]
        model = self.model(mode, batch)
        found = path if path is not None else checkpoints.latest_checkpoint(self._model_dir)
        mark = None if found is None else checkpoints.stamp(found)
        if getattr(model, "_restored_from", ()) != mark:
            if found is None:
                log = logging.getLogger("kerasish.estimator")
                log.warning("There is no checkpoint in '%s': the weights are fresh ones.", self._model_dir)
            else:
                model.set_state(checkpoints.read_checkpoint(found))
            model._restored_from = mark
        if keep_metrics is not None and model is not before and before is not None:
            for name, item in model.spec.eval_metric_ops.items():
                for variable, old in zip(item.metric.variables, before.spec.eval_metric_ops[name].metric.variables):
                    variable.assign(old)
        return model
