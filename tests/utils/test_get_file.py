"""Fetching files: a server in a thread, a cache in a temporary folder, and archives that try to leave their folder."""

import functools
import hashlib
import http.server
import io
import os
import stat
import tarfile
import threading
import zipfile

import keras
import pytest

import kerasish
from kerasish.utils.downloads import keras_home

DATA = bytes(range(256)) * 700
SHA = hashlib.sha256(DATA).hexdigest()
MD5 = hashlib.md5(DATA).hexdigest()


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; some paths misbehave."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/short"):  # promises more than it gives
            self.send_response(200)
            self.send_header("Content-Length", str(len(DATA)))
            self.end_headers()
            self.wfile.write(DATA[:1000])
            self.close_connection = True
        elif self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/data.bin")
            self.end_headers()
        elif self.path.startswith("/lured"):
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif self.path.startswith("/failing"):
            self.send_error(503)
        else:
            super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "data.bin").write_bytes(DATA)
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    made.asked, made.folder, made.url = [], folder, f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def names(folder):
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


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


# -- archives ---------------------------------------------------------------------------------------------------


SYMLINK, HARDLINK, DEVICE, PIPE = LINK_TYPES = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)


def tar_of(members, mode="w:gz"):
    """members: list of (name, bytes or type, link target)."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, what, *target in members:
            info = tarfile.TarInfo(name)
            if what not in LINK_TYPES:
                info.size = len(what)
                archive.addfile(info, io.BytesIO(what))
            else:
                info.type, info.linkname = what, target[0] if target else ""
                archive.addfile(info)
    return file.getvalue()


def zip_of(members):
    """members: list of (name, bytes, whether it is a symbolic link)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data, *link in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777 if link else stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)
    return file.getvalue()


GOOD = [("a/b.txt", b"hello"), ("c.txt", b"world")]


@pytest.mark.parametrize(
    "name, made",
    [
        ("d.tar.gz", tar_of(GOOD)),
        ("d.tar", tar_of(GOOD, "w")),
        ("d.tgz", tar_of(GOOD)),
        ("d.zip", zip_of(GOOD)),
        ("d.tar.xz", tar_of(GOOD, "w:xz")),
    ],
)
@pytest.mark.parametrize("fname", [None, "named", "named.tar.gz"])
def test_extract_as_keras(server, tmp_path, name, made, fname):
    (server.folder / name).write_bytes(made)
    ours, theirs = (
        library.utils.get_file(fname, server.url + "/" + name, extract=True, cache_dir=str(tmp_path / label))
        for label, library in (("ours", kerasish), ("theirs", keras))
        if (tmp_path / label).mkdir() is None
    )
    assert os.path.relpath(ours, tmp_path / "ours") == os.path.relpath(theirs, tmp_path / "theirs")
    for folder in (ours, theirs):
        assert (
            open(os.path.join(folder, "a", "b.txt")).read() == "hello"
            and open(os.path.join(folder, "c.txt")).read() == "world"
        )
    assert names(tmp_path / "ours" / "datasets") == names(tmp_path / "theirs" / "datasets")
    again = kerasish.utils.get_file(fname, server.url + "/" + name, extract=True, cache_dir=str(tmp_path / "ours"))
    assert again == ours and len([path for path in server.asked if path == "/" + name]) == 2


def test_untar_and_what_is_no_archive(server, cache):
    (server.folder / "d.tar").write_bytes(tar_of(GOOD, "w"))
    assert names(cache.__class__(kerasish.utils.get_file("d", server.url + "/d.tar", untar=True))) == ["a", "c.txt"]
    with pytest.warns(UserWarning, match="Could not extract archive"):
        kerasish.utils.get_file("e", server.url + "/data.bin", extract=True)
    (server.folder / "z.zip").write_bytes(zip_of(GOOD))
    with pytest.warns(UserWarning, match="Could not extract archive"):
        kerasish.utils.get_file("f", server.url + "/z.zip", extract=True, archive_format="tar")


