"""Exports, `train_and_evaluate`, and models as estimators."""

import os

import numpy as np
import pytest

import kerasish as keras
from kerasish import estimator
from kerasish import feature_column as fc
from tests.estimator.test_estimator import X, Y, made, rows, steps_in

TOWN = fc.categorical_column_with_vocabulary_list("town", ["Ulm", "Bonn", "Koeln"])
COLUMNS = [
    fc.numeric_column("age"),
    fc.embedding_column(TOWN, 2),
    fc.indicator_column(fc.crossed_column(["town", "day"], 9)),
]
TABLE = {
    "age": np.array([1.0, 2.0, 3.0], "float32"),
    "town": np.array(["Ulm", "Bonn", "?"]),
    "day": np.array(["a", "b", "a"]),
}
LABELS = np.array(["no", "yes", "yes"])


def classifier(folder=None):
    return estimator.DNNClassifier([4], COLUMNS, folder, label_vocabulary=["no", "yes"])


def table():
    return TABLE, LABELS


RECEIVER = estimator.build_raw_serving_input_receiver_fn(TABLE)


def test_an_exported_model_predicts_the_same(tmp_path):
    model = classifier().train(table, steps=5)
    path = model.export_saved_model(tmp_path / "served", RECEIVER)
    again = keras.models.load_model(os.path.join(path, "model.keras")).predict(TABLE, verbose=0)
    want = [row for row, _ in zip(model.predict(table), range(3))]
    np.testing.assert_allclose(again["probabilities"], [row["probabilities"] for row in want], rtol=1e-5)
    assert again["class_ids"].tolist() == [row["class_ids"].tolist() for row in want]
    second = model.export_saved_model(tmp_path / "served", RECEIVER)
    assert sorted(os.listdir(tmp_path / "served")) == [os.path.basename(path), os.path.basename(second)]


def test_an_exported_model_is_served(tmp_path):
    testclient = pytest.importorskip("starlette.testclient")
    from kerasish import serving

    classifier().train(table, steps=2).export_saved_model(tmp_path / "towns", RECEIVER)
    service = serving.Service(tmp_path)
    with testclient.TestClient(serving.application(service)) as client:
        body = {"instances": [{"age": 1.0, "town": "Ulm", "day": "a"}]}
        answer = client.post("/v1/models/towns:predict", json=body)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["predictions"][0]["probabilities"]) == 2


def test_a_parsing_receiver_takes_what_columns_read(tmp_path):
    receiver = estimator.build_parsing_serving_input_receiver_fn(fc.make_parse_example_spec(COLUMNS))
    path = classifier().train(table, steps=1).export_saved_model(tmp_path, receiver)
    model = keras.models.load_model(os.path.join(path, "model.keras"))
    assert {tensor.name: tensor.shape for tensor in model.inputs} == {
        "age": (None, 1),
        "day": (None, None),
        "town": (None, None),
    }


def spec(exporters, **options):
    return estimator.EvalSpec(rows(epochs=1), exporters=exporters, throttle_secs=0, **options)


X_RECEIVER = estimator.build_raw_serving_input_receiver_fn({"x": X})


def test_train_and_evaluate_evaluates_and_exports(tmp_path):
    exporters = [
        estimator.LatestExporter("latest", X_RECEIVER, exports_to_keep=2),
        estimator.FinalExporter("final", X_RECEIVER),
        estimator.BestExporter("best", X_RECEIVER),
    ]
    model = made(tmp_path, save_checkpoints_steps=5)
    result, exported = estimator.train_and_evaluate(model, estimator.TrainSpec(rows(), max_steps=22), spec(exporters))
    assert result["global_step"] == 22 and set(map(os.path.basename, map(os.path.dirname, exported))) == {
        "latest",
        "final",
    }
    versions = {
        name: len([v for v in os.listdir(tmp_path / "export" / name) if v.isdigit()]) for name in ("latest", "final")
    }
    assert versions == {"latest": 2, "final": 1}
    assert steps_in(tmp_path)[-1] == 22


def test_the_best_is_known_when_training_goes_on(tmp_path):
    results = iter([{"loss": 3.0}, {"loss": 5.0}, {"loss": 2.0}])

    class Fake:
        def export_saved_model(self, base, receiver, path):
            version = os.path.join(base, str(len(os.listdir(base)) + 1 if os.path.isdir(base) else 1))
            os.makedirs(version)
            return version

    folder, found = os.path.join(tmp_path, "best"), []
    for result in results:
        exporter = estimator.BestExporter("best", lambda: None)
        found.append(exporter.export(Fake(), folder, None, result, False) is not None)
    assert found == [True, False, True]


