"""Whatever `load_model` opens is served: files and folders, of every format that needs no library to be written."""

import pathlib
import shutil

import numpy as np
import pytest

import kerasish as keras
from kerasish.serving import Service
from kerasish.serving.heart.folders import model_file, models_in, versions_in
from kerasish.serving.options import ModelOptions, model_options

TFJS = pathlib.Path(__file__).parent.parent / "files" / "tfjs_files" / "converted_small"
X = np.random.default_rng(0).random((2, 5), "float32")


def small():
    return keras.Sequential([keras.Input((5,), name="x"), keras.layers.Dense(2, name="y")])


@pytest.mark.parametrize(
    "kind", ["model.keras", "any name.keras", "model.h5", "model.hdf5", "a folder", "TensorFlow.js"]
)
def test_every_format_is_served(tmp_path, kind):
    folder = tmp_path / "m" / "1"
    folder.parent.mkdir()
    if kind == "TensorFlow.js":
        shutil.copytree(TFJS, folder)
    elif kind == "a folder":
        keras.saving.save_model(small(), folder, zipped=False)
    else:
        folder.mkdir()
        small().save(folder / kind)
        (folder / "readme.txt").write_text("what else lies there is no matter")
    service = Service(tmp_path, poll=0)
    name = service.registry.find("m").servable.signature.inputs[0].name
    expected = keras.saving.load_model(model_file(folder), compile=False).predict(X, verbose=0)
    np.testing.assert_allclose(service.predict("m", {name: X})[0], expected, rtol=1e-5, atol=1e-6)
    service.stop()


def test_a_folder_without_a_model_or_with_two_is_refused(tmp_path):
    with pytest.raises(ValueError, match="holds no model"):
        model_file(tmp_path)
    (tmp_path / "only.weights.h5").write_bytes(b"")
    with pytest.raises(ValueError, match="holds no model"):
        model_file(tmp_path)
    for name in ("a.keras", "b.h5"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match=r"several models \(a.keras, b.h5\)"):
        model_file(tmp_path)


def test_versions_are_folders_whose_names_are_numbers(tmp_path):
    for name in ("2", "10", "1.5", "v3", "-4", "٣", ".5"):
        (tmp_path / "m" / name).mkdir(parents=True)
    (tmp_path / ".hidden" / "1").mkdir(parents=True)
    assert models_in(tmp_path) == ["m"]
    assert [found.version for found in versions_in(tmp_path / "m")] == [2, 10]


def test_the_stamp_changes_with_any_file(tmp_path):
    def stamp():
        return versions_in(tmp_path)[0].stamp

    (tmp_path / "1" / "variables").mkdir(parents=True)
    seen = {stamp()}
    for text in ("a", "bb"):
        (tmp_path / "1" / "variables" / "data").write_text(text)
        seen.add(stamp())
    (tmp_path / "1" / "variables" / "data").rename(tmp_path / "1" / "data")
    assert len(seen | {stamp()}) == 4


def test_options_of_a_model_without_a_file_are_the_defaults(tmp_path):
    defaults = ModelOptions(versions=3)
    assert model_options(tmp_path, defaults) is defaults
    (tmp_path / "serving.json").write_text('{"labels": {"stable": 1}}')
    assert model_options(tmp_path, defaults) == ModelOptions(versions=3, labels={"stable": 1})
