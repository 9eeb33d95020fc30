"""The other readers of files.

What `compile` was, sharded weights, safetensors, KerasFileEditor, inspect, archives that are fetched.
"""

import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tracemalloc

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.files import inspect
from tests.files.hostile import code_cases, function, h5_bytes, lambda_code, write_archive
from tests.files.hostile_hdf5 import CASES, refused, small
from tests.files.watched import dangerous, watching

POINTERS = [fill for fill, message in CASES.items() if message]


def compile_cases(canary):
    bytecode = {"class_name": "__lambda__", "config": {"value": [lambda_code(canary), None, None]}}
    good = {
        "optimizer": "adam",
        "loss": "mse",
        "metrics": None,
        "loss_weights": None,
        "weighted_metrics": None,
        "run_eagerly": False,
        "steps_per_execution": 1,
    }
    rate = {
        "module": "keras.optimizers",
        "class_name": "SGD",
        "config": {"learning_rate": bytecode},
        "registered_name": None,
    }
    process = {
        "module": "subprocess",
        "class_name": "Popen",
        "config": {"args": ["touch", str(canary)]},
        "registered_name": None,
    }
    return {
        "a loss of another module": {**good, "loss": function("os", "system")},
        "a lambda as loss": {**good, "loss": bytecode},
        "a lambda as metric": {**good, "metrics": [bytecode]},
        "a lambda as learning rate": {**good, "optimizer": rate},
        "an optimizer of another module": {**good, "optimizer": process},
        "a metric that fetches": {**good, "metrics": [function("keras.utils", "get_file")]},
    }


@pytest.mark.parametrize("case", compile_cases("canary"))
def test_how_a_model_was_compiled_in_an_archive(case, tmp_path):
    canary, path = tmp_path / "canary", str(tmp_path / "m.keras")
    config = {**json.loads(small().to_json()), "compile_config": compile_cases(canary)[case]}
    write_archive(
        path,
        config,
        h5_bytes(
            lambda file: file.update(
                {"layers/dense/vars/0": np.ones((4, 2), "f"), "layers/dense/vars/1": np.ones(2, "f")}
            )
        ),
    )
    with watching() as events, pytest.raises(ValueError):
        keras.models.load_model(path).train_on_batch(np.ones((2, 4), "float32"), np.ones((2, 2), "float32"))
    assert not dangerous(events) and not canary.exists()
    assert keras.models.load_model(path, compile=False).get_weights()[0].sum() == 8


