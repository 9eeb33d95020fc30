"""Arrays of text: what counts as one, and how one is made of what programs pass. They stay on the host."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.typing import ShapeLike

TEXT_KINDS = frozenset("OSUT")  # of NumPy's dtypes that may hold text: objects, bytes, str, and StringDType
_SCALARS = (str, bytes)


def is_text(x: Any) -> bool:
    """Whether something is a string, or an array or symbolic tensor of strings (or of objects, which may be such)."""
    if isinstance(x, _SCALARS):
        return True
    dtype = getattr(x, "dtype", None)
    if dtype is None:
        return False
    kind = getattr(dtype, "kind", None)
    return kind in TEXT_KINDS if kind is not None else getattr(dtype, "name", dtype) == "string"


def holds_text(structure: Any) -> bool:
    """Whether the first item of nested lists is a string."""
    while isinstance(structure, (list, tuple)) and structure:
        structure = structure[0]
    return isinstance(structure, _SCALARS)


def text_array(value: Any, name: str) -> np.ndarray[Any, Any]:
    """A NumPy array of strings: of NumPy's own, or of dtype object with a str or bytes for each item.

    Args:
        value: string, nested lists of strings, array of strings (NumPy's three kinds, or objects), data frame or column
            of one, tensor of another library.
        name: the argument's, for messages.

    Raises:
        ValueError: for numbers, missing values, and lists whose rows differ in length.
    """
    array = _as_array(value)
    if array.dtype.kind in "SUT":
        return array
    if array.dtype.kind != "O":
        raise ValueError(f"`{name}` must be text, got numbers (dtype {array.dtype}).")
    items = array.ravel().tolist()
    if operator.countOf(map(type, items), str) == len(items):  # quicker than a set of the types
        return array
    kinds = set(map(type, items))
    wrong = next((kind for kind in kinds if not issubclass(kind, _SCALARS)), None)
    if wrong is None:
        return array
    if issubclass(wrong, (list, tuple)):
        raise ValueError(f"`{name}` is a list whose rows differ in length, which makes no array.")
    example = next(item for item in array.flat if type(item) is wrong)
    if example is None or example != example:
        raise ValueError(f"`{name}` has missing values ({example!r}) among its text. Fill them in: `.fillna('')`.")
    raise ValueError(f"`{name}` must hold text alone, got {wrong.__name__} ({example!r}) among it.")


def _as_array(value):
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, "to_numpy"):
        return np.asarray(value.to_numpy())
    if not hasattr(value, "__array__"):
        return np.array(value, dtype=object)
    return np.asarray(value)


def texts_as(items: Sequence[str], shape: ShapeLike) -> np.ndarray[Any, Any]:
    """A list of strings as an array of a shape."""
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)


def fixed_width(array: np.ndarray[Any, Any], encoding: str) -> np.ndarray[Any, Any]:
    """An array of dtype object as one of NumPy's own strings, which `numpy.strings` and `numpy.char` take."""
    items = [item if isinstance(item, str) else item.decode(encoding) for item in array.flat]
    return np.array(items, dtype=str).reshape(array.shape)


def _is_plain_text(x):
    return isinstance(x, (*_SCALARS, list, tuple)) and holds_text(x)


def with_text_arrays(structure: Any, name: str) -> Any:
    """`structure` with arrays in place of strings and of nested lists of them."""
    if _is_plain_text(structure):
        return text_array(structure, name)
    if type(structure) is dict and any(map(_is_plain_text, structure.values())):
        return {key: with_text_arrays(value, f"{name}[{key!r}]") for key, value in structure.items()}
    return structure
