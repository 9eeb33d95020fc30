"""Pass `common`: equal calls are made once. A call is known by its primitive, its operands and its attributes."""

from __future__ import annotations

from typing import Any


def key(node: Any) -> Any:
    """Equal keys mean equal results; None where an attribute can't be compared."""
    operands = [id(x) for x in node.inputs]
    if node.operation.traits.commutative and operands[0] > operands[1]:
        operands.reverse()
    attributes = node.attributes
    try:
        found = (
            node.operation.name,
            tuple(operands),
            tuple(sorted(attributes.items())) if len(attributes) > 1 else tuple(attributes.items()),
        )
        if "value" in attributes:  # a number: 0.0 and -0.0 are equal and yet not the same
            found += (repr(attributes["value"]),)
        hash(found)
    except TypeError:
        return None
    return found
