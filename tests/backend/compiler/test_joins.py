"""The gradient of a split: its parts laid side by side."""

import numpy as np
import pytest

from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard

A, B, C = hard(2, 3), hard(2, 1)[:, :1], hard(2, 4)


def padded(x, start, whole=(2, 8), axis=1, strides=(1, 1)):
    """Zeros of shape `whole` with `x` from `start` along `axis`."""
    first = tuple(start if i == axis else 0 for i in range(len(whole)))
    stop = tuple(a + (d - 1) * s + 1 for a, d, s in zip(first, x.shape, strides))
    return p.slice_gradient(x, start=first, stop=stop, strides=strides, shape=whole)


def test_a_whole_split():
    check(lambda a, b, c: p.add(p.add(padded(c, 4), padded(b, 3)), padded(a, 0)), A, B, C, names="concatenate")
    check(lambda a, b, c: p.add(padded(a, 0), p.add(padded(b, 3), padded(c, 4))), A, B, C, names="concatenate")


def test_neighbours_within_a_larger_whole():
    check(lambda a, c: p.add(padded(a, 2, (2, 10)), padded(c, 5, (2, 10))), A, C, names="concatenate slice_gradient")


def test_along_the_first_axis():
    check(
        lambda a: p.add(padded(a, 0, (4, 3), 0), padded(p.exp(a), 2, (4, 3), 0)),
        np.abs(np.nan_to_num(A, posinf=1.0, neginf=1.0)) % 3,
        names="exp concatenate",
    )


@pytest.mark.parametrize("body", [
    lambda a, c: p.add(padded(a, 0, (2, 8)), padded(c, 4, (2, 8))),  # a gap between them
    lambda a, c: p.add(padded(a, 0, (2, 6)), padded(c, 2, (2, 6))),  # they overlap
    lambda a, c: p.add(padded(a, 0, (3, 7)), padded(c, 3, (3, 7), strides=(2, 1))),  # strides
], ids=["gap", "overlap", "strides"])  # fmt: skip
def test_others_stay(body):
    check(body, A, C, names="slice_gradient slice_gradient add")