HOSTILE = {
    "absolute": tar_of([("/tmp/evil.txt", b"x")]),
    "up": tar_of([("../evil.txt", b"x")]),
    "up in the middle": tar_of([("a/../../evil.txt", b"x")]),
    "down and up": tar_of([("a/../b.txt", b"x")]),
    "backslashes": tar_of([("a\\..\\..\\evil.txt", b"x")]),
    "drive": tar_of([("C:\\evil.txt", b"x")]),
    "drive in the middle": tar_of([("a/C:/Windows/evil.txt", b"x")]),
    "link to a drive": tar_of([("a", SYMLINK, "b/C:/Windows")]),
    "link out": tar_of([("a", SYMLINK, "../evil.txt")]),
    "link to absolute": tar_of([("a", SYMLINK, "/etc/passwd")]),
    "hard link out": tar_of([("a", HARDLINK, "../../etc/passwd")]),
    "hard link to absolute": tar_of([("a", HARDLINK, "/etc/passwd")]),
    "through a link": tar_of([("d", SYMLINK, "sub"), ("d/evil.txt", b"x")]),
    "through a link to itself": tar_of([("x", SYMLINK, "."), ("x/y", SYMLINK, ".."), ("x/y/evil.txt", b"x")]),
    "link through a link": tar_of(
        [("sub/deep/x", b"x"), ("d", SYMLINK, "sub/deep"), ("e", SYMLINK, "d/../../../evil")]
    ),
    "a link that is made after its use": tar_of([("d/evil.txt", b"x"), ("d", SYMLINK, "..")]),
    "device": tar_of([("null", DEVICE)]),
    "pipe": tar_of([("pipe", PIPE)]),
    "zip up": zip_of([("../evil.txt", b"x")]),
    "zip absolute": zip_of([("/tmp/evil.txt", b"x")]),
    "zip link out": zip_of([("a", b"/etc/passwd", True)]),
    "zip link up": zip_of([("a", b"../../x", True), ("a/evil.txt", b"x")]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_whole(tmp_path, name):
    """Among them CVE-2025-12060 (a link member, and a member whose path goes through it) and CVE-2007-4559 ("..")."""
    made = HOSTILE[name]
    place = tmp_path / "in" / "folder"
    place.mkdir(parents=True)
    (place / "archive").write_bytes(made)
    with pytest.raises(ValueError, match="Nothing was unpacked"):
        kerasish.utils.extract_archive(place / "archive", place / "out")
    assert names(place) == ["archive"] and names(tmp_path / "in") == ["folder"] and names(tmp_path) == ["in"]


def test_links_that_stay_inside_are_kept(tmp_path):
    members = [
        ("a/b.txt", b"hello"),
        ("l", SYMLINK, "a/b.txt"),
        ("a/up", SYMLINK, "../c.txt"),
        ("hard", HARDLINK, "a/b.txt"),
        ("c.txt", b"see"),
        ("dir", SYMLINK, "a"),
    ]
    (tmp_path / "x.tar").write_bytes(tar_of(members))
    assert kerasish.utils.extract_archive(tmp_path / "x.tar", tmp_path / "out")
    out = tmp_path / "out"
    assert [(out / name).read_text() for name in ("l", "a/up", "hard", "dir/b.txt")] == [
        "hello",
        "see",
        "hello",
        "hello",
    ]
    (tmp_path / "x.zip").write_bytes(zip_of([("a/b.txt", b"hello"), ("l", b"a/b.txt", True)]))
    assert (
        kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "out") and (out / "l").read_text() == "hello"
    ), "into a folder that is there"


def test_the_folder_may_be_a_link_a_disk_of_its_own_or_below_a_closed_one(tmp_path, monkeypatch):
    (tmp_path / "x.zip").write_bytes(zip_of(GOOD))
    real, link = tmp_path / "closed" / "real", tmp_path / "link"
    real.mkdir(parents=True)
    link.symlink_to(real)
    made = []
    make = kerasish.utils.archives.tempfile.mkdtemp
    monkeypatch.setattr(
        kerasish.utils.archives.tempfile, "mkdtemp", lambda **where: made.append(str(where["dir"])) or make(**where)
    )
    assert kerasish.utils.extract_archive(tmp_path / "x.zip", link)
    assert made == [str(real)], "unpacked within the folder, so that nothing is asked of the one above"
    assert names(real) == ["a", "c.txt"] and (real / "a" / "b.txt").read_bytes() == b"hello"


@pytest.mark.parametrize("there", ["c.txt/", "a", "a->", "a/b.txt/"])
def test_what_is_in_the_way_refuses_the_whole_archive(tmp_path, there):
    (tmp_path / "x.zip").write_bytes(zip_of([("0.txt", b"first"), *GOOD, ("z.txt", b"last")]))
    place = tmp_path / "out" / there.removesuffix("->")
    if there.endswith("/"):
        place.mkdir(parents=True)
    else:
        place.parent.mkdir()
        place.symlink_to(tmp_path) if there.endswith("->") else place.write_text("mine")
    before = sorted(tmp_path.glob("out/**/*"))
    with pytest.raises(ValueError, match="in the way.*Nothing was unpacked"):
        kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "out")
    assert sorted(tmp_path.glob("out/**/*")) == before
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="in the way"):
        kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "file")


