"""What the tests of recurrent layers share."""

import keras as oracle
import numpy as np

import kerasish
from kerasish import tree
from tests.layers.parity import host

X = (2, 4, 3)
MASK = np.array([[1, 1, 1, 0], [1, 0, 1, 1]], bool)
LATE = np.array([[0, 0, 1, 1], [0, 1, 0, 0]], bool)
NAMES = ("SimpleRNN", "LSTM", "GRU")


def values(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype("float32") for shape in shapes]


def pair(make, shape=X):
    """(ours, theirs) of `make(library)`, built, with equal weights."""
    ours, theirs = make(kerasish), make(oracle)
    for layer in (ours, theirs):
        layer.build(shape)
    ours.set_weights(theirs.get_weights())
    return ours, theirs


def close(a, b, rtol=1e-5):
    a, b = tree.flatten(a), tree.flatten(b)
    assert len(a) == len(b)
    for x, y in zip(a, b):
        np.testing.assert_allclose(host(x), np.asarray(y), rtol=rtol, atol=1e-6)
