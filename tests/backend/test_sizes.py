"""Size: integer expressions over open sizes, against the same expressions on ints."""

import math
import random

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.guesses import Guesses, explored
from kerasish.backend.sizes import (
    Size,
    exceeds,
    is_open,
    largest,
    shown,
    smallest,
    unknown,
    unlike,
    unlike_shapes,
)
from kerasish.backend.trace import Trace


def opened(*names):
    guesses = Guesses()
    return [unknown(name, f"the size of axis {i} of input 'x'", guesses) for i, name in enumerate(names)]


def value(size, values):
    """The int that an expression stands for, where `values` has those of the unknowns by name."""
    if type(size) is not Size:
        return size
    return sum(count * math.prod(_atom(a, values) for a in atoms) for atoms, count in size.terms.items())


def _atom(atom, values):
    if atom.kind == "unknown":
        return values[atom.text]
    a, b = (value(x, values) for x in atom.operands)
    return {"//": lambda: a // b, "min": lambda: min(a, b), "max": lambda: max(a, b)}[atom.kind]()


STEPS = {
    "+": (lambda a, b: a + b, lambda a, b: a + b),
    "-": (lambda a, b: a - b, lambda a, b: a - b),
    "*": (lambda a, b: a * b, lambda a, b: a * b),
    "//": (lambda a, b: a // b, lambda a, b: a // b),
    "%": (lambda a, b: a % b, lambda a, b: a % b),
    "min": (smallest, min),
    "max": (largest, max),
}


@pytest.mark.parametrize("seed", range(40))
def test_expressions_have_the_values_of_ints(seed):
    draw = random.Random(seed)
    symbols = dict(zip("bhw", opened("b", "h", "w")))
    values = {name: draw.randint(1, 40) for name in symbols}
    pool = [(size, values[name]) for name, size in symbols.items()]
    for _ in range(25):
        (a, x), (b, y) = draw.choice(pool), draw.choice([*pool, *[(n, n) for n in (1, 2, 3, 7, 16, -2)]])
        name = draw.choice(list(STEPS))
        if name in ("//", "%") and y == 0 or max(abs(x), abs(y)) > 10**6:
            continue
        try:
            found = STEPS[name][0](a, b)
        except ZeroDivisionError:
            continue
        wanted = STEPS[name][1](x, y)
        assert value(found, values) == wanted, f"{a} {name} {b}"
        low, high = found.bounds() if is_open(found) else (found, found)
        assert low <= wanted <= high, f"{found} within {low}, {high}"
        for other, known in pool:
            assert not (unlike(found, other) and wanted == known)
            assert not (exceeds(found, other) and wanted <= known)
        pool.append((found, wanted))


def test_equal_expressions_have_one_form():
    b, h = opened("b", "h")
    assert h - h == 0 and type(h - h) is int
    assert (h // 16) * 16 + h % 16 == h
    assert (b * h * 12) // (b * 4) == 3 * h
    assert ((b + 1) * (h + 2)) // (h + 2) == b + 1
    assert (2 * h + 5) // 2 == h + 2
    assert h // 2 // 3 == h // 6
    assert hash(b + h) == hash(h + b)
    assert {b + h: "found"}[h + b] == "found"


def test_bounds_decide():
    (n,) = opened("n")
    assert n > 0 and n >= 1 and not n < 1
    assert exceeds(n + 1, 1) and not exceeds(n, 1)
    assert unlike(n, 0) and not unlike(n, 7)
    assert largest(n - 1, 0) == n - 1
    assert type(largest(n - 40, 0)) is Size
    assert largest(n - n // 2, 0) == n - n // 2
    assert n % 16 < 16
    assert unlike_shapes((n, 3), (n, 4)) and not unlike_shapes((n, 3), (5, 3))


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda h, w: h, "x.shape[1]"),
        (lambda h, w: h // 16, "x.shape[1] // 16"),
        (lambda h, w: 16 * (h // 16), "16*(x.shape[1] // 16)"),
        (lambda h, w: h - 40, "x.shape[1] - 40"),
        (lambda h, w: 3 * h * w + 1, "3*x.shape[1]*x.shape[2] + 1"),
        (lambda h, w: (h + 1) // 2, "(x.shape[1] + 1) // 2"),
        (lambda h, w: largest(h - 40, 0), "max(x.shape[1] - 40, 0)"),
        (lambda h, w: smallest(40, h), "min(x.shape[1], 40)"),
    ],
)
def test_text(make, text):
    h, w = opened("x.shape[1]", "x.shape[2]")
    assert str(make(h, w)) == text


@pytest.mark.parametrize("use", [range, int, float, len, list, lambda n: [1, 2][n], lambda n: np.zeros((2, n))])
def test_no_python_number(use):
    (h,) = opened("image.shape[0]")
    for size in (h, h // 2):
        with pytest.raises(TypeError, match=r"[Tt]he size of axis 0 of input 'x' is not known before the model runs"):
            use(size)


def test_undecided_comparisons_take_the_general_case():
    (n,) = opened("n")
    assert n > 5 and not n < 100 and n != 7 and n % 16 == 0 and n
    assert max(0, n - 40) == n - 40
    assert min(n, 40) == 40
    assert not n == None and not n == "n"  # noqa: E711


def test_a_question_has_one_answer():
    guesses = Guesses([(True, False)])
    n = unknown("n", "the size of axis 0 of input 'x'", guesses)
    assert not n > 5
    assert not n > 5 and n <= 5
    assert guesses.made == [(True, False)]


def test_explored_tries_other_answers():
    seen = []

    def attempt(guesses):
        n = unknown("n", "the size of axis 0 of input 'x'", guesses)
        seen.append((n > 16, n % 4 == 0))
        return ("through", None) if seen[-1] == (False, True) else (len(seen), ValueError(f"try {len(seen)}"))

    assert explored(attempt) == "through"
    assert seen == [(True, True), (True, False), (False, True)]


def test_explored_raises_what_came_last_in_the_body():
    def attempt(guesses):
        n = unknown("n", "the size of axis 0 of input 'x'", guesses)
        return (1, ValueError("too long")) if n > 16 else (5, KeyError("the mistake"))

    with pytest.raises(KeyError, match="the mistake"):
        explored(attempt)


def test_a_loop_over_an_open_size_ends():
    def attempt(guesses):
        n, count = unknown("n", "the size of axis 0 of input 'x'", guesses), 0
        try:
            while n > 1:
                n, count = n // 2, count + 1
        except TypeError as error:
            return count, error
        return count, None

    assert explored(attempt) > 3


def test_rounding_and_floats():
    (n,) = opened("n")
    assert math.ceil(n / 2) == -(-n // 2)
    assert math.floor(n / 2) == n // 2 == int.__floordiv__(8, 4) * 0 + n // 2
    assert math.ceil(n) == round(n) == n
    assert is_open(n * 0.5) and is_open(n**-0.5) and is_open((2, (n / 3,)))
    assert n**2 == n * n
    with pytest.raises(TypeError, match="is not known before the model runs"):
        int(n * 0.5)


def test_shown():
    n, m = opened("n", "m")
    assert shown((n, 3, m // 2, None)) == (None, 3, None, None)


def test_beside_tensors_and_arrays_a_scalar():
    (n,) = opened("n")
    with Trace() as trace:
        x = trace.input((2, 3), "float16")
        for y in (x * n, n * x, x / n, n / x, x * (n**-0.5), (n / 2) * x, x - n, n - x):
            assert (y.shape, y.dtype) == ((2, 3), "float16")
        whole = np.arange(4, dtype="int32")
        for y in (whole + n, n + whole, whole * n, n - whole):
            assert (y.shape, y.dtype) == ((4,), "int32")
        assert (x > n).dtype == (n > x).dtype == "bool"
        assert ops.cast(n, "float32").dtype == "float32"
        assert ops.arange(ops.cast(n, "int32")).shape == (n,)
        assert ops.stack([n, 2 * n]).shape == (2,)
        assert ops.convert_to_tensor(n).dtype == "int32"
