"""Eager sums over many rows keep their digits: NumPy's own adds rows one after another."""

import numpy as np
import pytest

from kerasish import ops
from tests.backend.reading import assert_allclose, assert_array_equal, host

SHAPES = [
    ((3, 149, 149, 4), (0, 1, 2)),
    ((20000, 3), 0),
    ((20000, 3), (0,)),
    ((129, 40), (0,)),
    ((16385, 2), (0,)),
    ((300, 5, 7), (0, 1)),
]


@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("shape,axis", SHAPES, ids=str)
def test_long_sums_are_exact_to_float32(shape, axis, keepdims):
    x = np.random.default_rng(0).random(shape, dtype="float32") + np.float32(0.5)
    found = host(ops.sum(ops.convert_to_tensor(x), axis=axis, keepdims=keepdims))
    exact = x.astype("float64").sum(axis, keepdims=keepdims)
    assert found.shape == exact.shape and found.dtype == "float32"
    assert_allclose(found, exact, rtol=1e-6)


def test_moments_of_a_large_picture_are_exact_to_float32():
    x = np.random.default_rng(0).standard_normal((3, 149, 149, 8)).astype("float32") + np.float32(2.0)
    mean, variance = ops.moments(ops.convert_to_tensor(x), axes=(0, 1, 2))
    assert_allclose(host(mean), x.astype("float64").mean((0, 1, 2)), rtol=1e-6)
    assert_allclose(host(variance), x.astype("float64").var((0, 1, 2)), rtol=2e-6)


def test_a_sum_over_nothing_is_zero():
    assert_array_equal(host(ops.sum(ops.zeros((0, 3)), axis=0)), np.zeros(3))
