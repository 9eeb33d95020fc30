"""Weights in HDF5, one file and several.

The same layout as real Keras both ways, and written whole or not at all in every format.
"""

import json
import os
import shutil

import h5py
import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish import backend
from kerasish.files import weights_h5, weights_safetensors, weights_sharded
from tests.files.some_models import MODELS, OPTIMIZERS, X, Y, agree, layout, outputs, trained, values


@pytest.mark.parametrize("make_optimizer", OPTIMIZERS, ids=["adam", "loss_scale", "multi"])
@pytest.mark.parametrize("build", MODELS)
def test_h5_has_the_layout_of_keras_and_opens_both_ways(build, make_optimizer, tmp_path):
    ours, theirs = trained(keras, build, make_optimizer), trained(oracle, build, make_optimizer)
    here, there = str(tmp_path / "here.weights.h5"), str(tmp_path / "there.weights.h5")
    weights_h5.save(ours, here)
    theirs.save_weights(there)
    assert layout(here) == layout(there)
    expected = outputs(ours)
    theirs.load_weights(here)
    np.testing.assert_allclose(outputs(theirs), expected, rtol=1e-4, atol=1e-5)
    fresh = trained(keras, build, make_optimizer)
    fresh.load_weights(here)
    agree(fresh, ours)
    for one, other in zip(fresh.optimizer.variables, ours.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    for model in (theirs, fresh):
        model.train_on_batch(X, Y)
    np.testing.assert_allclose(outputs(theirs), outputs(fresh), rtol=1e-4, atol=1e-5)


def test_attributes_called_like_methods_of_a_model_are_kept(tmp_path):
    def build(k):
        class Parts(k.layers.Layer):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.summary, self.fit, self.inputs, self.history = (k.layers.Dense(3) for _ in range(4))

            def call(self, x):
                return self.history(self.inputs(self.fit(self.summary(x))))

        class Whole(k.Model):
            def __init__(self):
                super().__init__()
                self.parts, self.evaluate_head = Parts(), k.layers.Dense(1)

            def call(self, x):
                return self.evaluate_head(self.parts(x))

        model = Whole()
        model(X)
        return model

    ours, theirs = build(keras), build(oracle)
    here, there = str(tmp_path / "here.weights.h5"), str(tmp_path / "there.weights.h5")
    ours.save_weights(here)
    theirs.save_weights(there)
    assert layout(here) == layout(there)
    theirs.load_weights(here)
    agree(theirs, ours)


def megabytes(count):
    return count / 1024


def wide(k):
    return k.Sequential([k.Input((6,)), k.layers.Dense(300), k.layers.Dense(300), k.layers.Dense(1)])


def listed(names):
    return [names] if isinstance(names, str) else names


@pytest.mark.parametrize("size", [megabytes(0.5), 5], ids=["several", "one"])
def test_shards_go_both_ways_in_the_layout_of_keras(size, tmp_path):
    ours, theirs = trained(keras, wide), trained(oracle, wide)
    here, there = tmp_path / "here", tmp_path / "there"
    there.mkdir()
    weights_sharded.save(ours, here / "m.weights.json", size)
    theirs.save_weights(there / "m.weights.json", max_shard_size=size)
    assert sorted(os.listdir(here)) == sorted(os.listdir(there))
    mine, yours = (json.loads((folder / "m.weights.json").read_text()) for folder in (here, there))
    sums = mine["metadata"].pop("kerasish.checksums")
    assert mine == yours and set(sums) == {name for names in mine["weight_map"].values() for name in listed(names)}
    for name in sorted(os.listdir(here)):
        if name.endswith(".h5"):
            assert [row for row in layout(here / name) if row[1] is not None] == [
                row for row in layout(there / name) if row[1] is not None
            ]
    theirs.load_weights(here / "m.weights.json")
    agree(theirs, ours)
    other = trained(oracle, wide)
    other.save_weights(there / "m.weights.json", max_shard_size=size)
    weights_sharded.load(ours, there / "m.weights.json")
    agree(ours, other)


def test_shards_are_replaced_all_at_once(tmp_path, monkeypatch):
    path = str(tmp_path / "m.weights.json")
    first, second, reader = (wide(keras) for _ in range(3))
    weights_sharded.save(first, path, megabytes(0.5))
    with monkeypatch.context() as patched:
        patched.setattr(
            weights_sharded.json, "dump", lambda *args, **kwargs: 1 / 0
        )  # killed before the index is written
        with pytest.raises(ZeroDivisionError):
            weights_sharded.save(second, path, megabytes(0.5))
    weights_sharded.load(reader, path)
    agree(reader, first)
    with monkeypatch.context() as patched:
        patched.setattr(weights_sharded, "_clean", lambda *args: None)  # killed right behind it
        weights_sharded.save(second, path, megabytes(0.5))
    weights_sharded.load(reader, path)
    agree(reader, second)
    for _ in range(3):
        model = wide(keras)
        weights_sharded.save(model, path, megabytes(0.5))
        weights_sharded.load(reader, path)
        agree(reader, model)
        theirs = wide(oracle)
        theirs.load_weights(path)
        agree(theirs, model)
    assert len(os.listdir(tmp_path)) <= 6


def test_a_failed_shard_leaves_no_files(tmp_path, monkeypatch):
    model, path = wide(keras), str(tmp_path / "m.weights.json")
    put = weights_sharded._Shards.put
    calls = []

    def failing(self, key, value):
        calls.append(key)
        if len(calls) == 5:
            raise OSError("disk full")
        put(self, key, value)

    monkeypatch.setattr(weights_sharded._Shards, "put", failing)
    with pytest.raises(OSError, match="disk full"):
        weights_sharded.save(model, path, megabytes(0.5))
    assert os.listdir(tmp_path) == []


def full_disk(*args, **kwargs):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("fails", ["the index", "the last file"])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_failed_save_of_shards_leaves_those_of_before(turns, fails, tmp_path, monkeypatch):
    """Every second set has no number 0; it stands beside it empty, because Keras opens it."""
    path = str(tmp_path / "m.weights.json")
    for _ in range(turns):
        model = wide(keras)
        weights_sharded.save(model, path, megabytes(0.35))
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    with monkeypatch.context() as patched:
        if fails == "the index":
            patched.setattr(weights_sharded.json, "dump", full_disk)
        else:
            weights_sharded.save(wide(keras), str(tmp_path / "other" / "m.weights.json"), megabytes(0.35))
            closings = len(os.listdir(tmp_path / "other")) - 1
            assert closings > 1
            shutil.rmtree(tmp_path / "other")
            closed = []
            patched.setattr(
                h5py.File,
                "__exit__",
                lambda file, *exc: (closed.append(file.close()), len(closed) == closings and full_disk()) and None,
            )
        with pytest.raises(OSError, match="No space left"):
            weights_sharded.save(wide(keras), path, megabytes(0.35))
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before
    for k in (keras, oracle) if turns else ():
        reader = wide(k)
        reader.load_weights(path)
        agree(reader, model)


def test_objects_are_left_out_of_weights_as_in_keras(tmp_path):
    for name in ("m.weights.h5", "m.weights.json"):
        for k in (keras, oracle):
            model = wide(k)
            k.saving.save_weights(
                model,
                str(tmp_path / name),
                max_shard_size=None if name.endswith("h5") else 5,
                objects_to_skip=[model.layers[0]],
            )
            fresh = wide(k)
            before = fresh.layers[0].get_weights()
            fresh.load_weights(str(tmp_path / name), skip_mismatch=True)
            assert all(np.array_equal(a, b) for a, b in zip(fresh.layers[0].get_weights(), before))
            assert np.array_equal(fresh.layers[-1].get_weights()[0], model.layers[-1].get_weights()[0])
    with pytest.raises(ValueError, match="objects_to_skip"):
        model = wide(keras)
        keras.saving.save_weights(model, str(tmp_path / "m.safetensors"), objects_to_skip=[model.layers[0]])


def test_complex_numbers_are_no_weights(tmp_path):
    path = str(tmp_path / "m.weights.h5")
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"], file["layers/dense/vars/1"] = np.ones((2, 2), "complex64"), np.ones(2, "float32")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    before = values(model)
    with pytest.raises(ValueError, match=r"variable '0' \(kernel\) is float32, the file holds complex64"):
        model.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(model)))


