"""Sums of rows of equal index and rows put into place.

Native steps against the plain kernels over random shapes, dtypes, indices and numbers of workers.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.backend.numpy import kernels
from tests.backend.native.harness import make, run

KERNELS, _ = kernels.load()


@st.composite
def updates(draw):
    """(rows of the table, indices, a row for each index, the table).

    NaN, infinities and negative zeros among the numbers.
    """
    rows, width = draw(st.integers(1, 40)), draw(st.integers(1, 19))
    shape = tuple(draw(st.lists(st.integers(1, 6), max_size=3)))
    kind, number = (
        draw(st.sampled_from(["int32", "int64", "int8", "uint8"])),
        draw(st.sampled_from(["float32", "float64"])),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    indices = np.asarray(rng.integers(0 if kind == "uint8" else -rows, rows, shape)).astype(kind)
    values = rng.standard_normal((*shape, width)).astype(number)
    values[rng.random(values.shape) < 0.1] = draw(st.sampled_from([np.nan, np.inf, -0.0]))
    return rows, indices, values, rng.standard_normal((rows, width)).astype(number)


@settings(max_examples=60, deadline=None)
@given(updates(), st.integers(1, 3))
def test_native_steps_equal_plain_kernels(update, workers):
    rows, indices, values, table = update
    plain, native = np.empty_like(values), np.empty_like(values)
    with np.errstate(all="ignore"):
        KERNELS["sum_rows"](plain, values, indices, size=rows)
    run(make("sum_rows", native, [values, indices], {"size": rows}, workers))
    np.testing.assert_array_equal(native, plain)
    np.testing.assert_array_equal(np.signbit(native[native == 0]), False)
    wanted, apart = np.empty_like(table), np.empty_like(table)
    KERNELS["put_rows"](wanted, table, indices, plain)
    run(make("put_rows", apart, [table, indices, plain], {}, workers))
    run(make("put_rows", table, [table, indices, plain], {}, workers))
    np.testing.assert_array_equal(apart, wanted)
    np.testing.assert_array_equal(table, wanted)


@pytest.mark.parametrize("bad", [4, -5])
def test_an_index_out_of_range_is_refused_before_anything_is_written(bad):
    indices, values, table = np.array([0, bad]), np.ones((2, 3), "float32"), np.zeros((4, 3), "float32")
    for made in (
        make("sum_rows", values.copy(), [values, indices], {"size": 4}, 1),
        make("put_rows", table, [table, indices, values], {}, 1),
    ):
        with pytest.raises(IndexError, match="out of range"):
            run(made)
    assert not table.any()


def test_plain_gradients_of_few_rows_equal_those_of_many():
    rng = np.random.default_rng(0)
    for size, count, width in ((1000, 60, 7), (60, 60, 1), (90, 30, 2100), (5, 300, 3)):
        indices, values = rng.integers(-size // 2, size, count), rng.standard_normal((count, width)).astype("float32")
        wanted, found = np.zeros((size, width), "float32"), np.full((size, width), 7, "float32")
        np.add.at(wanted, indices, values)
        KERNELS["take_gradient"](found, values, indices, axis=0, size=size)
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