@pytest.mark.parametrize("case", compile_cases("canary"))
def test_how_a_model_was_compiled_in_hdf5(case, tmp_path):
    canary, path = tmp_path / "canary", str(tmp_path / "m.h5")
    model = small()
    model.compile("adam", "mse")
    model.save(path)
    training = compile_cases(canary)[case]
    with h5py.File(path, "r+") as file:
        optimizer = (
            training["optimizer"]
            if isinstance(training["optimizer"], dict)
            else {"class_name": "Adam", "config": {"learning_rate": 0.1}}
        )
        file.attrs["training_config"] = json.dumps({**training, "optimizer_config": optimizer})
        del file.attrs["kerasish.checksum"]  # who is hostile writes none
    with watching() as events, pytest.raises(ValueError):
        keras.models.load_model(path).train_on_batch(np.ones((2, 4), "float32"), np.ones((2, 2), "float32"))
    assert not dangerous(events) and not canary.exists()
    assert np.array_equal(keras.models.load_model(path, compile=False).get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize("fill", POINTERS, ids=lambda fill: fill.__name__)
def test_keras_file_editor_and_inspect(fill, tmp_path, secret):
    path = str(tmp_path / "hostile.weights.h5")
    with h5py.File(path, "w") as file:
        fill(file, secret)
    model = small()
    refused(lambda: keras.saving.KerasFileEditor(path), model, CASES[fill], secret)
    root = os.path.dirname(os.path.dirname(keras.saving.__path__[0]))
    run = subprocess.run([sys.executable, "-m", "kerasish", "inspect", path], capture_output=True, text=True, cwd=root)
    assert run.returncode != 0 and "Traceback" not in run.stderr and "hostile" in run.stderr + run.stdout


def sharded(folder, weight_map):
    path = os.path.join(folder, "m.weights.json")
    small().save_weights(path, max_shard_size=1)
    with open(path) as file:
        index = json.load(file)
    with open(path, "w") as file:
        json.dump({**index, "weight_map": weight_map(index["weight_map"])}, file)
    return path


SHARDS = {
    "a path out of the folder": lambda names, hidden: dict.fromkeys(names, "../secret.h5"),
    "an absolute path": lambda names, hidden: dict.fromkeys(names, f"{hidden}.h5"),
    "a backslash": lambda names, hidden: dict.fromkeys(names, "..\\secret.h5"),
    "no text": lambda names, hidden: dict.fromkeys(names, 3),
    "no dict": lambda names, hidden: ["m_00000.weights.h5"],
    "a file that is not there": lambda names, hidden: dict.fromkeys(names, "nowhere.weights.h5"),
    "the index itself": lambda names, hidden: dict.fromkeys(names, "m.weights.json"),
    "too many": lambda names, hidden: {
        **names,
        **{f"layers/dense_{index}/vars": f"m_{index:05}.weights.h5" for index in range(2000)},
    },
}


@pytest.mark.parametrize("case", SHARDS)
def test_shards(case, tmp_path, secret):
    (tmp_path / "model").mkdir()
    path = sharded(str(tmp_path / "model"), lambda names: SHARDS[case](names, secret))
    model = small()
    refused(lambda: model.load_weights(path), model, None, secret)


@pytest.mark.parametrize("fill", POINTERS, ids=lambda fill: fill.__name__)
def test_a_shard_that_points_elsewhere(fill, tmp_path, secret):
    (tmp_path / "model").mkdir()
    path = sharded(str(tmp_path / "model"), lambda names: names)
    shard = next(name for name in os.listdir(tmp_path / "model") if name.endswith(".h5"))
    with h5py.File(tmp_path / "model" / shard, "w") as file:
        fill(file, secret)
    model = small()
    refused(lambda: model.load_weights(path), model, None, secret)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_shard_that_is_a_link(tmp_path, secret):
    (tmp_path / "model").mkdir()
    path = sharded(str(tmp_path / "model"), lambda names: names)
    shard = next(place for place in (tmp_path / "model").iterdir() if place.suffix == ".h5")
    shard.rename(tmp_path / "secret of somebody.h5")
    shard.symlink_to(tmp_path / "secret of somebody.h5")
    model = small()
    refused(lambda: model.load_weights(path), model, "is a link", secret)


class WithAssets(keras.layers.Layer):
    def call(self, x):
        return x

    def save_assets(self, folder):
        with open(os.path.join(folder, "words.txt"), "w") as file:
            file.write("words")

    def load_assets(self, folder):
        with open(os.path.join(folder, "words.txt")) as file:
            self.words = file.read()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize(
    "part",
    [
        "config.json",
        "metadata.json",
        "model.weights.h5",
        "assets",
        "assets/layers",
        "assets/layers/with_assets/words.txt",
    ],
)
def test_links_in_an_unzipped_model(part, tmp_path, secret):
    folder = tmp_path / "model"
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), WithAssets()])
    model.save(folder, zipped=False)
    (tmp_path / "link").symlink_to(folder)

    def load():
        return keras.models.load_model(tmp_path / "link", custom_objects={"WithAssets": WithAssets})

    assert load().layers[-1].words == "words"  # the folder itself may be reached by a link
    (folder / part).rename(tmp_path / "secret of somebody")
    (folder / part).symlink_to(tmp_path / "secret of somebody")
    refused(load, model, "is a link", secret)
    refused(lambda: model.load_weights(folder), model, "is a link", secret)


