"""Fetching files: a server in a thread, a cache in a temporary folder, and archives that try to leave their folder."""

import hashlib
import os

import keras
import pytest

import kerasish
from kerasish.utils.downloads import keras_home
from tests.utils.serving import DATA, names

SHA = hashlib.sha256(DATA).hexdigest()
MD5 = hashlib.md5(DATA).hexdigest()


def test_fetches_once(server, cache, capsys):
    path = kerasish.utils.get_file("mine.bin", server.url + "/data.bin", file_hash=SHA, cache_subdir="models")
    assert path == str(cache / "models" / "mine.bin") and open(path, "rb").read() == DATA
    assert f"Downloading data from {server.url}/data.bin" in capsys.readouterr().out
    server.shutdown()
    assert kerasish.utils.get_file("mine.bin", server.url + "/data.bin", file_hash=SHA, cache_subdir="models") == path
    assert server.asked == ["/data.bin"] and names(cache / "models") == ["mine.bin"]


def test_names_are_keras_names(server, tmp_path, monkeypatch):
    for arguments in (
        {},
        {"fname": "x.bin"},
        {"cache_subdir": "deep/er"},
        {"cache_subdir": str(tmp_path / "absolute")},
    ):
        ours, theirs = (
            library.utils.get_file(origin=server.url + "/data.bin?query=1", cache_dir=str(tmp_path), **arguments)
            for library in (kerasish, keras)
        )
        assert ours == theirs
    assert server.asked.count("/data.bin?query=1") == 4
    monkeypatch.delenv("KERAS_HOME", raising=False)
    assert keras_home() == os.path.expanduser("~/.keras")


@pytest.mark.parametrize(
    "arguments",
    [
        {"file_hash": SHA},
        {"file_hash": SHA.upper()},
        {"file_hash": MD5},
        {"md5_hash": MD5},
        {"file_hash": MD5, "hash_algorithm": "md5"},
    ],
)
def test_digests(server, cache, arguments):
    assert open(kerasish.utils.get_file(origin=server.url + "/data.bin", **arguments), "rb").read() == DATA


def test_wrong_digest_leaves_nothing(server, cache):
    for wrong in ("0" * 64, "0" * 32):
        with pytest.raises(ValueError, match="Incomplete or corrupted"):
            kerasish.utils.get_file(origin=server.url + "/data.bin", file_hash=wrong)
        assert names(cache / "datasets") == []


def test_a_cached_file_with_another_digest_is_fetched_again(server, cache):
    path = cache / "datasets" / "data.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA[:99])
    assert kerasish.utils.get_file(origin=server.url + "/data.bin") == str(path) and not server.asked, (
        "without a digest the cached one is good"
    )
    kerasish.utils.get_file(origin=server.url + "/data.bin", file_hash=SHA)
    assert path.read_bytes() == DATA
    path.write_bytes(b"old")
    (server.folder / "data.bin").write_bytes(b"tampered")
    with pytest.raises(ValueError, match="corrupted"):
        kerasish.utils.get_file(origin=server.url + "/data.bin", file_hash=SHA)
    assert names(path.parent) == []


def test_force_download(server, cache):
    path = kerasish.utils.get_file(origin=server.url + "/data.bin")
    (server.folder / "data.bin").write_bytes(b"new")
    assert kerasish.utils.get_file(origin=server.url + "/data.bin") == path and open(path, "rb").read() == DATA
    kerasish.utils.get_file(origin=server.url + "/data.bin", force_download=True)
    assert open(path, "rb").read() == b"new"


@pytest.mark.parametrize(
    "place, words",
    [
        ("/short.bin", "URL fetch failure"),
        ("/none.bin", "404"),
        ("/failing.bin", "503"),
        ("/lured.bin", "URL fetch failure"),
    ],
)
def test_failures_leave_nothing_and_keep_the_old(server, cache, place, words):
    with pytest.raises(OSError, match=words):
        kerasish.utils.get_file("x.bin", server.url + place)
    assert names(cache / "datasets") == []
    (cache / "datasets" / "x.bin").write_bytes(b"old")
    with pytest.raises(OSError, match=words):
        kerasish.utils.get_file("x.bin", server.url + place, force_download=True)
    assert names(cache / "datasets") == ["x.bin"] and (cache / "datasets" / "x.bin").read_bytes() == b"old"


def test_redirects_and_nobody_there(server, cache):
    assert open(kerasish.utils.get_file("m.bin", server.url + "/moved"), "rb").read() == DATA
    server.shutdown()
    server.server_close()
    with pytest.raises(OSError, match="URL fetch failure"):
        kerasish.utils.get_file("n.bin", server.url + "/data.bin")


def test_a_bar_at_a_terminal(server, cache, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    kerasish.utils.get_file(origin=server.url + "/data.bin")
    assert "100%" in capsys.readouterr().err
    with pytest.raises(OSError, match="URL fetch failure"):
        kerasish.utils.get_file(origin=server.url + "/short.bin")
    kerasish.utils.disable_interactive_logging()
    try:
        kerasish.utils.get_file("quiet.bin", server.url + "/data.bin")
        assert "quiet" not in "".join(capsys.readouterr())
    finally:
        kerasish.utils.enable_interactive_logging()


def test_file_urls(server, cache):
    path = kerasish.utils.get_file(origin=(server.folder / "data.bin").as_uri(), file_hash=SHA)
    assert open(path, "rb").read() == DATA and not server.asked
    with pytest.raises(OSError, match="URL fetch failure"):
        kerasish.utils.get_file(origin=(server.folder / "none.bin").as_uri())


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({}, "origin"),
        ({"origin": "ftp://x/y.bin"}, "origin"),
        ({"origin": "data:,hello"}, "origin"),
        ({"origin": "/etc/passwd"}, "origin"),
        ({"origin": "http://x/"}, "fname"),
        ({"origin": "http://x/y", "fname": "../y"}, "fname"),
        ({"origin": "http://x/y", "fname": "a/b"}, "fname"),
        ({"origin": "http://x/y", "fname": ".."}, "fname"),
        ({"origin": "http://x/.."}, "fname"),
        ({"origin": "http://x/y", "fname": "a\\b"}, "fname"),
        ({"origin": "http://x/y", "fname": "C:evil"}, "fname"),
        ({"origin": "http://x/y", "file_hash": "xyz"}, "file_hash"),
        ({"origin": "http://x/y", "file_hash": SHA, "hash_algorithm": "sha1"}, "hash_algorithm"),
        ({"origin": "http://x/y", "file_hash": MD5, "hash_algorithm": "sha256"}, "file_hash"),
    ],
)
def test_bad_arguments(cache, arguments, words):
    with pytest.raises(ValueError, match=words):
        kerasish.utils.get_file(**arguments)


def test_without_pooch(cache, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r'pip install "kerasish\[applications\]"'):
        kerasish.utils.get_file(origin="http://127.0.0.1:9/x.bin")
    assert names(cache / "datasets") == []
    (cache / "datasets" / "x.bin").write_bytes(b"there")
    assert kerasish.utils.get_file(origin="http://127.0.0.1:9/x.bin"), "what is in the cache needs no pooch"


def test_a_folder_that_cannot_be_written_to(server, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *args, **kwargs: False)
    path = kerasish.utils.get_file(
        f"kerasish-test-{os.getpid()}.bin", server.url + "/data.bin", cache_dir=str(tmp_path / "locked")
    )
    try:
        assert path.startswith("/tmp/.keras/datasets/")
    finally:
        os.remove(path)
