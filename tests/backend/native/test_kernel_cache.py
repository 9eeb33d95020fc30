"""Object code on disk: kept, shared, renewed, and never trusted blindly."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from kerasish import backend
from kerasish.backend import kernel_cache as cache
from kerasish.backend.numpy import native
from kerasish.backend.numpy.native import source

pytestmark = pytest.mark.skipif(not native.enabled(), reason="llvmlite is not installed, or KERASISH_NATIVE=0")

PROGRAM = textwrap.dedent(
    """
    import time, numpy as np
    from kerasish import backend, ops
    step = backend.function(lambda x: [ops.tanh(x) * 2.0 + 1.0, ops.sum(ops.exp(x), axis=0)])
    x = np.linspace(-1, 1, 6).reshape(2, 3).astype("float32")
    step(x)
    import sys
    compiler = any(name.endswith("language.compile") for name in sys.modules)
    print([round(float(v), 5) for v in step(x)[0].ravel()], "compiled" if compiler else "loaded")
    """
)


def start(folder, **more):
    environment = {**os.environ, "KERASISH_CACHE_DIR": str(folder), **more}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def finish(process):
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out


def files(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_the_second_process_compiles_nothing(tmp_path):
    first, second = finish(start(tmp_path)), finish(start(tmp_path))
    assert first.split("]")[0] == second.split("]")[0]
    assert first.strip().endswith("compiled") and second.strip().endswith("loaded")


def test_processes_that_start_at_once(tmp_path):
    started = [start(tmp_path) for _ in range(3)]
    results = {finish(process).split("]")[0] for process in started}
    assert len(results) == 1
    assert not [path for path in files(tmp_path) if path.name.startswith(".new-")]


def test_damaged_files_are_compiled_again(tmp_path):
    first = finish(start(tmp_path))
    for path in files(tmp_path):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 255
        path.write_bytes(bytes(content[:-3]))
    again = finish(start(tmp_path))
    assert again.split("]")[0] == first.split("]")[0] and again.strip().endswith("compiled")


def test_where_nothing_can_be_written(tmp_path):
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    assert finish(start(blocked)).strip().endswith("compiled")


def test_a_new_version_has_a_folder_of_its_own(tmp_path, monkeypatch):
    """Whatever the code depends on is in the folder's name: after an upgrade nothing old is loaded."""
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path))
    assert cache.store("version 1", "kernel", b"old")
    assert cache.load("version 1", "kernel") == b"old" and cache.load("version 2", "kernel") is None


VERSION, KEY = "0123456789abcdef", "0123456789abcdef" * 2


@pytest.fixture
def chosen(tmp_path, monkeypatch):
    """The folder that KERASISH_CACHE_DIR names."""
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path / "mine"))
    return tmp_path / "mine"


def test_clear(chosen):
    assert cache.store(VERSION, KEY, b"code")
    (cache.folder() / VERSION / ".new-abc_123").write_bytes(b"half of one")
    backend.clear_kernel_cache()
    assert cache.load(VERSION, KEY) is None and list(chosen.iterdir()) == []
    backend.clear_kernel_cache()  # there is nothing to clear


@pytest.mark.parametrize(
    "place",
    [
        "thesis.txt",
        f"{VERSION}/{KEY}",
        f"kerasish-kernels/{VERSION}/notes.txt",
        "kerasish-kernels/thesis/a.txt",
        f"kerasish-kernels/{KEY}",
    ],
)
def test_clear_leaves_what_others_put_there(chosen, place):
    assert cache.store(VERSION, KEY, b"code")
    (chosen / place).parent.mkdir(exist_ok=True)
    (chosen / place).write_text("years of work")
    backend.clear_kernel_cache()
    assert cache.load(VERSION, KEY) is None and files(chosen) == [chosen / place]


def test_the_names_that_clear_knows_are_those_in_use(tmp_path):
    finish(start(tmp_path))
    assert files(tmp_path)
    for path in files(tmp_path):
        assert (
            cache._FILE.fullmatch(path.name)
            and cache._VERSION.fullmatch(path.parent.name)
            and path.parents[2] == tmp_path
        )


