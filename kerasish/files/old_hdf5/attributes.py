"""Lists of names as HDF5 attributes.

One attribute holds at most 64 KB, so that a long list stands in several: names0, names1, ...
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.typing import TensorLike

if TYPE_CHECKING:
    import h5py

LIMIT = 64512  # bytes in one attribute: 64 KB less the header, as every Keras since 2.1.3 counts


def text(value: TensorLike, what: str) -> Any:
    """An attribute that holds text, as a string. Raises ValueError that names `what`."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")  # how h5py hands out bytes that are no text
    if not isinstance(value, bytes):
        raise ValueError(
            f"{what} should be text, but it is {type(value).__name__}: the file is damaged, or not written by Keras."
        )
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{what} should be text, but it is not UTF-8 ({error}): the file is damaged.") from None


def has_names(group: h5py.Group, name: str) -> bool:
    """Whether `group` has the list `name`, whole or split."""
    return name in group.attrs or f"{name}0" in group.attrs


def read_names(group: h5py.Group, name: str) -> Any:
    """The list of strings `name` of `group`, from one attribute or from several; empty where there is none."""
    if name in group.attrs:
        return _strings(group, name)
    found, part = [], 0
    while f"{name}{part}" in group.attrs:
        found.extend(_strings(group, f"{name}{part}"))
        part += 1
    return found


def _strings(group, name):
    value = group.attrs[name]
    what = f"The attribute {name!r} of {group.name!r}"
    if not hasattr(value, "__len__") or isinstance(value, (str, bytes)) or getattr(value, "ndim", 1) != 1:
        raise ValueError(
            f"{what} should be a list of names, but it is {type(value).__name__}: the file is damaged, or not written "
            "by Keras."
        )
    return [text(item, what) for item in value]


def write_names(group: h5py.Group, name: str, items: Any) -> None:
    """Write the list of strings `items` as `name`, split where it is too long for one attribute.

    Raises:
        ValueError: for a single name that no attribute can hold.
    """
    encoded = [item.encode("utf-8") for item in items]
    for item in encoded:
        if len(item) > LIMIT:
            raise ValueError(
                f"A name in `{name}` is {len(item)} bytes long ({item[:40].decode('utf-8', 'replace')!r}...), but "
                f"HDF5 holds {LIMIT} in an attribute. "
                "Give the layer a shorter `name`, or save as '.keras'."
            )
    # h5py stores a list of bytes as an array of the width of the longest, so it is that array which must fit
    width = max(map(len, encoded), default=1)
    a_part = max(LIMIT // max(width, 1), 1)
    if len(encoded) <= a_part:
        group.attrs[name] = encoded
        return
    for part, start in enumerate(range(0, len(encoded), a_part)):
        group.attrs[f"{name}{part}"] = np.asarray(encoded[start : start + a_part])


def write_json(group: h5py.Group, name: str, value: TensorLike) -> None:
    """Write plain data as JSON text.

    Text longer than an attribute's 64 KB lies in the file's heap, where h5py puts it, as every Keras does.
    """
    group.attrs[name] = json.dumps(value).encode("utf-8")
