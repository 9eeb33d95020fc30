"""CIFAR-100: 60,000 colour pictures of 32x32 pixels, a hundred kinds of things in twenty groups."""

from __future__ import annotations

import os

from kerasish.datasets.cifar import read_batch, unpacked
from kerasish.datasets.splits import Parts
from kerasish.suggestions import suggesting

__all__ = ["load_data"]

_SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


@suggesting
def load_data(label_mode: str = "fine") -> Parts:
    """Load CIFAR-100: 50,000 small colour pictures to train on, and 10,000 to test with.

    The archive (169 MB) lies in `datasets` in Keras's cache folder. Its batches are pickles, of which only numbers,
    texts and arrays are read.

    Args:
        label_mode: "fine" for the hundred kinds, "coarse" for the twenty groups.

    Returns:
        `((x_train, y_train), (x_test, y_test))`, NumPy arrays. `x_train` is uint8 of shape (50000, 32, 32, 3), values 0
        to 255; `y_train` int64 of shape (50000, 1), values 0 to 99 (or 0 to 19); `x_test` and `y_test` hold 10,000.

    Raises:
        OSError: where the archive can't be fetched.
        ValueError: for another `label_mode`, and where the archive is not the one that is meant.

    Example:
        >>> import kerasish as keras
        >>> (x_train, y_train), _ = keras.datasets.cifar100.load_data("coarse")  # doctest: +SKIP
        >>> x_train.shape, y_train.max()  # doctest: +SKIP
        ((50000, 32, 32, 3), 19)

    Reference:
        A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f'`label_mode` must be "fine" or "coarse", got {label_mode!r}.')
    folder = unpacked("cifar-100-python.tar.gz", "cifar-100-python", _SHA256)
    return tuple(read_batch(os.path.join(folder, part), f"{label_mode}_labels") for part in ("train", "test"))
