"""Official files, written by real Keras and handed out by a server here.

Fetched, checked, loaded, and they predict what real Keras predicts.
"""

import keras
import numpy as np
import pytest

from kerasish import applications
from tests.applications.cases import ALL_AT_FULL_SIZE, NUMERIC
from tests.applications.oracle import CLASSES, inputs_of, settle

pytestmark = pytest.mark.slow

TOLERANCE = 1e-4
# what rounding grows to by the last layer of the deepest net of random weights (ResNet152: 3e-4); softmax shrinks it
# again
OF_FEATURES = 5e-4
OF_STATISTICS = OF_FEATURES if ALL_AT_FULL_SIZE else TOLERANCE


def moving(model):
    """The moving averages of a model by path."""
    return {v.path: v for v in model.non_trainable_weights if v.name.startswith("moving_")}


def furthest(ours, theirs):
    """The largest difference, measured by the largest value (at least 1)."""
    return float(np.max(np.abs(ours - theirs)) / max(1.0, np.max(np.abs(theirs))))


@pytest.mark.parametrize("case", NUMERIC, ids=lambda case: case.name)
def test_the_official_file_predicts_as_in_keras(case, recorded, served, trusted, record_property):
    given, _whole, file_name, path = recorded.get(case.name)
    trusted(file_name, path)
    model = getattr(applications, case.name)(include_top=False, pooling="avg", input_shape=(case.side, case.side, 3))
    assert len(served) == 1
    pixels = inputs_of(keras, case.module, case.side)
    found = model.predict(pixels, verbose=0)
    record_property("features", furthest(found, given["features"]))
    assert furthest(found, given["features"]) < OF_FEATURES
    check_statistics(model, pixels, record_property)


def check_statistics(model, pixels, record_property):
    """The moving averages in the file are the statistics of this very batch.

    One call in training mode must find them again.
    """
    expected = {path: v.numpy() for path, v in moving(model).items()}
    for variable in moving(model).values():
        variable.assign(np.zeros(variable.shape, "float32"))
    settle(model, pixels)
    found = {path: furthest(v.numpy(), expected[path]) for path, v in moving(model).items()}
    record_property("statistics", max(found.values(), default=0.0))
    assert all(difference < OF_STATISTICS for difference in found.values()), max(found, key=found.get)


@pytest.mark.parametrize("case", NUMERIC, ids=lambda case: case.name)
def test_a_file_of_a_whole_model_predicts_as_in_keras(case, recorded, record_property):
    given, whole, _file_name, _path = recorded.get(case.name)
    model = getattr(applications, case.name)(weights=str(whole), input_shape=(case.side, case.side, 3), classes=CLASSES)
    found = model.predict(inputs_of(keras, case.module, case.side), verbose=0)
    record_property("predictions", float(np.max(np.abs(found - given["predictions"]))))
    assert np.ptp(given["predictions"]) > 0.01  # not the same for all classes and photographs
    np.testing.assert_allclose(found, given["predictions"], rtol=0, atol=TOLERANCE)
