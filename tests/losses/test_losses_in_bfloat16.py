"""Losses in bfloat16 and of bfloat16 predictions, one case of the table each, beside real Keras's and its float32."""

import keras
import numpy as np
import pytest

import kerasish
from kerasish.backend.function import function
from tests.losses.test_loss_parity import C
from tests.units import apart, tables

HALF = "bfloat16"
CASES = list({case.name: case for case in tables("losses", "test_loss_parity.py", C)}.values())


def narrowed(values, dtype=HALF):
    return [x.astype(HALF).astype(dtype) if getattr(x, "dtype", None) == np.float32 else x for x in values]


@pytest.mark.parametrize("dtype", [HALF, "float32"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_values(case, dtype):
    given = narrowed((case.y_true, case.y_pred))
    theirs = np.asarray(case.loss(keras, dtype=dtype)(*given))
    exact = np.asarray(case.loss(keras)(*narrowed(given, "float32")))
    loss = case.loss(kerasish, dtype=dtype)
    for ours in (loss(*given), function(lambda t, p: loss(t, p))(*given)):
        ours = np.asarray(ours)
        assert ours.dtype == theirs.dtype
        units = 2 if case.name == "CosineSimilarity" else 1  # vectors of length 1, rounded, as Keras has it
        assert min(apart(ours, theirs, HALF), apart(ours, exact, HALF)) <= 1.01 * units
        if dtype == "float32":
            np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_a_sum_of_many_losses_keeps_its_digits():
    right, wrong = np.zeros((20_000, 1), HALF), np.full((20_000, 1), 0.125, HALF)
    loss = kerasish.losses.MeanSquaredError(reduction="sum", dtype=HALF)
    assert float(loss(right, wrong)) == float(np.float32(312.5).astype(HALF))


@pytest.mark.parametrize("half", ["float16", HALF])
def test_squares_do_not_overflow(half):
    """1e5 squared is beyond float16, and the loss is computed in float32 where nothing else is asked for."""
    loss = kerasish.losses.MeanSquaredError()(np.zeros((2, 2), half), np.full((2, 2), 6e4, half))
    assert np.isfinite(float(loss)) and abs(float(loss) / 3.6e9 - 1) < 1e-2
