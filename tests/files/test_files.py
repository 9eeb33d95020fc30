"""Files go both ways with real Keras, and hold everything that training needs.

They are refused whole when they are broken.
"""

import functools
import json
import os
import zipfile

import h5py
import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish.files import weights_h5

X = np.random.default_rng(0).standard_normal((12, 6)).astype("float32")
Y = X[:, :1] * 2.0


def stacked(k):
    return k.Sequential(
        [
            k.Input((6,)),
            k.layers.Dense(5, "relu"),
            k.layers.BatchNormalization(),
            k.layers.Dropout(0.0),
            k.layers.Dense(1),
        ],
        name="stacked",
    )


def branched(k):
    inputs = k.Input((6,), name="in")
    shared = k.layers.Dense(6, name="shared")
    inner = k.Sequential([k.Input((6,)), k.layers.Dense(3), k.layers.Dense(2)], name="inner")
    x = shared(shared(inputs))
    return k.Model(
        inputs,
        k.layers.Dense(1, name="out")(k.layers.Concatenate()([inner(x), k.ops.relu(x)[:, :2] * 0.5])),
        name="branched",
    )


def sequences(k):
    x = inputs = k.Input((6,))
    x = k.layers.Reshape((3, 2))(x)
    x = k.layers.TimeDistributed(k.layers.Dense(2, kernel_regularizer=k.regularizers.L2(0.1)))(x)
    x = k.layers.LayerNormalization()(x)
    return k.Model(inputs, k.layers.Dense(1)(k.layers.Flatten()(x)))


BUILDERS = [stacked, branched, sequences]
COMPILED = [
    {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]},
    {"optimizer": "rmsprop", "loss": "huber"},
]


def trained(k, build, arguments):
    model = build(k)
    model.compile(**arguments)
    model.train_on_batch(X, Y)
    return model


@pytest.mark.parametrize("arguments", COMPILED, ids=["adam", "rmsprop"])
@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("here", [True, False], ids=["ours_to_keras", "keras_to_ours"])
def test_a_file_opens_in_the_other_library_and_training_goes_on(build, arguments, here, tmp_path):
    writer, reader = (keras, oracle) if here else (oracle, keras)
    model = trained(writer, build, arguments)
    path = str(tmp_path / "model.keras")
    model.save(path)
    loaded = reader.models.load_model(path)
    np.testing.assert_allclose(loaded.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    for _ in range(3):
        a, b = model.train_on_batch(X, Y, return_dict=True), loaded.train_on_batch(X, Y, return_dict=True)
        assert sorted(a) == sorted(b)
        np.testing.assert_allclose(a["loss"], b["loss"], rtol=1e-4)
    for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("build", BUILDERS)
def test_weights_files_go_both_ways(build, tmp_path):
    ours, theirs = build(keras), build(oracle)
    path = str(tmp_path / "a.weights.h5")
    theirs.save_weights(path)
    ours.load_weights(path)
    np.testing.assert_allclose(ours.predict(X, verbose=0), theirs.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    fresh = build(keras)
    fresh.save_weights(path)
    theirs.load_weights(path)
    np.testing.assert_allclose(fresh.predict(X, verbose=0), theirs.predict(X, verbose=0), rtol=1e-5, atol=1e-6)


class Blocks(keras.Model):
    def __init__(self, width=4, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.blocks = {"a": keras.layers.Dense(width), "b": [keras.layers.Dense(width), keras.layers.Dense(1)]}

    def call(self, x):
        return self.blocks["b"][1](self.blocks["b"][0](self.blocks["a"](x)))


def test_a_subclassed_model_needs_its_class(tmp_path, monkeypatch):
    monkeypatch.setattr(Blocks, "__module__", "a_module.that_is_not_loaded")
    model = Blocks(width=3)
    expected = model.predict(X, verbose=0)
    path = tmp_path / "m.keras"
    model.save(path)
    with pytest.raises(ValueError, match="Can't find the class 'Blocks'"):
        keras.models.load_model(path)
    loaded = keras.models.load_model(path, custom_objects={"Blocks": Blocks})
    assert loaded.width == 3 and np.array_equal(loaded.predict(X, verbose=0), expected)


def test_code_and_foreign_modules_in_a_file_are_refused(tmp_path):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Lambda(lambda x: x * 2)])
    path = str(tmp_path / "lambda.keras")
    model.save(path)
    with pytest.raises(ValueError, match="safe_mode=False"):
        keras.models.load_model(path)
    assert np.allclose(keras.models.load_model(path, safe_mode=False).predict(X, verbose=0), X * 2)
    for module, name in (("os", "system"), ("subprocess", "Popen"), ("kerasish.whole_files", "replacing")):
        with pytest.raises(ValueError, match="never imports|Can't find"):
            keras.saving.deserialize_keras_object(
                {"module": module, "class_name": name, "config": {}, "registered_name": None}
            )


def damaged(path, target, change):
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            data = change(name, source.read(name))
            if data is not None:
                archive.writestr(name, data)


def test_broken_files_are_refused(tmp_path):
    path, bad = str(tmp_path / "good.keras"), str(tmp_path / "bad.keras")
    trained(keras, stacked, COMPILED[0]).save(path)
    whole = open(path, "rb").read()
    for content in (b"", whole[: len(whole) // 2], b"no zip at all"):
        open(bad, "wb").write(content)
        with pytest.raises(ValueError, match="bad.keras"):
            keras.models.load_model(bad)
    changes = [
        lambda name, data: None if name == "config.json" else data,
        lambda name, data: None if name.endswith(".h5") else data,
        lambda name, data: b"{not json" if name == "config.json" else data,
        lambda name, data: data[:200] if name.endswith(".h5") else data,
        lambda name, data: (
            json.dumps({"class_name": "Sequential", "config": 3}).encode() if name == "config.json" else data
        ),
    ]
    for change in changes:
        damaged(path, bad, change)
        with pytest.raises(ValueError):
            keras.models.load_model(bad)
    with pytest.raises(ValueError, match="File not found"):
        keras.models.load_model(str(tmp_path / "nowhere.keras"))


def test_weights_that_do_not_fit_change_nothing(tmp_path):
    path = str(tmp_path / "a.weights.h5")
    stacked(keras).save_weights(path)
    other = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(5), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
    )
    before = other.get_weights()
    with pytest.raises(ValueError, match="nothing was changed"):
        other.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights()))
    with pytest.warns(UserWarning, match="were left out"):
        other.load_weights(path, skip_mismatch=True)
    assert not np.array_equal(before[0], other.get_weights()[0]) and np.array_equal(before[-2], other.get_weights()[-2])
    with pytest.raises(ValueError, match="isn't built"):
        keras.Sequential([keras.layers.Dense(2)]).load_weights(path)
    with h5py.File(path, "w") as file:
        file["layers"] = np.zeros(3)
    with pytest.raises(ValueError):
        stacked(keras).load_weights(path)


