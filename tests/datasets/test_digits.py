"""The digits are those that scikit-learn bundles, split as the docstring says."""

import numpy as np
from sklearn.datasets import load_digits

from kerasish.datasets import digits


def test_digits_are_those_of_scikit_learn():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert x_train.dtype == x_test.dtype == y_train.dtype == y_test.dtype == "uint8"
    assert x_train.shape == (1437, 8, 8) and x_test.shape == (360, 8, 8)
    bundled = load_digits()
    order = np.random.RandomState(0).permutation(1797)
    np.testing.assert_array_equal(np.concatenate([x_train, x_test]), bundled.images[order])
    np.testing.assert_array_equal(np.concatenate([y_train, y_test]), bundled.target[order])


def test_every_load_gives_arrays_of_its_own():
    (x, _), _ = digits.load_data()
    x[:] = 0
    (again, _), _ = digits.load_data()
    assert again.any() and again.flags.writeable
