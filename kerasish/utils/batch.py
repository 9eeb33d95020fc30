"""The tuple `(x, y, sample_weight)` in which a batch travels: take it apart, put it together."""

from __future__ import annotations

from typing import Any

from kerasish.suggestions import suggesting
from kerasish.typing import Arrays


@suggesting
def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Split what a data source yields into `(x, y, sample_weight)`, with None for what is absent.

    Args:
        data: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`, each an array or a nested structure of arrays. A list
            counts as a tuple; anything else (an array, a dict) is `x`.

    Returns:
        A tuple of three.

    Raises:
        ValueError: for a tuple of none, or of more than three.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.unpack_x_y_sample_weight(([1, 2], [0, 1]))
        ([1, 2], [0, 1], None)
    """
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            "`data` must be `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`, "
            f"got a {type(data).__name__} of {len(data)} elements. Put several inputs into one list: `([a, b], y)`."
        )
    return (*data, None, None)[:3]


@suggesting
def pack_x_y_sample_weight(x: Arrays, y: Arrays = None, sample_weight: Arrays = None) -> Any:
    """Put `x`, `y` and `sample_weight` into the shortest form that `fit` accepts: the inverse of unpacking.

    Args:
        x: inputs.
        y: targets, or None.
        sample_weight: weights, or None; as in Keras, weights without targets are dropped.

    Returns:
        `(x, y, sample_weight)` or `(x, y)`; without `y`, `x` itself, as `(x,)` where `x` is a list or tuple and would
        else be taken for a pair.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.pack_x_y_sample_weight("x", "y")
        ('x', 'y')
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_singleton(structure: Any) -> Any:
    """What a list or tuple of one holds; anything else as it is.

    So a model of `[output]` returns an array, as Keras's does.
    """
    return structure[0] if isinstance(structure, (list, tuple)) and len(structure) == 1 else structure
