"""Canned estimators train to the numbers of TensorFlow 2.15's (those of TensorFlow 1).

TensorFlow has none any more, so the numbers are kept: `record_tensorflow_estimators.py` says how they were made.
"""

import json
import pathlib

import numpy as np
import pytest

from kerasish import estimator
from kerasish import feature_column as fc
from kerasish.estimator.checkpoints import read_checkpoint, write_checkpoint

RECORDED = json.loads((pathlib.Path(__file__).parent / "tensorflow_estimators.json").read_text(encoding="utf-8"))
TOWNS = ["Bonn", "Ulm", "Koeln"]
ROWS = 24


def table():
    i = np.arange(ROWS)
    age = (np.sin(i * 1.7) * 2).astype("float32")
    town = np.array(TOWNS)[(i * 5 + i // 4) % 3]
    y = (np.cos(i * 1.1) * 1.5 + age).astype("float32")
    return {"age": age, "town": town, "weight": (1 + (i % 3) / 2).astype("float32")}, y


def labels_for(kind):
    _, y = table()
    if kind == "regression":
        return y
    return (y > 0.3).astype("int64") if kind == "two" else np.digitize(y, [-0.8, 0.9]).astype("int64")


def columns():
    town, age = fc.categorical_column_with_vocabulary_list("town", TOWNS), fc.numeric_column("age")
    bucket = fc.bucketized_column(age, [-1.0, 0.5])
    return [town, bucket, fc.crossed_column([bucket, "town"], 20), age], [age, fc.indicator_column(town)]


WIDE, DEEP = columns()
HIDDEN = [4, 3]
BOTH = {"linear_feature_columns": WIDE, "dnn_feature_columns": DEEP, "dnn_hidden_units": HIDDEN}
CASES = {
    "BaselineClassifier": lambda d: estimator.BaselineClassifier(d),
    "BaselineClassifier of 3": lambda d: estimator.BaselineClassifier(d, n_classes=3),
    "BaselineRegressor": lambda d: estimator.BaselineRegressor(d),
    "LinearClassifier": lambda d: estimator.LinearClassifier(WIDE, d),
    "LinearClassifier weighted": lambda d: estimator.LinearClassifier(WIDE, d, weight_column="weight"),
    "LinearClassifier of 3": lambda d: estimator.LinearClassifier(WIDE, d, n_classes=3),
    "LinearRegressor": lambda d: estimator.LinearRegressor(WIDE, d),
    "LinearRegressor mean": lambda d: estimator.LinearRegressor(WIDE, d, loss_reduction="sum_over_batch_size"),
    "DNNClassifier": lambda d: estimator.DNNClassifier(HIDDEN, DEEP, d),
    "DNNClassifier of 3": lambda d: estimator.DNNClassifier(HIDDEN, DEEP, d, n_classes=3),
    "DNNClassifier with batch_norm": lambda d: estimator.DNNClassifier(HIDDEN, DEEP, d, batch_norm=True),
    "DNNRegressor": lambda d: estimator.DNNRegressor(HIDDEN, DEEP, d),
    "DNNRegressor weighted": lambda d: estimator.DNNRegressor(HIDDEN, DEEP, d, weight_column="weight"),
    "DNNLinearCombinedClassifier": lambda d: estimator.DNNLinearCombinedClassifier(d, **BOTH),
    "DNNLinearCombinedRegressor": lambda d: estimator.DNNLinearCombinedRegressor(d, **BOTH),
}


def our_name(name):
    """The name that we give to what TensorFlow calls `name`."""
    parts = name.split("/")
    if parts[0] == "baseline":
        return "baseline/bias"
    if parts[0] == "linear":
        return "linear/bias" if parts[-1] == "bias_weights" else f"linear/{parts[2]}_weights"
    if "batchnorm" in name:
        return f"dnn_batch_norm_{parts[1][-1]}/{parts[-1]}"
    return f"dnn_{parts[1].replace('hiddenlayer', 'hidden')}/{parts[-1]}"


def renamed(weights):
    return {our_name(name): np.array(value, "float32") for name, value in weights.items()}


@pytest.mark.parametrize("name", CASES)
def test_training_evaluation_and_predictions(name, tmp_path):
    want, (x, _) = RECORDED[name], table()
    labels = labels_for(want["kind"])
    write_checkpoint(tmp_path, 0, renamed(want["first"]), 5)
    model = CASES[name](tmp_path)

    def rows(size, epochs):
        return estimator.inputs.numpy_input_fn(x, labels, size, epochs, shuffle=False)

    model.train(rows(8, None), steps=1)
    model.train(rows(8, None), max_steps=8)
    state = read_checkpoint(tmp_path)
    for key, value in renamed(want["last"]).items():
        np.testing.assert_allclose(state[key], value, rtol=2e-4, atol=2e-5, err_msg=key)
    found = model.evaluate(rows(5, 1))
    assert found.keys() == want["evaluate"].keys()
    for key, value in want["evaluate"].items():
        np.testing.assert_allclose(found[key], value, rtol=2e-4, atol=2e-5, err_msg=key)
    for row, expected in zip(model.predict(rows(8, 1)), want["predict"]):
        assert row.keys() == expected.keys()
        for key, value in expected.items():
            if "classes" in key:
                assert row[key].tolist() == value
            else:
                np.testing.assert_allclose(row[key], value, rtol=2e-4, atol=2e-5, err_msg=key)
