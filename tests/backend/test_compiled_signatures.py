"""Many signatures of one function: compiled once each, kept within a bound of memory, and spoken of."""

import gc
import tracemalloc
import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend
from kerasish.backend.compiled_signatures import ALWAYS_KEPT, MANY, Signatures

OF_THE_HOST = pytest.mark.skipif(backend.device().kind != "cpu", reason="the host's memory is looked at")

LENGTHS = range(1, 141)


@pytest.fixture
def room_for():
    """A function that sets the bound to that of about so many signatures of `doubled`."""
    before = keras.config.compiled_memory()

    def bound(count):
        f = doubled()
        f(np.ones(1, "float32"))
        (entry,) = f._signatures.entries()
        keras.config.set_compiled_memory(int(count * entry.bytes * 1.05))

    yield bound
    keras.config.set_compiled_memory(before)


def doubled():
    return backend.function(lambda x: x * 2.0)


def compiled_in(f, lengths):
    before = f.traces
    for length in lengths:
        x = np.ones(length, "float32")
        assert f(x).tolist() == [2.0] * length
    return f.traces - before


@pytest.mark.filterwarnings("ignore:.*different signatures")
def test_140_lengths_are_compiled_once_each():
    f = doubled()
    assert compiled_in(f, LENGTHS) == 140
    assert compiled_in(f, LENGTHS) == 0


@pytest.mark.filterwarnings("ignore:.*different signatures")
@pytest.mark.parametrize("count", [21, 40, 80])
def test_a_cycle_that_does_not_fit_finds_what_is_kept(room_for, count):
    room_for(20)
    f = doubled()
    lengths = range(1, count + 1)
    compiled_in(f, lengths)
    for _ in range(3):
        assert compiled_in(f, lengths) <= count - 19
    for seed in range(3):
        assert compiled_in(f, np.random.default_rng(seed).permutation(lengths)) <= count - 19


@pytest.mark.filterwarnings("ignore:.*different signatures")
def test_other_signatures_are_kept_at_their_third_turn(room_for):
    room_for(20)
    f = doubled()
    for _ in range(50):
        compiled_in(f, range(1, 21))
    for _ in range(3):
        compiled_in(f, range(101, 121))
    assert compiled_in(f, range(101, 121)) <= 5  # longer arrays take a little more room


@pytest.mark.filterwarnings("ignore:.*different signatures")
def test_a_signature_in_steady_use_stays(room_for):
    room_for(5)
    f = doubled()
    x, before = np.ones(500, "float32"), None
    for length in [*range(1, 41)] * 2:
        f(x)
        before = before or f.traces
        f(np.ones(length, "float32"))
    again = f.traces
    f(x)
    assert f.traces == again


@pytest.mark.filterwarnings("ignore:.*different signatures")
def test_the_memory_is_bounded(room_for):
    room_for(20)
    f = doubled()
    compiled_in(f, LENGTHS)
    held = [entry.bytes for entry in f._signatures.entries()]
    assert sum(held) <= keras.config.compiled_memory() and len(held) >= 15
    keras.config.set_compiled_memory(0)
    compiled_in(f, [201, 202, 203, 204])
    compiled_in(f, [203, 204] * 3)
    assert len(f._signatures) == ALWAYS_KEPT and compiled_in(f, [203, 204]) == 0


@OF_THE_HOST
def test_what_is_counted_is_about_what_is_held():
    layers = keras.layers
    model = keras.Sequential([keras.Input((None,)), layers.Embedding(50, 8), layers.LSTM(8), layers.Dense(2)])
    model.compile("adam", "mse")

    def train(length):
        model.train_on_batch(np.zeros((4, length), "int32"), np.zeros((4, 2), "float32"))

    train(29)
    gc.collect()
    tracemalloc.start()
    for length in range(30, 36):
        train(length)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    counted = sum(entry.bytes for entry in model.train_function._signatures.entries()[1:])
    assert held / 2 < counted < held * 2


@OF_THE_HOST
def test_arrays_count_with_what_they_hold():
    ones = np.ones((1000, 1000), "float32")
    f = backend.function(lambda x: keras.ops.matmul(keras.ops.matmul(x, ones), ones) + ones)
    f(ones)
    (entry,) = f._signatures.entries()
    assert 3 * ones.nbytes <= entry.bytes < 8 * ones.nbytes


def test_many_signatures_are_spoken_of_once():
    model = keras.Sequential([keras.Input((None, 2)), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.name = "lengths"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for length in range(37, 37 + MANY):
            model.train_on_batch(np.zeros((2, length, 2), "float32"), np.zeros((2, 1), "float32"))
        assert not caught
        for length in range(200, 210):
            model.train_on_batch(np.zeros((2, length, 2), "float32"), np.zeros((2, 1), "float32"))
    (warning,) = caught
    text = str(warning.message)
    assert f"train_step' has been compiled for {MANY + 1} different signatures" in text
    assert f": axis 1 of `x` is 37, 38, 39, 40, ... ({MANY + 1} sizes). Pad to one size or to a few (buckets)" in text
    assert "2,048 MiB" in text and "keras.config.set_compiled_memory" in text


def test_what_differs_is_named_in_structures(room_for):
    room_for(2)
    f = backend.function(lambda inputs, scale: inputs["ids"][0] * scale)
    with pytest.warns(UserWarning, match=r"for 3 different .*: axis 0 of `inputs\['ids'\]\[0\]` is 1, 2, 3\. Pad"):
        for length in (1, 2, 3):
            f({"ids": [np.ones(length, "float32")]}, 2.0)
    g = backend.function(lambda x, kind: x + len(kind))
    with pytest.warns(UserWarning, match="the structures or dtypes of the arguments differ"):
        for kind in ("a", "bb", "ccc"):
            g(np.ones(2, "float32"), kind)


def test_forgotten_signatures_are_remembered_within_a_bound(monkeypatch):
    from kerasish.backend import compiled_signatures

    class Entry:
        bytes, used = 1 << 40, 0

    monkeypatch.setattr(compiled_signatures, "_REMEMBERED", 10)
    table = Signatures()
    for key in range(100):
        table.put(key, Entry())
    assert len(table) == 2 and len(table._asked) == 10


@pytest.mark.parametrize("size", [-1, 1.5, "2G", True, None])
def test_a_bound_is_a_number_of_bytes(size):
    with pytest.raises(ValueError, match="`compiled_memory` must be a number of bytes"):
        keras.config.set_compiled_memory(size)