@pytest.mark.skipif(os.name != "posix", reason="the permissions of POSIX")
@pytest.mark.parametrize("open_to", [0o020, 0o002])
@pytest.mark.parametrize("place", [".", VERSION, f"{VERSION}/{KEY}"])
def test_what_others_may_write_is_not_run(chosen, place, open_to):
    assert cache.store(VERSION, KEY, b"code") and cache.load(VERSION, KEY) == b"code"
    path = cache.folder() / place
    path.chmod(path.stat().st_mode | open_to)
    assert cache.load(VERSION, KEY) is None
    assert cache.store(VERSION, "f" * 32, b"code") == path.is_file()


@pytest.mark.skipif(os.name != "posix", reason="the users of POSIX")
def test_what_belongs_to_somebody_else_is_not_run(chosen, monkeypatch):
    assert cache.store(VERSION, KEY, b"code")
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    assert cache.load(VERSION, KEY) is None and not cache.store(VERSION, KEY, b"other")


@pytest.mark.skipif(os.name != "posix", reason="the users of POSIX")
def test_a_folder_of_its_own_is_closed_whatever_the_habit(chosen):
    before = os.umask(0o002)
    try:
        assert cache.store(VERSION, KEY, b"code") and cache.load(VERSION, KEY) == b"code"
    finally:
        os.umask(before)


def test_where_no_home_is_found(tmp_path):
    """A user that the system has no entry for, without HOME: kernels live as long as the process."""
    assert finish(start("~no such user/x")).strip().endswith("compiled")
    assert not list(Path.cwd().glob("~no such user*"))


def test_no_home_no_folder(monkeypatch):
    def nobody(*_):
        raise RuntimeError("Could not determine home directory.")

    for name in ("KERASISH_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    assert cache.folder() is None and cache.load(VERSION, KEY) is None and not cache.store(VERSION, KEY, b"code")
    cache.clear()


def test_equal_sources_have_equal_keys():
    text = "def kernel(args, lo, hi, worker):\n    pass\n"
    assert source.Source(text, T="float32").key == source.Source(text, T="float32").key
    assert source.Source(text, T="float32").key != source.Source(text, T="float64").key


def test_an_entry_under_anothers_name_is_not_run(chosen):
    """Its code takes other arguments."""
    assert cache.store(VERSION, KEY, b"code")
    other = "f" * 32
    place = cache.folder() / VERSION
    (place / other).write_bytes((place / KEY).read_bytes())
    assert cache.load(VERSION, KEY) == b"code" and cache.load(VERSION, other) is None


def test_code_without_the_kernel_is_compiled_again(chosen, monkeypatch):
    kernel = source.Source("def kernel(args, lo, hi, worker):\n    pass\n")
    right = source.address(kernel)
    assert right
    elsewhere = cache.load(source._version(), kernel.key)
    other = source.Source("def kernel(args, lo, hi, worker):\n    pass\n\n")
    assert cache.store(source._version(), other.key, elsewhere)
    assert source.address(other) not in (0, right)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX's")
def test_a_pipe_in_place_of_an_entry_does_not_wait(chosen):
    assert cache.store(VERSION, KEY, b"code")
    place = cache.folder() / VERSION / KEY
    place.unlink()
    os.mkfifo(place, 0o600)
    assert cache.load(VERSION, KEY) is None
    assert cache.store(VERSION, KEY, b"code") and cache.load(VERSION, KEY) == b"code"


def test_kernels_longest_unused_go_and_so_do_halves_of_killed_writers(chosen, monkeypatch):
    assert cache.store(VERSION, KEY, b"code" * 100)
    place, old = cache.folder() / VERSION, "e" * 32
    half, new = place / ".new-abc_123", place / ".new-abc_124"
    for path, age in ((place / old, 900_000), (half, 7200), (new, 0)):
        path.write_bytes(b"x" * 300)
        os.utime(path, (time.time() - age,) * 2)
    (place / "notes.txt").write_text("mine")
    monkeypatch.setattr(cache, "MOST", 500)
    cache.sweep()
    assert sorted(path.name for path in place.iterdir()) == sorted([KEY, new.name, "notes.txt"])


def test_what_is_used_is_not_the_longest_unused(chosen):
    assert cache.store(VERSION, KEY, b"code")
    place = cache.folder() / VERSION / KEY
    os.utime(place, (0, 0))
    assert cache.load(VERSION, KEY) == b"code" and place.stat().st_mtime > time.time() - 60
