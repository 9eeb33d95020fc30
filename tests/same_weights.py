"""A fixture that a folder of tests takes into its conftest."""

import keras
import pytest

import kerasish


@pytest.fixture(autouse=True)
def same_weights_each_time():
    """The same random weights in every run.

    Where the terms of a gradient all but cancel its last digits are beyond any tolerance, and Adam's first steps
    magnify them: new weights would let a comparison fail now and then.
    """
    kerasish.utils.set_random_seed(7)
    keras.utils.set_random_seed(7)
