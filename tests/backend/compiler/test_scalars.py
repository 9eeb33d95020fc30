"""Constant factors and divisors."""

import numpy as np
import pytest

from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard

X = hard(6, 7)


@pytest.mark.parametrize("a, b, names, ulps", [
    (2.0, 4.0, "multiply", 0), (0.5, 0.25, "multiply", 1), (3.0, 7.0, "multiply", 2), (-0.1, 0.3, "multiply", 2),
    (1e30, 1e-30, "multiply multiply", 0),  # x * 1e30 may be infinite where the product is not
    (1e-30, 1e30, "multiply multiply", 0),
    (1e30, 1e30, "multiply multiply", 0),  # the product of the factors is infinite, and 0 times it would be NaN
    (1e-30, 1e-30, "multiply multiply", 0),  # it is 0, and infinity times it would be NaN
    (0.0, 0.5, "multiply multiply", 0),
    (np.inf, 2.0, "multiply multiply", 0),
])  # fmt: skip
def test_factors(a, b, names, ulps):
    x = X[
        np.isnan(X) | (np.abs(X) > 1e-20) | (X == 0)
    ]  # where no result is subnormal, whose last place is a large part of it
    check(lambda x: p.multiply(p.multiply(x, a), b), x, names=names, ulps=ulps)


def test_the_factors_may_stand_on_either_side():
    check(lambda x: p.multiply(4.0, p.multiply(2.0, x)), X, names="multiply")


def test_integers_are_left_alone():
    check(lambda x: p.multiply(p.multiply(x, 3), 5), np.arange(5, dtype="int8") * 30, names="multiply multiply")


@pytest.mark.parametrize(
    "divisor, names",
    [
        (2.0, "multiply"),
        (-0.25, "multiply"),
        (3.0, "divide"),
        (2.0**127, "divide"),
        (0.0, "divide"),
        (np.inf, "divide"),
    ],
)
def test_division_by_powers_of_two(divisor, names):
    check(lambda x: p.divide(x, divisor), X, names=names)


def test_minus_one():
    check(lambda x: p.multiply(x, -1.0), X, names="negative")
    check(lambda x: p.multiply(p.multiply(x, -1.0), -1.0), X, names="")


def test_constants_that_broadcast_do_not_lose_the_shape():
    check(lambda x: p.multiply(p.multiply(p.reshape(x, shape=(42,)), 2.0), np.full((3, 42), 4.0, "float32")), X)