def test_what_shards_refuse(tmp_path):
    model = wide(keras)
    path = str(tmp_path / "m.weights.json")
    for size in (0, -1, "5", True, float("nan")):
        with pytest.raises(ValueError, match="max_shard_size"):
            weights_sharded.save(model, path, size)
    with pytest.raises(ValueError, match="takes 360000 bytes, more than.*max_shard_size"):
        weights_sharded.save(model, path, megabytes(0.1))
    with pytest.raises(ValueError, match="weights.json"):
        weights_sharded.save(model, str(tmp_path / "m.json"))
    assert os.listdir(tmp_path) == []
    weights_sharded.save(model, path, megabytes(0.35))
    index = tmp_path / "m.weights.json"
    good = json.loads(index.read_text())
    before = values(model)
    for change, message in (
        ({"weight_map": {"/layers/dense/vars": "../m_00000.weights.h5"}}, "refused"),
        ({"weight_map": {"/layers/dense/vars": "/etc/passwd"}}, "refused"),
        ({"weight_map": {"/layers/dense/vars": ["gone.weights.h5"]}}, "missing"),
        ({"weight_map": {"/layers/dense/vars": 3}}, "damaged"),
        ({"weight_map": {"/layers/nothing/vars": "m_00000.weights.h5"}}, "do not fit"),
        ({"weight_map": 5}, "no index"),
        ({"weight_map": {**good["weight_map"], "/layers/dense/vars": "m_00001.weights.h5"}}, "lacks it"),
    ):
        index.write_text(json.dumps({"metadata": {}, **change}))
        with pytest.raises(ValueError, match=message):
            weights_sharded.load(model, path)
    index.write_text("{broken")
    with pytest.raises(ValueError, match="JSON"):
        weights_sharded.load(model, path)
    with pytest.raises(ValueError, match="not found"):
        weights_sharded.load(model, str(tmp_path / "other.weights.json"))
    for one, other in zip(before, values(model)):
        assert np.array_equal(one, other)


