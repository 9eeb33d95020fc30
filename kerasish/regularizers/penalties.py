"""Penalties on absolute values and squares."""

from __future__ import annotations

from kerasish import ops
from kerasish.backend import standardize_dtype
from kerasish.regularizers.regularizer import Regularizer, check_factor
from kerasish.typing import AnyTensor, Config, TensorLike


class L1(Regularizer):
    """l1 * sum(|x|), which pulls weights to 0.

    Args:
        l1: number, 0 or more.

    Raises:
        ValueError: for any other value.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.regularizers.L1(0.1)(keras.ops.array([1.0, -2.0]))), 4)
        0.3
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = check_factor("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: TensorLike) -> AnyTensor:
        return ops.multiply(ops.sum(ops.abs(x)), self.l1)

    def get_config(self) -> Config:
        return {"l1": self.l1}


class L2(Regularizer):
    """l2 * sum(x^2), which keeps weights small.

    Args:
        l2: number, 0 or more.

    Raises:
        ValueError: for any other value.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.regularizers.L2(0.1)(keras.ops.array([1.0, -2.0]))), 4)
        0.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = check_factor("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: TensorLike) -> AnyTensor:
        return ops.multiply(ops.sum(ops.square(x)), self.l2)

    def get_config(self) -> Config:
        return {"l2": self.l2}


class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x^2).

    Args:
        l1: number, 0 or more; None is 0.
        l2: number, 0 or more; None is 0.

    Raises:
        ValueError: for any other value.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.regularizers.L1L2(0.1, 0.1)(keras.ops.array([1.0, -2.0]))), 4)
        0.8
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = check_factor("l1", 0.0 if l1 is None else l1)
        self.l2 = check_factor("l2", 0.0 if l2 is None else l2)

    def __call__(self, x: TensorLike) -> AnyTensor:
        terms = []
        if self.l1:
            terms.append(ops.multiply(ops.sum(ops.abs(x)), self.l1))
        if self.l2:
            terms.append(ops.multiply(ops.sum(ops.square(x)), self.l2))
        if not terms:
            return ops.zeros((), dtype=standardize_dtype(x.dtype))
        return terms[0] if len(terms) == 1 else ops.add(*terms)

    def get_config(self) -> Config:
        return {"l1": self.l1, "l2": self.l2}