def compiled(metrics=("accuracy",)):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy", metrics=list(metrics))
    return model


def test_a_model_as_an_estimator_trains_as_the_model_does(tmp_path):
    model, labels = compiled(), np.arange(12) % 3
    made_of = estimator.model_to_estimator(model, model_dir=tmp_path)
    read = lambda: (X, labels)  # noqa: E731
    assert made_of.evaluate(read, steps=1)["loss"] == pytest.approx(model.evaluate(X, labels, verbose=0)[0], rel=1e-5)
    made_of.train(read, steps=5)
    model.fit(X, labels, batch_size=12, epochs=5, verbose=0)
    loss, accuracy = model.evaluate(X, labels, verbose=0)
    found = made_of.evaluate(read, steps=1)
    assert (found["loss"], found["accuracy"]) == (pytest.approx(loss, rel=1e-4), pytest.approx(accuracy))
    again = estimator.model_to_estimator(compiled(), model_dir=tmp_path).evaluate(read, steps=1)
    assert again == found


def test_a_model_of_several_inputs_and_outputs(tmp_path):
    left, right = keras.Input((2,), name="left"), keras.Input((2,), name="right")
    both = keras.layers.Concatenate()([left, right])
    outputs = {
        "sum": keras.layers.Dense(1, name="sum")(both),
        "sign": keras.layers.Dense(1, "sigmoid", name="sign")(both),
    }
    model = keras.Model([left, right], outputs)
    model.compile(
        "sgd",
        {"sum": "mse", "sign": "binary_crossentropy"},
        metrics={"sign": ["accuracy"]},
        loss_weights={"sum": 2.0, "sign": 1.0},
    )
    model.save(tmp_path / "model.keras")
    made_of = estimator.model_to_estimator(keras_model_path=tmp_path / "model.keras")
    read = lambda: ({"left": X, "right": X}, {"sum": Y[:, None], "sign": (Y[:, None] > 0).astype("float32")})  # noqa: E731
    want = model.evaluate([X, X], read()[1], verbose=0, return_dict=True)
    found = made_of.evaluate(read, steps=1)
    assert found["loss"] == pytest.approx(want["loss"], rel=1e-5)
    assert set(found) == {"loss", "sign_accuracy", "global_step"}


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda: estimator.model_to_estimator(), "exactly one of `keras_model` and"),
        (
            lambda: estimator.model_to_estimator(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])),
            "compiled",
        ),
        (lambda: classifier().export_saved_model("x", RECEIVER), "There is no checkpoint"),
        (lambda: estimator.build_raw_serving_input_receiver_fn({}), "must be a dict from feature names"),
        (lambda: estimator.LatestExporter("", RECEIVER), "`name` must be the name of a folder"),
        (lambda: estimator.LatestExporter("a", RECEIVER, 0), "`exports_to_keep` must be at least 1"),
        (lambda: estimator.BestExporter("a"), "`serving_input_receiver_fn` is missing"),
        (lambda: estimator.TrainSpec(rows(), max_steps=0), "`max_steps` must be at least 1"),
        (lambda: estimator.EvalSpec(rows(), exporters=[estimator.FinalExporter("a", RECEIVER)] * 2), "different names"),
        (lambda: classifier().train(lambda: (TABLE, np.array(["no", "yes", "maybe"])), steps=1), "'maybe' is not in"),
        (lambda: estimator.DNNClassifier([], COLUMNS), "`hidden_units` must be a list of sizes"),
        (lambda: estimator.DNNClassifier([3], []), "at least one column"),
        (lambda: estimator.LinearClassifier(COLUMNS, n_classes=1), "`n_classes` must be an int of at least 2"),
        (lambda: estimator.LinearClassifier(COLUMNS, label_vocabulary=["a"]), "must have 2 texts"),
        (lambda: estimator.LinearClassifier(COLUMNS, loss_reduction="none"), "`loss_reduction` must be one of"),
        (lambda: estimator.LinearRegressor(COLUMNS, optimizer="Best").train(table, steps=1), "must be Adagrad, Adam"),
        (lambda: estimator.DNNLinearCombinedClassifier(), "Give `linear_feature_columns`"),
    ],
    ids=range(17),
)
def test_what_makes_no_sense_is_refused(use, says):
    with pytest.raises(ValueError, match=says):
        use()


def test_labels_outside_of_the_classes_are_refused():
    model = estimator.LinearClassifier([fc.numeric_column("x")], n_classes=3)
    with pytest.raises(ValueError, match="Labels must be integers from 0 to 2 .`n_classes` is 3., got 3"):
        model.train(lambda: ({"x": np.ones(2)}, np.array([1, 3])), steps=1)
