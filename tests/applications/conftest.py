"""What the tests of applications share.

Real Keras's files and numbers, made once, and a server that hands the files out.
"""

import functools
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

import kerasish
from kerasish.applications import hashes
from tests.applications.cases import ALL_AT_FULL_SIZE, BY_NAME, NUMERIC

ROOT = pathlib.Path(__file__).parents[2]
QUIET = {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_ENABLE_X64": "1"}


def pytest_collection_modifyitems(items):
    """Tests of one case one after another.

    The files of a case at full size are gone when the next one is made.
    """
    order = {case: index for index, case in enumerate(NUMERIC)}
    folder = pathlib.Path(__file__).parent
    here = [
        i
        for i, item in enumerate(items)
        if folder in item.path.parents and getattr(item, "callspec", None) and item.callspec.params.get("case") in order
    ]
    for place, item in zip(
        here, sorted((items[i] for i in here), key=lambda item: order[item.callspec.params["case"]])
    ):
        items[place] = item


class Recorded:
    """What real Keras wrote and said about applications.

    They are run all at once at first, or one by one at full size.
    """

    def __init__(self, folder):
        self.folder = folder
        self._made = set()

    def get(self, name):
        """(dict of arrays, path of the whole model's weights, name of the official file, its path in `served`)."""
        if name not in self._made:
            self._run([BY_NAME[name]] if ALL_AT_FULL_SIZE else NUMERIC)
        from tests.applications.oracle import official_path

        file_name, origin, _hash = json.loads((self.folder / f"{name}.json").read_text())
        return (
            dict(np.load(self.folder / f"{name}.npz")),
            self.folder / f"{name}.h5",
            file_name,
            official_path(self.folder, origin),
        )

    def _run(self, cases):
        if ALL_AT_FULL_SIZE:
            shutil.rmtree(self.folder / "served", ignore_errors=True)
            for old in self.folder.glob("*.h5"):
                old.unlink()
            self._made.clear()
        for backend in dict.fromkeys(case.oracle for case in cases):
            chosen = [case for case in cases if case.oracle == backend]
            command = [
                sys.executable,
                "-m",
                "tests.applications.oracle",
                str(self.folder),
                *(f"{case.name}:{case.side}" for case in chosen),
            ]
            done = subprocess.run(
                command, cwd=ROOT, env={**os.environ, **QUIET, "KERAS_BACKEND": backend}, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr[-3000:]
            self._made.update(case.name for case in chosen)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """What real Keras says, by `recorded.get(name)`."""
    return Recorded(tmp_path_factory.mktemp("applications"))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and notes the paths that were asked for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_arguments):
        """Nothing is printed."""


@pytest.fixture
def served(recorded, tmp_path, monkeypatch):
    """A server of `recorded.folder/served` in place of Keras's, and an empty cache.

    The value lists the paths that were asked for.
    """
    folder = recorded.folder / "served"
    folder.mkdir(exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("KERASISH_APPLICATIONS_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    yield server.asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def trusted(monkeypatch):
    """A function that makes the hash of a file the one which the table of hashes has for it."""

    def trust(file_name, path):
        monkeypatch.setitem(
            hashes.HASHES, file_name, hashlib.md5(pathlib.Path(path).read_bytes(), usedforsecurity=False).hexdigest()
        )

    return trust


@pytest.fixture
def no_values(monkeypatch):
    """Variables are made without drawing values or touching their memory.

    So the largest models are built at once.
    """
    monkeypatch.setattr(kerasish.Variable, "_initial_buffer", _untouched_buffer)


def _untouched_buffer(variable, initializer, shape, dtype):
    if callable(initializer):
        return np.empty(tuple(shape), dtype or "float32")
    return np.array(initializer, dtype or getattr(initializer, "dtype", "float32"))


@pytest.fixture(autouse=True)
def fresh_names():
    """Layers are counted from one."""
    kerasish.utils.clear_session()
