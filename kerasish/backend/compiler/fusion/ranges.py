"""Which indices are known to be in range when a graph is compiled: those that a condition has made so."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.traits import Role
from kerasish.typing import IntOrInts


def is_in_range(index: int, size: IntOrInts, made_by: Any, numbers: Any) -> bool:
    """Whether every element of Tensor `index` lies in 0..size - 1.

    It does because it is `where(0 <= i and i < size, i, 0)`, or such a value reshaped or cast.

    Args:
        made_by: dict from a Tensor to the Node that makes it. numbers: dict from a constant Tensor without axes to its
            number.
    """
    node = made_by.get(index)
    while node is not None and node.operation.traits.role is Role.SPREADS:
        node = made_by.get(node.inputs[0])
    if node is None or node.operation is not p.where:
        return False
    condition, value, otherwise = node.inputs
    default = numbers.get(otherwise)
    if default is None or not 0 <= default < size:
        return False
    return _bounds(condition, value, made_by, numbers) >= {("above", 0), ("below", size)}


def _bounds(condition, value, made_by, numbers):
    """What is true of `value` where `condition` holds."""
    node = made_by.get(condition)
    if node is None:
        return set()
    inputs = node.inputs
    if node.operation is p.logical_and:
        return _bounds(inputs[0], value, made_by, numbers) | _bounds(inputs[1], value, made_by, numbers)
    if inputs[0] is not value or inputs[1] not in numbers:
        return set()
    if node.operation is p.greater_equal:
        return {("above", numbers[inputs[1]])}
    return {("below", numbers[inputs[1]])} if node.operation is p.less else set()
