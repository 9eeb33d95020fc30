"""NanTensorHook."""

from __future__ import annotations

import logging
from typing import Any

from kerasish.estimator.hooks.session_run_hook import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
    named_tensors,
)


class NanLossDuringTrainingError(RuntimeError):
    """The loss is no number any more.

    Example:
        >>> from kerasish import estimator
        >>> issubclass(estimator.NanLossDuringTrainingError, RuntimeError)
        True
    """


class NanTensorHook(SessionRunHook):
    """Ends the training where the loss is no number.

    Args:
        loss_tensor: name ("loss"), or a symbolic tensor of the model function's.
        fail_on_nan_loss: bool, whether `NanLossDuringTrainingError` is raised; else the run stops, and the log says so.

    Example:
        >>> from kerasish import estimator
        >>> hook = estimator.NanTensorHook("loss", fail_on_nan_loss=False)
    """

    def __init__(self, loss_tensor: Any = "loss", fail_on_nan_loss: bool = True) -> None:
        self._shown, self.tensors = named_tensors({"loss": loss_tensor})
        self._fails = fail_on_nan_loss

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._shown)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        loss = float(run_values.results["loss"])
        if loss == loss:
            return
        if self._fails:
            raise NanLossDuringTrainingError(
                f"The loss is NaN in step {run_context.session.global_step}: a smaller learning rate, clipped "
                "gradients or other data may help."
            )
        logging.getLogger("kerasish.estimator").warning("The loss is NaN: the training stops.")
        run_context.request_stop()
