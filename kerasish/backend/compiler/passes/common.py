"""Pass `common`: equal calls are made once. A call is known by its primitive, its operands and its attributes."""

from __future__ import annotations

from typing import Any

COMMUTATIVE = frozenset(
    (
        "add",
        "multiply",
        "maximum",
        "minimum",
        "equal",
        "not_equal",
        "logical_and",
        "logical_or",
        "logical_xor",
        "bitwise_and",
        "bitwise_or",
        "bitwise_xor",
    )
)
_VALUED = frozenset(("full", "pad"))  # an attribute is a number: 0.0 and -0.0 are equal and yet not the same


def key(node: Any) -> Any:
    """Equal keys mean equal results; None where an attribute can't be compared."""
    name = node.operation.name
    operands = [id(x) for x in node.inputs]
    if name in COMMUTATIVE and operands[0] > operands[1]:
        operands.reverse()
    attributes = node.attributes
    try:
        found = (
            name,
            tuple(operands),
            tuple(sorted(attributes.items())) if len(attributes) > 1 else tuple(attributes.items()),
        )
        if name in _VALUED:
            found += (repr(attributes["value"]),)
        hash(found)
    except TypeError:
        return None
    return found
