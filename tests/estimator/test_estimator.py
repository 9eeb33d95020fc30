"""Estimators by what a user sees: folders, steps, checkpoints, predictions."""

import os

import numpy as np
import pytest

import kerasish as keras
from kerasish import data, estimator
from kerasish import feature_column as fc

X = np.linspace(-1, 1, 24, dtype="float32").reshape(12, 2)
Y = X @ np.array([2.0, -1.0], "float32") + 0.5


def model_fn(features, labels, mode, params):
    hidden = keras.layers.Dense(params.get("units", 4), "tanh")(features["x"])
    hidden = keras.layers.Dropout(0.1)(hidden)
    outputs = keras.layers.Dense(1)(hidden)[:, 0]
    predictions = {"y": outputs, "hidden": hidden}
    if mode == estimator.ModeKeys.PREDICT:
        return estimator.EstimatorSpec(mode, predictions)
    loss = keras.ops.mean(keras.ops.square(outputs - labels))
    found = {"mae": (keras.metrics.MeanAbsoluteError(), labels, outputs)}
    return estimator.EstimatorSpec(mode, predictions, loss, keras.optimizers.Adam(0.05), found)


def made(folder=None, **config):
    return estimator.Estimator(model_fn, folder, estimator.RunConfig(tf_random_seed=1, **config), {"units": 4})


def rows(batch=4, epochs=None, shuffle=False):
    return estimator.inputs.numpy_input_fn({"x": X}, Y, batch, epochs, shuffle, seed=0)


def steps_in(folder):
    return sorted(int(name[11:-4]) for name in os.listdir(folder) if name.endswith(".npz"))


def test_training_goes_on_where_it_ended(tmp_path):
    at_once, in_parts = made(tmp_path / "a"), made(tmp_path / "b")
    at_once.train(rows(), steps=30)
    in_parts.train(rows(), steps=12)  # a whole number of epochs, so that the data go on as well
    again = made(tmp_path / "b")
    again.train(rows(), max_steps=30)
    for name in at_once.get_variable_names():
        np.testing.assert_allclose(
            at_once.get_variable_value(name), again.get_variable_value(name), rtol=1e-6, atol=1e-7
        )
    assert again.get_variable_value("global_step") == 30
    assert again.train(rows(), max_steps=30).latest_checkpoint().endswith("model.ckpt-30")


def test_checkpoints_are_written_and_the_oldest_leave(tmp_path):
    made(tmp_path, save_checkpoints_steps=5, keep_checkpoint_max=3).train(rows(), steps=22)
    assert steps_in(tmp_path) == [15, 20, 22]
    assert estimator.latest_checkpoint(tmp_path).endswith("model.ckpt-22")


def test_names_of_variables_do_not_depend_on_layers_made_before():
    keras.layers.Dense(1)
    first = made().train(rows(), steps=1).get_variable_names()
    second = made().train(rows(), steps=1).get_variable_names()
    assert first == second
    assert {"dense/kernel", "dense_1/kernel", "global_step", "optimizer_0/0"} < set(first)


def test_evaluation_is_that_of_the_checkpoint(tmp_path):
    trained = made(tmp_path, save_checkpoints_steps=10).train(rows(), steps=20)
    early = trained.evaluate(rows(epochs=1), checkpoint_path=os.path.join(tmp_path, "model.ckpt-10"))
    late = trained.evaluate(rows(epochs=1))
    assert (early["global_step"], late["global_step"]) == (10, 20)
    assert late["mae"] < early["mae"]
    predicted = np.array([row["y"] for row in trained.predict(rows(epochs=1))])
    assert late["mae"] == pytest.approx(np.abs(predicted - Y).mean(), rel=1e-5)
    assert made(tmp_path).evaluate(rows(epochs=1)) == late


def test_predictions_by_key_and_by_batch():
    trained = made().train(rows(), steps=1)
    (first, *others) = trained.predict(rows(5, 1), predict_keys="y")
    assert set(first) == {"y"} and len(others) == 11
    assert [len(batch["y"]) for batch in trained.predict(rows(5, 1), yield_single_examples=False)] == [5, 5, 2]
    with pytest.raises(ValueError, match="`predict_keys` names 'z'; there are y, hidden"):
        next(trained.predict(rows(5, 1), predict_keys=["z"]))


