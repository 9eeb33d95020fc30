"""Groups that follow a product or convolution, as chains of operations on what it makes.

Biases, scales, residuals and activations: operations that libraries have by name, on the result, on arrays of its
shape, and on rows with a number for each of its columns.
"""

from __future__ import annotations

from typing import Any, NamedTuple

_STORED = ("float32", "float16", "bfloat16")


class Chain(NamedTuple):
    """A Group as a chain.

    Attributes:
        steps: tuple of (primitive, positions of its operands). Position 0 is what the product makes, 1 ... the arrays
            `operands`, and then what the steps make, the last of which is the result.
        operands: tuple of arrays, each of the shape of the result, or with a number for each column.
    """

    steps: tuple[tuple[str, tuple[int, ...]], ...]
    operands: tuple[Any, ...]

    @property
    def is_bias_and_relu(self) -> bool:
        """Whether it is a number for each column that is added, and `relu` or nothing more."""
        names = [name for name, _ in self.steps]
        return names[0] == "add" and names[1:] in ([], ["relu"]) and is_row(self.operands[0])


def is_row(x: Any) -> bool:
    """Whether an operand has a number for each column."""
    return x.size == x.shape[-1]


def chain(group: Any, arrays: dict[Any, Any], made: Any) -> Chain | None:
    """The Chain of a Group; None where it is none, or where somebody else may read what the product makes.

    That is known where the Group's one result lies in the product's own memory.

    Args:
        group: Group. arrays: dict from its inputs and outputs to arrays. made: the array that the product makes.
    """
    if len(group.outputs) != 1 or group.constants:
        return None
    out = arrays[group.outputs[0]]
    if out.data.ptr != made.data.ptr or out.shape != made.shape or out.dtype != made.dtype:
        return None
    source = next((t for t in group.inputs if arrays[t].data.ptr == made.data.ptr), None)
    others = [t for t in group.inputs if t is not source]
    if source is None or not all(_is_operand(arrays[t], made) for t in others):
        return None
    places: dict[Any, int] = {source: 0, **{t: place for place, t in enumerate(others, 1)}}
    steps: list[tuple[str, tuple[int, ...]]] = []
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
