"""Callbacks: objects that `fit`, `evaluate` and `predict` call at fixed moments (`keras.callbacks`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.callbacks.backup_and_restore import BackupAndRestore
    from kerasish.callbacks.callback import Callback
    from kerasish.callbacks.callback_list import CallbackList
    from kerasish.callbacks.csv_logger import CSVLogger
    from kerasish.callbacks.early_stopping import EarlyStopping
    from kerasish.callbacks.history import History
    from kerasish.callbacks.lambda_callback import LambdaCallback
    from kerasish.callbacks.learning_rate_scheduler import LearningRateScheduler
    from kerasish.callbacks.live_plot import LivePlot
    from kerasish.callbacks.model_checkpoint import ModelCheckpoint
    from kerasish.callbacks.orbax_checkpoint import OrbaxCheckpoint
    from kerasish.callbacks.progbar_logger import ProgbarLogger
    from kerasish.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
    from kerasish.callbacks.remote_monitor import RemoteMonitor
    from kerasish.callbacks.swap_ema_weights import SwapEMAWeights
    from kerasish.callbacks.tensorboard.callback import TensorBoard
    from kerasish.callbacks.terminate_on_nan import TerminateOnNaN
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.callbacks.backup_and_restore": "BackupAndRestore",
            "kerasish.callbacks.callback": "Callback",
            "kerasish.callbacks.callback_list": "CallbackList",
            "kerasish.callbacks.csv_logger": "CSVLogger",
            "kerasish.callbacks.early_stopping": "EarlyStopping",
            "kerasish.callbacks.history": "History",
            "kerasish.callbacks.lambda_callback": "LambdaCallback",
            "kerasish.callbacks.learning_rate_scheduler": "LearningRateScheduler",
            "kerasish.callbacks.live_plot": "LivePlot",
            "kerasish.callbacks.model_checkpoint": "ModelCheckpoint",
            "kerasish.callbacks.orbax_checkpoint": "OrbaxCheckpoint",
            "kerasish.callbacks.progbar_logger": "ProgbarLogger",
            "kerasish.callbacks.reduce_lr_on_plateau": "ReduceLROnPlateau",
            "kerasish.callbacks.remote_monitor": "RemoteMonitor",
            "kerasish.callbacks.swap_ema_weights": "SwapEMAWeights",
            "kerasish.callbacks.tensorboard.callback": "TensorBoard",
            "kerasish.callbacks.terminate_on_nan": "TerminateOnNaN",
        },
    )

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "LivePlot",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
