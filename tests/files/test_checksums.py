"""Formats without a checksum carry one of ours: what is damaged is refused, and Keras does not look there."""

import h5py
import numpy as np
import pytest
import safetensors.numpy

import kerasish as keras
from kerasish.files import checksums
from tests.files.kill_while_saving import filled, found, model, save

NAMES = ["m.h5", "w.h5", "m.weights.h5", "m.safetensors"]


@pytest.mark.parametrize("name", NAMES)
def test_a_bit_that_turned_is_found(name, tmp_path):
    """At 60 places: the file is refused, or its numbers are those that were saved."""
    path = tmp_path / name
    save(filled(model(), 3), str(path))
    whole = path.read_bytes()
    chance, refused = np.random.default_rng(5), 0
    for _ in range(60):
        place = int(chance.integers(len(whole)))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << int(chance.integers(8))]) + whole[place + 1 :])
        try:
            assert found(str(path), filled(model(), 9)) == 3
        except ValueError:
            refused += 1
    assert refused > 40


@pytest.mark.parametrize("name", NAMES)
def test_files_without_one_open_as_before(name, tmp_path):
    path = str(tmp_path / name)
    save(filled(model(), 3), path)
    if name.endswith(".h5"):
        with h5py.File(path, "r+") as file:
            del file.attrs[checksums.NAME]
            turned = next(item for item in datasets(file) if item.size)
            turned[...] = 3
    else:
        metadata, tensors = contents(path)
        del metadata[checksums.NAME]
        tensors[next(iter(tensors))][...] = 3
        safetensors.numpy.save_file(tensors, path, metadata)
    assert found(path, model()) == 3


@pytest.mark.parametrize("name", NAMES)
def test_what_another_program_changed_says_what_to_do(name, tmp_path):
    path = str(tmp_path / name)
    save(filled(model(), 3), path)
    if name.endswith(".h5"):
        with h5py.File(path, "r+") as file:
            next(item for item in datasets(file) if item.size)[...] = 4
    else:
        metadata, tensors = contents(path)
        safetensors.numpy.save_file(tensors, path, metadata)  # arranged anew, and equal
        assert found(path, model()) == 3
        tensors[next(iter(tensors))] += 1
        safetensors.numpy.save_file(tensors, path, metadata)
    target = filled(model(), 7)
    with pytest.raises(ValueError, match="checksum is wrong.*remove 'kerasish.checksum'"):
        found(path, target)
    assert {float(w.max()) for w in target.get_weights()} == {7.0}


@pytest.mark.parametrize("name", ["m.h5", "m.weights.h5", "folder"])
def test_keras_opens_them(name, tmp_path):
    oracle = pytest.importorskip("keras")
    path = str(tmp_path / name)
    save(filled(model(), 3), path)
    if name == "m.weights.h5":
        theirs = oracle.Sequential([oracle.Input((160,)), *(oracle.layers.Dense(160) for _ in range(6))])
        theirs.load_weights(path)
    elif name == "folder":
        theirs = oracle.saving.load_model(path) if hasattr(oracle.saving, "load_model") else None
    else:
        theirs = oracle.models.load_model(path)
    assert {float(w.min()) for w in theirs.get_weights()} == {3.0}


def test_the_folder_of_an_archive(tmp_path):
    path = str(tmp_path / "folder")
    save(filled(model(), 3), path)
    with h5py.File(f"{path}/model.weights.h5", "r+") as file:
        next(item for item in datasets(file) if item.size)[...] = 4
    with pytest.raises(ValueError, match="checksum is wrong"):
        keras.models.load_model(path)


def contents(path):
    with safetensors.safe_open(path, "np") as file:
        return file.metadata(), {name: np.array(file.get_tensor(name)) for name in file.keys()}


def datasets(file):
    kept = []
    file.visititems(lambda _, item: kept.append(item) if isinstance(item, h5py.Dataset) else None)
    return kept
