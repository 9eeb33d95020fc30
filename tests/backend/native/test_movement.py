"""Native copies, padding, joining and rows by index against the NumPy kernels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.backend.numpy.native.available import enabled
from tests.backend.native.harness import assert_same, make, native_result

pytestmark = pytest.mark.skipif(not enabled(), reason="llvmlite is not installed")
quick = settings(max_examples=60, deadline=None)
rng = np.random.default_rng(6)
dtypes = st.sampled_from(["float32", "float64", "float16", "int32", "int64", "bool", "uint8"])


@st.composite
def arrays(draw, rank=(1, 5)):
    """An array, laid out in any order of axes, some of size 1 or 17."""
    shape = [draw(st.sampled_from([1, 2, 3, 5, 17, 33])) for _ in range(draw(st.integers(*rank)))]
    while np.prod(shape) > 40000:
        shape[int(np.argmax(shape))] = 2
    x = (rng.standard_normal(shape) * 50).astype(draw(dtypes))
    order = draw(st.permutations(range(len(shape))))
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))


@quick
@given(st.data(), arrays(), st.integers(1, 3))
def test_copies(data, x, workers):
    axes = tuple(data.draw(st.permutations(range(x.ndim))))
    assert_same("transpose", (tuple(x.shape[a] for a in axes), x.dtype), (x,), dict(axes=axes), workers, exact=True)
    assert_same("identity", (x.shape, x.dtype), (x,), {}, workers, exact=True)
    assert_same("reshape", ((x.size,), x.dtype), (x,), dict(shape=(x.size,)), workers, exact=True)
    axis = data.draw(st.integers(0, x.ndim - 1))
    assert_same("flip", (x.shape, x.dtype), (x,), dict(axis=axis), workers, exact=True)
    assert_same(
        "broadcast_to",
        ((3, *x.shape), x.dtype),
        (x,),
        dict(shape=(3, *x.shape)),
        workers,
        exact=True,
        supported=x.ndim < 5,
    )
    joined = tuple(3 * d if i == axis else d for i, d in enumerate(x.shape))
    assert_same("concatenate", (joined, x.dtype), (x, x[::-1], x), dict(axis=axis), workers, exact=True)


@quick
@given(st.data(), arrays(), st.integers(1, 3))
def test_slices_and_padding(data, x, workers):
    start = tuple(data.draw(st.integers(0, d - 1)) for d in x.shape)
    stop = tuple(data.draw(st.integers(a + 1, d)) for a, d in zip(start, x.shape))
    strides = tuple(data.draw(st.integers(1, 2)) for _ in start)
    part = x[tuple(slice(*each) for each in zip(start, stop, strides))]
    where = dict(start=start, stop=stop, strides=strides)
    assert_same("slice", (part.shape, x.dtype), (x,), where, workers, exact=True)
    assert_same("slice_gradient", (x.shape, x.dtype), (part,), {**where, "shape": x.shape}, workers, exact=True)
    widths = tuple((data.draw(st.integers(-1, 2)), data.draw(st.integers(-1, 2))) for _ in start)
    shape = tuple(d + a + b for d, (a, b) in zip(x.shape, widths))
    if all(d > 0 for d in shape) and all(d + min(a, 0) + min(b, 0) > 0 for d, (a, b) in zip(x.shape, widths)):
        assert_same("pad", (shape, x.dtype), (x,), dict(widths=widths, value=1), workers, exact=True)


@quick
@given(st.data(), st.integers(1, 3))
def test_rows(data, workers):
    lead, size, width = (
        data.draw(st.sampled_from([(), (3,)])),
        data.draw(st.integers(1, 9)),
        data.draw(st.sampled_from([8, 17, 64])),
    )
    kind, index = (
        data.draw(st.sampled_from(["float32", "float64"])),
        data.draw(st.sampled_from(["int32", "int64", "uint8"])),
    )
    shape = data.draw(st.sampled_from([(1,), (40,), (3, 7)]))
    indices = rng.integers(0 if index == "uint8" else -size, size, shape).astype(index)
    x, g = (
        rng.standard_normal((*lead, size, width)).astype(kind),
        rng.standard_normal((*lead, *shape, width)).astype(kind),
    )
    axis = len(lead)
    assert_same("take", (g.shape, kind), (x, indices), dict(axis=axis), workers, exact=True)
    assert_same("take_gradient", (x.shape, kind), (g, indices), dict(axis=axis, size=size), workers, exact=True)


def test_an_index_out_of_range_is_refused():
    x, indices = np.zeros((5, 8), "float32"), np.array([0, 7])
    with pytest.raises(IndexError, match="Index 7 is out of range for axis 0 of size 5"):
        native_result("take", ((2, 8), "float32"), (x, indices), dict(axis=0), 1)


def test_narrow_rows_are_left_to_numpy():
    assert make("take", np.empty(3, "float32"), (np.zeros(5, "float32"), np.zeros(3, "int64")), dict(axis=0), 1) is None
