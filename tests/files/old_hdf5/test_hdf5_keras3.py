"""HDF5 files of the old form between kerasish and real Keras 3, both ways."""

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

import kerasish
from kerasish.files import hdf5
from kerasish.files import old_hdf5 as legacy
from tests.files.old_hdf5.cases import CASES, OPTIMIZERS, train

NETWORKS = [name for name in CASES if name not in OPTIMIZERS]
TRAINED = [
    "adam",
    "momentum",
    "nadam",
    "amsgrad",
    "schedule",
    "branches",
]  # compiled by JAX, which takes seconds a model
pytestmark = pytest.mark.filterwarnings("ignore:.*Argument `alpha` is deprecated")


def shaken(model):
    """The model with weights that are not the initial ones."""
    rng = np.random.RandomState(5)
    model.set_weights([value + rng.uniform(0, 0.1, value.shape).astype(value.dtype) for value in model.get_weights()])
    return model


def predicted(model, inputs):
    found = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    return dict(enumerate(found if isinstance(found, list) else [found]))


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_files_of_keras(tmp_path, name):
    model, _, inputs, _ = CASES[name](keras)
    wanted = predicted(shaken(model), inputs)
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    with hdf5.opened(tmp_path / "m.h5") as file, pytest.warns(UserWarning, match="not compiled"):
        assert_same(predicted(legacy.load_model(file), inputs), wanted)
    other, _, _, _ = CASES[name](kerasish)
    with hdf5.opened(tmp_path / "w.h5") as file:
        assert legacy.is_weights(file) and not legacy.is_model(file)
        legacy.load_weights(other, file)
    assert_same(predicted(other, inputs), wanted)


@pytest.mark.parametrize("name", TRAINED)
def test_training_goes_on_after_keras(tmp_path, name):
    model, compiled, inputs, targets = CASES[name](keras)
    model.compile(**compiled)
    train(model, inputs, targets, 2)
    model.save(tmp_path / "m.h5")
    wanted = train(model, inputs, targets, 3)
    with hdf5.opened(tmp_path / "m.h5") as file:
        loaded = legacy.load_model(file)
    np.testing.assert_allclose(train(loaded, inputs, targets, 3), wanted, rtol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_keras_opens_what_is_written_here(tmp_path, name):
    model, compiled, inputs, _ = CASES[name](kerasish)
    model.compile(**compiled)
    wanted = predicted(shaken(model), inputs)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        legacy.save_model(model, file)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        legacy.save_weights(model, file)
    loaded = keras.saving.load_model(tmp_path / "m.h5")
    assert_same(predicted(loaded, inputs), wanted)
    assert type(loaded.optimizer).__name__ == type(model.optimizer).__name__
    np.testing.assert_allclose(float(loaded.optimizer.learning_rate), float(model.optimizer.learning_rate))
    other, _, _, _ = CASES[name](keras)
    other.load_weights(tmp_path / "w.h5")
    assert_same(predicted(other, inputs), wanted)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_keras_reads_every_optimizer(tmp_path, name):
    """Keras reads the config.

    The slots Keras 3 takes for no variables at all (also those in its own files of this form), so `compile` must
    follow.
    """
    model, compiled, inputs, targets = CASES[name](kerasish)
    model.compile(**compiled)
    train(model, inputs, targets, 1)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        legacy.save_model(model, file)
    loaded = keras.saving.load_model(tmp_path / "m.h5")
    wanted, found = model.optimizer.get_config(), loaded.optimizer.get_config()
    for config in (found, wanted):
        config["learning_rate"] = (
            config["learning_rate"]["config"]
            if isinstance(config["learning_rate"], dict)
            else round(config["learning_rate"], 6)
        )
    assert found == wanted
    assert loaded.loss == keras.losses.mean_squared_error


def test_training_goes_on_in_keras(tmp_path):
    model, compiled, inputs, targets = CASES["branches"](kerasish)
    model.compile(optimizer=kerasish.optimizers.SGD(0.05), loss=compiled["loss"], loss_weights=compiled["loss_weights"])
    train(model, inputs, targets, 2)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        legacy.save_model(model, file)
    loaded = keras.saving.load_model(tmp_path / "m.h5")
    loaded.compile_from_config(loaded.get_compile_config())
    np.testing.assert_allclose(train(loaded, inputs, targets, 3), train(model, inputs, targets, 3), rtol=1e-4)
