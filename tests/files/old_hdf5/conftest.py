"""Files by tf_keras, and what tf_keras makes of ours.

Each by one program that runs once a session, because importing TensorFlow takes seconds.
"""

import os
import pathlib
import subprocess
import sys

import h5py
import pytest

import kerasish
from kerasish.files import old_hdf5 as legacy
from tests.files.old_hdf5 import cases

PROGRAM = pathlib.Path(__file__).with_name("tf_keras_files.py")


def run(verb, folder):
    environment = {key: value for key, value in os.environ.items() if key != "TF_USE_LEGACY_KERAS"}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    done = subprocess.run(
        [sys.executable, str(PROGRAM), verb, str(folder)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.fixture(scope="session")
def tf_keras_files(tmp_path_factory):
    """A folder with the files of every case by tf_keras.

    CASE.h5, CASE_weights.h5, CASE.keras, CASE.json and CASE.npz (output_0, ..., losses).
    """
    return run("write", tmp_path_factory.mktemp("tf_keras"))


@pytest.fixture(scope="session")
def kerasish_files(tmp_path_factory):
    """A folder with CASE.h5, CASE_weights.h5 and CASE.npz written here."""
    folder = tmp_path_factory.mktemp("kerasish")
    kerasish.utils.set_random_seed(0)
    for name, build in cases.CASES.items():
        model, compiled, inputs, targets = build(kerasish)
        model.compile(**compiled)
        cases.train(model, inputs, targets, 2)
        with h5py.File(folder / f"{name}.h5", "w") as file:
            legacy.save_model(model, file)
        with h5py.File(folder / f"{name}_weights.h5", "w") as file:
            legacy.save_weights(model, file)
        cases.record(folder / f"{name}.npz", model, inputs, targets)
    return folder


@pytest.fixture(scope="session")
def read_by_tf_keras(kerasish_files, tmp_path_factory):
    """A folder with CASE.npz, or CASE.txt with an error, for each of `kerasish_files`."""
    folder = tmp_path_factory.mktemp("read")
    for path in kerasish_files.glob("*.h5"):
        (folder / path.name).write_bytes(path.read_bytes())
    return run("read", folder)
