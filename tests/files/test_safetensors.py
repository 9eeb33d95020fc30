"""The format of the safetensors package: both ways with it, and refused where it is broken."""

import json
import pickle
import time

import numpy as np
import pytest
import safetensors.numpy

import kerasish as keras
from kerasish.files import weights_safetensors
from tests.files.some_models import MODELS, agree, stacked, values


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
        return keras.Sequential(
            [keras.Input((6,)), keras.layers.Dense(5), keras.layers.Dense(5), keras.layers.Dense(1)]
        )

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
    cases = {
        "BF16": upper.tobytes(),
        "F16": numbers.astype("float16").tobytes(),
        "F32": numbers.tobytes(),
        "F64": numbers.astype("float64").tobytes(),
    }
    cases.update(
        {
            code: np.array([0, 1, 2, 96], kind).tobytes()
            for code, kind in (("U8", "uint8"), ("I16", "int16"), ("I32", "int32"), ("I64", "int64"), ("U64", "uint64"))
        }
    )
    for code, data in cases.items():
        path = raw_file(
            {"bias": {"dtype": code, "shape": [4], "data_offsets": [0, len(data)]}},
            data,
            tmp_path / f"{code}.safetensors",
        )
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
        (lambda: raw_file({"a": {**entry, "dtype": "F8_E8M0"}}, data, path), "dtype 'F8_E8M0'"),
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
        (
            lambda: raw_file({"a": entry, "__metadata__": {"kerasish.places": '{"b": "x"}'}}, data, path),
            "does not belong",
        ),
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
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(5, name="body"), keras.layers.Dense(3, name="head")], name="whole"
    )
    weights_safetensors.save(model, path)
    other = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(5, name="body"), keras.layers.Dense(2, name="head")], name="whole"
    )
    before = values(other)
    with pytest.raises(
        ValueError, match=r"2 object\(s\) could not be loaded(.|\n)*whole/head/kernel.*\(5, 2\).*\(5, 3\)"
    ):
        weights_safetensors.load(other, path)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(other)))
    with pytest.warns(UserWarning, match="left out"):
        weights_safetensors.load(other, path, skip_mismatch=True)
    np.testing.assert_array_equal(other.layers[0].kernel.numpy(), model.layers[0].kernel.numpy())
    np.testing.assert_array_equal(other.layers[1].kernel.numpy(), before[2])