@pytest.mark.parametrize("name", ["m.weights.json", "m.json", "folder/config.json"])
def test_json_is_not_read_before_its_size_is_known(name, tmp_path):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    with open(path, "wb") as file:
        file.truncate(1 << 30)  # a hole: it takes no disk
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="bytes of JSON"):
            with inspect.opened(path.parent if path.parent.name == "folder" else path):
                pass
        if name == "m.weights.json":
            with pytest.raises(ValueError, match="bytes of JSON"):
                small().load_weights(path)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(begin, end, dtype="F32", shape=(4, 2)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


HEADERS = {
    "a header of 2 ** 63 bytes": struct.pack("<Q", 2**63) + b"{}",
    "a header longer than the file": struct.pack("<Q", 10**9) + b"{}",
    "a header that is no JSON": safetensors(b"{" * 50),
    "a header that is nested deeply": safetensors(b"[" * 100_000),
    "a header that is a list": safetensors([1]),
    "numbers behind the end": safetensors({"layers/dense/vars/0": tensor(0, 32)}, bytes(16)),
    "numbers before the beginning": safetensors({"layers/dense/vars/0": tensor(-32, 0)}, bytes(32)),
    "a shape of terabytes": safetensors({"layers/dense/vars/0": tensor(0, 32, shape=(10**6, 10**6))}, bytes(32)),
    "a shape that wraps around": safetensors({"layers/dense/vars/0": tensor(0, 0, shape=(2**32, 2**32))}, bytes(32)),
    "a negative shape": safetensors({"layers/dense/vars/0": tensor(0, 32, shape=(-4, -2))}, bytes(32)),
    "numbers that overlap": safetensors(
        {"layers/dense/vars/0": tensor(0, 32), "layers/dense/vars/1": tensor(0, 8, shape=(2,))}, bytes(32)
    ),
    "an unknown dtype": safetensors({"layers/dense/vars/0": tensor(0, 32, dtype="O")}, bytes(32)),
    "a dtype that is no text": safetensors({"layers/dense/vars/0": tensor(0, 32, dtype=[])}, bytes(32)),
    "a tensor that is no dict": safetensors({"layers/dense/vars/0": 3}, bytes(32)),
}


@pytest.mark.parametrize("case", HEADERS)
def test_safetensors(case, tmp_path, secret):
    path = tmp_path / "m.safetensors"
    path.write_bytes(HEADERS[case])
    model = small()
    refused(lambda: model.load_weights(str(path)), model, None, secret)


def member(name, kind=tarfile.REGTYPE, target="", data=b"canary"):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, len(data) if kind == tarfile.REGTYPE else 0
    return info, io.BytesIO(data)


def tars(outside):
    """CVE-2024-55459, CVE-2025-12060, CVE-2025-12638 and the links that followed (keras pull requests 22973, 23015)."""
    return {
        "a path out of the folder": [member("../../canary")],
        "an absolute path": [member(f"{outside}/canary")],
        "a symbolic link out of the folder, and a file through it": [
            member("link", tarfile.SYMTYPE, str(outside)),
            member("link/canary"),
        ],
        "a hard link out of the folder": [member("link", tarfile.LNKTYPE, "../../secret"), member("link")],
        "a chain of links": [
            member("a", tarfile.SYMTYPE, "."),
            member("a/b", tarfile.SYMTYPE, ".."),
            member("a/b/canary"),
        ],
        "a path longer than the system takes": [
            member("x/" * 2100 + "y", tarfile.SYMTYPE, "../../.."),
            member("x/" * 2100 + "y/canary"),
        ],
        "a device": [member("device", tarfile.CHRTYPE)],
        "a pipe": [member("pipe", tarfile.FIFOTYPE)],
    }


@pytest.mark.parametrize("case", tars("outside"))
def test_archives_that_are_fetched(case, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "hostile.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for info, data in tars(outside)[case]:
            archive.addfile(info, data if info.isreg() else None)
    with pytest.raises((ValueError, OSError)):
        keras.utils.get_file("hostile", path.as_uri(), extract=True)
    assert (
        not list(outside.iterdir())
        and (tmp_path / "secret").read_text() == "secret"
        and (tmp_path / "secret").stat().st_nlink == 1
    )
    assert not [place for place in tmp_path.rglob("*") if place.name in ("canary", "link", "device", "pipe")]


def test_every_published_vulnerability_stands_in_the_table():
    """docs/safety.md tells how each is met; each has a file here that tries it."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    with open(os.path.join(root, "docs", "safety.md"), encoding="utf-8") as file:
        text = file.read()
    tried = {case.split()[0] for case in code_cases("canary", "url") if case.startswith("CVE")}
    assert len(tried) >= 7 and all(name in text for name in tried)