class Unbuilt(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize(
    "module, name",
    [(weights_h5, "m.weights.h5"), (weights_sharded, "m.weights.json"), (weights_safetensors, "m.safetensors")],
)
def test_an_unbuilt_model_is_not_saved(module, name, tmp_path):
    with pytest.raises(ValueError, match="isn't built"):
        module.save(Unbuilt(), str(tmp_path / name))
    assert os.listdir(tmp_path) == []


def peak_of_loading(tmp_path, module, name):
    """Bytes that loading takes at its peak beyond the model's own, as a share of the weights."""
    import tracemalloc

    model = keras.Sequential([keras.Input((1000,)), keras.layers.Dense(3000), keras.layers.Dense(500)])
    path = str(tmp_path / name)
    module.save(model, path)
    for _ in range(2):  # the memory through which values go to a card is laid by then, and stays
        model.load_weights(path)
    tracemalloc.start()
    model.load_weights(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / sum(value.nbytes for value in values(model))


@pytest.mark.parametrize(
    "module, name",
    [(weights_h5, "m.weights.h5"), (weights_sharded, "m.weights.json"), (weights_safetensors, "m.safetensors")],
)
def test_nothing_is_held_twice_while_loading(module, name, tmp_path):
    on_the_host = (
        backend.device().name == "numpy"
    )  # where values are read straight into the variables; elsewhere one passes through the host at a time
    assert peak_of_loading(tmp_path, module, name) < (0.2 if on_the_host else 2.0)


def test_half_precision_in_an_h5_file(tmp_path):
    import ml_dtypes

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    path = str(tmp_path / "m.weights.h5")
    for kind in ("bfloat16", "float16", "float64"):
        numbers = np.array([[1.5, -2.0], [0.25, 96.0]], ml_dtypes.bfloat16 if kind == "bfloat16" else kind)
        with h5py.File(path, "w") as file:
            group = file.create_group("layers/dense/vars")
            group.create_dataset("0", data=numbers)
            if kind == "bfloat16":
                group["0"].attrs["dtype"] = kind
            group.create_dataset("1", data=numbers[0])
            if kind == "bfloat16":
                group["1"].attrs["dtype"] = kind
            file.create_group("vars")
        model.load_weights(path)
        np.testing.assert_array_equal(values(model)[0], numbers.astype("float32"))