def generator(mode, params):
    for start in range(0, 12, 4):
        yield {"x": X[start : start + 4]}, Y[start : start + 4]


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, place):
        return {"x": X[place * 4 : place * 4 + 4]}, Y[place * 4 : place * 4 + 4]


@pytest.mark.parametrize(
    "input_fn",
    [generator, lambda: Batches(), lambda: list(generator(None, None)), lambda: lambda: generator(None, None)],
    ids=["generator", "PyDataset", "list", "function"],
)
def test_what_an_input_function_may_return(input_fn):
    want = made().train(rows(), steps=3).evaluate(rows(epochs=1))
    assert made().train(input_fn).evaluate(input_fn) == want


def test_arrays_are_one_batch_again_and_again():
    trained = made().train(lambda: ({"x": X}, Y), steps=7)
    assert trained.evaluate(lambda: ({"x": X}, Y), steps=2)["global_step"] == 7


def test_records_are_read(tmp_path):
    path = os.fspath(tmp_path / "rows.tfrecord")
    data.tfrecord.write(path, (data.tfrecord.encode_example({"x": x, "y": y}) for x, y in zip(X, Y)))
    features = {"x": data.Feature((2,)), "y": data.Feature(())}
    read = lambda: data.TFRecordBatches(path, features, inputs=["x"], label="y", batch_size=4)  # noqa: E731
    found = [tuple(part) for part in read()]
    named = lambda: (({"x": x}, y) for x, y in read())  # noqa: E731
    assert len(found) == 3
    want = made().train(rows(), steps=3).evaluate(rows(epochs=1))
    assert made().train(named).evaluate(named) == want


def words_fn(features, labels, mode):
    column = fc.embedding_column(fc.categorical_column_with_hash_bucket("words", 100), 4)
    logits = keras.layers.Dense(1)(fc.input_layer(features, [column]))[:, 0]
    loss = None if labels is None else keras.ops.mean(keras.ops.square(logits - labels))
    return estimator.EstimatorSpec(mode, logits, loss, None if loss is None else keras.optimizers.Adam(0.1))


def ragged():
    for width in (2, 4, 1, 4, 3):
        yield {"words": np.array([["red", "green", "blue", "red"][:width], ["x"] * width])}, np.array([1.0, 0.0])


def test_batches_of_several_widths_train_one_model(tmp_path):
    model = estimator.Estimator(words_fn, tmp_path)
    for _ in range(8):
        model.train(ragged)
    assert model.get_variable_value("global_step") == 40
    assert model.evaluate(ragged)["loss"] < 0.1
    assert [round(float(value)) for value in model.predict(ragged)] == [1, 0] * 5


def test_a_warm_start_takes_weights_of_the_same_names(tmp_path):
    made(tmp_path / "old").train(rows(), steps=40)
    warm = estimator.Estimator(model_fn, tmp_path / "new", params={}, warm_start_from=tmp_path / "old")
    warm.train(rows(), steps=1)
    first = np.load(tmp_path / "new" / "model.ckpt-0.npz")
    kernel = made(tmp_path / "old").get_variable_value("dense/kernel")
    assert np.array_equal(first["dense/kernel"], kernel)


def test_a_folder_belongs_to_one_model(tmp_path):
    made(tmp_path).train(rows(), steps=1)
    wider = estimator.Estimator(model_fn, tmp_path, params={"units": 5})
    with pytest.raises(ValueError, match="'dense/kernel' has shape .2, 4. in the checkpoint, and .2, 5. in the model"):
        wider.train(rows(), steps=1)


