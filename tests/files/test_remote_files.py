"""Models to and from file systems of fsspec's, here one in memory."""

import io
import os
import sys

import fsspec
import numpy as np
import pytest

import kerasish as keras
from kerasish import remote_files
from kerasish.files.tfjs.writing import export
from tests.files.bundles import write_checkpoint, write_saved_model

X = np.ones((2, 3), "float32")


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def model():
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dense(1)])
    made.compile("adam", "mse")
    return made


def same(one, two):
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), two.get_weights(), strict=True))


@pytest.mark.parametrize("name, options", [("m.keras", {}), ("m.h5", {}), ("folder", {"zipped": False})], ids=str)
def test_models(memory, name, options):
    ours, path = model(), f"memory://models/a/{name}"
    ours.save(path, **options)
    assert memory.exists(f"models/a/{name}") and len(memory.ls("models/a", detail=False)) == 1
    assert same(keras.models.load_model(path), ours)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        ours.save(path, overwrite=False, **options)


@pytest.mark.parametrize("name", ["w.weights.h5", "w.weights.json", "w.safetensors", "w.h5"])
def test_weights(memory, name):
    ours, other, path = model(), model(), f"memory://weights/{name}"
    ours.save_weights(path, **({"max_shard_size": 3e-8} if name.endswith(".json") else {}))
    other.load_weights(path)
    assert same(ours, other)


@pytest.mark.parametrize("kind", ["checkpoint", "saved_model", "tfjs", "tfjs json"])
def test_formats_of_others(memory, tmp_path, kind):
    ours = model()
    writers = {"checkpoint": write_checkpoint, "saved_model": write_saved_model, "tfjs": export, "tfjs json": export}
    (tmp_path / "there").mkdir()
    writers[kind](ours, str(tmp_path / "there" / "m"))
    memory.put(str(tmp_path / "there") + "/", "/there/", recursive=True)
    path = "memory://there/m" + ("/model.json" if kind == "tfjs json" else "")
    if kind == "checkpoint":
        again = model()
        again.load_weights(path)
    else:
        again = keras.models.load_model(path, compile=False)
    assert same(again, ours)


def test_nothing_there(memory):
    with pytest.raises(ValueError, match="File not found: 'memory://nothing.keras'"):
        keras.models.load_model("memory://nothing.keras")
    with pytest.raises(ValueError, match="File not found"):
        model().load_weights("memory://nothing.weights.h5")


def test_a_save_that_fails_sends_nothing(memory):
    with pytest.raises(ValueError, match="must end in"):
        model().save("memory://a/m.docx")
    assert not memory.exists("a/m.docx")


def test_an_index_names_its_neighbours_alone(memory, tmp_path):
    memory.pipe("/secret", b"x")
    memory.pipe("/there/m.weights.json", b'{"weight_map": {"a": ["../secret", "/secret", "..", ""]}}')
    with remote_files.fetched("memory://there/m.weights.json") as path:
        assert os.listdir(os.path.dirname(path)) == ["m.weights.json"]


@pytest.mark.parametrize("background", [False, True])
def test_model_checkpoint(memory, tmp_path, monkeypatch, background):
    monkeypatch.chdir(tmp_path)
    checkpoint = keras.callbacks.ModelCheckpoint("memory://run/{epoch}.keras", max_to_keep=2, background=background)
    ours = model()
    ours.fit(X, X[:, :1], epochs=4, verbose=0, callbacks=[checkpoint])
    assert sorted(memory.ls("run", detail=False)) == ["/run/3.keras", "/run/4.keras"]
    assert same(keras.models.load_model("memory://run/4.keras"), ours) and not list(tmp_path.iterdir())


def test_without_fsspec(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ImportError, match="pip install fsspec"):
        keras.models.load_model("s3://bucket/model.keras")


def test_file_objects():
    ours, file = model(), io.BytesIO()
    ours.save(file)
    file.seek(0)
    assert same(keras.models.load_model(file), ours)
