"""Native reading between points against its NumPy kernel."""

import numpy as np
import pytest

from kerasish.backend.numpy.native.available import enabled
from kerasish.backend.primitives.sampling import MODES
from tests.backend.native.harness import assert_same

pytestmark = pytest.mark.skipif(not enabled(), reason="llvmlite is not installed")
rng = np.random.default_rng(8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(2, 5, 4, 3), (1, 1, 7, 1), (3, 2, 1, 5)])
def test_reads_what_numpy_reads(mode, order, kind, shape):
    x = rng.standard_normal(shape).astype(kind)
    points = [rng.uniform(-9, 15, (shape[0], 6, 5)).astype(kind) for _ in range(2)]
    points[0][0, 0, :4] = 0.5, -0.5, -1.5, 2.5
    out = (shape[0], 6, 5, shape[-1])
    for workers in (1, 3):
        assert_same("sample", (out, kind), (x, *points), dict(order=order, mode=mode, fill=0.7), workers)


@pytest.mark.parametrize("places", [(70, 45), (33, 1), (3, 34, 35), (3000,)])
@pytest.mark.parametrize("order", [0, 1])
def test_shares_that_end_within_images(places, order):
    """Most places are within an image, some beyond; several workers share the points."""
    x = rng.standard_normal((3, 20, 30, 3)).astype("float32")
    points = [rng.uniform(-4, size + 4, (3, *places)).astype("float32") for size in (20, 30)]
    for workers in (1, 2, 5):
        how = dict(order=order, mode="reflect", fill=0.0)
        assert_same("sample", ((3, *places, 3), "float32"), (x, *points), how, workers)


@pytest.mark.parametrize("kind", ["uint8", "int32"])
def test_integers(kind):
    x = rng.integers(0, 200, (2, 5, 4, 3)).astype(kind)
    points = [rng.uniform(-9, 15, (2, 8)).astype("float32") for _ in range(2)]
    for mode in MODES:
        assert_same("sample", ((2, 8, 3), kind), (x, *points), dict(order=0, mode=mode, fill=7), 2, exact=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", [0, 1])
def test_places_that_are_no_numbers_read_nothing_else(mode, order):
    """A place that is NaN or endless must not lead beyond the image's memory."""
    x = rng.standard_normal((1, 3, 3, 1)).astype("float32")
    odd = np.array([[np.nan, np.inf, -np.inf, 3e38, -3e38, 1.0]], "float32")
    for points in ((odd, np.ones_like(odd)), (np.ones_like(odd), odd), (odd, odd)):
        assert_same("sample", ((1, 6, 1), "float32"), (x, *points), dict(order=order, mode=mode, fill=0), 1)
