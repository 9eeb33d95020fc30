"""Weights in every format: the same layout as real Keras both ways, and written whole or not at all."""

import json
import os
import pickle
import shutil
import time

import h5py
import keras as oracle
import numpy as np
import pytest
import safetensors.numpy

import kerasish as keras
from kerasish import backend
from kerasish.saving import weights_h5, weights_safetensors, weights_sharded

X = np.random.default_rng(0).standard_normal((8, 6)).astype("float32")
Y = X[:, :1] * 2.0
GIGABYTE = 1 << 30


def stacked(k):
    return k.Sequential([k.Input((6,)), k.layers.Dense(5, "relu"), k.layers.BatchNormalization(), k.layers.Dropout(0.0), k.layers.Dense(1)], name="stacked")


def recurrent(k):
    x = inputs = k.Input((6,))
    x = k.layers.Reshape((3, 2))(x)
    x = k.layers.Bidirectional(k.layers.GRU(2, return_sequences=True))(x)
    x = k.layers.MultiHeadAttention(2, 2)(x, x)
    x = k.layers.RNN([k.layers.LSTMCell(2), k.layers.SimpleRNNCell(2)])(x)
    inner = k.Sequential([k.Input((2,)), k.layers.Dense(3), k.layers.Dense(2)], name="inner")
    return k.Model(inputs, k.layers.Dense(1)(inner(x)), name="recurrent")


def subclassed(k):
    class Parts(k.Model):
        def __init__(self):
            super().__init__()
            self.zed, self.first, self._hidden = k.layers.Dense(5), k.layers.Dense(4), k.layers.Dense(3)
            self.blocks = {"a": k.layers.Dense(3), "b": [k.layers.Dense(2), [k.layers.Dense(1)]]}
            self.seen = k.metrics.Mean(name="seen")

        @property
        def also(self):
            return self.zed

        def call(self, x):
            x = self._hidden(self.first(self.zed(x)))
            return self.blocks["b"][1][0](self.blocks["b"][0](self.blocks["a"](x)))

    model = Parts()
    model(X)
    return model


MODELS = [stacked, recurrent, subclassed]


def wrapped(k):
    return k.optimizers.LossScaleOptimizer(k.optimizers.Adam(0.01), initial_scale=4.0)


def several(k):
    chosen = k.optimizers.OptimizerMap(k.optimizers.SGD(0.1, momentum=0.9), {"bias": k.optimizers.Adam(0.01)})
    return k.optimizers.MultiOptimizer(chosen)


OPTIMIZERS = [lambda k: k.optimizers.Adam(0.01), wrapped, several]


def trained(k, build, make_optimizer=OPTIMIZERS[0]):
    model = build(k)
    model.compile(make_optimizer(k), "mse")
    model.train_on_batch(X, Y)
    return model


def values(model):
    return [np.asarray(weight) for weight in model.get_weights()]


def outputs(model):
    return np.asarray(model.predict(X, verbose=0))


def layout(path):
    found = []
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.append((name, getattr(item, "shape", None), str(getattr(item, "dtype", "")))))
    return sorted(found)


def agree(a, b):
    for one, other in zip(values(a), values(b), strict=True):
        np.testing.assert_array_equal(one, other)


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


@pytest.mark.parametrize("size", [megabytes(0.5), 5], ids=["several", "one"])
def test_shards_go_both_ways_in_the_layout_of_keras(size, tmp_path):
    ours, theirs = trained(keras, wide), trained(oracle, wide)
    here, there = tmp_path / "here", tmp_path / "there"
    there.mkdir()
    weights_sharded.save(ours, here / "m.weights.json", size)
    theirs.save_weights(there / "m.weights.json", max_shard_size=size)
    assert sorted(os.listdir(here)) == sorted(os.listdir(there))
    mine, yours = (json.loads((folder / "m.weights.json").read_text()) for folder in (here, there))
    assert mine == yours
    for name in sorted(os.listdir(here)):
        if name.endswith(".h5"):
            assert [row for row in layout(here / name) if row[1] is not None] == [row for row in layout(there / name) if row[1] is not None]
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
        patched.setattr(weights_sharded.json, "dump", lambda *args, **kwargs: 1 / 0)  # killed before the index is written
        with pytest.raises(ZeroDivisionError):
            weights_sharded.save(second, path, megabytes(0.5))
    weights_sharded.load(reader, path)
    agree(reader, first)
    with monkeypatch.context() as patched:
        patched.setattr(weights_sharded, "_clean", lambda *args: None)  # killed right behind it
        weights_sharded.save(second, path, megabytes(0.5))
    weights_sharded.load(reader, path)
    agree(reader, second)
    for turn in range(3):
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
            patched.setattr(h5py.File, "__exit__", lambda file, *exc: (closed.append(file.close()), len(closed) == closings and full_disk()) and None)
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
            k.saving.save_weights(model, str(tmp_path / name), max_shard_size=None if name.endswith("h5") else 5, objects_to_skip=[model.layers[0]])
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