def test_unpacked_files_are_as_open_to_others_as_new_ones(tmp_path):
    info = zipfile.ZipInfo("a/run.sh")
    info.external_attr = (stat.S_IFREG | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(info, b"")
        archive.writestr("plain.txt", b"")
    before = os.umask(0o027)
    try:
        kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "out")
    finally:
        os.umask(before)
    modes = {
        name: stat.S_IMODE((tmp_path / "out" / name).stat().st_mode) for name in (".", "a", "a/run.sh", "plain.txt")
    }
    assert modes == {".": 0o750, "a": 0o750, "a/run.sh": 0o750, "plain.txt": 0o640}


def test_broken_archives(tmp_path):
    whole_tar, whole_zip = tar_of([("a.bin", os.urandom(50_000))]), zip_of([("a.bin", os.urandom(50_000))])
    flipped = bytearray(whole_zip)
    flipped[20_000] ^= 0xFF
    for name, data in {
        "cut.tar.gz": whole_tar[:20_000],
        "cut.zip": whole_zip[:20_000] + whole_zip[-100:],
        "flipped.zip": bytes(flipped),
    }.items():
        (tmp_path / name).write_bytes(data)
        try:
            assert not kerasish.utils.extract_archive(tmp_path / name, tmp_path / "out")
        except ValueError as error:
            assert "can't be unpacked" in str(error) and name in str(error)
        assert not (tmp_path / "out").exists()
        assert not [n for n in names(tmp_path) if n.endswith(".part")]


def test_an_archive_of_more_than_the_disk_holds(tmp_path, monkeypatch):
    import shutil

    (tmp_path / "x.zip").write_bytes(zip_of([("a", b"x" * 1000)]))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**6, 10**6, 999))
    with pytest.raises(ValueError, match="1,000 bytes.*999"):
        kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "out")
    assert names(tmp_path) == ["x.zip"]


def test_archive_formats(tmp_path):
    (tmp_path / "x.zip").write_bytes(zip_of(GOOD))
    assert not kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "out", None)
    assert not kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "out", "tar")
    assert kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "out", ["tar", "zip"])
    with pytest.raises(ValueError, match="archive_format"):
        kerasish.utils.extract_archive(tmp_path / "x.zip", tmp_path / "out", "rar")


@pytest.mark.parametrize("seed", range(4))
def test_damaged_archives_end_in_a_clear_error(tmp_path, seed):
    """Flipped and missing bytes: unpacked, refused, or no archive at all.

    Nothing else is raised, nothing is left beside.
    """
    import random

    rng = random.Random(seed)
    sources = [tar_of(GOOD + [("l", SYMLINK, "c.txt")], mode) for mode in ("w", "w:gz", "w:bz2", "w:xz")] + [
        zip_of(GOOD + [("l", b"c.txt", True)])
    ]
    for number in range(60):
        data = bytearray(sources[number % len(sources)])
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        place = tmp_path / str(number)
        place.mkdir()
        (place / "archive").write_bytes(bytes(data))
        try:
            kerasish.utils.extract_archive(place / "archive", place / "out")
        except ValueError as error:
            assert not (place / "out").exists() and "archive" in str(error)
        assert set(names(place)) <= {"archive", "out"}
