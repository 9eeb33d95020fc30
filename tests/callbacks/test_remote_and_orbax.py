"""RemoteMonitor before a server of our own, and OrbaxCheckpoint, whose package may be missing."""

import http.server
import json
import sys
import threading
import urllib.parse

import numpy as np
import pytest

import kerasish as keras
from kerasish import callbacks


@pytest.fixture
def server():
    """(address, list of (path, headers, body) that came); it answers 200, or what `answer` says."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            running.came.append((self.path, dict(self.headers), body))
            self.send_response(running.answer)
            self.end_headers()

        def log_message(self, *args):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.came, running.answer = [], 200
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    running.address = f"http://127.0.0.1:{running.server_port}"
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def fit(callback, epochs=2):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model.fit(np.ones((2, 1)), np.ones((2, 1)), epochs=epochs, verbose=0, callbacks=[callback]).history


def test_epochs_in_a_form(server):
    history = fit(callbacks.RemoteMonitor(server.address, headers={"X-Run": "7"}))
    path, headers, body = server.came[1]
    assert path == "/publish/epoch/end/" and headers["X-Run"] == "7"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert json.loads(urllib.parse.parse_qs(body)["data"][0]) == {"epoch": 1, "loss": history["loss"][1]}


def test_epochs_as_json(server):
    history = fit(callbacks.RemoteMonitor(server.address, "/here", send_as_json=True))
    (path, headers, body), _ = server.came
    assert path == "/here" and headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"epoch": 0, "loss": history["loss"][0]}


def test_arrays_among_the_logs(server):
    monitor = callbacks.RemoteMonitor(server.address, field="epoch_of_mine")
    monitor.on_epoch_end(3, {"confusion": np.eye(2, dtype="int64"), "loss": np.float32(0.5)})
    body = urllib.parse.parse_qs(server.came[0][2])["epoch_of_mine"][0]
    assert json.loads(body) == {"epoch": 3, "confusion": [[1, 0], [0, 1]], "loss": 0.5}


def test_a_server_that_is_not_there(server):
    with pytest.warns(UserWarning, match="Could not reach the server of RemoteMonitor at http://127.0.0.1:9/"):
        assert len(fit(callbacks.RemoteMonitor("http://127.0.0.1:9"))["loss"]) == 2


def test_a_server_that_refuses(server):
    server.answer = 500
    with pytest.warns(UserWarning, match="answered 500"):
        assert len(fit(callbacks.RemoteMonitor(server.address))["loss"]) == 2


@pytest.mark.parametrize(
    "make, module, package",
    [
        (callbacks.RemoteMonitor, "requests", "pip install requests"),
        (lambda: callbacks.OrbaxCheckpoint("x"), "orbax.checkpoint.experimental.v1", "pip install orbax-checkpoint"),
    ],
)
def test_a_missing_package(monkeypatch, make, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=package):
        make()


@pytest.mark.parametrize("arguments", [{"max_to_keep": 0}, {"save_freq": 0}, {"save_freq": "batch"}])
def test_what_orbax_checkpoint_refuses(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        callbacks.OrbaxCheckpoint("folder", **arguments)


@pytest.mark.parametrize(
    "arguments, steps",
    [
        ({}, [2]),
        ({"max_to_keep": 2}, [1, 2]),
        ({"max_to_keep": None, "save_freq": 3, "save_weights_only": True}, [3, 6]),
        ({"max_to_keep": 2, "save_freq": 2, "save_on_background": False}, [4, 6]),
        ({"max_to_keep": None, "save_best_only": True, "monitor": "loss", "mode": "max"}, [0]),
    ],
)
def test_checkpoints_of_orbax(tmp_path, arguments, steps):
    orbax = pytest.importorskip("orbax.checkpoint.experimental.v1")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    save = callbacks.OrbaxCheckpoint(tmp_path, **arguments)
    model.fit(np.ones((4, 3)), np.ones((4, 2)), batch_size=2, epochs=3, verbose=0, callbacks=[save])
    assert sorted(int(path.name) for path in tmp_path.iterdir()) == steps
    assert (tmp_path / str(steps[-1]) / "model_config").exists() != bool(arguments.get("save_weights_only"))
    if steps[-1] in (2, 6):
        tree = orbax.load_checkpointables(tmp_path / str(steps[-1]))["pytree"]
        kernel = tree["trainable_variables"][model.name][model.layers[0].name]["kernel"]
        np.testing.assert_array_equal(kernel, model.get_weights()[0])
