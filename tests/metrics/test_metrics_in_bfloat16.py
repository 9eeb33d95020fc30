"""Metrics in bfloat16 and of bfloat16 predictions, one case of the table each, beside real Keras's."""

import keras
import numpy as np
import pytest

import kerasish
from tests.metrics.cases import CASES
from tests.units import apart

HALF = "bfloat16"
ONE_EACH = list({case.name: case for case in reversed(CASES)}.values())


def narrowed(batch):
    return [x.astype(HALF) if x.dtype == np.float32 else x for x in batch]


@pytest.mark.parametrize("dtype", [HALF, None])
@pytest.mark.parametrize("case", ONE_EACH, ids=lambda case: case.name)
def test_results(case, dtype):
    found = []
    for library in (kerasish, keras):
        metric = getattr(library.metrics, case.name)(**case.kwargs, **({"dtype": dtype} if dtype else {}))
        for batch in case.batches:
            metric.update_state(*(batch if dtype else narrowed(batch)))
        found.append((np.asarray(metric.result()), [v.dtype for v in metric.variables]))
    (ours, states), (theirs, their_states) = found
    assert ours.dtype == theirs.dtype and states == their_states
    assert apart(ours, theirs, HALF) <= 1.01


def test_the_mean_of_many_batches_is_kept_in_float32():
    """256 + 1 is 256 in bfloat16."""
    metric = kerasish.metrics.Mean()
    for _ in range(600):
        metric.update_state(np.ones((1,), HALF))
    assert float(metric.result()) == 1.0 and float(metric.count.numpy()) == 600
