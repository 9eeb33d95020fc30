"""Activations against real Keras: values eager, compiled and symbolic, gradients, names, serialization, bad input."""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

from kerasish import activations, ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function
from kerasish.backend.graph import KerasTensor
from kerasish.configs.registration import register_keras_serializable

X = (3 * np.random.RandomState(0).normal(size=(3, 4))).astype("float32")
CASES = [
    ("celu", {}),
    ("celu", {"alpha": 0.5}),
    ("elu", {}),
    ("elu", {"alpha": 0.5}),
    ("exponential", {}),
    ("gelu", {}),
    ("gelu", {"approximate": True}),
    ("glu", {}),
    ("glu", {"axis": 1}),
    ("hard_shrink", {}),
    ("hard_shrink", {"threshold": 1.0}),
    ("hard_sigmoid", {}),
    ("hard_silu", {}),
    ("hard_swish", {}),
    ("hard_tanh", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.4}),
    ("linear", {}),
    ("log_sigmoid", {}),
    ("log_softmax", {}),
    ("log_softmax", {"axis": 0}),
    ("mish", {}),
    ("relu", {}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 1.5}),
    ("relu", {"max_value": 6}),
    ("relu", {"threshold": 1.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 1.5, "threshold": 0.5}),
    ("relu", {"negative_slope": 0.1, "max_value": 1.5}),
    ("relu", {"negative_slope": 0.1, "threshold": -0.5}),
    ("relu6", {}),
    ("selu", {}),
    ("sigmoid", {}),
    ("silu", {}),
    ("soft_shrink", {}),
    ("soft_shrink", {"threshold": 1.0}),
    ("softmax", {}),
    ("softmax", {"axis": 0}),
    ("softplus", {}),
    ("softsign", {}),
    ("sparse_plus", {}),
    ("sparse_sigmoid", {}),
    ("sparsemax", {}),
    ("sparsemax", {"axis": 0}),
    ("squareplus", {}),
    ("squareplus", {"b": 2}),
    ("swish", {}),
    ("tanh", {}),
    ("tanh_shrink", {}),
    ("threshold", {"threshold": 0.5, "default_value": -2.0}),
]


def assert_close(ours, theirs, rtol=1e-5):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize("name, options", CASES)
class TestActivation:
    def test_eager(self, name, options):
        ours = getattr(activations, name)(X, **options)
        assert ops.is_tensor(ours)
        assert_close(ours, getattr(keras.activations, name)(X, **options))

    def test_compiled_and_gradient(self, name, options):
        weights = np.linspace(0.5, 1.5, X.size, dtype="float32").reshape(X.shape)

        def weighted(root, library, x):
            y = getattr(library, name)(x, **options)
            return root.sum(root.multiply(y, weights[:, : y.shape[1]]))

        def step(x):
            value = weighted(ops, activations, x)
            return value, gradients(value, x)

        value, gradient = function(step, specs=[(X.shape, "float32")])(X)
        expected = jax.value_and_grad(lambda x: weighted(keras.ops, keras.activations, x))(X)
        assert_close(value, expected[0])
        assert_close(gradient, expected[1], rtol=2e-5)

    def test_symbolic(self, name, options):
        ours = getattr(activations, name)(KerasTensor((None, 4), "float32"), **options)
        assert (tuple(ours.shape), ours.dtype) == ((None, 2 if name == "glu" else 4), "float32")

    def test_half_precision_stays(self, name, options):
        ours = getattr(activations, name)(X.astype("float16"), **options)
        assert ours.dtype == np.float16
        theirs = getattr(keras.activations, name)(X.astype("float16"), **options)
        np.testing.assert_allclose(ours.astype("float32"), np.asarray(theirs, "float32"), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("name", [n for n in dir(keras.activations) if not n.startswith("_")])
def test_public_names(name):
    ours, theirs = getattr(activations, name), getattr(keras.activations, name)
    assert ours.__name__ == theirs.__name__
    mine, reference = (inspect.signature(x).parameters.values() for x in (ours, theirs))
    assert [(p.name, p.default) for p in mine] == [(p.name, p.default) for p in reference]


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_names(name):
    function_ = getattr(activations, name)
    assert activations.get(name) is function_ and activations.deserialize(name) is function_
    assert activations.serialize(function_) == keras.activations.serialize(getattr(keras.activations, name))
    assert activations.get(activations.serialize(function_)) is function_


def own(x):
    """A function of a user's."""
    return x


@register_keras_serializable("activation_tests")
def registered(x):
    """A registered function of a user's."""
    return x


def test_own_functions():
    assert activations.get(own) is own and activations.get(None) is activations.linear
    assert activations.deserialize(activations.serialize(own), custom_objects={"own": own}) is own
    assert activations.serialize(registered)["config"] == "activation_tests>registered"
    assert activations.deserialize(activations.serialize(registered)) is registered
    assert activations.get("activation_tests>registered") is registered


def test_linear_is_identity():
    assert activations.linear(X) is X


@pytest.mark.parametrize("identifier, message", [("rellu", "'relu'"), ("Softmaxx", "'softmax'"), (3, "3")])
def test_bad_names(identifier, message):
    with pytest.raises(ValueError, match=message):
        activations.get(identifier)


def test_glu_needs_halves():
    with pytest.raises(ValueError, match="3"):
        activations.glu(X[:, :3])
