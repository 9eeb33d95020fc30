"""Handwritten digits: 1,797 real images of 8x8 pixels, shipped with the package (no download)."""

from __future__ import annotations

import io

import numpy as np

from kerasish.beside import read_data

__all__ = ["load_data"]

_TRAIN_SAMPLES = 1437


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Load the UCI handwritten digits: a data set that trains in seconds and needs no network.

    1,797 scans of digits by 13 writers, reduced to 8x8 pixels of 17 grey levels, about 180 a digit. The split is
    fixed: the images in the order of `numpy.random.RandomState(0).permutation(1797)`, the first 1,437 (80 %) for
    training, the other 360 for testing. The same writers occur in both parts.

    Returns:
        `((x_train, y_train), (x_test, y_test))`, NumPy arrays that are yours to change. `x_train` is uint8 of shape
        (1437, 8, 8) with values from 0 (paper) to 16 (ink), `y_train` uint8 of shape (1437,) with values 0 to 9;
        `x_test` and `y_test` hold 360 more.

    Example:
        >>> import kerasish as keras
        >>> (x_train, y_train), (x_test, y_test) = keras.datasets.digits.load_data()
        >>> x_train.shape, y_train.shape, x_test.shape, y_test.shape
        ((1437, 8, 8), (1437,), (360, 8, 8), (360,))
        >>> for row in x_train[0]: print("".join(" .:-=+*#@"[ink // 2] for ink in row).rstrip())
          +@#.
         :@*+*
         .* :#
            *+
            @-
           +#
          *@@+
          **=*@=

    Reference:
        E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
        https://doi.org/10.24432/C50P49, licence CC BY 4.0 (the repository's test file, as scikit-learn bundles it).
    """
    with np.load(io.BytesIO(read_data(__package__, "digits.npz")), allow_pickle=False) as stored:
        images, labels = stored["images"], stored["labels"]
    train, test = slice(None, _TRAIN_SAMPLES), slice(_TRAIN_SAMPLES, None)
    # Copies, so that neither part keeps the memory of the other alive or changes with it.
    return (images[train].copy(), labels[train].copy()), (images[test].copy(), labels[test].copy())
