"""Official files in Keras's cache: fetched once, checked by their hash, taken as they are when a person has them."""

import hashlib
import os

import pytest

from kerasish.applications import hashes, weights

FOLDER, NAME = "tensorflow/keras-applications/vgg16", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"


def digest(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def official(recorded, served, monkeypatch):
    """Puts a file of the given bytes in the place of an official one, and its hash into the table."""

    def put(content, name=NAME, folder=FOLDER):
        path = recorded.folder / "served" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else None
        path.write_bytes(content)
        changed.append((path, before))
        cached = weights.CACHED_AS.get(name, name)
        monkeypatch.setitem(hashes.HASHES, cached, digest(content))

    changed = []
    yield put
    for path, before in changed:
        path.unlink() if before is None else path.write_bytes(before)


def test_a_file_is_fetched_once_into_the_folder_of_keras(official, served, tmp_path):
    official(b"weights")
    path = weights.fetch(FOLDER, NAME)
    assert path == str(tmp_path / "keras" / "models" / NAME)
    assert open(path, "rb").read() == b"weights"
    assert weights.fetch(FOLDER, NAME) == path
    assert served == [f"/{FOLDER}/{NAME}"]


def test_a_file_in_the_cache_is_used_without_a_network(monkeypatch, tmp_path, official, served):
    official(b"weights")
    monkeypatch.setenv("KERASISH_APPLICATIONS_URL", "http://127.0.0.1:9")
    (tmp_path / "keras" / "models").mkdir(parents=True)
    (tmp_path / "keras" / "models" / NAME).write_bytes(b"weights")
    assert open(weights.fetch(FOLDER, NAME), "rb").read() == b"weights"
    assert served == []


def test_a_broken_file_in_the_cache_is_fetched_again(official, served, tmp_path):
    official(b"weights")
    (tmp_path / "keras" / "models").mkdir(parents=True)
    (tmp_path / "keras" / "models" / NAME).write_bytes(b"weig")
    assert open(weights.fetch(FOLDER, NAME), "rb").read() == b"weights"
    assert len(served) == 1


def test_a_file_with_another_hash_is_refused_and_not_kept(official, monkeypatch, tmp_path):
    official(b"forged")
    monkeypatch.setitem(hashes.HASHES, NAME, digest(b"weights"))
    with pytest.raises(ValueError, match="file_hash"):
        weights.fetch(FOLDER, NAME)
    assert os.listdir(tmp_path / "keras" / "models") == []


def test_a_server_that_has_no_such_file_is_named(served):
    with pytest.raises(OSError, match="404"):
        weights.fetch(FOLDER, "nothing.h5")


def test_nasnet_has_another_name_in_the_cache(official, served):
    official(b"mobile", "NASNet-mobile.h5", "tensorflow/keras-applications/nasnet")
    assert (
        os.path.basename(weights.fetch("tensorflow/keras-applications/nasnet", "NASNet-mobile.h5"))
        == "nasnet_mobile.h5"
    )
    assert served == ["/tensorflow/keras-applications/nasnet/NASNet-mobile.h5"]
