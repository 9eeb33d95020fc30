"""What the tests of layers share."""

import keras
import pytest

import kerasish


@pytest.fixture(autouse=True)
def same_weights_each_time():
    """Where the terms of a gradient all but cancel, its last digits are beyond any tolerance: new random weights would let a comparison fail now and then."""
    kerasish.utils.set_random_seed(7)
    keras.utils.set_random_seed(7)
