"""What programs of TensorFlow 1 do with Estimators beside what its tutorials show, and what they do wrong."""

import logging
import os

import numpy as np
import pytest

import kerasish as keras
from kerasish import estimator
from kerasish import feature_column as fc

FEATURES = {"a": np.arange(12, dtype="float32") / 12, "c": np.array(list("abcabcabcabc"))}
LABELS = np.array([0, 1] * 6)
A, C = fc.numeric_column("a"), fc.categorical_column_with_vocabulary_list("c", list("abc"))


def rows(epochs=None, features=FEATURES, labels=LABELS):
    return estimator.inputs.numpy_input_fn(features, labels, batch_size=4, num_epochs=epochs, shuffle=False)


def linear(folder=None, **more):
    return estimator.LinearClassifier([A, C], model_dir=folder, **more)


def test_a_program_that_goes_on_with_another_learning_rate_has_it(tmp_path):
    linear(tmp_path, optimizer=keras.optimizers.SGD(0.5)).train(rows(), steps=1)
    slower = linear(tmp_path, optimizer=keras.optimizers.SGD(0.0))
    before = slower.get_variable_value("linear/bias")
    slower.train(rows(), steps=2)
    assert np.array_equal(slower.get_variable_value("linear/bias"), before)
    assert slower.get_variable_value("optimizer_0/1") == 0


def test_another_optimizer_begins_anew(tmp_path, caplog):
    """What it remembers stands under the same names, in the same shapes."""
    linear(tmp_path / "a").train(rows(), steps=2)
    with caplog.at_level(logging.WARNING):
        other = linear(tmp_path / "a", optimizer="Adam").train(rows(), steps=1)
    assert "trained by Ftrl: what Adam remembers begins anew" in caplog.text
    assert other.get_variable_value("global_step") == 3 and other.get_variable_value("optimizer_0/0") == 1
    assert other.get_variable_value("optimizer_0/kind") == "Adam"


def test_a_rate_that_a_hook_sets_stays_when_batches_change(tmp_path):
    class Halves(estimator.SessionRunHook):
        def after_run(self, run_context, run_values):
            rate = run_context.session.model.optimizers[0].learning_rate
            run_context.session.model.optimizers[0].learning_rate = float(rate) / 2

    batches = [({"x": np.ones((4, 2), "float32")}, np.ones(4)), ({"x": np.ones((3, 2), "float32")}, np.ones(3))]
    columns = [fc.numeric_column("x", 2)]
    line = estimator.LinearRegressor(columns, model_dir=tmp_path, optimizer=keras.optimizers.SGD(0.5))
    line.train(lambda: iter(batches), hooks=[Halves()])
    assert line.get_variable_value("optimizer_0/1") == np.float32(0.125)


def test_exporters_hear_of_the_last_step_once_and_in_their_order():
    seen = []

    class Hears(estimator.Exporter):
        def __init__(self, name):
            self._name = name

        name = property(lambda self: self._name)

        def export(self, estimator, export_path, checkpoint_path, eval_result, is_the_final_export):
            seen.append((self._name, eval_result["global_step"], is_the_final_export))

    model = linear(config=estimator.RunConfig(save_checkpoints_steps=2))
    test = estimator.EvalSpec(rows(1), exporters=[Hears("b"), Hears("a")], throttle_secs=0)
    estimator.train_and_evaluate(model, estimator.TrainSpec(rows(), max_steps=4), test)
    assert seen == [("b", 2, False), ("a", 2, False), ("b", 4, True), ("a", 4, True)]
    estimator.train_and_evaluate(model, estimator.TrainSpec(rows(), max_steps=4), test)
    assert len(seen) == 4  # nothing is left to do
    estimator.train_and_evaluate(model, estimator.TrainSpec(rows(1)), test)
    assert seen[-1] == ("a", 7, True)  # the data end the training


def test_settings_of_sessions_are_taken():
    config = estimator.RunConfig().replace(session_config=object(), keep_checkpoint_every_n_hours=2, protocol="grpc")
    assert config.save_checkpoints_secs == 600 and linear(config=config).config.protocol == "grpc"


