"""Published vulnerabilities of loading models that run, fetch or read what a config asks for.

Each file here tries one. docs/safety.md has the table.
"""

import http.server
import json
import os
import threading
import tracemalloc

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.configs import limits, lookup, serialization
from tests.files.hostile import (
    code_cases,
    doubling,
    functional,
    lambda_code,
    layer,
    sequential,
    write_archive,
    write_legacy,
)
from tests.files.watched import dangerous, watching

X = np.ones((2, 3), "float32")


@pytest.fixture(scope="module")
def server():
    """A server that remembers what it was asked for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    made = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    made.asked = []
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported(tmp_path_factory):
    """Importing a module runs bytecode, too: it is done before anybody watches."""
    folder = tmp_path_factory.mktemp("warm")
    for path in (str(folder / "m.keras"), str(folder / "m.h5")):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile("adam", "mse", metrics=["mae"])
        model.save(path)
        keras.models.load_model(path).predict(X, verbose=0)
    keras.models.model_from_json(keras.Model(inputs := keras.Input((3,)), keras.layers.Dense(2)(inputs)).to_json())


CASES = sorted(code_cases("canary", "url"))
WRITERS = {"keras": write_archive, "h5": write_legacy}


def run(load, canary, server):
    """`load()` must raise ValueError; nothing may be run, fetched or read meanwhile."""
    asked = len(server.asked)
    with watching() as events, pytest.raises(ValueError) as raised:
        model = load()
        model.predict(X, verbose=0)  # where a file was let in, what it brought would run here
    assert not dangerous(events, ["passwd", "canary_module", str(canary)])
    assert not os.path.exists(canary) and len(server.asked) == asked
    return str(raised.value)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("graph", [sequential, functional])
@pytest.mark.parametrize("version", ["3.8.0", "2.13.1"])
def test_a_hostile_archive(case, graph, version, tmp_path, server):
    canary = tmp_path / "canary"
    path = str(tmp_path / "hostile.keras")
    write_archive(path, graph(code_cases(canary, f"http://127.0.0.1:{server.server_port}/x")[case]), version=version)
    message = run(lambda: keras.models.load_model(path), canary, server)
    if "ambda of Keras" in case:
        assert "safe_mode=False" in message and "code" in message


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_hdf5_file_of_keras_2(case, tmp_path, server):
    """CVE-2025-9905: real Keras ignored `safe_mode` for these files."""
    canary = tmp_path / "canary"
    path = str(tmp_path / "hostile.h5")
    write_legacy(path, sequential(code_cases(canary, f"http://127.0.0.1:{server.server_port}/x")[case]))
    run(lambda: keras.models.load_model(path), canary, server)


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_config(case, tmp_path, server):
    """CVE-2026-12481: every way in is closed when nothing is said of `safe_mode`."""
    canary = tmp_path / "canary"
    hostile = code_cases(canary, f"http://127.0.0.1:{server.server_port}/x")[case]
    ways = [
        lambda: keras.models.model_from_json(json.dumps(sequential(hostile))),
        lambda: keras.saving.deserialize_keras_object(sequential(hostile)),
        lambda: keras.Sequential.from_config(sequential(hostile)["config"]),
    ]
    for way in ways:
        asked = len(server.asked)
        with watching() as events, pytest.raises((ValueError, TypeError)):
            way().predict(X, verbose=0)
        assert not dangerous(events, ["passwd", "canary_module", str(canary)])
        assert not os.path.exists(canary) and len(server.asked) == asked


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("CVE-2024-3660 Lambda")])
def test_a_lambda_is_refused_by_from_config_itself(case, tmp_path):
    canary = tmp_path / "canary"
    config = code_cases(canary, "url")[case]["config"]
    for way in (
        lambda: keras.layers.Lambda.from_config(config),
        lambda: keras.layers.deserialize(layer("Lambda", config)),
    ):
        with watching() as events, pytest.raises(ValueError, match="safe_mode=False"):
            way()
        assert not dangerous(events)


@pytest.mark.parametrize("path", ["hostile.keras", "hostile.h5"])
@pytest.mark.parametrize("case", ["CVE-2024-3660 Lambda of Keras 2", "CVE-2024-3660 Lambda of Keras 3"])
def test_with_safe_mode_off_the_same_file_runs(case, path, tmp_path):
    """So that the tests above refuse something that would work."""
    canary = tmp_path / "canary"
    path = str(tmp_path / path)
    WRITERS[path.rpartition(".")[2]](path, sequential(code_cases(canary, "url")[case]))
    model = keras.models.load_model(path, safe_mode=False)
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    assert os.path.exists(canary)


def test_bytecode_has_one_way_in_and_it_is_closed(tmp_path):
    code = lambda_code(tmp_path / "canary")
    with watching() as events, pytest.raises(ValueError, match="safe_mode=False"):
        serialization.load_code(code)
    assert not dangerous(events)


def test_unsafe_deserialization_is_enabled_for_the_process(tmp_path, monkeypatch):
    monkeypatch.setattr(serialization, "_unsafe", False)
    canary, path = tmp_path / "canary", str(tmp_path / "m.keras")
    write_archive(path, sequential(code_cases(canary, "url")["CVE-2024-3660 Lambda of Keras 3"]))
    with pytest.raises(ValueError, match="safe_mode"):
        keras.models.load_model(path)
    keras.config.enable_unsafe_deserialization()
    assert keras.models.load_model(path).predict(X, verbose=0).shape == (2, 3)


def test_nothing_that_a_file_holds_enables_it(tmp_path, server):
    for case in CASES:
        if "9906" in case:
            path = str(tmp_path / "m.keras")
            write_archive(path, functional(code_cases(tmp_path / "canary", "url")[case]))
            with pytest.raises(ValueError):
                keras.models.load_model(path)
            assert serialization.safe_mode()


def test_names_are_looked_up_in_closed_lists():
    """Every function that a config can name is an activation, a loss, a metric or an op."""
    for home in lookup._FUNCTION_HOMES:
        functions = lookup._functions_of(home)
        assert functions is not None
        for name, item in functions.items():
            assert name not in ("get", "deserialize", "serialize") and item.__module__.startswith("kerasish."), (
                home,
                name,
            )
            assert not item.__module__.startswith(("kerasish.saving", "kerasish.utils", "kerasish.backend.c")), (
                home,
                name,
            )
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        keras.saving.deserialize_keras_object(
            {"module": "builtins", "class_name": "function", "config": "reluu", "registered_name": "function"}
        )
    with pytest.raises(ValueError, match="Did you mean 'Dense'"):
        keras.saving.deserialize_keras_object(
            {"module": "keras.layers", "class_name": "Densee", "config": {}, "registered_name": None}
        )


def test_an_array_in_a_config_takes_no_more_than_it_brings():
    """A dtype of NumPy's own ("S1000000000000") would make terabytes of one number."""
    for dtype in ("S1000000000", "U100000000", "object", "float31", ["f4"]):
        with pytest.raises(ValueError):
            keras.saving.deserialize_keras_object({"class_name": "__numpy__", "config": {"value": [1], "dtype": dtype}})
    with pytest.raises(ValueError, match="__slice__"):
        keras.saving.deserialize_keras_object({"class_name": "__slice__", "config": {"start": 1}})


