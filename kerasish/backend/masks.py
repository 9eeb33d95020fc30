"""Masks that travel with values.

As an attribute of Tensors, in a side table for plain arrays, which take no attributes.
"""

from __future__ import annotations

import weakref
from typing import Any

from kerasish.backend.graph import Tensor
from kerasish.typing import TensorLike

_array_masks = {}


def get_keras_mask(x: Any) -> Any:
    """The mask that travels with a tensor.

    Args:
        x: tensor or array.

    Returns:
        Bool tensor with the leading axes of `x`, or None.

    Example:
        >>> import kerasish as keras
        >>> x = keras.ops.ones((2, 3))
        >>> keras.backend.set_keras_mask(x, keras.ops.array([True, False]))
        >>> keras.backend.get_keras_mask(x).tolist()
        [True, False]
    """
    if isinstance(x, Tensor):
        return x._keras_mask
    if not _array_masks:
        return None
    entry = _array_masks.get(id(x))
    return entry[1] if entry is not None and entry[0]() is x else None


def set_keras_mask(x: Any, mask: TensorLike | None) -> None:
    """Attach a mask to a tensor.

    For arrays it lasts as long as that array object.

    Args:
        x: tensor or array.
        mask: bool tensor with the leading axes of `x`; None takes the mask off.

    Example:
        >>> import kerasish as keras
        >>> x = keras.ops.ones((2, 3))
        >>> keras.backend.set_keras_mask(x, None)
    """
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
