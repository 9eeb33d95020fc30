"""`explain` of data that come in batches: how long the loop waits for them."""

import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, utils

X, Y = np.random.default_rng(0).standard_normal((40, 3)).astype("float32"), np.ones((40, 1), "float32")


class Batches(utils.PyDataset):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fetched = []

    def __len__(self):
        return 5

    def __getitem__(self, index):
        self.fetched.append(index)
        return X[8 * index : 8 * index + 8], Y[8 * index : 8 * index + 8]


def generator():
    while True:
        yield X[:8], Y[:8]


def model():
    built = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dropout(0.5), layers.Dense(1)])
    built.compile("adam", "mse", metrics=["mae"])
    return built


SOURCES = {"a PyDataset": Batches, "with workers": lambda: Batches(workers=2), "a generator": generator}


@pytest.mark.parametrize("kind", ["train", "test", "predict"])
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_waiting_is_measured_and_nothing_changes(source, kind):
    net = model()
    net.train_on_batch(X[:8], Y[:8])
    before = [np.array(variable) for variable in (*net.variables, *net.optimizer.variables)]
    threads = threading.active_count()
    found = net.explain(source(), kind=kind, repeat=1)
    assert found.input_seconds > 0 and found.first_input_seconds > 0
    assert "of waiting for a batch" in str(found) and found.to_dict()["input_seconds"] == found.input_seconds
    for variable, value in zip((*net.variables, *net.optimizer.variables), before):
        np.testing.assert_array_equal(np.array(variable), value)
    assert threading.active_count() == threads


def test_arrays_are_at_hand():
    found = model().explain(X[:8], Y[:8], kind="train", repeat=1)
    assert found.input_seconds is None and "waiting" not in str(found)


def test_batches_bring_their_targets():
    with pytest.raises(ValueError, match="`y` must not be passed"):
        model().explain(Batches(), Y, kind="train")
