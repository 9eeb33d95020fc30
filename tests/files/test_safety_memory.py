"""Small files that ask for much: memory, objects and time are refused before they are taken."""

import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.configs.limits import LIMITS, allowing
from tests.files.hostile import layer, sequential, write_archive

ROOM = 400 << 20  # bytes beyond what the modules take

PROGRAM = """
import resource, sys, time
import kerasish as keras
keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).compile("adam", "mse", metrics=[keras.metrics.AUC()])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.thread_time()
try:
    keras.models.load_model(sys.argv[1])
    print("loaded", end=" ")
except ValueError as error:
    print("refused", end=" ")
    print(str(error)[:300], file=sys.stderr)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, time.thread_time() - began)
"""


def loaded(path):
    """(what became of it, bytes that its load took at most, seconds, message) in a process of its own."""
    run = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    word, memory, seconds = run.stdout.split()[-3:]
    return word, int(memory), float(seconds), run.stderr


def compiled_with(metric):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "binary_crossentropy", metrics=[metric])
    return model


def of_image(make):
    inputs = keras.Input((4, 4, 1))
    return keras.Model(inputs, make(inputs))


def cases():
    """Name -> (a harmless model, what is replaced in its config, by what)."""
    metrics, layers, ops = keras.metrics, keras.layers, keras.ops
    many = ('"num_thresholds": 23', '"num_thresholds": 20000000')
    size = ('"size": [23, 1]', '"size": [1000000000, 1]')
    vector = keras.Input((23,))
    return {
        "AUC": (compiled_with(metrics.AUC(num_thresholds=23)), *many),
        "PrecisionAtRecall": (compiled_with(metrics.PrecisionAtRecall(0.5, num_thresholds=23)), *many),
        "Split": (keras.Model(vector, ops.split(vector, 23, axis=1)), "23", "100000000"),
        "ArraySplit": (keras.Model(vector, ops.array_split(vector, 23, axis=1)), "23", "100000000"),
        "UpSampling2D": (of_image(layers.UpSampling2D((23, 1))), *size),
        "bilinear": (of_image(layers.UpSampling2D((23, 1), interpolation="bilinear")), *size),
        "unrolled": (keras.Sequential([keras.Input((23, 2)), layers.SimpleRNN(1, unroll=True)]), "23", "100000000"),
        "Resizing": (of_image(layers.Resizing(23, 4)), "23", "100000000"),
        "RepeatVector": (keras.Sequential([vector, layers.RepeatVector(29)]), "29", "100000000000"),
    }


NAMES = ["AUC", "PrecisionAtRecall", "Split", "ArraySplit", "UpSampling2D", "bilinear", "unrolled", "Resizing"]
NAMES += ["RepeatVector"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_number_in_a_config(name, tmp_path):
    model, old, new = cases()[name]
    path = str(tmp_path / "m.keras")
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    text = members["config.json"].decode()
    assert old in text
    members["config.json"] = text.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    word, memory, seconds, message = loaded(path)
    print(name, word, memory >> 20, seconds, message)
    assert memory < ROOM and seconds < 20, (word, memory, seconds, message)


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_gzipped_zeros(packing, tmp_path):
    """In HDF5's own packing, and in the archive's."""
    path, inner = str(tmp_path / "m.keras"), tmp_path / "weights.h5"
    with h5py.File(inner, "w") as file:
        for index in range(2):
            packed = {"compression": "gzip", "chunks": (1 << 20, 4)} if packing == zipfile.ZIP_STORED else {}
            file.create_dataset(f"zeros{index}", data=np.zeros((2 << 20, 4), "float32"), **packed)
    config = sequential(layer("Dense", {"units": 100_000_000, "name": "d"}))
    write_archive(path, config, inner.read_bytes(), packing)
    assert (tmp_path / "m.keras").stat().st_size < 1 << 20
    with pytest.raises(ValueError, match="damaged or hostile|declare"):
        keras.models.load_model(path)


@pytest.mark.parametrize("member", ["config.json", "metadata.json"])
def test_packed_json_of_very_many_dicts(member, tmp_path):
    path = str(tmp_path / "m.keras")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = members[member].rstrip(b"}") + b', "more": [' + b'{"a":0},' * 1_000_000 + b"0]}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=r"dicts and lists in \d+ stored bytes.*LIMITS"):
        keras.models.load_model(path)


def test_ops_that_compute_tables_while_a_config_is_read():
    for compute in (
        lambda: keras.ops.kaiser(100_000_000, 1.0),
        lambda: keras.ops.fori_loop(0, 100_000_000, lambda i, x: x, 0.0),
        lambda: keras.ops.hanning(100_000_000),
        lambda: keras.ops.linspace(0.0, 1.0, 100_000_000),
        lambda: keras.ops.one_hot(np.zeros(1000, "int32"), 1_000_000),
        lambda: keras.ops.eye(100_000),
        lambda: keras.ops.array_split(np.zeros(3), 100_000_000),
    ):
        with allowing(1 << 40, "'file'"), pytest.raises(ValueError, match="'file' is damaged or hostile"):
            compute()


def test_what_a_model_may_take_can_be_raised(monkeypatch):
    model = keras.Sequential([keras.Input((2,)), *(keras.layers.Dense(1) for _ in range(20))])
    text = model.to_json()
    for name, little, match in (
        ("objects", 10, "more than 10 objects"),
        ("seconds", 0.0, "seconds"),
        ("calls", 3, "calls of layers"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(LIMITS, name, little)
            with pytest.raises(ValueError, match=match):
                keras.models.model_from_json(text)
    assert keras.models.model_from_json(text).count_params() == model.count_params()
