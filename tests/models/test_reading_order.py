"""What a training reads from a data set of the user's, and when: once, in order, after the hooks."""

import keras as real_keras
import numpy as np
import pytest

import kerasish as keras


def run(library, kind, built, method="fit", epochs=2, times=1):
    """The events of a run, as words."""
    events = []

    class Watch(library.callbacks.Callback):
        def on_train_begin(self, logs=None):
            events.append("train")

        def on_epoch_begin(self, epoch, logs=None):
            events.append("epoch")

        def on_train_batch_end(self, batch, logs=None):
            events.append("step")

        def on_test_begin(self, logs=None):
            events.append("test")

        def on_predict_begin(self, logs=None):
            events.append("predict")

    class Data(library.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            events.append(f"read{index}")
            return np.ones((2, 3), "float32"), np.ones((2, 1), "float32")

        def on_epoch_begin(self):
            events.append("begin")

        def on_epoch_end(self):
            events.append("end")

    class Loader:
        def __iter__(self):
            return pulled(2)

    def pulled(count):
        for index in range(count):
            events.append(f"read{index}")
            yield np.ones((2, 3), "float32"), np.ones((2, 1), "float32")

    model = library.Sequential(([library.Input((3,))] if built else []) + [library.layers.Dense(1)])
    model.compile("sgd", "mse")
    for _ in range(times):
        events.clear()
        data = {"dataset": Data, "generator": lambda: pulled(8), "loader": Loader}[kind]()
        steps = {"steps_per_epoch" if method == "fit" else "steps": 2} if kind == "generator" else {}
        further = {"epochs": epochs, "shuffle": False} if method == "fit" else {}
        getattr(model, method)(data, verbose=0, callbacks=[Watch()], **steps, **further)
    return " ".join(events)


EPOCH = "epoch begin read0 step read1 step end"
ORDERS = {
    # Losses are matched at the first batch, which is read before the callbacks and handed out in its epoch.
    "data set": (("dataset", False), f"begin read0 train epoch step read1 step end {EPOCH}"),
    "data set, built": (("dataset", True), f"begin read0 train epoch step read1 step end {EPOCH}"),
    "data set, again": (("dataset", True, "fit", 2, 2), f"train {EPOCH} {EPOCH}"),
    "generator": (("generator", True), "read0 train epoch step read1 step epoch read2 step read3 step"),
    "generator, again": (
        ("generator", True, "fit", 2, 2),
        "train epoch read0 step read1 step epoch read2 step read3 step",
    ),
    "loader": (("loader", True), "read0 train epoch step read1 step epoch read0 step read1 step"),
    "loader, again": (("loader", True, "fit", 1, 2), "train epoch read0 step read1 step"),
    "evaluate": (("dataset", True, "evaluate"), "begin read0 test read1 end"),
    "evaluate, again": (("dataset", True, "evaluate", 1, 2), "test begin read0 read1 end"),
    "predict": (("dataset", False, "predict"), "begin read0 predict read1 end"),
    "predict, built": (("dataset", True, "predict"), "predict begin read0 read1 end"),
}


@pytest.mark.parametrize("case, expected", ORDERS.values(), ids=ORDERS)
def test_each_batch_is_read_once_after_the_hooks(case, expected):
    assert run(keras, *case) == expected


def test_the_order_of_an_epoch_is_that_of_keras():
    """Keras reads the first batch once more, before everything: what comes behind it is the same."""
    theirs = run(real_keras, "dataset", True)
    assert theirs == f"begin read0 end train {EPOCH} {EPOCH}"
    assert run(keras, "dataset", True, times=2) == theirs.removeprefix("begin read0 end ")


def test_bad_batches_of_a_data_set_are_refused_before_the_weights_change():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    for labels, shape in ((np.array([0, 7]), (2, 3)), (np.array([0, 1]), (2, 5)), (np.array([0, 1, 2]), (2, 3))):
        for _ in range(2):  # the second time nothing is read ahead
            before = [w.copy() for w in model.get_weights()]
            with pytest.raises(ValueError):
                model.fit(iter([(np.ones(shape, "float32"), labels)]), verbose=0)
            for one, other in zip(before, model.get_weights()):
                np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("make", [list, tuple, np.asarray], ids=["list", "tuple", "array"])
def test_a_single_batch_has_all_rows(make):
    class OnlyArray:
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            return np.asarray(self.values, dtype or "float32")

    rows = [[float(i), 1.0] for i in range(100)]
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    model = keras.Model({"a": a, "b": b}, keras.layers.Dense(1)(a + b))
    model.compile("sgd", "mse")
    y = np.zeros((100, 1), "float32")
    for given in (make(rows), OnlyArray(rows)):
        x = {"a": given, "b": given}
        assert model.predict_on_batch(x).shape == (100, 1)
        expected = model.evaluate(x, y, batch_size=100, verbose=0)
        assert model.test_on_batch(x, y) == pytest.approx(expected)
        assert model.train_on_batch(x, y) == pytest.approx(expected)
