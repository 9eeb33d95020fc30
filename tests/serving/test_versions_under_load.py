"""Versions change under load: no wrong answer, no lost request, memory that stays.

Four seconds by default; `KERASISH_ATTACKS=1` gives it twenty minutes.
"""

import itertools
import json
import os
import shutil
import threading
import time

import numpy as np
import pytest

import kerasish as keras
from tests.attacks.sizes import size
from tests.serving.folders import put
from tests.serving.processes import serving

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory by /proc")]
CLIENTS, SIZE = 4, 6


def model_of(version):
    """A small network that says its version: the answer is the version times the sum of the row."""
    x = keras.Input((SIZE,), name="x")
    hidden = keras.layers.Dense(64, kernel_initializer="ones", name="wide")(x)
    return keras.Model(x, keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(version / 64))(hidden))


def resident(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ask(server, end, wrong, counts, number):
    draws, connection = np.random.default_rng(number), server.connection()
    while not end.is_set():
        rows = draws.integers(0, 9, (int(draws.integers(1, 4)), SIZE)).astype("float32")
        entry = {"name": "x", "shape": list(rows.shape), "datatype": "FP32", "data": rows.ravel().tolist()}
        try:
            status, text = server.ask("POST", "/v2/models/m/infer", {"inputs": [entry]}, connection)
            said = json.loads(text)
            expected = int(said["model_version"]) * rows.sum(1) if status == 200 else None
            if status != 200 or not np.allclose(said["outputs"][0]["data"], expected, rtol=1e-4):
                wrong.append((status, text))
            counts.append(int(said["model_version"]))
        except Exception as error:
            wrong.append(error)
            connection = server.connection()


def answers_by(version, counts, wrong):
    """Wait until a client has had an answer of that version, however long the machine takes to load it."""
    patience = time.monotonic() + 60
    while version not in counts[-100:] and not wrong and time.monotonic() < patience:
        time.sleep(0.05)


def test_versions_change_under_load(tmp_path):
    seconds = size("serving")
    pause = min(10.0, max(0.4, seconds / 12))
    put(tmp_path, "m", 1, model_of(1))
    with serving(tmp_path, "--poll", "0.1") as server:
        end, wrong, counts = threading.Event(), [], []
        clients = [threading.Thread(target=ask, args=(server, end, wrong, counts, number)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        until, memory = time.monotonic() + seconds, []
        for version in itertools.count(2):
            put(tmp_path, "m", version, model_of(version))
            answers_by(version, counts, wrong)
            if version > 3:
                shutil.rmtree(tmp_path / "m" / str(version - 2))
            time.sleep(pause)
            memory.append(resident(server.process.pid))
            if time.monotonic() > until or wrong:
                break
        end.set()
        for client in clients:
            client.join()
        assert not wrong, (wrong[:3], "".join(server.said[-20:]))
        assert server.end() == 0
    shown = [round(taken / 1e6) for taken in memory[:: len(memory) // 10 + 1]]
    print(f"{len(counts)} answers by {len(set(counts))} versions, memory {shown} MB")
    assert len(set(counts)) >= len(memory) - 1
    middle = memory[len(memory) // 3 : len(memory) // 3 + 3]
    assert np.median(memory[-3:]) < np.median(middle) + 20e6, memory
