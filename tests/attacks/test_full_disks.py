"""Disks that are full after any number of bytes: the old file stays, nothing else does, and the error names it."""

import os
import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras
from tests.attacks.sizes import chance, size
from tests.files.kill_while_saving import NAMES, filled, found, model, save

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.slow


def names_in(folder):
    return sorted(
        os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder) for name in names
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_takes_so_many_bytes(name, tmp_path, strikes):
    """The system refuses to write a file beyond a length, drawn between nothing and all that is needed."""
    path, old, new = str(tmp_path / name), filled(model(), 1), filled(model(), 2)
    save(old, path)
    before = names_in(tmp_path)
    longest = max(os.path.getsize(tmp_path / each) for each in before)
    disks, refused = size("full disks", len(NAMES)), 0
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for number in range(disks):
        room = int(chance(f"full disks {name}", number).random() * longest * 0.99)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            with pytest.raises(OSError, match="the file is not written") as caught:
                save(new, path)
            refused += 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert str(tmp_path) in str(caught.value) and ".part" not in str(caught.value)
        assert names_in(tmp_path) == before and found(path, model()) == 1
    save(new, path)
    assert found(path, model()) == 2
    strikes("full disks", saves=disks, refused_whole=refused)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a megabyte and a half, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        sys.platform == "linux"
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(folder)], capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_real_disk_that_is_full(name, small_disk, strikes):
    """There is room for one file, and none for the next beside it."""
    path = str(small_disk / name)
    save(filled(model(), 1), path)
    left = os.statvfs(small_disk)
    (small_disk / "other").write_bytes(bytes(max(0, left.f_bavail * left.f_frsize - 300_000)))
    before = names_in(small_disk)
    refused = 0
    for number in range(2, 6):
        with pytest.raises(OSError, match="the file is not written"):
            save(filled(model(), number), path)
        refused += 1
        assert names_in(small_disk) == before and found(path, model()) == 1
    strikes("full disks", saves=refused, refused_whole=refused)


def test_kernels_that_can_not_be_kept(small_disk, monkeypatch):
    """Where nothing can be written, kernels live as long as the process."""
    (small_disk / "all").write_bytes(bytes(1500 * 1024 - 8192))
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(small_disk))
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(7, lambda x: keras.ops.erf(x) * 0.123 + x)])
    net.compile("adam", "mse")
    net.fit(np.ones((4, 3)), np.ones((4, 7)), verbose=0)
    assert not list(small_disk.rglob(".new-*"))
