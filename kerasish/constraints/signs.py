"""No negative weights."""

from __future__ import annotations

from kerasish import ops
from kerasish.constraints.constraint import Constraint
from kerasish.typing import AnyTensor, TensorLike


class NonNeg(Constraint):
    """Sets negative weights to 0.

    Example:
        >>> import kerasish as keras
        >>> keras.constraints.NonNeg()(keras.ops.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
    """

    def __call__(self, w: TensorLike) -> AnyTensor:
        return ops.maximum(w, 0.0)
