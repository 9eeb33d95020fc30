"""What the tests of old files share: loading, and what is expected of it."""

import numpy as np

from kerasish.files import hdf5
from kerasish.files import old_hdf5 as legacy


def load(path, **more):
    with hdf5.opened(path) as file:
        return legacy.load_model(file, compile=False, **more)


def load_weights(model, path, **more):
    with hdf5.opened(path) as file:
        return legacy.load_weights(model, file, **more)


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def sequential(*layers):
    return {"class_name": "Sequential", "config": list(layers)}


def pair(prefix, W, b, ending=":0"):
    return [(f"{prefix}_W{ending}", W), (f"{prefix}_b{ending}", b)]
