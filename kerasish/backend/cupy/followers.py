"""Groups that follow a product or convolution, as chains of operations on what it makes.

Biases, scales, residuals and activations: operations that libraries have by name, on the result, on arrays of its
shape, and on rows with a number for each of its columns.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from kerasish.entries import entering

_STORED = ("float32", "float16", "bfloat16")
_OF_NUMBERS: dict[str, Callable[..., float]] = {}
_number = entering(_OF_NUMBERS)  # the function is what the primitive of that name makes of numbers
_number("add")(operator.add)
_number("subtract")(operator.sub)
_number("multiply")(operator.mul)
_number("maximum")(max)
_number("relu")(lambda x: max(x, 0.0))
_number("square")(lambda x: x * x)
_number("negative")(operator.neg)
_number("tanh")(math.tanh)
_number("sigmoid")(lambda x: 0.5 + 0.5 * math.tanh(0.5 * x))
_ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "gelu": lambda x: 0.5 * x * (1.0 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),  # the approximate
}
_TRIED = (-7.0, -2.5, -1.0, -0.3, 0.0, 0.2, 1.0, 1.7, 3.0, 9.0)


class Chain(NamedTuple):
    """A Group as a chain.

    Attributes:
        steps: tuple of (primitive, positions of its operands; floats are numbers that stand for themselves). Position 0
            is what the product makes, 1 ... the arrays `operands`, and then what the steps make, the last of which is
            the result.
        operands: tuple of arrays, each of the shape of the result, or with a number for each column.
    """

    steps: tuple[tuple[str, tuple[int | float, ...]], ...]
    operands: tuple[Any, ...]

    @property
    def is_bias_and_relu(self) -> bool:
        """Whether it is a number for each column that is added, and `relu` or nothing more."""
        names = [name for name, _ in self.steps]
        return names[0] == "add" and names[1:] in ([], ["relu"]) and bool(self.operands) and is_row(self.operands[0])

    @property
    def has_numbers(self) -> bool:
        """Whether any operand is a number."""
        return any(isinstance(x, float) for _, operands in self.steps for x in operands)

    @property
    def bias_and_activation(self) -> tuple[Any, str] | None:
        """(the row of numbers that is added first, or None; "relu", "gelu" or ""); None where it does more.

        An activation is known by what becomes of a few numbers, however it is written down.
        """
        (first, operands), biased = self.steps[0], bool(self.operands)
        if biased and (first != "add" or sorted(operands) != [0, 1] or not is_row(self.operands[0])):
            return None
        steps, start = (self.steps[1:], 2) if biased else (self.steps, 0)
        inner = set(range(1, start)) | ({0} if biased else set())
        if len(self.operands) > 1 or any(x in inner for _, xs in steps for x in xs if isinstance(x, int)):
            return None
        if not all(name in _OF_NUMBERS for name, _ in steps):
            return None
        found = [_tried(steps, start, len(self.operands) + 1 + biased, x) for x in _TRIED]
        for name, curve in _ACTIVATIONS.items():
            if all(abs(y - curve(x)) <= 1e-6 * max(1.0, abs(x)) for x, y in zip(_TRIED, found)):
                return ((self.operands[0] if biased else None), name) if biased or name else None
        return None


def _tried(steps, start, next_place, x):
    """What `steps` make of the number `x` at position `start`; the first result is at `next_place`."""
    values = {start: x}
    for place, (name, operands) in enumerate(steps, next_place):
        values[place] = _OF_NUMBERS[name](*(v if isinstance(v, float) else values[v] for v in operands))
    return values[next_place + len(steps) - 1] if steps else x


def is_row(x: Any) -> bool:
    """Whether an operand has a number for each column."""
    return x.size == x.shape[-1]


def chain(group: Any, arrays: dict[Any, Any], made: Any) -> Chain | None:
    """The Chain of a Group; None where it is none, or where somebody else may read what the product makes.

    That is known where the Group's one result lies in the product's own memory.

    Args:
        group: Group. arrays: dict from its inputs and outputs to arrays. made: the array that the product makes.
    """
    if len(group.outputs) != 1:
        return None
    out = arrays[group.outputs[0]]
    if out.data.ptr != made.data.ptr or out.shape != made.shape or out.dtype != made.dtype:
        return None
    source = next((t for t in group.inputs if arrays[t].data.ptr == made.data.ptr), None)
    others = [t for t in group.inputs if t is not source]
    if source is None or not all(_is_operand(arrays[t], made) for t in others):
        return None
    numbers = {t: float(number) for t, number in group.constants.items()}
    places: dict[Any, int | float] = {source: 0, **numbers, **{t: place for place, t in enumerate(others, 1)}}
    steps: list[tuple[str, tuple[int | float, ...]]] = []
    for node in group.nodes:
        operands = [places.get(x) for x in node.inputs]
        if None in operands or str(node.outputs[0].dtype) not in _STORED:
            return None
        if node.operation.traits.converts:
            places[node.outputs[0]] = operands[0]
        elif node.attributes or not node.operation.traits.elementwise:
            return None
        else:
            steps.append((node.operation.name, tuple(operands)))
            places[node.outputs[0]] = len(others) + len(steps)
    if not steps or places.get(group.outputs[0]) != len(others) + len(steps):
        return None
    return Chain(tuple(steps), tuple(arrays[t] for t in others))


def _is_operand(x, made):
    """Whether `x` has the shape of the result, or a number for each column."""
    if x.dtype.name not in _STORED or not x.shape:
        return False
    return x.shape == made.shape or x.shape[-1] == made.shape[-1] and is_row(x)
