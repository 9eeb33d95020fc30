"""HDF5 files between kerasish and tf_keras (Keras 2), both ways.

The same predictions, and training goes on with the same losses.
"""

import warnings

import numpy as np
import pytest

import kerasish
from kerasish.files import hdf5
from kerasish.files import old_hdf5 as legacy
from tests.files.old_hdf5.cases import CASES, OPTIMIZERS, train

pytestmark = pytest.mark.parity

LEGACY = [f"legacy_{name}" for name in OPTIMIZERS if name != "adamw"]
# Where epsilon stands differs between Keras 2's older optimizers and Keras 3; Nadam's momentum grows in another pace.
LOOSE = {
    "legacy_rmsprop": 1e-3,
    "legacy_adagrad": 1e-3,
    "legacy_nadam": 2e-2,
    "rmsprop": 1e-3,
    "sequence": 1e-3,
    "adagrad": 1e-3,
}
ONLY_KERAS_3 = {  # and why tf_keras can't open it
    "attention": "MultiHeadAttention's config names the shapes of its inputs in tf_keras, and must not in Keras 3",
    "nested": "the calls of nested functional models are counted differently",
    "adamw": "an optimizer of today by its plain name is unknown to tf_keras",
}


def open_model(folder, name, **more):
    with warnings.catch_warnings(), hdf5.opened(folder / f"{name}.h5") as file:
        warnings.simplefilter("error")
        return legacy.load_model(file, **more)


def assert_outputs(model, inputs, recorded, prefix=""):
    found = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    for index, value in enumerate(found if isinstance(found, list) else [found]):
        np.testing.assert_allclose(value, recorded[f"{prefix}output_{index}"], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", [*CASES, *LEGACY])
def test_model_of_tf_keras(tf_keras_files, name):
    _, _, inputs, targets = CASES[name.removeprefix("legacy_")](kerasish)
    recorded = np.load(tf_keras_files / f"{name}.npz")
    model = open_model(tf_keras_files, name)
    assert_outputs(model, inputs, recorded)
    np.testing.assert_allclose(
        train(model, inputs, targets, 3),
        recorded["losses"],
        rtol=LOOSE.get(name, 1e-4) if name.startswith("legacy") else 1e-4,
    )


@pytest.mark.parametrize("name", CASES)
def test_weights_of_tf_keras(tf_keras_files, name):
    model, _, inputs, _ = CASES[name](kerasish)
    with hdf5.opened(tf_keras_files / f"{name}_weights.h5") as file:
        legacy.load_weights(model, file)
    assert_outputs(model, inputs, np.load(tf_keras_files / f"{name}.npz"))


def test_weights_of_a_whole_model(tf_keras_files):
    model, _, inputs, _ = CASES["convolutions"](kerasish)
    with hdf5.opened(tf_keras_files / "convolutions.h5") as file:
        legacy.load_weights(model, file, by_name=True)
    assert_outputs(model, inputs, np.load(tf_keras_files / "convolutions.npz"))


def test_compile_information(tf_keras_files):
    model = open_model(tf_keras_files, "branches")
    assert type(model.optimizer).__name__ == "SGD" and model.optimizer.momentum == 0.5
    np.testing.assert_allclose(float(model.optimizer.learning_rate), 0.05)
    config = model.get_compile_config()
    assert config["loss_weights"] == {"one": 0.25, "two": 1.0}
    assert config["loss"]["one"]["class_name"] == "BinaryCrossentropy" and config["loss"]["two"] == "mse"
    _, _, inputs, targets = CASES["branches"](kerasish)
    assert "two_mae" in model.evaluate(inputs, targets, verbose=0, return_dict=True)
    assert not open_model(tf_keras_files, "branches", compile=False).compiled


@pytest.mark.parametrize("name", [name for name in CASES if name not in ONLY_KERAS_3])
def test_tf_keras_opens_what_is_written_here(kerasish_files, read_by_tf_keras, name):
    failure = read_by_tf_keras / f"{name}.txt"
    assert not failure.exists(), failure.read_text()
    wanted, found = np.load(kerasish_files / f"{name}.npz"), np.load(read_by_tf_keras / f"{name}.npz")
    for key in wanted.files:
        if key != "losses":
            np.testing.assert_allclose(found[key], wanted[key], rtol=1e-5, atol=1e-5)
            np.testing.assert_allclose(found[f"weights_{key}"], wanted[key], rtol=1e-5, atol=1e-5)
    steps = 1 if name == "nadam" else 3  # tf_keras keeps no product of momenta in its files
    np.testing.assert_allclose(found["losses"][:steps], wanted["losses"][:steps], rtol=LOOSE.get(name, 1e-4))


@pytest.mark.parametrize("name", ONLY_KERAS_3)
def test_tf_keras_refuses_what_only_keras_3_has(read_by_tf_keras, name):
    """An error, and no model that predicts something else."""
    assert (read_by_tf_keras / f"{name}.txt").exists()


@pytest.mark.parametrize("name", CASES)
def test_read_back_here(kerasish_files, name):
    _, _, inputs, targets = CASES[name](kerasish)
    recorded = np.load(kerasish_files / f"{name}.npz")
    model = open_model(kerasish_files, name)
    assert_outputs(model, inputs, recorded)
    np.testing.assert_allclose(train(model, inputs, targets, 3), recorded["losses"], rtol=1e-5)
