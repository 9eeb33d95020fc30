"""What the floating-point types hold: tables by the names of the types."""

from __future__ import annotations

HALVES = ("float16", "bfloat16")  # two bytes: sums and squares are computed in float32
DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}  # of the significand, in bits
EXPONENT = {"float16": 5, "bfloat16": 8, "float32": 8, "float64": 11}  # in bits
LARGEST = {name: (2 - 2.0 ** (1 - DIGITS[name])) * 2.0 ** (2 ** (bits - 1) - 1) for name, bits in EXPONENT.items()}
SMALLEST = {name: 2.0 ** (2 - 2 ** (bits - 1)) for name, bits in EXPONENT.items()}  # that has all digits
