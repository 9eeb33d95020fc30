"""Native pools against the NumPy kernels, over random shapes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.backend.numpy.native.available import enabled
from kerasish.backend.primitives.windows import counts
from tests.backend.native.harness import assert_same, make, numpy_result

pytestmark = pytest.mark.skipif(not enabled(), reason="llvmlite is not installed")
rng = np.random.default_rng(5)


@st.composite
def pools(draw):
    """(x, y, g, placement): x has ties, and sometimes NaN and infinities."""
    rank = draw(st.integers(1, 3))
    axes = [
        (draw(st.integers(1, 4)), draw(st.integers(1, 3)), (draw(st.integers(-1, 2)), draw(st.integers(-1, 2))))
        for _ in range(rank)
    ]
    window, strides, padding = zip(*axes)
    space = tuple(
        max(1, w - a - b, 1 - min(a, 0) - min(b, 0)) + draw(st.integers(0, 5)) for w, (a, b) in zip(window, padding)
    )
    channels, kind = draw(st.sampled_from([1, 3, 8, 16, 17, 50, 70])), draw(st.sampled_from(["float32", "float64"]))
    x = np.round(rng.standard_normal((draw(st.integers(1, 3)), *space, channels)) * 2).astype(kind)
    if draw(st.booleans()):
        x.reshape(-1)[rng.integers(0, x.size, 3)] = [np.nan, np.inf, -np.inf]
    where = dict(window=window, strides=strides, padding=padding)
    spec = (len(x), *counts(space, window, strides, padding, (1,) * rank), channels), x.dtype
    return x, numpy_result("max_pool", spec, (x,), where), rng.standard_normal(spec[0]).astype(kind), where


@settings(max_examples=80, deadline=None)
@given(pools(), st.integers(1, 3))
def test_pools(case, workers):
    x, y, g, where = case
    assert_same("max_pool", (y.shape, y.dtype), (x,), where, workers)
    assert_same("sum_pool", (y.shape, y.dtype), (x,), where, workers)
    assert_same("max_pool_gradient", (x.shape, x.dtype), (x, y, g), where, workers)
    assert_same("sum_pool_gradient", (x.shape, x.dtype), (g,), {**where, "input_shape": x.shape}, workers)


def test_integers_are_left_to_numpy():
    x = rng.integers(0, 9, (2, 5, 3))
    assert (
        make("max_pool", np.empty((2, 2, 3), "int64"), (x,), dict(window=(2,), strides=(2,), padding=((0, 0),)), 1)
        is None
    )
