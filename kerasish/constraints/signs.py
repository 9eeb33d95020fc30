"""No negative weights."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.constraints.constraint import Constraint
from kerasish.typing import TensorLike


class NonNeg(Constraint):
    """Sets negative weights to 0.

    >>> import kerasish as keras
    >>> keras.constraints.NonNeg()(keras.ops.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: TensorLike) -> Any:
        return ops.maximum(w, 0.0)
