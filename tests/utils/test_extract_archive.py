"""Archives: unpacked as Keras does, and refused whole where they try to leave their folder."""

import io
import os
import stat
import tarfile
import zipfile

import keras
import pytest

import kerasish
from tests.utils.serving import names

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