def test_one_column_needs_no_list(tmp_path):
    made = estimator.DNNLinearCombinedClassifier(
        tmp_path, linear_feature_columns=C, dnn_feature_columns=A, dnn_hidden_units=[2]
    )
    assert estimator.DNNClassifier([2], A).train(rows(), steps=1).latest_checkpoint()
    assert made.train(rows(), steps=1).evaluate(rows(1))["global_step"] == 1


def test_a_hook_that_raises_ends_the_training_and_leaves_the_folder_whole(tmp_path):
    class Raises(estimator.SessionRunHook):
        def after_run(self, run_context, run_values):
            if run_context.session.global_step == 3:
                raise RuntimeError("a hook of mine")

    model = linear(tmp_path, config=estimator.RunConfig(save_checkpoints_steps=2))
    with pytest.raises(RuntimeError, match="a hook of mine"):
        model.train(rows(), hooks=[Raises()], steps=9)
    assert linear(tmp_path).train(rows(), max_steps=4).get_variable_value("global_step") == 4


def test_a_damaged_checkpoint_is_named(tmp_path):
    model = linear(tmp_path, config=estimator.RunConfig(save_checkpoints_steps=1)).train(rows(), steps=3)
    path = f"{model.latest_checkpoint()}.npz"
    with open(path, "wb") as file:
        file.write(b"nothing")
    with pytest.raises(ValueError, match=r"model.ckpt-3.npz' is damaged: remove it"):
        linear(tmp_path).train(rows(), steps=1)
    os.remove(path)
    assert linear(tmp_path).train(rows(), steps=1).get_variable_value("global_step") == 3


def test_a_folder_without_checkpoints_is_said_once(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        linear(tmp_path).evaluate(rows(1))
    assert caplog.text.count("There is no checkpoint") == 1


@pytest.mark.parametrize(
    ("words", "kind", "call"),
    [
        ("`hooks` must be a list of .* put it in a list", TypeError,
         lambda: linear().train(rows(), hooks=estimator.StopAtStepHook(1))),
        ("`hooks` must hold `SessionRunHook`s, got str", TypeError, lambda: linear().evaluate(rows(1), hooks=["x"])),
        ("`hooks` must hold", TypeError, lambda: next(linear().predict(rows(1), hooks=["x"]))),
        ("`config` must be a `RunConfig`, got dict", TypeError, lambda: linear(config={"model_dir": "x"})),
        ("`model_dir` is 'x', and that of `config` 'y'", ValueError,
         lambda: linear("x", config=estimator.RunConfig(model_dir="y"))),
        ("`keep_checkpoint_max` must be at least 0", ValueError, lambda: estimator.RunConfig(keep_checkpoint_max=-1)),
        ("`train_distribute` must be None", ValueError, lambda: estimator.RunConfig(train_distribute="mirrored")),
        ("`throttle_secs` must be at least 0", ValueError, lambda: estimator.EvalSpec(rows(), throttle_secs=-1)),
        ("`steps` must be an int of at least 1, got 2.5", ValueError, lambda: linear().train(rows(), steps=2.5)),
        ("`max_steps` must be an int of", ValueError, lambda: linear().train(rows(), max_steps="3")),
        ("`steps` must be an int", ValueError, lambda: linear().evaluate(rows(), steps=0)),
        ("`hidden_units` must be a list", ValueError, lambda: estimator.DNNClassifier(4, [A])),
        ("must hold columns, got str", TypeError, lambda: estimator.LinearClassifier(["a"])),
        ("The feature 'c' is text, and 'linear' takes it as numbers", ValueError,
         lambda: estimator.LinearClassifier([fc.numeric_column("c")]).train(rows(), steps=1)),
        ("The labels are text, such as 'a'", ValueError, lambda: linear().train(rows(labels=FEATURES["c"]), steps=1)),
        ("There is no checkpoint '.*model.ckpt-77.npz'", ValueError,
         lambda: linear().evaluate(rows(1), checkpoint_path="model.ckpt-77")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(words, kind, call):
    with pytest.raises(kind, match=words):
        call()
