"""Files of models in bfloat16: every format, from Keras and to it."""

import keras as oracle
import numpy as np
import pytest

import kerasish as keras

FORMATS = ["m.keras", "m.weights.h5", "m.h5", "m.safetensors", "m.weights.json"]


def model_of(library, dtype="bfloat16"):
    return library.Sequential([
        library.layers.Input((3,)), library.layers.Dense(4, dtype=dtype), library.layers.BatchNormalization(dtype=dtype)
    ])  # fmt: skip


def filled(model):
    model.set_weights([np.linspace(-1, 1, w.size).reshape(w.shape) ** 2 for w in model.get_weights()])
    return model


def weights(model):
    return [np.asarray(keras.ops.convert_to_numpy(v) if hasattr(v, "_device") else v.numpy()) for v in model.weights]


def assert_equal(ours, theirs):
    assert [w.dtype for w in ours] == [w.dtype for w in theirs]
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.astype("float32"), b.astype("float32"))


def through(model, path, target):
    """The model in a file, and the one that `target` makes of it."""
    if path.endswith((".weights.h5", ".safetensors", ".weights.json")):
        model.save_weights(path)
        again = model_of(target)
        again.load_weights(path)
        return again
    model.save(path)
    return target.models.load_model(path)


@pytest.mark.parametrize("name", FORMATS)
def test_there_and_back(name, tmp_path):
    model = filled(model_of(keras))
    assert {w.dtype.name for w in weights(model)} == {"bfloat16"}
    assert_equal(weights(through(model, str(tmp_path / name), keras)), weights(model))


@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5", "m.h5"])
def test_read_by_keras(name, tmp_path):
    model = filled(model_of(keras))
    assert_equal(weights(model), weights(through(model, str(tmp_path / name), oracle)))


@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5", "m.h5"])
def test_written_by_keras(name, tmp_path):
    """Also the old form, which Keras 3 writes so that it can't read it itself."""
    model = filled(model_of(oracle))
    assert_equal(weights(through(model, str(tmp_path / name), keras)), weights(model))


@pytest.mark.parametrize("name", ["m.weights.h5", "m.safetensors"])
def test_loaded_into_other_types(name, tmp_path):
    model, path = filled(model_of(keras)), str(tmp_path / name)
    model.save_weights(path)
    for dtype in ("float32", "float16"):
        other = model_of(keras, dtype)
        other.load_weights(path)
        for a, b in zip(weights(other), weights(model)):
            np.testing.assert_array_equal(a, b.astype(dtype))


def test_safetensors_are_the_formats_own(tmp_path):
    safetensors = pytest.importorskip("safetensors")
    model, path = filled(model_of(keras)), str(tmp_path / "m.safetensors")
    model.save_weights(path)
    with safetensors.safe_open(path, "np") as file:
        kinds = {file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118  (it is no dict)
    assert kinds == {"BF16"}


@pytest.mark.parametrize("name", ["m.weights.h5", "m.safetensors"])
def test_float8_is_stored(name, tmp_path):
    path, values = str(tmp_path / name), np.array([0.5, -448.0, 0.0], "float32")

    def model():
        made = model_of(keras, "float32")
        layer = made.layers[0]
        made.built_in_float8 = layer.add_weight((3,), name="stored", dtype="float8_e4m3fn", initializer="zeros")
        return made

    first, second = model(), model()
    first.built_in_float8.assign(values)
    first.save_weights(path)
    second.load_weights(path)
    np.testing.assert_array_equal(second.built_in_float8.numpy().astype("float32"), values)


def test_inspection_names_the_type(tmp_path):
    path = str(tmp_path / "m.keras")
    filled(model_of(keras)).save(path)
    assert "bfloat16" in str(keras.saving.inspect(path)) if hasattr(keras.saving, "inspect") else True
