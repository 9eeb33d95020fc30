"""Every op of the tables in bfloat16: one case each, beside real Keras's, its float32 and our own."""

import keras
import numpy as np
import pytest

from kerasish import ops, tree
from kerasish.backend.autodiff import gradients
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.function import function
from tests.ops.parity import C, flat, float_places, specs_of, zero_if_none
from tests.units import apart, largest, tables

HALF = "bfloat16"
# JAX has no bfloat16 there; ours is held to the same op in float32.
NOT_IN_JAX = set("inv slogdet logdet solve cholesky pinv lstsq matrix_rank svd lu_factor".split())
# More than a unit from Keras's number and from the right one: compositions of several steps, each rounded as in Keras,
# whose numbers are further off than ours.
WIDER = {"corrcoef": 4, "histogram": 3, "image.rgb_to_hsv": 2, "nn.psnr": 2, "trapezoid": 17}
STEEPER = {"image.hsv_to_rgb": 9}  # units of the largest slope, where it is more than 4
SKIPPED = {
    "view",  # numbers of two bytes have other views
    *"fft fft2 ifft2 rfft irfft stft istft".split(),  # transforms are of float32 and float64, as in Keras
}


def first_of_each():
    found = {}
    for case in tables("ops", "test_*.py", C):
        if any(x.dtype == np.float32 for x in case.operands) and case.op not in SKIPPED and case.values:
            found.setdefault(case.op, case)
    return list(found.values())


CASES = first_of_each()


def narrowed(arrays, dtype=HALF):
    return [x.astype(HALF).astype(dtype) if x.dtype == np.float32 else x for x in arrays]


def oracle(case, dtype):
    operands = [keras.ops.convert_to_tensor(x) for x in narrowed(case.operands, dtype)]
    return [np.asarray(y) if hasattr(y, "dtype") else y for y in flat(case.call(keras.ops, operands))]


def test_there_are_cases_of_every_op_that_takes_floats():
    assert len(CASES) >= 280


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
def test_values(case):
    right = oracle(case, "float32")
    keras_has = case.op not in NOT_IN_JAX
    theirs = oracle(case, HALF) if keras_has else right
    operands = narrowed(case.operands)
    run = function(lambda *xs: case.call(ops, xs), specs=specs_of(operands))
    for ours in (flat(case.call(ops, operands)), flat(run(*operands))):
        assert len(ours) == len(theirs)
        for got, want, exact in zip(ours, theirs, right):
            if not hasattr(want, "dtype"):
                assert got == want
                continue
            got = np.asarray(got)
            assert got.shape == want.shape
            assert got.dtype == want.dtype or not keras_has, f"{got.dtype}, Keras has {want.dtype}"
            if got.dtype != HALF:
                close = {"rtol": 1e-5, "atol": 1e-5 * max(largest(want), 1e-30), "equal_nan": True}
                assert np.allclose(got, want, **close) or np.allclose(got, exact, **close), f"{got}, Keras has {want}"
                continue
            exact = exact if exact.shape == got.shape else want
            near = [min(apart(a, b, HALF), apart(a, c, HALF)) for a, b, c in zip(got.flat, want.flat, exact.flat)]
            units = max(near, default=0)
            assert units <= 1.01 * WIDER.get(case.op, 1), f"{units} units from Keras's number and from the right one"


@pytest.mark.parametrize("case", [c for c in CASES if c.gradient and float_places(c)], ids=lambda case: case.op)
def test_gradients_are_those_of_float32_rounded(case):
    found = {}
    for dtype in ("float32", HALF):
        floats = [narrowed(case.operands, dtype)[i] for i in float_places(case)]
        if dtype == HALF and any(x.dtype != HALF for x in floats):
            pytest.skip("its operands are of several dtypes")
        run = function(
            lambda *xs: [zero_if_none(g, x) for g, x in zip(gradients(total(case, xs), list(xs)), xs)],
            specs=specs_of(floats),
        )
        found[dtype] = [np.asarray(g) for g in run(*floats)]
    for half, single in zip(found[HALF], found["float32"]):
        assert half.dtype == HALF
        assert apart(half, single, HALF, of=largest(single)) <= STEEPER.get(case.op, 4) or not np.isfinite(single).all()


def total(case, floats):
    """A scalar of the float outputs, for gradients."""
    found = None
    for y in [y for y in _leaves(case, floats) if is_float_dtype(y.dtype)]:
        term = ops.sum(ops.cast(y, "float32"))
        found = term if found is None else ops.add(found, term)
    return ops.zeros(()) if found is None else found


def _leaves(case, floats):
    operands = list(case.operands)
    for place, x in zip(float_places(case), floats):
        operands[place] = x
    return tree.flatten(case.call(ops, operands))