def test_two_train_ops_change_their_own_variables():
    def two(features, labels, mode):
        left, right = keras.layers.Dense(1, name="left"), keras.layers.Dense(1, name="right")
        outputs = (left(features["x"]) + right(features["x"]))[:, 0]
        loss = keras.ops.mean(keras.ops.square(outputs - labels))
        ops = [
            estimator.minimize(loss, keras.optimizers.SGD(0.1), left.trainable_variables),
            estimator.minimize(loss, keras.optimizers.SGD(0.0), right.trainable_variables),
        ]
        return estimator.EstimatorSpec(mode, outputs, loss, ops)

    model = estimator.Estimator(two).train(rows(), steps=5)
    first = np.load(os.path.join(model.model_dir, "model.ckpt-0.npz"))
    assert not np.array_equal(first["left/kernel"], model.get_variable_value("left/kernel"))
    assert np.array_equal(first["right/kernel"], model.get_variable_value("right/kernel"))


def test_losses_of_layers_count():
    def regularized(features, labels, mode):
        outputs = keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.5), kernel_initializer="ones")(
            features["x"]
        )[:, 0]
        loss = keras.ops.mean(outputs * 0.0)
        return estimator.EstimatorSpec(mode, outputs, loss, keras.optimizers.SGD(0.1))

    model = estimator.Estimator(regularized).train(rows(), steps=1)
    np.testing.assert_allclose(model.get_variable_value("dense/kernel"), 0.9, rtol=1e-6)
    assert model.evaluate(rows(epochs=1))["loss"] == pytest.approx(0.5 * 2 * 0.81, rel=1e-5)


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda: estimator.Estimator(lambda x: None), "`model_fn` must take `features`"),
        (lambda: estimator.Estimator(lambda features, other: None), "`model_fn` takes `other`"),
        (lambda: estimator.Estimator(lambda features: None, params={"a": 1}), "does not take `params`"),
        (lambda: made().train(rows(), steps=1, max_steps=1), "either `steps` or `max_steps`"),
        (lambda: made().train(rows(), steps=0), "`steps` must be an int of at least 1"),
        (lambda: made().train(lambda: iter([{"x": X}]), steps=1), "must give pairs .features, labels."),
        (lambda: made().evaluate(lambda: iter(()), steps=1), "gave no batches"),
        (lambda: made().get_variable_names(), "There is no checkpoint in"),
        (lambda: estimator.Estimator(lambda features, labels: 3).train(rows(), steps=1), "must return an `Estimator"),
        (lambda: estimator.RunConfig(save_checkpoints_steps=1, save_checkpoints_secs=1), "not both"),
        (lambda: estimator.RunConfig(save_summary_steps=0), "`save_summary_steps` must be above 0"),
        (lambda: estimator.EstimatorSpec("training"), "`mode` must be one of"),
        (lambda: estimator.EstimatorSpec("train"), "`loss` must be a symbolic scalar"),
        (lambda: estimator.EstimatorSpec("train", loss=keras.Input(())), "`train_op` is missing"),
        (lambda: estimator.EstimatorSpec("infer"), "`predictions` is missing"),
        (lambda: estimator.inputs.numpy_input_fn({"x": X}, Y), "`shuffle` must be said"),
        (lambda: estimator.inputs.numpy_input_fn({"x": X}, Y[:3], shuffle=True), "equally many rows"),
        (lambda: estimator.inputs.numpy_input_fn({}, shuffle=True), "must not be an empty dict"),
    ],
    ids=range(18),
)
def test_what_makes_no_sense_is_refused(use, says):
    with pytest.raises(ValueError, match=says):
        use()


def test_a_damaged_checkpoint_is_refused(tmp_path):
    path = made(tmp_path).train(rows(), steps=1).latest_checkpoint() + ".npz"
    with open(path, "r+b") as file:
        file.truncate(200)
    with pytest.raises(ValueError, match="model.ckpt-1.npz' is damaged"):
        made(tmp_path).train(rows(), steps=1)


def test_shuffled_batches_hold_every_row_once_an_epoch():
    batches = list(estimator.inputs.numpy_input_fn({"x": np.arange(10)}, None, 4, 3, shuffle=True, seed=3)())
    order = np.concatenate([batch["x"] for batch in batches])
    assert [len(batch["x"]) for batch in batches] == [4] * 7 + [2]
    assert all(sorted(order[start : start + 10]) == list(range(10)) for start in (0, 10, 20))
    assert list(order[:10]) != list(order[10:20])
