"""Hooks run beside steps, see what they ask for, and may end the run."""

import json
import logging
import os

import numpy as np
import pytest

import kerasish as keras
from kerasish import estimator
from tests.estimator.test_estimator import X, Y, made, rows, steps_in


class Recorder(estimator.SessionRunHook):
    def __init__(self):
        self.calls, self.losses = [], []

    def begin(self):
        self.calls.append("begin")

    def after_create_session(self, session, coord=None):
        self.calls.append(f"session {session.global_step}")

    def before_run(self, run_context):
        return estimator.SessionRunArgs({"loss": "loss", "y": "y", "step": "global_step"})

    def after_run(self, run_context, run_values):
        self.losses.append(float(run_values.results["loss"]))
        self.calls.append((int(run_values.results["step"]), run_values.results["y"].shape))

    def end(self, session):
        self.calls.append("end")


def test_a_hook_sees_the_run_and_predictions():
    hook = Recorder()
    made().train(rows(), hooks=[hook], steps=2)
    assert hook.calls == ["begin", "session 0", (1, (4,)), (2, (4,)), "end"]
    assert all(np.isfinite(hook.losses))


def test_a_hook_that_asks_for_what_is_not_there_is_told():
    class Asking(estimator.SessionRunHook):
        def before_run(self, run_context):
            return estimator.SessionRunArgs("z")

    with pytest.raises(ValueError, match="A hook asks for 'z'; there are loss, global_step, y, hidden"):
        made().train(rows(), hooks=[Asking()], steps=1)


@pytest.mark.parametrize(("options", "last"), [({"num_steps": 3}, 5), ({"last_step": 4}, 4)], ids=["num", "last"])
def test_stop_at_step(options, last):
    model = made().train(rows(), steps=2)
    model.train(rows(), hooks=[estimator.StopAtStepHook(**options)])
    assert model.get_variable_value("global_step") == last


def test_logging(caplog):
    with caplog.at_level(logging.INFO, "kerasish.estimator"):
        made(log_step_count_steps=None).train(rows(), hooks=[estimator.LoggingTensorHook(["loss"], 2)], steps=5)
    assert len([line for line in caplog.messages if line.startswith("loss = ")]) == 3


def test_logging_of_a_tensor_of_the_graph(caplog):
    def model_fn(features, labels, mode):
        outputs = keras.layers.Dense(1)(features["x"])[:, 0]
        loss = keras.ops.mean(keras.ops.square(outputs - labels))
        hook = estimator.LoggingTensorHook({"most": keras.ops.max(labels)}, every_n_iter=1)
        return estimator.EstimatorSpec(mode, outputs, loss, keras.optimizers.SGD(0.1), training_hooks=[hook])

    with caplog.at_level(logging.INFO, "kerasish.estimator"):
        estimator.Estimator(model_fn).train(lambda: ({"x": X}, Y), steps=2)
    shown = [line for line in caplog.messages if line.startswith("most = ")]
    assert len(shown) == 2 and f"{Y.max():.4f}"[:5] in shown[0]


def nan_fn(features, labels, mode):
    outputs = keras.layers.Dense(1)(features["x"])[:, 0]
    loss = keras.ops.mean(outputs) * float("nan")
    return estimator.EstimatorSpec(mode, outputs, loss, keras.optimizers.SGD(0.1))


def test_a_loss_that_is_no_number_ends_the_training():
    with pytest.raises(estimator.NanLossDuringTrainingError, match="The loss is NaN in step 1"):
        estimator.Estimator(nan_fn).train(rows(), steps=5)


def test_a_loss_that_is_no_number_may_end_it_quietly(tmp_path):
    model = estimator.Estimator(nan_fn, tmp_path)
    model.train(rows(), hooks=[estimator.NanTensorHook("loss", fail_on_nan_loss=False)], steps=5)
    assert model.get_variable_value("global_step") == 1