# -- safetensors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("build", MODELS)
def test_safetensors_are_what_their_own_library_reads_and_writes(build, tmp_path):
    model = build(keras)
    path = str(tmp_path / "m.safetensors")
    weights_safetensors.save(model, path)
    read = safetensors.numpy.load_file(path)
    named = weights_safetensors.named_weights(model)
    assert sorted(read) == sorted(named) and len(named) == len(model.weights)
    for name, variable in named.items():
        assert read[name].dtype.name == variable.dtype
        np.testing.assert_array_equal(read[name], variable.numpy())
    changed = {name: value + 1 for name, value in read.items()}
    safetensors.numpy.save_file(changed, path)
    weights_safetensors.load(model, path)
    for name, variable in named.items():
        np.testing.assert_array_equal(changed[name], variable.numpy())


def test_safetensors_load_into_a_model_with_other_generated_names(tmp_path):
    def build():
        return keras.Sequential([keras.Input((6,)), keras.layers.Dense(5), keras.layers.Dense(5), keras.layers.Dense(1)])

    first, path = build(), str(tmp_path / "m.safetensors")
    weights_safetensors.save(first, path)
    second = build()
    assert set(weights_safetensors.named_weights(first)) != set(weights_safetensors.named_weights(second))
    weights_safetensors.load(second, path)
    agree(first, second)


def raw_file(header, data, path):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return str(path)


def test_every_dtype_becomes_what_the_variable_has(tmp_path):
    numbers = np.array([0.0, -1.5, 2.0, 96.0], "float32")
    upper = (numbers.view("uint32") >> 16).astype("uint16")
    cases = {"BF16": upper.tobytes(), "F16": numbers.astype("float16").tobytes(), "F32": numbers.tobytes(), "F64": numbers.astype("float64").tobytes()}
    cases.update({code: np.array([0, 1, 2, 96], kind).tobytes() for code, kind in (("U8", "uint8"), ("I16", "int16"), ("I32", "int32"), ("I64", "int64"), ("U64", "uint64"))})
    for code, data in cases.items():
        path = raw_file({"bias": {"dtype": code, "shape": [4], "data_offsets": [0, len(data)]}}, data, tmp_path / f"{code}.safetensors")
        with weights_safetensors.opened(path) as (tensors, _):
            value = tensors["bias"].read()
            expected = numbers if "F" in code else np.array([0, 1, 2, 96])
            np.testing.assert_array_equal(value.astype("float32"), expected.astype("float32"))


def test_broken_safetensors_are_refused(tmp_path):
    path = tmp_path / "bad.safetensors"
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    data = bytes(8)
    cases = [
        (lambda: path.write_bytes(b""), "0 bytes"),
        (lambda: path.write_bytes(b"\x10\0\0\0\0\0\0\0{}"), "cut off"),
        (lambda: path.write_bytes((1 << 62).to_bytes(8, "little") + b"{}"), "cut off"),
        (lambda: raw_file(b"[1, 2]  ", b"", path), "no JSON object"),
        (lambda: raw_file(b'{"a": ', b"", path), "valid JSON"),
        (lambda: raw_file(b"{\xff\xfe", b"", path), "valid JSON"),
        (lambda: raw_file(b'{"a":' + b"[" * 200_000, b"", path), "nested too deeply|valid JSON"),
        (lambda: raw_file(b'{"a": 1, "a": 2}', b"", path), "'a' twice"),
        (lambda: raw_file({"__metadata__": {"a": 1}}, b"", path), "metadata"),
        (lambda: raw_file({"a": 5}, data, path), "is described by"),
        (lambda: raw_file({"a": {**entry, "more": 1}}, data, path), "is described by"),
        (lambda: raw_file({"a": {**entry, "dtype": "F8_E4M3"}}, data, path), "dtype 'F8_E4M3'"),
        (lambda: raw_file({"a": {**entry, "dtype": []}}, data, path), "dtype"),
        (lambda: raw_file({"a": {**entry, "shape": [-2]}}, data, path), "shape"),
        (lambda: raw_file({"a": {**entry, "shape": [2.0]}}, data, path), "shape"),
        (lambda: raw_file({"a": {**entry, "shape": [1] * 65}}, data, path), "shape"),
        (lambda: raw_file({"a": {**entry, "shape": [1 << 40, 1 << 40]}}, data, path), "needs"),
        (lambda: raw_file({"a": {**entry, "data_offsets": [0, 16]}}, data, path), "cut off"),
        (lambda: raw_file({"a": {**entry, "data_offsets": [8, 0]}}, data, path), "lies at"),
        (lambda: raw_file({"a": {**entry, "data_offsets": [0]}}, data, path), "data_offsets"),
        (lambda: raw_file({"a": entry, "b": entry}, data, path), "overlap"),
        (lambda: raw_file({"a": {**entry, "data_offsets": [4, 12]}}, bytes(12), path), "gap"),
        (lambda: raw_file({"a": entry}, bytes(12), path), "tensors take 8"),
        (lambda: raw_file({"a": entry, "__metadata__": {"kerasish.places": '{"b": "x"}'}}, data, path), "does not belong"),
    ]
    model = stacked(keras)
    before = values(model)
    for write, message in cases:
        write()
        with pytest.raises(ValueError, match=message):
            weights_safetensors.load(model, str(path))
    with pytest.raises(ValueError, match="not found"):
        weights_safetensors.load(model, str(tmp_path / "nowhere.safetensors"))
    for one, other in zip(before, values(model)):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("length", [640, 896, 1152, 1408, 65536 + 640])
