"""A save is whole or it did not happen: processes are killed while they save, disks are full, writers fail."""

import json
import os
import subprocess
import sys

import pytest

import kerasish as keras
from kerasish.saving.files import replacing, replacing_folder
from tests.saving.kill_while_saving import filled, found, model, save

NAMES = ["m.keras", "folder", "m.h5", "w.h5", "m.weights.h5", "m.weights.json", "m.safetensors"]
ROUNDS = int(os.environ.get("KERASISH_KILLS", "12"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.parametrize("name", NAMES)
def test_a_kill_at_any_moment_leaves_a_file_that_is_whole(name, tmp_path):
    program = os.path.join(os.path.dirname(__file__), "kill_while_saving.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, program, name, str(tmp_path), str(ROUNDS), "7"], capture_output=True, text=True, env=environment, timeout=300)
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    assert len(seen) == ROUNDS and seen == sorted(seen) and seen[-1] > 1


def snapshot(folder):
    """Every file below `folder` with its bytes."""
    places = [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]
    return {os.path.relpath(place, folder): open(place, "rb").read() for place in places}


@pytest.mark.skipif(os.name == "nt", reason="the limit on the size of files is POSIX's")
@pytest.mark.parametrize("room", [0, 300, 3000, 100_000])
@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_leaves_the_old_file_and_no_litter(name, room, tmp_path):
    """The system refuses to write further, as it does on a full disk: here because files may have no more than `room` bytes."""
    import resource

    path = str(tmp_path / name)
    old, new = filled(model(), 1), filled(model(), 2)
    save(old, path)
    before = snapshot(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises((OSError, RuntimeError)):
            save(new, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert snapshot(tmp_path) == before
    assert found(path, model()) == 1
    save(new, path)
    assert found(path, model()) == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_can_not_be_written_leaves_the_old_file_and_no_litter(name, tmp_path, monkeypatch):
    path = str(tmp_path / name)
    source = filled(model(), 1)
    save(source, path)
    before = snapshot(tmp_path)
    broken = source.layers[-1].weights[-1]
    monkeypatch.setattr(type(broken), "numpy", lambda self: 1 / 0 if self is broken else self._device.to_host(self._buffer))
    with pytest.raises(ZeroDivisionError):
        save(source, path)
    assert snapshot(tmp_path) == before


def test_a_layer_that_can_not_be_serialized_leaves_the_old_file(tmp_path, monkeypatch):
    source = filled(model(), 1)
    for name in ("m.keras", "folder", "m.h5"):
        path = str(tmp_path / name)
        save(source, path)
        before = snapshot(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(keras.layers.Dense, "get_config", lambda self: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                save(source, path)
        assert snapshot(tmp_path) == before


def test_replacing(tmp_path):
    path = tmp_path / "new" / "file"
    with replacing(path) as temporary:
        with open(temporary, "w") as file:
            file.write("1")
        assert not path.exists()
    assert path.read_text() == "1"
    with pytest.raises(KeyError), replacing(path) as temporary:
        with open(temporary, "w") as file:
            file.write("2")
        raise KeyError
    assert path.read_text() == "1" and os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("exchanges", [True, False])
def test_replacing_a_folder(exchanges, tmp_path, monkeypatch):
    if not exchanges:
        monkeypatch.setattr("kerasish.saving.files._exchange", lambda first, second: False)
    path = tmp_path / "folder"
    for text in ("1", "2"):
        with replacing_folder(path) as temporary:
            with open(os.path.join(temporary, "file"), "w") as file:
                file.write(text)
        assert (path / "file").read_text() == text and os.listdir(tmp_path) == ["folder"]
    with pytest.raises(KeyError), replacing_folder(path):
        raise KeyError
    assert (path / "file").read_text() == "2" and os.listdir(tmp_path) == ["folder"]
