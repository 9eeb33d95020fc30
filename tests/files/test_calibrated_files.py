"""Files of Keras 3 whose layers GPTQ and AWQ quantized: they compute here what Keras computes."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras

pytestmark = pytest.mark.parity  # real Keras makes the files, in a process of its own

ROOT = pathlib.Path(__file__).parent.parent.parent
NAMES = ["awq_dense", "awq_einsum", "gptq_eight", "gptq_four", "gptq_ordered", "gptq_symmetric", "gptq_two"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrated")
    command = [sys.executable, "-m", "tests.files.calibrated_models", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    assert sorted(path.stem for path in folder.glob("*.npz")) == NAMES
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_it_computes_what_keras_computes(files, name):
    known = np.load(files / f"{name}.npz")
    with pytest.warns(UserWarning, match=name.split("_")[0]):
        model = keras.models.load_model(files / f"{name}-whole.keras")
    assert np.allclose(model.predict(known["inputs"], verbose=0), known["outputs"], rtol=0, atol=1e-6)
    assert all("float32" in weight.dtype for weight in model.weights)


def test_weights_into_a_model_that_is_not_quantized(files, tmp_path):
    with pytest.warns(UserWarning, match="gptq"):
        model = keras.models.load_model(files / "gptq_four-whole.keras")
    plain = keras.models.clone_model(model)
    plain.load_weights(files / "gptq_four-whole.keras")
    for ours, theirs in zip(plain.get_weights(), model.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_without_zero_points_says_so(files, name):
    """As Keras 3.15 writes it, and does not open it either. Once it does, the message is to be changed."""
    assert not np.load(files / f"{name}.npz")["opens"]
    with pytest.raises(ValueError, match="the file lacks the zero points: Keras 3.14 and 3.15 leave them out"):
        keras.models.load_model(files / f"{name}.keras")
