"""Weights go from the file into the model once.

Nothing is drawn that they replace, little memory beside them, and a file that does not fit changes nothing.
"""

import functools
import tracemalloc

import keras
import numpy as np
import pytest

import kerasish
from kerasish import applications, backend

pytestmark = pytest.mark.slow

SHAPE = (32, 32, 3)


def vgg(**arguments):
    return applications.VGG16(**{"include_top": False, "input_shape": SHAPE, **arguments})


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """(a model with random weights, the path of its weights)."""
    model = vgg(weights=None)
    path = str(tmp_path_factory.mktemp("weights") / "vgg16.h5")
    model.save_weights(path)
    return model, path


@pytest.mark.skipif(backend.device().kind != "cpu", reason="a card's weights are not in the host's memory")
def test_memory_stays_near_that_of_the_weights(stored):
    model, path = stored
    vgg(weights=path)  # what is imported at first use
    size = sum(v.numpy().nbytes for v in model.weights)
    tracemalloc.start()
    try:
        again = vgg(weights=path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size <= peak <= 1.3 * size
    for mine, before in zip(again.weights, model.weights):
        np.testing.assert_array_equal(mine.numpy(), before.numpy())


@pytest.mark.parametrize("name", ["VGG16", "MobileNet"])
def test_no_values_are_drawn_that_the_file_replaces(name, tmp_path, monkeypatch):
    def refuse(*_arguments, **_keywords):
        raise AssertionError("drawn")

    make = functools.partial(getattr(applications, name), include_top=False, input_shape=SHAPE)
    model = make(weights=None)
    model.save_weights(tmp_path / "some.weights.h5")
    monkeypatch.setattr(kerasish.initializers.GlorotUniform, "__call__", refuse)
    assert make(weights=tmp_path / "some.weights.h5").count_params() == model.count_params()
    with pytest.raises(AssertionError, match="drawn"):
        make(weights=None)


def test_variables_that_wait_for_a_value_are_those_of_the_scope():
    with backend.StatelessScope(initialize_variables=False):
        dense = kerasish.layers.Dense(3)
        dense.build((None, 2))
    dense.set_weights([np.ones((2, 3)), np.full(3, 2.0)])
    np.testing.assert_array_equal(np.asarray(dense(np.ones((1, 2), "float32"))), [[4.0, 4.0, 4.0]])
    assert not kerasish.Variable(np.zeros, shape=(2,)).numpy().any()


def test_a_file_of_another_model_is_refused(stored):
    with pytest.raises(ValueError):
        applications.ResNet50(include_top=False, weights=stored[1])


def test_keras_reads_what_is_written_here(stored):
    model, path = stored
    theirs = keras.applications.VGG16(weights=path, include_top=False, input_shape=SHAPE)
    for mine, real in zip(model.weights, theirs.weights):
        np.testing.assert_array_equal(mine.numpy(), np.asarray(real.value))


@pytest.mark.parametrize("ending", [".weights.h5", ".keras"])
def test_todays_files_are_taken_too(ending, stored, tmp_path):
    model, _path = stored
    path = tmp_path / f"vgg16{ending}"
    (model.save_weights if ending == ".weights.h5" else model.save)(path)
    np.testing.assert_array_equal(vgg(weights=path).get_weights()[-1], model.get_weights()[-1])


def test_an_archive_with_a_layer_of_an_application_opens_in_both(tmp_path, no_values):
    inputs = kerasish.Input((2,))
    scaled = applications.inception_resnet_v2.CustomScaleLayer(0.5)([inputs, inputs])
    model = kerasish.Model(inputs, scaled)
    model.save(tmp_path / "scaled.keras")
    x = np.ones((1, 2), "float32")
    for library in (kerasish, keras):
        loaded = library.models.load_model(tmp_path / "scaled.keras")
        np.testing.assert_array_equal(np.asarray(loaded(x)), [[1.5, 1.5]])
    inputs = keras.Input((2,))
    real = keras.Model(inputs, keras.src.applications.inception_resnet_v2.CustomScaleLayer(0.25)([inputs, inputs]))
    real.save(tmp_path / "real.keras")
    np.testing.assert_array_equal(np.asarray(kerasish.models.load_model(tmp_path / "real.keras")(x)), [[1.25, 1.25]])
