"""Questions that several passes ask about numbers known when the graph is compiled."""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend.dtypes import FLOATS
from kerasish.backend.float_formats import LARGEST, SMALLEST
from kerasish.typing import DTypeLike, TensorLike


def is_number(rewriter: Any, tensor: TensorLike, value: TensorLike) -> bool:
    """Whether every element of `tensor` is known to be `value`."""
    return rewriter.number(tensor) == value


def float_number(rewriter: Any, tensor: TensorLike) -> Any:
    """The finite float that every element of a floating-point `tensor` is, or None."""
    value = rewriter.number(tensor)
    return float(value) if value is not None and tensor.dtype in FLOATS and math.isfinite(value) else None


def is_ordinary(value: TensorLike, dtype: DTypeLike) -> bool:
    """Whether the float `value` keeps all its digits in `dtype`: neither 0, subnormal nor too large."""
    return SMALLEST[dtype] <= abs(value) <= LARGEST[dtype]


def operand_and_number(rewriter: Any, node: Any) -> Any:
    """(x, c) where a commutative `node` of two operands joins x with a finite float c; else None.

    x has the output's shape and dtype.
    """
    x, y = node.inputs
    shape = node.outputs[0].shape
    value = float_number(rewriter, y)
    if value is not None and x.shape == shape:
        return x, value
    value = float_number(rewriter, x)
    return (y, value) if value is not None and y.shape == shape else None
