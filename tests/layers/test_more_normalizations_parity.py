"""Group, root-mean-square and unit normalization against real Keras, and what they refuse."""

import numpy as np
import pytest

import kerasish
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


@pytest.mark.parametrize(
    "bounds, message",
    [
        ({"rmx": 2.0}, "`renorm_clipping`.*'rmx'.*rmax"),
        ({"rmin": 2.0, "rmax": 1.0}, "'rmin' <= 'rmax'"),
        ({"dmax": -1.0}, "'dmax' >= 0"),
        (5, "`renorm_clipping` must be a dict"),
        ({"rmax": "a"}, "must hold numbers"),
    ],
)
def test_bounds_of_renormalization_that_make_no_sense(bounds, message):
    with pytest.raises((ValueError, TypeError), match=message):
        layers.BatchNormalization(renorm=True, renorm_clipping=bounds)


def test_a_model_with_renormalization_learns_and_comes_back(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 5)).astype("float32") * 3 + 2
    y = (x[:, :1] > 2).astype("float32")
    model = kerasish.Sequential(
        [kerasish.Input((5,)), layers.BatchNormalization(renorm=True), kerasish.layers.Dense(1, "sigmoid")]
    )
    model.compile(kerasish.optimizers.Adam(0.1), "binary_crossentropy")
    history = model.fit(x, y, batch_size=8, epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]
    model.save(tmp_path / "m.keras")
    again = kerasish.models.load_model(tmp_path / "m.keras")
    assert np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
