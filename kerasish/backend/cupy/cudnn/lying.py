"""How arrays lie that plans are made for."""

from __future__ import annotations

from typing import Any

from kerasish.backend.cupy.cudnn.plans import ALIGNMENT


def lying(x: Any) -> Any:
    """`x`, or a copy of it that lies as plans are made for."""
    return x if lies(x) else x.copy()


def lies(x: Any) -> bool:
    """Whether an array is row after row, and begins where cuDNN may read whole vectors."""
    return x.flags.c_contiguous and x.data.ptr % ALIGNMENT == 0
