"""Group, root-mean-square and unit normalization against real Keras, and what they refuse."""

import numpy as np
import pytest

from kerasish import layers
from tests.layers.parity import Case, check_layer

MASK = np.array([[1, 1, 0], [1, 0, 1]], bool)
CASES = [
    Case("GroupNormalization", {"groups": 2}, (3, 4), rtol=2e-5, atol=4e-6),
    Case("GroupNormalization", {"groups": 2, "scale": False}, (2, 3, 3, 4), rtol=2e-5, atol=4e-6),
    Case(
        "GroupNormalization",
        {"groups": -1, "epsilon": 1e-5, "gamma_regularizer": "l2"},
        (2, 5, 3),
        rtol=2e-5,
        atol=4e-6,
    ),
    Case(
        "GroupNormalization", {"groups": 2, "axis": 1, "beta_constraint": "non_neg"}, (2, 4, 3, 2), rtol=2e-5, atol=4e-6
    ),
    Case("RMSNormalization", {}, (3, 5), rtol=2e-5),
    Case("RMSNormalization", {"axis": [1, 2], "epsilon": 1e-3}, (3, 4, 5), rtol=2e-5),
    Case("UnitNormalization", {}, (2, 3, 4), masks=[MASK]),
    Case("UnitNormalization", {"axis": [1, 2]}, (2, 3, 4)),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_layer(case):
    check_layer(case)


ONES = np.ones((2, 6), "float32")


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: layers.GroupNormalization(0), "`groups`.*0"),
        (lambda: layers.GroupNormalization(2, axis="last"), "`axis`.*'last'"),
        (lambda: layers.GroupNormalization(4)(ONES), r"channels \(6\).*`groups` \(4\)"),
        (lambda: layers.GroupNormalization(2, axis=0)(ONES), "`axis`=0"),
        (lambda: layers.RMSNormalization(axis="last"), "`axis`.*'last'"),
        (lambda: layers.RMSNormalization(axis=2)(ONES), "out of range"),
        (lambda: layers.UnitNormalization(axis=1.5), "`axis`.*1.5"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()
