"""Boston housing: prices of 506 homes of 1978, by 13 numbers."""

from __future__ import annotations

from kerasish.datasets.fetching import fetched, read_npz
from kerasish.datasets.splits import Parts, check_test_split, shuffled_parts
from kerasish.suggestions import suggesting
from kerasish.typing import PathLike

__all__ = ["load_data"]

_SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


@suggesting
def load_data(path: PathLike = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> Parts:
    """Load the Boston housing data: 506 rows of 13 numbers, and a price.

    One of its columns is made from the share of black inhabitants, as if segregation set prices. Take
    `california_housing` for a table to learn on.

    Args:
        path: name of the file in the cache, `~/.keras/datasets` (or `datasets` in the folder that KERAS_HOME names).
            It is fetched (57 kB) where it is not there.
        test_split: share of the rows that is test data, from 0 to below 1.
        seed: of the order of the rows.

    Returns:
        `((x_train, y_train), (x_test, y_test))`, float64 arrays: inputs of shape (rows, 13), prices in 1,000 dollars of
        shape (rows,).

    Raises:
        OSError: where the file can't be fetched.
        ValueError: where it is not the file that is meant, and for a `test_split` of 1 and more.

    Example:
        >>> import kerasish as keras
        >>> (x_train, y_train), (x_test, y_test) = keras.datasets.boston_housing.load_data()  # doctest: +SKIP
        >>> x_train.shape, x_test.shape  # doctest: +SKIP
        ((404, 13), (102, 13))
    """
    check_test_split(test_split)
    stored = read_npz(fetched("boston_housing.npz", _SHA256, saved_as=path))
    return shuffled_parts(stored["x"], stored["y"], test_split, seed)
