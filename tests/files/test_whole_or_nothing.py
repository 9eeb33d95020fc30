"""A save is whole or it did not happen: disks are full, writers fail. `tests/attacks` kills processes that save."""

import os
import signal
import stat

import pytest

import kerasish as keras
from kerasish.whole_files import replacing, replacing_folder
from tests.files.kill_while_saving import NAMES, filled, found, model, save


def snapshot(folder):
    """Every file below `folder` with its bytes."""
    places = [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]
    return {os.path.relpath(place, folder): open(place, "rb").read() for place in places}


@pytest.mark.skipif(os.name == "nt", reason="the limit on the size of files is POSIX's")
@pytest.mark.parametrize("room", [0, 300, 3000, 100_000])
@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_leaves_the_old_file_and_no_litter(name, room, tmp_path):
    """The system refuses to write further, as it does on a full disk.

    Here because files may have no more than `room` bytes.
    """
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
    monkeypatch.setattr(
        type(broken), "numpy", lambda self: 1 / 0 if self is broken else self._device.to_host(self._buffer)
    )
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


def written(path, text="new"):
    with replacing(path) as temporary, open(temporary, "w") as file:
        file.write(text)


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX's")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o666])
def test_permissions_stay(mode, tmp_path):
    path = tmp_path / "file"
    written(path, "old")
    path.chmod(mode)
    written(path)
    assert path.read_text() == "new" and stat.S_IMODE(path.stat().st_mode) == mode
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("old")
    folder.chmod(0o700)
    (folder / "file").chmod(mode)
    with replacing_folder(folder) as temporary:
        with open(os.path.join(temporary, "file"), "w") as file:
            file.write("new")
    assert (folder / "file").read_text() == "new"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and stat.S_IMODE((folder / "file").stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "file", tmp_path / "link"
    link.symlink_to(target)
    for text in ("1", "2"):  # a link that leads nowhere yet, and one that leads to a file
        written(link, text)
        assert link.is_symlink() and target.read_text() == text and not target.is_symlink()
    (tmp_path / "folder").symlink_to(tmp_path / "disk")
    with replacing_folder(tmp_path / "folder") as temporary:
        with open(os.path.join(temporary, "file"), "w") as file:
            file.write("3")
    assert (tmp_path / "folder").is_symlink() and target.read_text() == "3"
    assert sorted(os.listdir(tmp_path)) == ["disk", "folder", "link"] and os.listdir(tmp_path / "disk") == ["file"]


@pytest.mark.parametrize("letter", ["x", "ä"])
def test_a_name_as_long_as_the_system_allows(letter, tmp_path):
    path = tmp_path / (letter * (254 // len(os.fsencode(letter))))
    written(path)
    with replacing_folder(tmp_path / (letter * (250 // len(os.fsencode(letter))))):
        pass
    assert path.read_text() == "new" and len(os.listdir(tmp_path)) == 2


@pytest.mark.parametrize("exchanges", [True, False])
def test_replacing_a_folder(exchanges, tmp_path, monkeypatch):
    if not exchanges:
        monkeypatch.setattr("kerasish.whole_files._exchange", lambda first, second: False)
    path = tmp_path / "folder"
    for text in ("1", "2"):
        with replacing_folder(path) as temporary:
            with open(os.path.join(temporary, "file"), "w") as file:
                file.write(text)
        assert (path / "file").read_text() == text and os.listdir(tmp_path) == ["folder"]
    with pytest.raises(KeyError), replacing_folder(path):
        raise KeyError
    assert (path / "file").read_text() == "2" and os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.weights.h5", "m.weights.json", "m.safetensors"])
def test_a_full_disk_is_said_with_the_files_name(tmp_path, name):
    resource = pytest.importorskip("resource")
    model = keras.Sequential([keras.Input((100,)), keras.layers.Dense(300)])
    save = model.save if name in ("m.keras", "m.h5") else model.save_weights
    path = tmp_path / name
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))  # as a disk that takes no more
        with pytest.raises(OSError, match="the file is not written") as caught:
            save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(path.parent) in str(caught.value) and ".part" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="dead processes can be told on POSIX")
@pytest.mark.parametrize("name", NAMES)
def test_the_next_save_sweeps_what_a_killed_one_left(name, tmp_path):
    path, source = str(tmp_path / name), filled(model(), 1)
    child = os.fork()
    if child == 0:
        with replacing(path) as temporary, replacing_folder(path):
            open(temporary, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    others = [".kerasish.abc.part", ".kerasish.00000000-1-abc.part", "mine.part"]
    for other in others:
        (tmp_path / other).write_text("whose?")
    assert len(os.listdir(tmp_path)) == 5
    with replacing(str(tmp_path / "another")) as temporary:  # of a process that lives
        save(source, path)
        assert os.path.exists(temporary)
    parts = {found for found in os.listdir(tmp_path) if found.endswith(".part")}
    assert parts == set(others)
