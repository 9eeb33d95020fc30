"""Constraints against real Keras: values eager and compiled, configs, names, bad input."""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

from kerasish import constraints
from kerasish.backend.function import function

W = 2 * np.random.RandomState(0).normal(size=(4, 3)).astype("float32")
W[:, 2] = 0
KERNEL = np.random.RandomState(1).normal(size=(2, 2, 3, 4)).astype("float32")
CASES = [
    ("MaxNorm", {}, W),
    ("MaxNorm", {"max_value": 0.5, "axis": 1}, W),
    ("MaxNorm", {"max_value": 1.0, "axis": (0, 1, 2)}, KERNEL),
    ("MaxNorm", {"max_value": 1.0, "axis": [0, 1, 2]}, KERNEL),
    ("NonNeg", {}, W),
    ("UnitNorm", {}, W),
    ("UnitNorm", {"axis": [0, 1, 2]}, KERNEL),
    ("MinMaxNorm", {}, W),
    ("MinMaxNorm", {"min_value": 1.0, "max_value": 2.0, "rate": 0.3, "axis": 1}, W),
    ("Constraint", {}, W),
]


@pytest.mark.parametrize("name, options, weight", CASES)
class TestConstraint:
    def test_value(self, name, options, weight):
        ours = getattr(constraints, name)(**options)
        expected = np.asarray(getattr(keras.constraints, name)(**options)(weight))
        compiled = function(lambda w: ours(w), specs=[(weight.shape, "float32")])
        for got in (ours(weight), compiled(weight)):
            assert np.asarray(got).dtype == np.float32
            np.testing.assert_allclose(got, expected, rtol=1e-5)

    def test_config(self, name, options, weight):
        ours, theirs = getattr(constraints, name)(**options), getattr(keras.constraints, name)(**options)
        assert constraints.serialize(ours) == keras.constraints.serialize(theirs)
        again = constraints.deserialize(constraints.serialize(ours))
        assert type(again) is type(ours) and again.get_config() == ours.get_config()


@pytest.mark.parametrize("name", [n for n in dir(keras.constraints) if not n.startswith("_")])
def test_public_names(name):
    ours, theirs = getattr(constraints, name), getattr(keras.constraints, name)
    if inspect.isclass(theirs):
        assert ours.__name__ == theirs.__name__
    mine, reference = (inspect.signature(x).parameters.values() for x in (ours, theirs))
    assert [(p.name, p.default) for p in mine] == [(p.name, p.default) for p in reference]


def test_get():
    unit, own = constraints.UnitNorm(), lambda w: w
    assert constraints.get(None) is None and constraints.get(unit) is unit and constraints.get(own) is own
    assert isinstance(constraints.get(constraints.NonNeg), constraints.NonNeg)
    for name in ("MaxNorm", "max_norm", "maxnorm"):
        assert isinstance(constraints.get(name), constraints.MaxNorm)
    for name in ("NonNeg", "non_neg", "nonneg"):
        assert isinstance(constraints.get(name), constraints.NonNeg)
    assert constraints.get({"class_name": "MaxNorm", "config": {"max_value": 3}}).max_value == 3


@pytest.mark.parametrize("identifier, message", [("max_norn", "max_norm"), (3, "3")])
def test_bad_input(identifier, message):
    with pytest.raises(ValueError, match=message):
        constraints.get(identifier)
