"""The rule for half precision: numbers of two bytes are stored so, computed in float32 and stored rounded.

It asks a primitive's row alone (`Traits.computes`), so that it holds for every primitive on every device: eager calls
follow it in `primitives/primitive.py`, compiled graphs in the pass `compiler/widen.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kerasish.backend.float_formats import HALVES
from kerasish.typing import TensorLike

WIDE = "float32"


def is_widened(operation: Any, dtypes: Iterable[str], device: Any) -> bool:
    """Whether a call on operands of these dtypes is computed in float32.

    Not what has kernels for them on the device, which add up in float32 by themselves.

    Example:
        >>> import kerasish as keras
        >>> from kerasish.backend.lowbits.widening import is_widened
        >>> from kerasish.backend.primitives import PRIMITIVES
        >>> [is_widened(PRIMITIVES[name], ["bfloat16"], keras.backend.device()) for name in ("exp", "reshape")]
        [True, False]
    """
    return (
        operation.traits.computes
        and operation.name not in device.computes_halves
        and any(dtype in HALVES for dtype in dtypes)
    )


def converted(device: Any, array: TensorLike, dtype: str) -> Any:
    """The values of a device array in another dtype: a new array, or itself where it has that dtype."""
    if device.dtype_name(array) == dtype:
        return array
    twin = device.empty(array.shape, dtype)
    with device.running():
        device.copy_into(twin, array)
    return twin
