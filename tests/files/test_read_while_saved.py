"""What is loaded comes from one save, however many others are written to the same place meanwhile.

`tests/attacks` has a process that saves all the time.
"""

import json
import os

import numpy as np
import pytest

import kerasish as keras
from kerasish.files import archive, hdf5, weights_sharded
from tests.files.kill_while_saving import filled, found, model, save


class Vocabulary(keras.layers.Layer):
    word = "?"

    def call(self, x):
        return x

    def save_assets(self, folder):
        with open(os.path.join(folder, "words.txt"), "w") as file:
            file.write(self.word)

    def load_assets(self, folder):
        with open(os.path.join(folder, "words.txt")) as file:
            self.word = file.read()


@pytest.mark.parametrize("zipped", [True, False])
def test_weights_and_assets_of_an_archive_are_those_of_its_config(zipped, tmp_path):
    path = str(tmp_path / "m.keras")

    def saved(units, word):
        layer = Vocabulary(name="v")
        layer.word = word
        keras.saving.save_model(
            keras.Sequential([keras.Input((2,)), layer, keras.layers.Dense(units)]), path, zipped=zipped
        )

    saved(3, "old")
    target = keras.Sequential([keras.Input((2,)), Vocabulary(name="v"), keras.layers.Dense(3)])
    with archive.read(path) as opened:
        saved(4, "new")
        with opened.weights() as file:
            assert {dataset.shape for dataset in datasets(file)} == {(2, 3), (3,)}
        opened.load_assets(target)
        assert target.layers[0].word == "old"
        assert sum(1 for _ in opened.files()) == 4


def datasets(file):
    kept = []
    file.visititems(lambda _, item: kept.append(item) if hasattr(item, "shape") else None)
    return kept


def test_a_file_that_is_replaced_while_it_is_opened(tmp_path, monkeypatch):
    """HDF5 opens paths by itself, after the handle by which the file is checked."""
    path = str(tmp_path / "m.weights.h5")
    save(filled(model(), 1), path)
    plainly = hdf5._open

    def replaced_first(source, what):
        if source == path:
            save(filled(model(), 2), path)
        return plainly(source, what)

    monkeypatch.setattr(hdf5, "_open", replaced_first)
    assert found(path, model()) == 1


def test_shards_of_another_save_are_not_taken(tmp_path, monkeypatch):
    path = str(tmp_path / "m.weights.json")
    save(filled(model(), 1), path)
    read, numbers = weights_sharded.read_index, iter(range(2, 6))

    def saved_behind(place):
        index = read(place)
        number = next(numbers, None)
        if number is not None:  # the second save from now on reuses the names of the files
            monkeypatch.setattr(weights_sharded, "read_index", read)
            save(filled(model(), number), path)
            save(filled(model(), number + 1), path)
            monkeypatch.setattr(weights_sharded, "read_index", saved_behind)
        return index

    monkeypatch.setattr(weights_sharded, "read_index", saved_behind)
    assert found(path, model()) > 1


def test_a_shard_that_is_not_the_indexs_is_refused(tmp_path):
    path, other = tmp_path / "m.weights.json", tmp_path / "other" / "m.weights.json"
    save(filled(model(), 1), str(path))
    save(filled(model(), 2), str(other))
    first = sorted(json.loads(path.read_text())["metadata"]["kerasish.checksums"])[0]
    os.replace(other.parent / first, path.parent / first)
    target = filled(model(), 5)
    with pytest.raises(ValueError, match="two saves"):
        target.load_weights(str(path))
    assert {float(w.max()) for w in target.get_weights()} == {5.0}


def test_an_editor_does_not_put_its_weights_into_another_model(tmp_path):
    path = str(tmp_path / "m.keras")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
    editor = keras.saving.KerasFileEditor(path)
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]).save(path)
    with pytest.raises(ValueError, match="another model"):
        editor.save(str(tmp_path / "edited.keras"))
    assert os.listdir(tmp_path) == ["m.keras"]
    assert np.shape(keras.models.load_model(path).get_weights()[0]) == (2, 2)
