"""Pass `casts`: a cast of a cast is one, where the type in between holds every number of the first type."""

from __future__ import annotations

from typing import Any

from kerasish.backend.compiler.passes.rules import Rules
from kerasish.backend.float_formats import DIGITS, EXPONENT

RULES: Rules = Rules()


def holds(wide: Any, narrow: Any) -> Any:
    """Whether every number of type `narrow` is one of type `wide`."""
    if wide == narrow or narrow == "bool":
        return True
    if wide in DIGITS and narrow in DIGITS:
        return DIGITS[wide] >= DIGITS[narrow] and EXPONENT[wide] >= EXPONENT[narrow]
    if narrow in DIGITS or wide == "bool":
        return False
    signed, bits = not narrow.startswith("u"), int(narrow.lstrip("uint"))
    if wide in DIGITS:  # float16 ends at 65504, so it holds 8 bits only
        return bits - signed <= DIGITS[wide]
    wide_signed, wide_bits = not wide.startswith("u"), int(wide.lstrip("uint"))
    return (wide_signed or not signed) and wide_bits - wide_signed >= bits - signed


@RULES.of("cast")
def _cast_of_cast(node, rewriter):
    inner = rewriter.maker(node.inputs[0], "cast")
    if inner is None or not holds(node.inputs[0].dtype, inner.inputs[0].dtype):
        return None
    return rewriter.make("cast", inner.inputs[0], dtype=node.outputs[0].dtype)
