"""Regularizers against real Keras: values and gradients eager and compiled, configs, names, bad input."""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

from kerasish import regularizers
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function

X = np.random.RandomState(0).normal(size=(4, 3)).astype("float32")
CASES = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L1", {"l1": 0}),
    ("L2", {}),
    ("L2", {"l2": 0.3}),
    ("L1L2", {"l1": 0.1, "l2": 0.2}),
    ("L1L2", {"l1": 0.1}),
    ("L1L2", {"l2": 0.2}),
    ("L1L2", {"l1": None, "l2": 0.2}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
]


@pytest.mark.parametrize("name, options", CASES)
class TestRegularizer:
    def test_value_and_gradient(self, name, options):
        ours, theirs = getattr(regularizers, name)(**options), getattr(keras.regularizers, name)(**options)
        expected, expected_gradient = jax.value_and_grad(theirs)(jax.numpy.asarray(X))
        assert np.asarray(ours(X)).dtype == np.float32 and np.shape(ours(X)) == ()
        np.testing.assert_allclose(ours(X), expected, rtol=1e-5)

        def step(x):
            value = ours(x)
            return value, gradients(value, x)

        value, gradient = function(step, specs=[(X.shape, "float32")])(X)
        np.testing.assert_allclose(value, expected, rtol=1e-5)
        np.testing.assert_allclose(gradient, expected_gradient, rtol=2e-5, atol=1e-7)

    def test_config(self, name, options):
        ours, theirs = getattr(regularizers, name)(**options), getattr(keras.regularizers, name)(**options)
        # Keras holds two of its factors as float32 tensors, so that 0.01 comes back as 0.009999999776.
        saved, expected = regularizers.serialize(ours), keras.regularizers.serialize(theirs)
        assert saved.pop("config") == {
            k: pytest.approx(v, rel=1e-6) if k != "mode" else v for k, v in expected.pop("config").items()
        }
        assert saved == expected
        again = regularizers.deserialize(regularizers.serialize(ours))
        assert type(again) is type(ours) and again.get_config() == ours.get_config()


def test_nothing_to_penalize():
    assert float(regularizers.L1L2()(X)) == 0.0
    assert np.asarray(regularizers.L1L2()(X.astype("float16"))).dtype == np.float16
    assert float(regularizers.OrthogonalRegularizer()(X[:1])) == 0.0


@pytest.mark.parametrize("name", [n for n in dir(keras.regularizers) if not n.startswith("_")])
def test_public_names(name):
    ours, theirs = getattr(regularizers, name), getattr(keras.regularizers, name)
    if inspect.isclass(theirs):
        assert ours.__name__ == theirs.__name__
    mine, reference = (inspect.signature(x).parameters.values() for x in (ours, theirs))
    assert [(p.name, p.default) for p in mine] == [(p.name, p.default) for p in reference]


@pytest.mark.parametrize("name", ["l1", "l2", "L1", "L1L2", "l1_l2", "l1l2", "orthogonal_regularizer"])
def test_names(name):
    assert isinstance(regularizers.get(name), regularizers.Regularizer)


def test_get():
    l2, own = regularizers.L2(), lambda x: 0.0
    assert regularizers.get(None) is None and regularizers.get(l2) is l2 and regularizers.get(own) is own
    assert isinstance(regularizers.get(regularizers.L1), regularizers.L1)


class Own(regularizers.Regularizer):
    def __init__(self, factor):
        self.factor = factor

    def get_config(self):
        return {"factor": self.factor}


def test_own_regularizer():
    again = regularizers.deserialize(regularizers.serialize(Own(2.0)), custom_objects={"Own": Own})
    assert again.factor == 2.0
    assert Own(1.0)(X) == 0.0


BAD = [
    (lambda: regularizers.L1(-1.0), ValueError, "`l1`.*-1.0"),
    (lambda: regularizers.L2("a"), ValueError, "`l2`.*'a'"),
    (lambda: regularizers.L1L2(l2=float("nan")), ValueError, "`l2`.*nan"),
    (lambda: regularizers.L1L2(l1=float("inf")), ValueError, "`l1`.*inf"),
    (lambda: regularizers.OrthogonalRegularizer(mode="row"), ValueError, "`mode`.*'row'"),
    (lambda: regularizers.OrthogonalRegularizer()(X[0]), ValueError, r"\(3,\)"),
    (lambda: regularizers.get("l3"), ValueError, "'l3'.*L1L2"),
    (lambda: regularizers.get(3), ValueError, "3"),
    (lambda: regularizers.Regularizer().get_config(), TypeError, "get_config"),
]


@pytest.mark.parametrize("call, error, message", BAD)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
