"""Masks that travel with values.

As an attribute of Tensors, in a side table for plain arrays, which take no attributes.
"""

from __future__ import annotations

import weakref
from typing import Any

from kerasish.backend.graph import Tensor
from kerasish.typing import TensorLike

_array_masks = {}


def get_keras_mask(x: TensorLike) -> Any:
    """The mask that travels with `x` (bool, its leading axes), or None."""
    if isinstance(x, Tensor):
        return getattr(x, "_keras_mask", None)
    if not _array_masks:
        return None
    entry = _array_masks.get(id(x))
    return entry[1] if entry is not None and entry[0]() is x else None


def set_keras_mask(x: TensorLike, mask: TensorLike) -> None:
    """Attach `mask` to `x`; None takes it off. For arrays it lasts as long as that array object."""
    if isinstance(x, Tensor):
        x._keras_mask = mask
        return
    key = id(x)
    if mask is None:
        _array_masks.pop(key, None)
        return
    try:
        reference = weakref.ref(x, lambda _: _array_masks.pop(key, None))
    except TypeError:
        return  # a device whose arrays take no weak references carries no masks outside traces
    _array_masks[key] = (reference, mask)
