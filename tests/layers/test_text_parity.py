"""Layers of text and categories beside Keras on TensorFlow, which runs once, in a process of its own."""

import json
import os
import pathlib
import pickle
import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras
from tests.layers import text_cases

pytestmark = pytest.mark.parity
ROOT = pathlib.Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("text")


@pytest.fixture(scope="module")
def ours():
    return {name: text_cases.model(keras, options) for name, options in text_cases.MODELS.items()}


@pytest.fixture(scope="module")
def oracle(folder, ours):
    """What Keras answers, and what it makes of our files and configs."""
    for name, model in ours.items():
        model.save(folder / f"ours_{name}.keras")
    configs = [text_cases.config_of(keras, name, arguments) for name, arguments in text_cases.CONFIGURED]
    (folder / "ours_configs.pickle").write_bytes(pickle.dumps(configs))
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.layers.text_cases", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return pickle.loads((folder / "answers.pickle").read_bytes())


@pytest.mark.parametrize("name", text_cases.CASES)
def test_answers(oracle, name):
    expected, got = oracle["cases"][name], text_cases.answered(keras, text_cases.CASES[name])
    assert not isinstance(expected, str), expected  # a case that Keras refuses is no case
    if isinstance(expected, list) and not _holds_text(expected):
        np.testing.assert_allclose(np.array(got), np.array(expected), rtol=1e-6)
        return
    assert got == expected


def _holds_text(values):
    while isinstance(values, list) and values:
        values = values[-1]
    return isinstance(values, str)


def test_every_layer_has_cases():
    for group in text_cases.GROUPS:
        assert sum(name.startswith(f"{group}:") for name in text_cases.CASES) >= 10


@pytest.mark.parametrize("index", range(len(text_cases.CONFIGURED)))
def test_configs_both_ways(oracle, index):
    name, arguments = text_cases.CONFIGURED[index]
    config = text_cases.config_of(keras, name, arguments)
    assert config == oracle["configs"][index]
    assert oracle["remade"][index] == config
    again = getattr(keras.layers, name).from_config(oracle["configs"][index]).get_config()
    assert json.loads(json.dumps(again)) == config


@pytest.mark.parametrize("name", text_cases.MODELS)
def test_keras_opens_our_files(oracle, ours, name):
    ours_predicted = ours[name].predict(text_cases.INPUTS, verbose=0)
    np.testing.assert_allclose(ours_predicted, oracle["read"][name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", text_cases.MODELS)
def test_we_open_files_of_keras(oracle, folder, name):
    model = keras.models.load_model(folder / f"theirs_{name}.keras")
    predicted = model.predict(text_cases.INPUTS, verbose=0)
    np.testing.assert_allclose(predicted, oracle["predictions"][name], rtol=1e-5, atol=1e-6)
