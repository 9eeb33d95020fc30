"""Configs written by tf_keras and by the Keras 2.5 inside TensorFlow, in the test itself.

Opened here with the same weights, models predict the same.
"""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

import kerasish
from kerasish.configs.eras import era, modernize
from kerasish.configs.limits import load_json
from tests.configs.eras import tf_keras_configs

WRITER = pathlib.Path(tf_keras_configs.__file__)
NOT_INSIDE = {
    "activations",
    "bidirectional",
    "conv",
    "time_distributed",
    "time_distributed_model",
}  # classes that TensorFlow left out of its copy
LOOSE = {"mixed_precision": 2e-2}  # float16
CASES = [
    (writer, name)
    for writer in ("tf_keras", "inside")
    for name in tf_keras_configs.CASES
    if writer == "tf_keras" or name not in NOT_INSIDE
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("configs")
    subprocess.run([sys.executable, str(WRITER), str(path)], check=True, capture_output=True)
    return path


def opened(folder, writer, name):
    """(the text of the config, the model with its weights, inputs by name, outputs)."""
    failure = folder / f"{writer}-{name}.txt"
    assert not failure.exists(), failure.read_text()
    text = (folder / f"{writer}-{name}.json").read_text()
    model = kerasish.models.model_from_json(text)
    with np.load(folder / f"{writer}-{name}.npz") as data:
        arrays = dict(data)
    for layer in model.layers:
        layer.set_weights([arrays[key] for key in sorted(arrays) if key.startswith(f"weight|{layer.name}|")])
    inputs = {key.split("|")[1]: value for key, value in arrays.items() if key.startswith("input|")}
    return text, model, inputs, [arrays[key] for key in sorted(arrays) if key.startswith("output|")]


@pytest.mark.parametrize("writer, name", CASES)
def test_a_model_of_keras_2_predicts_the_same_here(folder, writer, name):
    _, model, inputs, expected = opened(folder, writer, name)
    given = [inputs[key] for key in model.input_names] if hasattr(model, "input_names") else list(inputs.values())
    given = (
        inputs if isinstance(getattr(model, "_inputs_struct", None), dict) else given[0] if len(given) == 1 else given
    )
    found = kerasish.tree.flatten(model.predict(given, verbose=0))
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        np.testing.assert_allclose(
            np.asarray(one, "float32"), other, rtol=LOOSE.get(name, 2e-5), atol=LOOSE.get(name, 2e-5)
        )


@pytest.mark.parametrize("writer, name", CASES)
def test_the_modern_config_is_modern_and_survives_a_round_trip(folder, writer, name):
    text, model, _, _ = opened(folder, writer, name)
    data = load_json(text, "config")
    assert era(data) == 2
    modern = modernize(data)
    assert era(modern) == 3 and modernize(modern) is modern
    again = kerasish.models.model_from_json(model.to_json())
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in model.layers]
    assert [w.shape for w in again.get_weights()] == [w.shape for w in model.get_weights()]
