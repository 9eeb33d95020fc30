"""Which dtype two operands combine to: all pairs of dtypes and Python's numbers, beside real Keras's."""

import itertools

import keras
import numpy as np
import pytest

from kerasish import backend, ops

COMPUTED = "bool uint8 uint16 uint32 int8 int16 int32 int64 float16 bfloat16 float32 float64".split()
STORED = "float8_e4m3fn float8_e5m2".split()
PYTHON = [bool, int, float]
PAIRS = list(itertools.combinations_with_replacement([*COMPUTED, *PYTHON], 2))


def in_64_bits(theirs, pair):
    """Keras's answer on JAX where 64-bit types are off (they are ours)."""
    wide = {"uint32": "int64"}
    if "float64" in pair:
        return "float64"
    if theirs == "int32" and ("int64" in pair or wide.get("uint32") and "uint32" in pair and _has_signed(pair)):
        return "int64"
    return theirs


def _has_signed(pair):
    return any(isinstance(d, str) and d.startswith("int") for d in pair)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_pairs(pair):
    theirs = in_64_bits(keras.backend.result_type(*pair), pair)
    assert backend.result_type(*pair) == backend.result_type(*pair[::-1]) == theirs


@pytest.mark.parametrize("other", [*COMPUTED, *STORED, *PYTHON], ids=str)
@pytest.mark.parametrize("stored", STORED)
def test_float8_combines_with_nothing(stored, other):
    with pytest.raises(ValueError):
        keras.backend.result_type(stored, other)
    with pytest.raises(ValueError, match=f"{stored}.*Cast"):
        backend.result_type(stored, other)


@pytest.mark.parametrize("other", [d for d in COMPUTED if not d.endswith("64")])
@pytest.mark.parametrize("name", ["add", "multiply", "maximum", "matmul", "where", "divide"])
def test_ops_of_bfloat16(name, other):
    x, y = np.ones((2, 2), "bfloat16"), np.ones((2, 2), other)
    before = (np.array([[True], [False]]),) if name == "where" else ()
    ours = getattr(ops, name)(*before, x, y)
    assert ours.dtype == keras.backend.standardize_dtype(getattr(keras.ops, name)(*before, x, y).dtype)


@pytest.mark.parametrize("number", [2, 2.5, True])
def test_numbers_beside_bfloat16_are_weak(number):
    x = np.ones((2,), "bfloat16")
    for y in (ops.add(x, number), backend.function(lambda x: x + number)(x)):
        assert y.dtype == "bfloat16"
