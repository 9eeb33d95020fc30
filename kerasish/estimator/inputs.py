"""`kerasish.estimator.inputs`: input functions from arrays and data frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from kerasish.lazy import says_what_is_missing

__all__ = ["numpy_input_fn", "pandas_input_fn"]


def numpy_input_fn(
    x: Any,
    y: Any = None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool | None = None,
    seed: int | None = None,
) -> Callable[[], Iterator[Any]]:
    """An input function of arrays.

    Args:
        x: array, or dict from feature name to array, rows along the first axis.
        y: array of labels, or dict of such; None for none.
        batch_size: int, rows a batch; the last one of all epochs may be smaller.
        num_epochs: int, how often all rows are given; None for ever.
        shuffle: bool, whether rows come in another order in each epoch. It must be said.
        seed: int, of the order; None for another one each time.

    Returns:
        Function without arguments that returns an iterator of batches: (features, labels), or features.

    Raises:
        ValueError: where `shuffle` is not said, and for arrays of different lengths.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator
        >>> rows = estimator.inputs.numpy_input_fn({"x": np.arange(3)}, np.arange(3), batch_size=2, shuffle=False)
        >>> [labels.tolist() for features, labels in rows()]
        [[0, 1], [2]]
    """
    if not isinstance(shuffle, bool):
        raise ValueError(f"`shuffle` must be said: True or False, got {shuffle!r}.")
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f"`batch_size` must be an int of at least 1, got {batch_size!r}.")
    columns, labels = _arrays(x, "x"), None if y is None else _arrays(y, "y")
    lengths = {len(column) for part in (columns, labels) if part is not None for column in _leaves(part)}
    if len(lengths) != 1:
        raise ValueError(f"`x` and `y` must have equally many rows, and some, got {sorted(lengths)}.")
    (count,) = lengths
    if not count:
        raise ValueError("`x` has no rows.")

    def batches() -> Iterator[Any]:
        generator = np.random.default_rng(seed)
        for places in _places(count, batch_size, num_epochs, generator if shuffle else None):
            features = _rows(columns, places)
            yield features if labels is None else (features, _rows(labels, places))

    return batches


def pandas_input_fn(
    x: Any,
    y: Any = None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool | None = None,
    seed: int | None = None,
) -> Callable[[], Iterator[Any]]:
    """An input function of a data frame, a feature a column.

    Args:
        x: pandas DataFrame.
        y: Series of labels, or a DataFrame of several; None for none.
        batch_size: as of `numpy_input_fn`.
        num_epochs: as of `numpy_input_fn`.
        shuffle: as of `numpy_input_fn`.
        seed: as of `numpy_input_fn`.

    Returns:
        Function without arguments that returns an iterator of batches.

    Raises:
        TypeError: for `x` that is no data frame.
        ValueError: as `numpy_input_fn`.

    Example:
        >>> import pandas
        >>> from kerasish import estimator
        >>> rows = estimator.inputs.pandas_input_fn(pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}), shuffle=False)
        >>> {name: column.tolist() for name, column in next(rows()).items()}
        {'a': [1, 2], 'b': ['x', 'y']}
    """
    if not hasattr(x, "columns") or not hasattr(x, "to_numpy"):
        raise TypeError(f"`x` must be a pandas DataFrame, got {type(x).__name__}.")
    labels = {name: y[name] for name in y.columns} if hasattr(y, "columns") else y
    return numpy_input_fn({name: x[name] for name in x.columns}, labels, batch_size, num_epochs, shuffle, seed)


def _arrays(part, name):
    if isinstance(part, Mapping):
        if not part:
            raise ValueError(f"`{name}` must not be an empty dict.")
        return {key: _array(column) for key, column in part.items()}
    return _array(part)


def _array(column):
    array = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    return array.astype(str) if array.dtype.kind == "O" and all(isinstance(item, str) for item in array.flat) else array


def _leaves(part):
    return part.values() if isinstance(part, dict) else [part]


def _rows(part, places):
    return {name: column[places] for name, column in part.items()} if isinstance(part, dict) else part[places]


def _places(count, batch_size, num_epochs, generator):
    """Places of the rows of each batch; batches go across the ends of epochs."""
    waiting, epoch = np.empty(0, np.int64), 0
    while num_epochs is None or epoch < num_epochs:
        order = np.arange(count) if generator is None else generator.permutation(count)
        waiting, epoch = np.concatenate([waiting, order]), epoch + 1
        whole = len(waiting) // batch_size * batch_size
        yield from waiting[:whole].reshape(-1, batch_size)
        waiting = waiting[whole:]
    if len(waiting):
        yield waiting


__getattr__ = says_what_is_missing(__name__)