def test_a_failed_save_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = str(tmp_path / "model.keras")
    model = stacked(keras)
    model.save(path)
    before = open(path, "rb").read()
    monkeypatch.setattr(weights_h5, "save_to", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        model.save(path)
    assert open(path, "rb").read() == before and os.listdir(tmp_path) == ["model.keras"]
    with pytest.raises(FileExistsError):
        model.save(path, overwrite=False)
    for ending in ("model.txt", "model"):
        with pytest.raises(ValueError, match="'.keras'"):
            model.save(str(tmp_path / ending))


def test_keras_2_says_the_format_beside_the_path(tmp_path):
    model = stacked(keras)
    path = str(tmp_path / "model.h5")
    model.save(path, save_format="h5")
    assert h5py.is_hdf5(path)
    for path, word in (("model.keras", "h5"), ("model.h5", "tf")):
        with pytest.raises(ValueError, match="save_format"):
            model.save(str(tmp_path / path), save_format=word)


def test_keywords_that_nobody_knows(tmp_path):
    """A ValueError, as in Keras."""
    for k in (keras, oracle):
        model, path, weights = stacked(k), str(tmp_path / "m.keras"), str(tmp_path / "m.weights.h5")
        model.save_weights(weights)
        for call in (
            functools.partial(model.save, path, nothing=1),
            functools.partial(k.saving.save_model, model, path, nothing=1),
            functools.partial(model.load_weights, weights, nothing=1),
            functools.partial(k.saving.load_weights, model, weights, nothing=1),
        ):
            with pytest.raises(ValueError, match="nothing"):
                call()
        for call in (
            functools.partial(model.save_weights, weights, nothing=1),
            functools.partial(k.saving.save_weights, model, weights, nothing=1),
        ):
            with pytest.raises(TypeError, match="nothing"):
                call()
        assert not os.path.exists(path)


def test_a_folder_may_be_called_anything(tmp_path):
    for k in (keras, oracle):
        path = str(tmp_path / f"{k.__name__}.h5")
        stacked(k).save(path, zipped=False)
        assert os.path.isdir(path) and os.path.exists(os.path.join(path, "config.json"))


def test_a_program_without_a_console_is_not_asked(tmp_path, monkeypatch):
    path = str(tmp_path / "model.keras")
    stacked(keras).save(path)
    monkeypatch.setattr("sys.stdin", None)  # pythonw, services
    with pytest.raises(FileExistsError, match="overwrite=True"):
        stacked(keras).save(path, overwrite=False)


def test_json_and_custom_objects():
    @keras.saving.register_keras_serializable("files")
    def twice(x):
        return x * 2.0

    model = keras.Sequential([keras.Input((6,)), keras.layers.Activation(twice), keras.layers.Dense(2)])
    again = keras.models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    assert np.array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    with keras.saving.custom_object_scope({"thrice": lambda x: x * 3.0}):
        assert keras.layers.Activation("thrice")(X).tolist() == (X * 3.0).tolist()
    with pytest.raises(ValueError, match="not valid JSON"):
        keras.models.model_from_json("{")


@pytest.mark.parametrize("place", [512, 1024, 2048])
def test_an_archive_whose_weights_lie_where_a_user_block_would_end(tmp_path, place):
    """HDF5 begins at 0, 512, 1024, ...: an archive that holds one there is an archive all the same."""
    path = tmp_path / "m.keras"
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.save(path)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in ("metadata.json", "config.json", "model.weights.h5")}
    for filling in range(place):
        with zipfile.ZipFile(path, "w") as new:
            new.writestr("filling", b" " * filling)
            new.writestr("model.weights.h5", parts["model.weights.h5"])
            for name in ("metadata.json", "config.json"):
                new.writestr(name, parts[name])
        if path.read_bytes().find(b"\x89HDF") == place:
            break
    assert path.read_bytes().find(b"\x89HDF") == place
    loaded = keras.models.load_model(path)
    assert np.array_equal(loaded.get_weights()[0], model.get_weights()[0])
