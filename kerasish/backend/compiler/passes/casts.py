"""Pass `casts`: a cast of a cast is one, where the type in between holds every number of the first type."""

from __future__ import annotations

from typing import Any

_DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}  # of the significand, in bits
_EXPONENT = {"float16": 5, "bfloat16": 8, "float32": 8, "float64": 11}


def holds(wide: Any, narrow: Any) -> Any:
    """Whether every number of type `narrow` is one of type `wide`."""
    if wide == narrow or narrow == "bool":
        return True
    if wide in _DIGITS and narrow in _DIGITS:
        return _DIGITS[wide] >= _DIGITS[narrow] and _EXPONENT[wide] >= _EXPONENT[narrow]
    if narrow in _DIGITS or wide == "bool":
        return False
    signed, bits = not narrow.startswith("u"), int(narrow.lstrip("uint"))
    if wide in _DIGITS:  # float16 ends at 65504, so it holds 8 bits only
        return bits - signed <= _DIGITS[wide]
    wide_signed, wide_bits = not wide.startswith("u"), int(wide.lstrip("uint"))
    return (wide_signed or not signed) and wide_bits - wide_signed >= bits - signed


def _cast_of_cast(node, rewriter):
    inner = rewriter.maker(node.inputs[0], "cast")
    if inner is None or not holds(node.inputs[0].dtype, inner.inputs[0].dtype):
        return None
    return rewriter.make("cast", inner.inputs[0], dtype=node.outputs[0].dtype)


RULES: dict[str, Any] = {"cast": [_cast_of_cast]}
