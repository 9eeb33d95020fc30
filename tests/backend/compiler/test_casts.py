"""A cast of a cast is one only where the type in between loses nothing."""

import numpy as np
import pytest

from kerasish.backend.compiler.passes.casts import holds
from kerasish.backend.dtypes import FLOATS, SIGNED, UNSIGNED
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard

DTYPES = ("bool", *UNSIGNED, *SIGNED, *FLOATS)


@pytest.mark.parametrize("narrow", DTYPES)
@pytest.mark.parametrize("wide", DTYPES)
def test_holds_is_what_numpy_calls_a_safe_cast(wide, narrow):
    safe = np.can_cast(narrow, wide, "safe")
    if narrow in ("int64", "uint64") and wide == "float64":
        safe = False  # NumPy calls this safe, though 2**53 + 1 is lost
    assert holds(wide, narrow) == safe


@pytest.mark.parametrize("first, between, last, names", [
    ("float16", "float32", "float16", ""), ("float16", "float32", "float64", "cast"), ("float32", "float64", "float16",
    "cast"),
    ("float32", "float16", "float32", "cast cast"), ("int32", "float32", "int32", "cast cast"), ("bool", "int32",
    "float32", "cast"),
    ("uint8", "int32", "float32", "cast"), ("int8", "uint8", "int32", "cast cast"), ("int64", "float64", "int64",
    "cast cast"),
])  # fmt: skip
def test_cast_of_cast(first, between, last, names):
    x = hard(30, dtype=first) if first.startswith("float") else (np.arange(-15, 15) * 7).astype(first)
    if not last.startswith("float") and first.startswith("float"):
        x = np.arange(5).astype(first)
    check(lambda x: p.cast(p.cast(x, dtype=between), dtype=last), x, names=names)
