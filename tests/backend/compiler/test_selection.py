"""Choices."""

import numpy as np
import pytest

from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard

C, X, Y = np.arange(24).reshape(4, 6) % 3 == 0, hard(4, 6), hard(6, 4).T.copy()
YES, NO = np.ones((), bool), np.zeros((), bool)


@pytest.mark.parametrize("body, names", [
    (lambda c, x, y: p.where(YES, x, y), ""), (lambda c, x, y: p.where(NO, x, y), ""),
    (lambda c, x, y: p.where(p.full(shape=(4, 6), value=True, dtype="bool"), x, y), ""),
    (lambda c, x, y: p.where(c, x, x), ""),
    (lambda c, x, y: p.where(c, p.where(c, x, 0.0), 0.0), "where"),
    (lambda c, x, y: p.where(c, x, p.where(c, y, 7.0)), "where"),
    (lambda c, x, y: p.where(c, p.where(c, x, y), p.where(c, x, y)), "where"),
    (lambda c, x, y: p.where(p.logical_not(c), x, y), "where"),
    (lambda c, x, y: p.logical_not(p.logical_not(c)), ""),
    (lambda c, x, y: p.logical_not(p.equal(x, y)), "not_equal"),
    (lambda c, x, y: p.logical_not(p.less(x, y)), "less logical_not"),  # not its opposite: NaN
    (lambda c, x, y: p.logical_and(c, YES), ""), (lambda c, x, y: p.logical_and(NO, c), ""),
    (lambda c, x, y: p.logical_or(c, YES), ""), (lambda c, x, y: p.logical_or(c, NO), ""), (lambda c, x,
    y: p.logical_and(c, c), ""),
    (lambda c, x, y: p.relu(p.relu(x)), "relu"), (lambda c, x, y: p.floor(p.floor(x)), "floor"), (lambda c, x,
    y: p.maximum(x, x), ""),
])  # fmt: skip
def test_choices(body, names):
    check(body, C, X, Y, names=names)


def test_a_choice_that_broadcasts_keeps_its_shape():
    check(lambda x, y: p.where(YES, x, y), hard(6), hard(4, 6), names="broadcast_to")
    check(lambda c, x: p.where(c, x, x), C, hard(6), names="broadcast_to")


def test_numbers_as_truths():
    check(lambda c: p.logical_and(c, p.full(shape=(4, 6), value=False, dtype="bool")), C, names="")
