"""Object code on disk: kept, shared, renewed, and never trusted blindly."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kerasish import backend
from kerasish.backend.numpy import native
from kerasish.backend.numpy.native import cache, source

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
    return subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


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


def test_clear(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path / "kernels"))
    assert cache.store("version", "kernel", b"code")
    backend.clear_kernel_cache()
    assert cache.load("version", "kernel") is None


def test_equal_sources_have_equal_keys():
    text = "def kernel(args, lo, hi, worker):\n    pass\n"
    assert source.Source(text, T="float32").key == source.Source(text, T="float32").key
    assert source.Source(text, T="float32").key != source.Source(text, T="float64").key
