"""Moves of moves."""

import numpy as np
import pytest

from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard

X = hard(2, 3, 4)


def _slice(x, start, stop, strides):
    return p.slice(x, start=start, stop=stop, strides=strides)


@pytest.mark.parametrize("body, names", [
    (lambda x: p.reshape(p.reshape(x, shape=(6, 4)), shape=(8, 3)), "reshape"),
    (lambda x: p.reshape(p.reshape(x, shape=(6, 4)), shape=(2, 3, 4)), ""),
    (lambda x: p.transpose(p.transpose(x, axes=(1, 2, 0)), axes=(1, 2, 0)), "transpose"),
    (lambda x: p.transpose(p.transpose(x, axes=(1, 2, 0)), axes=(2, 0, 1)), ""),
    (lambda x: p.transpose(p.reshape(x, shape=(6, 1, 4)), axes=(1, 0, 2)), "reshape"),
    (lambda x: p.broadcast_to(p.broadcast_to(x, shape=(5, 2, 3, 4)), shape=(6, 5, 2, 3, 4)), "broadcast_to"),
    (lambda x: p.broadcast_to(x, shape=(1, 1, 2, 3, 4)), "reshape"),
    (lambda x: p.flip(p.flip(x, axis=(0, 1)), axis=(1, 0)), ""),
    (lambda x: p.flip(p.flip(x, axis=0), axis=1), "flip flip"),
    (lambda x: _slice(_slice(x, (0, 1, 0), (2, 3, 4), (1, 1, 1)), (1, 0, 1), (2, 2, 4), (1, 1, 2)), "slice"),
    (lambda x: p.matmul(p.transpose(x, axes=(0, 2, 1)), x), "transpose matmul"),
])  # fmt: skip
def test_moves(body, names):
    check(body, X, names=names)


@pytest.mark.parametrize("move", [
    lambda x: p.reshape(x, shape=(20000, 2)), lambda x: p.transpose(x, axes=(1, 0)), lambda x: _slice(x, (0, 0), (2,
    19000), (1, 1)),
    lambda x: p.flip(x, axis=0),
])  # fmt: skip
def test_a_number_moves_nowhere(move):
    found = check(lambda x: [x, move(p.full(shape=(2, 20000), value=2.0, dtype="float32"))], X, names="full")
    assert found[0].attributes["value"] == 2.0


def test_slices_of_slices_with_strides():
    rng = np.random.default_rng(0)
    x = hard(13, 11)
    for _ in range(60):
        parts = []
        shape = x.shape
        for _ in range(2):
            start = tuple(int(rng.integers(0, d + 1)) for d in shape)
            stop = tuple(int(rng.integers(a, d + 1)) for a, d in zip(start, shape))
            strides = tuple(int(rng.integers(1, 4)) for _ in shape)
            parts.append((start, stop, strides))
            shape = tuple(len(range(a, b, s)) for a, b, s in zip(start, stop, strides))
        check(lambda x, first=parts[0], second=parts[1]: _slice(_slice(x, *first), *second), x)
