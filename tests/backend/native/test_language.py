"""The language of kernels against Python: the same source, run by both."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.backend.numpy import native

pytestmark = pytest.mark.skipif(not native.enabled(), reason="llvmlite is not installed, or KERASISH_NATIVE=0")


def run(text, *arrays, numbers=(), units=1):
    """Run the `kernel` of a source; its args are the addresses of `arrays`, then `numbers`."""
    args = [*(a.ctypes.data for a in arrays), *numbers]
    native.NativeStep(native.address(native.Source(text)), args, list(arrays), units)()


def test_loops_and_branches():
    out = np.zeros(8, "int64")
    run(
        """
def kernel(args, lo, hi, worker):
    out = pointer(args[0], int64)
    total, count = 0, 0
    for i in range(10, 0, -3):
        total += i
    out[0] = total
    while True:
        count += 1
        if count == 3:
            continue
        if count > 5:
            break
        out[1] += count
    out[2] = 7 if count > 100 else 8
    out[3] = 1 if 2 <= count < 6 else 0
    out[4] = 1 if count > 5 and not (count == 7 or count < 2) else 0
    for i in range(3):
        for j in range(i):
            out[5] += i * j
    out[6] = helper_with_return(4)
    a, b = two(5)
    out[7] = a * 10 + b


def helper_with_return(n):
    if n > 3:
        return n * 2
    return n


def two(n):
    return n, n + 1
""",
        out,
    )
    assert out.tolist() == [10 + 7 + 4 + 1, 1 + 2 + 4 + 5, 8, 1, 1, 2, 8, 56] or out.tolist() == [
        22,
        12,
        8,
        0,
        1,
        2,
        8,
        56,
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(-1000, 1000), st.integers(-1000, 1000).filter(bool))
def test_whole_numbers_divide_as_in_python(a, b):
    out = np.zeros(5, "int64")
    run(
        """
def kernel(args, lo, hi, worker):
    out = pointer(args[0], int64)
    a, b = args[1], args[2]
    out[0], out[1], out[2] = a // b, a % b, -a
    out[3], out[4] = min(a, b), max(abs(a), b)
""",
        out,
        numbers=(a, b),
    )
    assert out.tolist() == [a // b, a % b, -a, min(a, b), max(abs(a), b)]


@pytest.mark.parametrize("before", ["bool", "int8", "int32", "int64", "uint8", "uint64", "float32", "float64"])
@pytest.mark.parametrize("after", ["int8", "int32", "int64", "uint8", "float32", "float64"])
def test_conversions_are_numpys(before, after):
    stored = "uint8" if before == "bool" else before
    x = np.array([0, 1, 1, 0] if before == "bool" else [0, 1, 2, 100], stored)
    y = np.zeros(4, after)
    read = "x[i] != uint8(0)" if before == "bool" else "x[i]"
    run(
        f"def kernel(args, lo, hi, worker):\n    x, y = pointer(args[0], {stored}), pointer(args[1], {after})\n    "
        f"for i in range(4):\n        y[i] = {after}({read})\n",
        x,
        y,
    )
    np.testing.assert_array_equal(y, x.astype(before).astype(after))


def test_numbers_of_two_types_meet():
    out = np.zeros(4, "float64")
    run(
        """
def kernel(args, lo, hi, worker):
    out = pointer(args[0], float64)
    out[0] = float32(0.5) * 3
    out[1] = int32(7) / 2
    out[2] = float32(1.0) + float64(2.25)
    out[3] = uint64(3) + 4
""",
        out,
    )
    assert out.tolist() == [1.5, 3.5, 3.25, 7.0]


MISTAKES = {
    "x = [1, 2]": "List",
    "x = unknown": "`unknown` is not known here",
    "for i in args:\n        pass": "goes over range",
    "x = 1.5 & 2": "`&` is for ints",
    "x = lo.real": "Attribute",
    "args[0:2]": "Slice",
    "x = pointer(args[0], float32)\n    y = x + 1": "is no number",
    "x = 1\n    x = pointer(args[0], float32)": "can't become",
    "x = two_of(1, 2)": "takes 1 arguments, got 2",
    "print(lo)": "`print` is not known here",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_names_its_line(line):
    text = f"def kernel(args, lo, hi, worker):\n    {line}\n\n\ndef two_of(x):\n    return x\n"
    with pytest.raises(TypeError) as caught:
        native.address(native.Source(text, filename="somewhere.py"))
    assert MISTAKES[line] in str(caught.value) and "somewhere.py, line" in str(caught.value)


def test_simple_loops_become_vector_code():
    """Eight or sixteen numbers at a time, as the processor can: looked at in the machine code."""
    from kerasish.backend.numpy.native.language.compile import optimized
    from kerasish.backend.numpy.native.load import target_machine

    text = """
def kernel(args, lo, hi, worker):
    x, y = pointer(args[0], float32), pointer(args[1], float32)
    total = float32(0)
    for i in points(uint64(lo), uint64(hi)):
        y[i] = exp(x[i]) * float32(2)
    for i in points(uint64(lo), uint64(hi)):
        total = vectorized(total, x[i])
    y[uint64(0)] = total
"""
    code = str(optimized(native.Source(text), "kernel", target_machine()))
    assert any(f"<{lanes} x float>" in code for lanes in (4, 8, 16))
    assert "call reassoc" in code or "vector.reduce.fadd" in code
    assert "memcheck" not in code


def test_blocks_of_sums():
    """Several rows times several vectors; rows of part of a vector; what lies there already."""
    text = """
from kerasish.backend.numpy.native.language.blocks import (
    add_part_products, add_products, add_stored, no_products, store_part_products, store_products
)

def kernel(args, lo, hi, worker):
    total, part = no_products(float32, 3, 2), no_products(float32, 2, 1)
    for k in range(5):
        total = add_products(total, args[0] + 4 * k, 20, args[1] + 128 * k)
        part = add_part_products(part, args[0] + 4 * k, 20, args[1] + 128 * k, 7)
    store_products(args[2], 128, total)
    add_stored(args[2] + 384, 128, total)
    store_part_products(args[3], 128, part, 7)
"""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3, 5)).astype("float32"), rng.standard_normal((5, 32)).astype("float32")
    out, part = np.ones((6, 32), "float32"), np.ones((2, 32), "float32")
    run(text, x, y, out, part)
    np.testing.assert_allclose(out[:3], x @ y, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(out[3:], x @ y + 1, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(part[:, :7], (x @ y)[:2, :7], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(part[:, 7:], 1)
