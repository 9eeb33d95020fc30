"""MNIST: 70,000 handwritten digits of 28x28 pixels."""

from __future__ import annotations

from kerasish.datasets.fetching import fetched, read_npz
from kerasish.datasets.splits import Parts
from kerasish.suggestions import suggesting
from kerasish.typing import PathLike

__all__ = ["load_data"]

_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


@suggesting
def load_data(path: PathLike = "mnist.npz") -> Parts:
    """Load MNIST: 60,000 pictures of handwritten digits to train on, and 10,000 to test with.

    Args:
        path: name of the file in the cache, `~/.keras/datasets` (or `datasets` in the folder that KERAS_HOME names).
            It is fetched (11 MB) where it is not there.

    Returns:
        `((x_train, y_train), (x_test, y_test))`, NumPy arrays of uint8. `x_train` has shape (60000, 28, 28), values
        from 0 (paper) to 255 (ink); `y_train` has shape (60000,), values 0 to 9; `x_test` and `y_test` hold 10,000.

    Raises:
        OSError: where the file can't be fetched.
        ValueError: where it is not the file that is meant.

    Example:
        >>> import kerasish as keras
        >>> (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()  # doctest: +SKIP
        >>> x_train.shape, y_train.shape, x_test.shape, y_test.shape  # doctest: +SKIP
        ((60000, 28, 28), (60000,), (10000, 28, 28), (10000,))

    Reference:
        Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits, 1998, licence CC BY-SA 3.0.
    """
    stored = read_npz(fetched("mnist.npz", _SHA256, saved_as=path))
    return (stored["x_train"], stored["y_train"]), (stored["x_test"], stored["y_test"])
