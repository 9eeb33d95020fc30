"""`kerasish.estimator`: Estimators, as TensorFlow 1 had them, on the public API of kerasish alone.

A model function and a folder: training that goes on where it ended, evaluation, prediction, hooks, export; and
estimators that are ready, on feature columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.estimator import export, inputs
    from kerasish.estimator.canned.baseline import BaselineClassifier, BaselineRegressor
    from kerasish.estimator.canned.dnn import DNNClassifier, DNNRegressor
    from kerasish.estimator.canned.dnn_linear_combined import DNNLinearCombinedClassifier, DNNLinearCombinedRegressor
    from kerasish.estimator.canned.linear import LinearClassifier, LinearRegressor
    from kerasish.estimator.checkpoints import latest_checkpoint
    from kerasish.estimator.estimator import Estimator
    from kerasish.estimator.exporters import BestExporter, Exporter, FinalExporter, LatestExporter, loss_smaller
    from kerasish.estimator.exporting import (
        ServingInputReceiver,
        build_parsing_serving_input_receiver_fn,
        build_raw_serving_input_receiver_fn,
    )
    from kerasish.estimator.from_model import model_to_estimator
    from kerasish.estimator.hooks.checkpoint_saver_hook import CheckpointSaverHook, CheckpointSaverListener
    from kerasish.estimator.hooks.logging_tensor_hook import LoggingTensorHook
    from kerasish.estimator.hooks.nan_tensor_hook import NanLossDuringTrainingError, NanTensorHook
    from kerasish.estimator.hooks.profiler_hook import ProfilerHook
    from kerasish.estimator.hooks.session_run_hook import (
        SessionRunArgs,
        SessionRunContext,
        SessionRunHook,
        SessionRunValues,
    )
    from kerasish.estimator.hooks.step_counter_hook import StepCounterHook
    from kerasish.estimator.hooks.stop_at_step_hook import StopAtStepHook
    from kerasish.estimator.hooks.summary_saver_hook import SummarySaverHook
    from kerasish.estimator.run_config import RunConfig
    from kerasish.estimator.spec import EstimatorSpec, ModeKeys, metric, minimize
    from kerasish.estimator.training import EvalSpec, TrainSpec, train_and_evaluate
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.estimator": "export inputs",
            "kerasish.estimator.canned.baseline": "BaselineClassifier BaselineRegressor",
            "kerasish.estimator.canned.dnn": "DNNClassifier DNNRegressor",
            "kerasish.estimator.canned.dnn_linear_combined": "DNNLinearCombinedClassifier DNNLinearCombinedRegressor",
            "kerasish.estimator.canned.linear": "LinearClassifier LinearRegressor",
            "kerasish.estimator.checkpoints": "latest_checkpoint",
            "kerasish.estimator.estimator": "Estimator",
            "kerasish.estimator.exporters": "BestExporter Exporter FinalExporter LatestExporter loss_smaller",
            "kerasish.estimator.exporting": (
                "ServingInputReceiver build_parsing_serving_input_receiver_fn build_raw_serving_input_receiver_fn"
            ),
            "kerasish.estimator.from_model": "model_to_estimator",
            "kerasish.estimator.hooks.checkpoint_saver_hook": "CheckpointSaverHook CheckpointSaverListener",
            "kerasish.estimator.hooks.logging_tensor_hook": "LoggingTensorHook",
            "kerasish.estimator.hooks.nan_tensor_hook": "NanLossDuringTrainingError NanTensorHook",
            "kerasish.estimator.hooks.profiler_hook": "ProfilerHook",
            "kerasish.estimator.hooks.session_run_hook": (
                "SessionRunArgs SessionRunContext SessionRunHook SessionRunValues"
            ),
            "kerasish.estimator.hooks.step_counter_hook": "StepCounterHook",
            "kerasish.estimator.hooks.stop_at_step_hook": "StopAtStepHook",
            "kerasish.estimator.hooks.summary_saver_hook": "SummarySaverHook",
            "kerasish.estimator.run_config": "RunConfig",
            "kerasish.estimator.spec": "EstimatorSpec ModeKeys metric minimize",
            "kerasish.estimator.training": "EvalSpec TrainSpec train_and_evaluate",
        },
    )

__all__ = [
    "BaselineClassifier",
    "BaselineRegressor",
    "BestExporter",
    "CheckpointSaverHook",
    "CheckpointSaverListener",
    "DNNClassifier",
    "DNNLinearCombinedClassifier",
    "DNNLinearCombinedRegressor",
    "DNNRegressor",
    "Estimator",
    "EstimatorSpec",
    "EvalSpec",
    "Exporter",
    "FinalExporter",
    "LatestExporter",
    "LinearClassifier",
    "LinearRegressor",
    "LoggingTensorHook",
    "ModeKeys",
    "NanLossDuringTrainingError",
    "NanTensorHook",
    "ProfilerHook",
    "RunConfig",
    "ServingInputReceiver",
    "SessionRunArgs",
    "SessionRunContext",
    "SessionRunHook",
    "SessionRunValues",
    "StepCounterHook",
    "StopAtStepHook",
    "SummarySaverHook",
    "TrainSpec",
    "build_parsing_serving_input_receiver_fn",
    "build_raw_serving_input_receiver_fn",
    "export",
    "inputs",
    "latest_checkpoint",
    "loss_smaller",
    "metric",
    "minimize",
    "model_to_estimator",
    "train_and_evaluate",
]
