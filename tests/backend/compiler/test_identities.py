"""Calls that give back an operand."""

import numpy as np
import pytest

from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard

X = hard(4, 5)


@pytest.mark.parametrize("body", [
    lambda x: p.identity(x), lambda x: p.stop_gradient(x), lambda x: p.add(x, 0.0), lambda x: p.add(0.0, x),
    lambda x: p.subtract(x, 0.0),
    lambda x: p.multiply(x, 1.0), lambda x: p.multiply(1.0, x), lambda x: p.divide(x, 1.0), lambda x: p.power(x, 1.0),
    lambda x: p.cast(x, dtype="float32"),
    lambda x: p.reshape(x, shape=(4, 5)), lambda x: p.broadcast_to(x, shape=(4, 5)), lambda x: p.transpose(x, axes=(0,
    1)),
    lambda x: p.pad(x, widths=((0, 0), (0, 0)), value=1.0), lambda x: p.concatenate(x, axis=0),
    lambda x: p.slice(x, start=(0, 0), stop=(4, 5), strides=(1, 1)), lambda x: p.add(x, p.full(shape=(4, 5), value=0.0,
    dtype="float32")),
    lambda x: p.add(x, p.full(shape=(5,), value=0, dtype="float32")),
])  # fmt: skip
def test_nothing_is_left(body):
    check(body, X, names="")


@pytest.mark.parametrize("body, names", [
    (lambda x: p.multiply(x, 0.0), "multiply"),  # NaN and infinity times 0 are NaN
    (lambda x: p.subtract(0.0, x), "subtract"),  # 0 - 0 is +0, -0 is not
    (lambda x: p.divide(1.0, x), "reciprocal"),
    (lambda x: p.add(x, np.zeros((2, 1, 1), "float32")), "add"),  # changes the shape
    (lambda x: p.multiply(x, np.ones((2, 4, 5), "float32")), "multiply"),
])  # fmt: skip
def test_what_changes_something_stays(body, names):
    check(body, X, names=names)


def test_a_custom_gradient_is_what_it_passes_through():
    from kerasish import ops

    @ops.custom_gradient
    def doubled(x):
        return x + x, lambda upstream: upstream

    check(lambda x: doubled(x), X, names="add")


def test_an_output_that_is_an_input_or_a_constant():
    check(lambda x: [p.add(x, 0.0), p.full(shape=(2,), value=3.0, dtype="float32")], X, names="")