def test_a_legacy_file_with_a_lambda_says_what_to_do(tmp_path):
    path = str(tmp_path / "m.h5")
    write_legacy(path, sequential(code_cases(tmp_path / "canary", "url")["CVE-2024-3660 Lambda of Keras 2"]))
    with pytest.raises(ValueError, match="safe_mode=False"):
        keras.models.load_model(path)
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = "{" * 5000
    with pytest.raises(ValueError):
        keras.models.load_model(path)


def test_a_config_that_doubles_its_work_with_every_level(monkeypatch):
    """Keras would build this for years."""
    model = keras.models.model_from_json(json.dumps(doubling(3)))
    model.set_weights([2 * np.eye(3), np.zeros(3)])
    np.testing.assert_array_equal(model.predict(X, verbose=0), 2**8 * X)
    monkeypatch.setattr(limits.LIMITS, "calls", 3000)  # 100,000 take some seconds
    with pytest.raises(ValueError, match="calls of layers"):
        keras.models.model_from_json(json.dumps(doubling(40)))


def operation(name, config, *args):
    """A bare op in place of a layer, called with the file's own values."""
    call = {"args": list(args), "kwargs": {}}
    described = {
        "module": "keras.src.ops.numpy",
        "class_name": name,
        "config": {"name": "hostile", **config},
        "registered_name": name,
    }
    return {**described, "name": "hostile", "inbound_nodes": [call]}


def test_an_op_on_values_alone_is_not_computed_while_it_is_loaded(tmp_path):
    """A `WhileLoop` of such values would never end."""
    one = {"class_name": "__numpy__", "config": {"value": [[1.0]], "dtype": "float32"}}
    config = functional(operation("Tile", {"repeats": [1, 10_000_000]}, one))
    tracemalloc.start()
    try:
        keras.models.model_from_json(json.dumps(config))
    except ValueError:
        pass  # its inputs lead nowhere
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000, peak  # it asks for 40 MB
    path = str(tmp_path / "m.keras")
    write_archive(path, functional(operation("Full", {"shape": [1_000_000_000], "fill_value": 1.0})))
    with pytest.raises(ValueError, match="'hostile' on no input"):
        keras.models.load_model(path)


@pytest.mark.parametrize("value", [[1, 2, 3], 2.0])
def test_an_expression_of_classic_variables_comes_back(value):
    """The one legitimate call on values alone."""
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.ops.add(inputs, keras.ops.square(keras.backend.variable(value))))
    again = keras.models.model_from_json(model.to_json())
    assert [operation.name for operation in again.operations] == [operation.name for operation in model.operations]
    np.testing.assert_array_equal(again.predict(X, verbose=0), X + np.square(value))
