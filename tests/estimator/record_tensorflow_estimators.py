"""What TensorFlow 2.15's estimators (those of TensorFlow 1) say of a small table; prints JSON.

python -m venv tf215 && tf215/bin/pip install "tensorflow-cpu==2.15.*" "tensorflow-estimator==2.15.*"
tf215/bin/python record.py > tensorflow_estimators.json
"""

import json
import tempfile

import numpy as np
import tensorflow as tf

tf.get_logger().setLevel("ERROR")
v1 = tf.compat.v1
fc = v1.feature_column

TOWNS = ["Bonn", "Ulm", "Koeln"]
ROWS = 24


def table():
    i = np.arange(ROWS)
    age = (np.sin(i * 1.7) * 2).astype("float32")
    town = np.array(TOWNS)[(i * 5 + i // 4) % 3]
    y = (np.cos(i * 1.1) * 1.5 + age).astype("float32")
    weight = (1 + (i % 3) / 2).astype("float32")
    return {"age": age, "town": town, "weight": weight}, y


def columns():
    town = fc.categorical_column_with_vocabulary_list("town", TOWNS)
    age = fc.numeric_column("age")
    bucket = fc.bucketized_column(age, [-1.0, 0.5])
    crossed = fc.crossed_column([bucket, "town"], 20)
    return [town, bucket, crossed, age], [age, fc.indicator_column(town)]


def input_fn(labels, batch=8, repeat=None, shuffle=False):
    x, _ = table()

    def build():
        data = tf.data.Dataset.from_tensor_slices((x, labels))
        return data.repeat(repeat).batch(batch)

    return build


def labels_for(kind):
    _, y = table()
    if kind == "regression":
        return y
    if kind == "two":
        return (y > 0.3).astype("int64")
    return np.digitize(y, [-0.8, 0.9]).astype("int64")


wide, deep = columns()
CASES = {
    "BaselineClassifier": ("two", lambda e, d: e.BaselineClassifier(d)),
    "BaselineClassifier of 3": ("three", lambda e, d: e.BaselineClassifier(d, n_classes=3)),
    "BaselineRegressor": ("regression", lambda e, d: e.BaselineRegressor(d)),
    "LinearClassifier": ("two", lambda e, d: e.LinearClassifier(wide, d)),
    "LinearClassifier weighted": ("two", lambda e, d: e.LinearClassifier(wide, d, weight_column="weight")),
    "LinearClassifier of 3": ("three", lambda e, d: e.LinearClassifier(wide, d, n_classes=3)),
    "LinearRegressor": ("regression", lambda e, d: e.LinearRegressor(wide, d)),
    "LinearRegressor mean": (
        "regression",
        lambda e, d: e.LinearRegressor(wide, d, loss_reduction=tf.compat.v1.losses.Reduction.SUM_OVER_BATCH_SIZE),
    ),
    "DNNClassifier": ("two", lambda e, d: e.DNNClassifier([4, 3], deep, d)),
    "DNNClassifier of 3": ("three", lambda e, d: e.DNNClassifier([4, 3], deep, d, n_classes=3)),
    "DNNClassifier with batch_norm": ("two", lambda e, d: e.DNNClassifier([4, 3], deep, d, batch_norm=True)),
    "DNNRegressor": ("regression", lambda e, d: e.DNNRegressor([4, 3], deep, d)),
    "DNNRegressor weighted": ("regression", lambda e, d: e.DNNRegressor([4, 3], deep, d, weight_column="weight")),
    "DNNLinearCombinedClassifier": (
        "two",
        lambda e, d: e.DNNLinearCombinedClassifier(d, wide, dnn_feature_columns=deep, dnn_hidden_units=[4, 3]),
    ),
    "DNNLinearCombinedRegressor": (
        "regression",
        lambda e, d: e.DNNLinearCombinedRegressor(d, wide, dnn_feature_columns=deep, dnn_hidden_units=[4, 3]),
    ),
}


def plain(value):
    value = np.asarray(value)
    if value.dtype.kind in "SO":
        return [item.decode() for item in value.ravel().tolist()]
    return np.round(value.astype("float64"), 7).tolist() if value.dtype.kind == "f" else value.tolist()


found = {}
for name, (kind, make) in CASES.items():
    folder = tempfile.mkdtemp()
    estimator = make(v1.estimator, folder)
    labels = labels_for(kind)
    estimator.train(input_fn(labels), steps=1)
    steps = 7
    reader = tf.train.load_checkpoint(folder + "/model.ckpt-0")
    first = {key: plain(reader.get_tensor(key)) for key in reader.get_variable_to_shape_map() if "/" in key}
    estimator.train(input_fn(labels), max_steps=1 + steps)
    reader = tf.train.load_checkpoint(folder)
    last = {key: plain(reader.get_tensor(key)) for key in reader.get_variable_to_shape_map() if "/" in key}
    found[name] = {
        "kind": kind,
        "first": {k: v for k, v in first.items()},
        "last": {k: v for k, v in last.items()},
        "evaluate": {k: plain(v) for k, v in estimator.evaluate(input_fn(labels, batch=5, repeat=1)).items()},
        "predict": [
            {k: plain(v) for k, v in row.items()}
            for row, _ in zip(estimator.predict(input_fn(labels, repeat=1)), range(3))
        ],
    }
print(json.dumps(found))
