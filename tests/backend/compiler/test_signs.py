"""Minus signs."""

import numpy as np
import pytest

from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard

X, Y = hard(4, 6), hard(6, 4).T.copy()


@pytest.mark.parametrize("body, names", [
    (lambda x, y: p.negative(p.negative(x)), ""),
    (lambda x, y: p.subtract(x, p.negative(y)), "add"),
    (lambda x, y: p.add(x, p.negative(y)), "subtract"),
    (lambda x, y: p.add(p.negative(x), y), "subtract"),
    (lambda x, y: p.multiply(p.negative(x), p.negative(y)), "multiply"),
    (lambda x, y: p.divide(p.negative(x), p.negative(y)), "divide"),
    (lambda x, y: p.add(x, p.multiply(p.negative(x), y)), "multiply subtract"),
    (lambda x, y: p.add(x, p.divide(y, p.negative(x))), "divide subtract"),
    (lambda x, y: p.multiply(p.negative(x), 3.0), "multiply"),
    (lambda x, y: p.negative(p.multiply(x, 3.0)), "multiply"),
    (lambda x, y: p.square(p.negative(x)), "square"),
    (lambda x, y: p.square(p.absolute(x)), "square"),
    (lambda x, y: p.absolute(p.absolute(p.negative(x))), "absolute"),
    (lambda x, y: p.cos(p.negative(x)), "cos"),
    (lambda x, y: p.sum(p.negative(x), axis=0, keepdims=True), "sum negative"),
    (lambda x, y: p.reshape(p.negative(x), shape=(24,)), "reshape negative"),
    (lambda x, y: p.negative(p.subtract(x, y)), "subtract negative"),  # where x is y: -0
])  # fmt: skip
def test_signs(body, names):
    check(body, X, Y, names=names)


def test_a_sign_is_not_moved_to_a_larger_tensor():
    check(lambda x, y: p.multiply(p.negative(x), y), hard(4), hard(3, 4), names="negative multiply")


def test_unsigned_numbers_have_none():
    check(lambda x: p.absolute(p.negative(x)), np.arange(5, dtype="uint8"))


def test_integers():
    check(
        lambda x, y: p.subtract(x, p.negative(y)),
        np.array([-128, 127, 5], "int8"),
        np.array([-128, 127, 3], "int8"),
        names="add",
    )
