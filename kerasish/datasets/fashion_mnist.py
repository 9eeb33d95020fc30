"""Fashion-MNIST: 70,000 pictures of clothes of 28x28 pixels, ten kinds."""

from __future__ import annotations

import gzip

import numpy as np

from kerasish.datasets.fetching import fetched, reading_data_set
from kerasish.datasets.splits import Parts

__all__ = ["load_data"]

_UNSIGNED_BYTES = 0x08  # IDX's word for the type


def load_data() -> Parts:
    """Load Fashion-MNIST: 60,000 grey pictures of clothes to train on, and 10,000 to test with.

    The labels are 0 T-shirt or top, 1 trousers, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag,
    9 ankle boot. The four files (31 MB) lie in `datasets/fashion-mnist` in Keras's cache folder.

    Returns:
        `((x_train, y_train), (x_test, y_test))`, NumPy arrays of uint8. `x_train` has shape (60000, 28, 28), values 0
        to 255; `y_train` has shape (60000,), values 0 to 9; `x_test` and `y_test` hold 10,000.

    Raises:
        OSError: where a file can't be fetched.
        ValueError: where one is damaged.

    Example:
        >>> import kerasish as keras
        >>> (x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()  # doctest: +SKIP
        >>> x_train.shape, y_test.shape  # doctest: +SKIP
        ((60000, 28, 28), (10000,))

    Reference:
        H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, https://arxiv.org/abs/1708.07747, licence MIT.
    """
    return _part("train"), _part("t10k")


def _part(name):
    """(pictures, labels) of "train" or "t10k"."""
    labels = _read_idx(f"{name}-labels-idx1-ubyte.gz", axes=1)
    return _read_idx(f"{name}-images-idx3-ubyte.gz", axes=3), labels


def _read_idx(name, axes):
    """The array in an IDX file: two zeros, a byte for the type, one for the axes, the sizes, the numbers."""
    path = fetched(name, folder="datasets/fashion-mnist")
    with reading_data_set(path):
        with gzip.open(path) as file:
            data = file.read()
        head = data[:4] == bytes([0, 0, _UNSIGNED_BYTES, axes])
        sizes = np.frombuffer(data, ">i4", axes, offset=4) if head else None
        if not head or len(data) != 4 + 4 * axes + sizes.prod():
            raise ValueError(f"The file {path!r} is no whole IDX file of bytes with {axes} axes.")
        return np.frombuffer(data, "uint8", offset=4 + 4 * axes).reshape(sizes).copy()
