"""Bounds on the length of the vectors of a weight."""

from __future__ import annotations

from kerasish import ops
from kerasish.backend import epsilon
from kerasish.constraints.constraint import Constraint
from kerasish.typing import AnyTensor, Config, IntOrInts, TensorLike


def _norms(w, axis):
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


def _rescale(w, norms, wanted):
    return ops.multiply(w, ops.divide(wanted, ops.add(norms, epsilon())))


class MaxNorm(Constraint):
    """Shortens vectors that are longer than `max_value`.

    Args:
        max_value: number, the longest that a vector may be.
        axis: int or several, the axes of a vector: 0 for a Dense kernel (a vector a unit), (0, 1, 2) for a Conv2D
            kernel.

    Example:
        >>> import kerasish as keras
        >>> w = keras.constraints.MaxNorm(1.0)(keras.ops.array([[3.0, 0.3], [4.0, 0.4]]))
        >>> [round(float(x), 3) for x in w[0]]
        [0.6, 0.3]
    """

    def __init__(self, max_value: float = 2, axis: IntOrInts = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: TensorLike) -> AnyTensor:
        norms = _norms(w, self.axis)
        return _rescale(w, norms, ops.clip(norms, 0.0, self.max_value))

    def get_config(self) -> Config:
        return {"max_value": self.max_value, "axis": self.axis}


class UnitNorm(Constraint):
    """Gives each vector the length 1.

    Args:
        axis: int or several, the axes of a vector: 0 for a Dense kernel (a vector a unit), (0, 1, 2) for a Conv2D
            kernel.

    Example:
        >>> import kerasish as keras
        >>> w = keras.constraints.UnitNorm()(keras.ops.array([[3.0], [4.0]]))
        >>> [round(float(x), 3) for x in w[:, 0]]
        [0.6, 0.8]
    """

    def __init__(self, axis: IntOrInts = 0) -> None:
        self.axis = axis

    def __call__(self, w: TensorLike) -> AnyTensor:
        return ops.divide(w, ops.add(_norms(w, self.axis), epsilon()))

    def get_config(self) -> Config:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Brings the length of each vector between `min_value` and `max_value`.

    Args:
        min_value: number, the shortest that a vector may be.
        max_value: number, the longest that a vector may be.
        rate: number in [0, 1], how much of the way goes one call.
        axis: int or several, the axes of a vector: 0 for a Dense kernel (a vector a unit), (0, 1, 2) for a Conv2D
            kernel.

    Example:
        >>> import kerasish as keras
        >>> w = keras.constraints.MinMaxNorm(1.0, 2.0, rate=0.5)(keras.ops.array([[3.0], [4.0]]))
        >>> [round(float(x), 3) for x in w[:, 0]]
        [2.1, 2.8]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: IntOrInts = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: TensorLike) -> AnyTensor:
        norms = _norms(w, self.axis)
        bounded = ops.clip(norms, self.min_value, self.max_value)
        return _rescale(w, norms, ops.add(ops.multiply(bounded, self.rate), ops.multiply(norms, 1.0 - self.rate)))

    def get_config(self) -> Config:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}
