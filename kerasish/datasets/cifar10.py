"""CIFAR-10: 60,000 colour pictures of 32x32 pixels, ten kinds of things."""

from __future__ import annotations

import os

import numpy as np

from kerasish.datasets.cifar import read_batch, unpacked
from kerasish.datasets.splits import Parts

__all__ = ["load_data"]

_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def load_data() -> Parts:
    """Load CIFAR-10: 50,000 small colour pictures to train on, and 10,000 to test with.

    The labels are 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship, 9 truck. The
    archive (170 MB) lies in `datasets` in Keras's cache folder. Its batches are pickles, of which only numbers, texts
    and arrays are read.

    Returns:
        `((x_train, y_train), (x_test, y_test))`, NumPy arrays of uint8. `x_train` has shape (50000, 32, 32, 3),
        values 0 to 255; `y_train` has shape (50000, 1), values 0 to 9; `x_test` and `y_test` hold 10,000.

    Raises:
        OSError: where the archive can't be fetched.
        ValueError: where it is not the one that is meant.

    Example:
        >>> import kerasish as keras
        >>> (x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()  # doctest: +SKIP
        >>> x_train.shape, y_train.shape, x_test.shape, y_test.shape  # doctest: +SKIP
        ((50000, 32, 32, 3), (50000, 1), (10000, 32, 32, 3), (10000, 1))

    Reference:
        A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
    """
    folder = unpacked("cifar-10-python.tar.gz", "cifar-10-batches-py", _SHA256)
    batches = [_batch(folder, f"data_batch_{number}") for number in range(1, 6)]
    x_train, y_train = (np.concatenate(parts) for parts in zip(*batches))
    return (x_train, y_train), _batch(folder, "test_batch")


def _batch(folder, name):
    pictures, labels = read_batch(os.path.join(folder, name), "labels")
    return pictures, labels.astype("uint8")  # as Keras has them, whose CIFAR-100 has int64