def test_safetensors_whose_length_looks_like_a_pickle(length, tmp_path):
    """A header's length may have the bytes by which pickles begin: 80 02 to 80 05."""
    header = {"bias": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    text = json.dumps(header).encode().ljust(length)
    data = np.array([3.0, 4.0], "float32").tobytes()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    for name in ("m.safetensors", "a blob without an ending"):
        path = raw_file(text, data, tmp_path / name)
        assert open(path, "rb").read(1) == b"\x80"
        with pytest.warns(UserWarning, match="left out"):
            model.load_weights(path, skip_mismatch=True)
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "m.safetensors").read_bytes()[:500])
    with pytest.raises(ValueError, match="cut off"):
        model.load_weights(str(tmp_path / "cut.safetensors"))


def test_pickles_are_told_whatever_they_are_called(tmp_path):
    for name in ("m.safetensors", "m.h5", "m"):
        for protocol in range(2, 6):
            (tmp_path / name).write_bytes(pickle.dumps({"bias": np.zeros(2)}, protocol))
            with pytest.raises(ValueError, match="a pickle"):
                keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]).load_weights(str(tmp_path / name))


def test_a_long_header_with_a_name_twice(tmp_path):
    """The names of a small file are not compared each with each."""
    names = [f"tensor {index}" for index in range(40_000)]
    text = "{" + ", ".join(f'"{name}": 1' for name in [*names, names[-1]]) + "}"
    path = raw_file(text.encode(), b"", tmp_path / "m.safetensors")
    began = time.perf_counter()
    with pytest.raises(ValueError, match="'tensor 39999' twice"), weights_safetensors.opened(path):
        pass
    assert time.perf_counter() - began < 3


def test_safetensors_that_do_not_fit(tmp_path):
    path = str(tmp_path / "m.safetensors")
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, name="body"), keras.layers.Dense(3, name="head")], name="whole")
    weights_safetensors.save(model, path)
    other = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, name="body"), keras.layers.Dense(2, name="head")], name="whole")
    before = values(other)
    with pytest.raises(ValueError, match=r"2 object\(s\) could not be loaded(.|\n)*whole/head/kernel.*\(5, 2\).*\(5, 3\)"):
        weights_safetensors.load(other, path)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(other)))
    with pytest.warns(UserWarning, match="left out"):
        weights_safetensors.load(other, path, skip_mismatch=True)
    np.testing.assert_array_equal(other.layers[0].kernel.numpy(), model.layers[0].kernel.numpy())
    np.testing.assert_array_equal(other.layers[1].kernel.numpy(), before[2])


# -- all formats --------------------------------------------------------------------------------------------------


class Unbuilt(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize("module, name", [(weights_h5, "m.weights.h5"), (weights_sharded, "m.weights.json"), (weights_safetensors, "m.safetensors")])
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
    model.load_weights(path)
    tracemalloc.start()
    model.load_weights(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / sum(value.nbytes for value in values(model))


@pytest.mark.parametrize("module, name", [(weights_h5, "m.weights.h5"), (weights_sharded, "m.weights.json"), (weights_safetensors, "m.safetensors")])
def test_nothing_is_held_twice_while_loading(module, name, tmp_path):
    on_the_host = backend.device().name == "numpy"  # where values are read straight into the variables; elsewhere one passes through the host at a time
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