def test_hooks_of_evaluation_and_prediction():
    class Seen(estimator.SessionRunHook):
        def __init__(self, name):
            self.name, self.values = name, []

        def before_run(self, run_context):
            return estimator.SessionRunArgs([self.name])

        def after_run(self, run_context, run_values):
            self.values.append(np.shape(run_values.results[0]))

    model, loss, hidden = made().train(rows(), steps=1), Seen("loss"), Seen("hidden")
    model.evaluate(rows(epochs=1), hooks=[loss])
    assert len(list(model.predict(rows(5, 1), hooks=[hidden]))) == 12
    assert loss.values == [()] * 3 and hidden.values == [(5, 4), (5, 4), (2, 4)]
    with pytest.raises(ValueError, match="A hook asks for 'z'; there are loss, global_step"):
        model.evaluate(rows(epochs=1), hooks=[Seen("z")])


def test_checkpoints_of_a_users_own_hook(tmp_path):
    class Told(estimator.CheckpointSaverListener):
        steps = []

        def after_save(self, session, global_step_value):
            self.steps.append(global_step_value)
            return global_step_value == 6  # ends the run

    told = Told()
    hook = estimator.CheckpointSaverHook(tmp_path, save_steps=3, listeners=[told])
    made(tmp_path).train(rows(), hooks=[hook], steps=20)
    assert told.steps == [0, 3, 6]
    assert steps_in(tmp_path) == [0, 3, 6]


def test_events_of_training_and_evaluation(tmp_path):
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    model = made(tmp_path, save_summary_steps=2, log_step_count_steps=2).train(rows(), steps=7)
    found = model.evaluate(rows(epochs=1), name="test")

    def scalars(folder):
        events = loader.EventAccumulator(os.fspath(folder)).Reload()
        return {tag: [(event.step, event.value) for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}

    training, evaluation = scalars(tmp_path), scalars(tmp_path / "eval_test")
    assert [step for step, _ in training["loss"]] == [1, 3, 5, 7]
    assert [step for step, _ in training["global_step/sec"]] == [3, 5, 7]
    assert evaluation["mae"][0] == (7, pytest.approx(found["mae"]))


def test_summaries_of_predictions(tmp_path):
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    hook = estimator.SummarySaverHook(save_steps=1, output_dir=tmp_path / "own", tensors=["loss", "hidden"])
    made().train(rows(), hooks=[hook], steps=2)
    tags = loader.EventAccumulator(os.fspath(tmp_path / "own")).Reload().Tags()
    assert tags["scalars"] == ["loss"] and tags["histograms"] == ["hidden"]


def test_a_timeline_of_steps(tmp_path):
    made().train(rows(), hooks=[estimator.ProfilerHook(save_steps=3, output_dir=tmp_path)], steps=6)
    spans = [json.loads(path.read_text())["traceEvents"] for path in sorted(tmp_path.glob("timeline-*.json"))]
    assert [span["name"] for part in spans for span in part] == [f"step {step}" for step in range(1, 7)]
    assert all(span["dur"] > 0 for part in spans for span in part)


def test_steps_a_second(caplog):
    with caplog.at_level(logging.INFO, "kerasish.estimator"):
        hook = estimator.StepCounterHook(every_n_steps=2)
        made(log_step_count_steps=None).train(rows(), hooks=[hook], steps=6)
    assert len([line for line in caplog.messages if line.startswith("global_step/sec")]) == 2


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: estimator.LoggingTensorHook(["loss"]), "exactly one of `every_n_iter` and `every_n_secs`"),
        (lambda: estimator.LoggingTensorHook(["loss"], 0), "`every_n_iter` must be above 0"),
        (lambda: estimator.StopAtStepHook(), "exactly one of `num_steps` and `last_step`"),
        (lambda: estimator.CheckpointSaverHook("x"), "exactly one of `save_steps` and `save_secs`"),
        (lambda: estimator.SummarySaverHook(save_steps=1), "exactly one of `output_dir` and `summary_writer`"),
        (lambda: estimator.ProfilerHook(), "exactly one of"),
    ],
    ids=range(6),
)
def test_hooks_that_make_no_sense_are_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()
