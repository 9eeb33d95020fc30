"""California housing: prices of homes in 20,640 districts of 1990, by 8 numbers."""

from __future__ import annotations

from kerasish.datasets.fetching import fetched, read_npz
from kerasish.datasets.splits import Parts, check_test_split, shuffled_parts
from kerasish.suggestions import suggesting
from kerasish.typing import PathLike

__all__ = ["load_data"]

_SHA256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_SMALL_ROWS = 600


@suggesting
def load_data(
    version: str = "large",
    path: PathLike = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> Parts:
    """Load the California housing data: a row of 8 numbers a district, and the median price of its homes.

    The columns are median income, median age of the houses, rooms, bedrooms, inhabitants, inhabitants a household,
    latitude and longitude.

    Args:
        version: "large" for all 20,640 rows, "small" for the first 600 of the file.
        path: name of the file in the cache, `~/.keras/datasets` (or `datasets` in the folder that KERAS_HOME names).
            It is fetched (0.7 MB) where it is not there.
        test_split: share of the rows that is test data, from 0 to below 1.
        seed: of the order of the rows.

    Returns:
        `((x_train, y_train), (x_test, y_test))`, float arrays: inputs of shape (rows, 8), prices in dollars of shape
        (rows,).

    Raises:
        OSError: where the file can't be fetched.
        ValueError: where it is not the file that is meant, for another `version`, and for a `test_split` of 1 and more.

    Example:
        >>> import kerasish as keras
        >>> (x_train, _), (x_test, _) = keras.datasets.california_housing.load_data("small")  # doctest: +SKIP
        >>> x_train.shape, x_test.shape  # doctest: +SKIP
        ((480, 8), (120, 8))
    """
    check_test_split(test_split)
    if version not in ("large", "small"):
        raise ValueError(f'`version` must be "large" or "small", got {version!r}.')
    stored = read_npz(fetched("california_housing.npz", _SHA256, saved_as=path))
    rows = slice(None, _SMALL_ROWS if version == "small" else None)
    return shuffled_parts(stored["x"][rows], stored["y"][rows], test_split, seed)
