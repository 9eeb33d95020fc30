"""Names and order of losses and metrics in logs, `metrics_names` and what `evaluate` returns, beside real Keras."""

import keras as real
import numpy as np
import pytest

import kerasish

X, Y = np.ones((8, 3), "float32"), np.ones((8, 2), "float32")
LABELS = np.zeros(8, "int32")


def one(library):
    return library.Sequential([library.Input((3,)), library.layers.Dense(2, kernel_initializer="ones")])


def two(library, named=False):
    inputs = library.Input((3,))
    first = library.layers.Dense(2, kernel_initializer="ones", name="o1")(inputs)
    second = library.layers.Dense(3, "softmax", kernel_initializer="ones", name="o2")(inputs)
    return library.Model(inputs, {"z": first, "b": second} if named else [first, second])


def a_function(y_true, y_pred):
    return y_pred[:, 0] - y_true[:, 0]


CROSSENTROPY = "sparse_categorical_crossentropy"
CASES = {  # name: (model, targets, compile's arguments by library)
    "one": (one, Y, lambda library: {"loss": "mse", "metrics": ["mae"]}),
    "weighted": (one, Y, lambda library: {"loss": "mse", "weighted_metrics": ["mse"]}),
    "two": (two, [Y, LABELS], lambda library: {"loss": ["mse", CROSSENTROPY], "metrics": [["mae"], ["accuracy"]]}),
    "one loss of two": (two, [Y, LABELS], lambda library: {"loss": ["mse", None], "metrics": [["mae"], ["accuracy"]]}),
    "two, weighted": (
        two, [Y, LABELS], lambda library: {"loss": ["mse", CROSSENTROPY], "metrics": [["mae"], ["acc"]],
        "weighted_metrics": [["mae"], ["acc"]]},
    ),
    "two, by name": (
        lambda library: two(library, named=True), {"z": Y, "b": LABELS},
        lambda library: {"loss": {"z": "mse", "b": CROSSENTROPY}, "metrics": {"z": ["mae", "mse"], "b": ["accuracy"]}},
    ),
    "two, objects": (
        two, [Y, LABELS],
        lambda library: {
            "loss": ["mse", CROSSENTROPY],
            "metrics": [[library.metrics.MeanSquaredError(name="a")],
            [library.metrics.SparseCategoricalAccuracy(name="b")]],
        },
    ),
    "named by what they are": (
        one, Y,
        lambda library: {
            "loss": "mse",
            "metrics": [library.losses.MeanAbsoluteError(name="q"), library.losses.Huber(), a_function, lambda y_true,
            y_pred: y_pred[:, 1]],
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_names_and_order_are_those_of_keras(case):
    make, y, arguments = CASES[case]
    found = []
    for library in (kerasish, real):
        model = make(library)
        model.compile(library.optimizers.SGD(0.0), **arguments(library))
        history = model.fit(X, y, verbose=0).history
        found.append(
            (
                model.metrics_names,
                list(history),
                model.evaluate(X, y, verbose=0),
                model.evaluate(X, y, verbose=0, return_dict=True),
            )
        )
        found[-1] += (model.train_on_batch(X, y), model.test_on_batch(X, y))
    (names, keys, values, by_name, *batches), (real_names, real_keys, real_values, real_by_name, *real_batches) = found
    assert (names, keys, list(by_name)) == (real_names, real_keys, list(real_by_name))
    for ours, theirs in zip([values, *batches], [real_values, *real_batches]):
        np.testing.assert_allclose(np.atleast_1d(ours), np.atleast_1d(theirs), rtol=1e-5)


def test_a_metric_given_twice_is_told_apart():
    model = one(kerasish)
    model.compile("sgd", "mse", metrics=["mae", "mae"], weighted_metrics=["mae", "mape"])
    weights = np.array([0, 0, 0, 0, 0, 0, 0, 1.0])
    x = np.arange(24, dtype="float32").reshape(8, 3)
    logs = model.evaluate(x, Y, sample_weight=weights, verbose=0, return_dict=True)
    assert list(logs) == ["loss", "mae", "mae_1", "mape", "weighted_mae"]
    assert logs["mae"] == logs["mae_1"] == pytest.approx(np.abs(x.sum(1) - 1).mean()) and logs[
        "weighted_mae"
    ] == pytest.approx(65.0)
    assert len(model.evaluate(x, Y, verbose=0)) == 5


def test_metrics_of_the_model_and_its_layers_come_last():
    class Counting(kerasish.layers.Layer):
        def __init__(self):
            super().__init__()
            self.seen = kerasish.metrics.Mean(name="seen")

        def call(self, x):
            self.seen.update_state(x)
            return x

    class Own(kerasish.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.counting, self.mine = (
                kerasish.layers.Dense(2),
                Counting(),
                kerasish.metrics.Mean(name="mine"),
            )

        def call(self, x):
            y = self.counting(self.dense(x))
            self.mine.update_state(y)
            return y

    model = Own()
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(X, Y, verbose=0)
    assert model.metrics_names == ["loss", "compile_metrics", "mine", "seen"]  # as Keras on TensorFlow has it
    logs = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx([logs[name] for name in ("loss", "mae", "mine", "seen")])
