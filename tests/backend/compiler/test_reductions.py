"""Sums of copies, and reductions of nothing."""

import numpy as np
import pytest

from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard, plain


@pytest.mark.parametrize("name", ["sum", "max", "min", "prod"])
def test_axes_of_size_one(name):
    check(lambda x: getattr(p, name)(x, axis=(1,), keepdims=False), hard(4, 1, 3), names="reshape")
    check(lambda x: getattr(p, name)(x, axis=(1,), keepdims=True), hard(4, 1, 3), names="")


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [(0,), (0, 1), (0, 2), (0, 1, 2), None])
def test_sums_of_copies(axis, keepdims):
    def body(x):
        return p.sum(p.broadcast_to(x, shape=(8, 4, 3)), axis=axis, keepdims=keepdims)

    nodes = check(body, np.abs(plain(4, 3)), ulps=8)
    assert max(np.prod(node.outputs[0].shape) for node in nodes) <= 12
    check(body, hard(4, 3)[:1] * np.ones((4, 1), "float32"), ulps=64)


def test_the_largest_of_copies():
    check(lambda x: p.max(p.broadcast_to(x, shape=(8, 4)), axis=(0, 1), keepdims=False), plain(4), names="reshape max")
    check(lambda x: p.min(p.broadcast_to(x, shape=(8, 4)), axis=(0,), keepdims=False), hard(4), names="")


def test_numbers():
    check(
        lambda x: [x, p.sum(p.full(shape=(200, 100), value=2.0, dtype="float32"), axis=(0,), keepdims=False)],
        plain(1),
        names="",
    )


def test_no_copies_no_sum():
    check(
        lambda x: p.sum(p.broadcast_to(x, shape=(0, 3)), axis=(0,), keepdims=False),
        np.array([np.nan, 1.0, np.inf], "float32"),
        names="broadcast_to sum",
    )


def test_integers_wrap_as_they_did():
    check(
        lambda x: p.sum(p.broadcast_to(x, shape=(200, 3)), axis=(0,), keepdims=False),
        np.array([1, 2, 3], "int8"),
        names="broadcast_to sum",
    )
