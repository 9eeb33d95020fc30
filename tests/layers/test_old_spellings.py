"""Spellings of Keras 1 and 2: they work, and each says once what it is called today."""

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.backend import deprecation

CASES = [  # layer, old arguments, today's
    (
        "Dense",
        {"output_dim": 4, "init": "he_normal", "W_regularizer": "l2", "b_regularizer": "l1", "bias": False},
        dict(units=4, kernel_initializer="he_normal", kernel_regularizer="l2", bias_regularizer="l1", use_bias=False),
    ),
    (
        "Dense",
        {"units": 4, "W_constraint": "non_neg", "b_constraint": "max_norm"},
        dict(units=4, kernel_constraint="non_neg", bias_constraint="max_norm"),
    ),
    (
        "Embedding",
        {"input_dim": 4, "output_dim": 2, "init": "ones", "W_regularizer": "l2", "W_constraint": "non_neg"},
        dict(
            input_dim=4,
            output_dim=2,
            embeddings_initializer="ones",
            embeddings_regularizer="l2",
            embeddings_constraint="non_neg",
        ),
    ),
    ("Dropout", {"p": 0.3}, dict(rate=0.3)),
    ("SpatialDropout2D", {"p": 0.3}, dict(rate=0.3)),
    ("GaussianDropout", {"p": 0.3}, dict(rate=0.3)),
    ("GaussianNoise", {"sigma": 0.3}, dict(stddev=0.3)),
    ("AlphaDropout", {"p": 0.3}, dict(rate=0.3)),
    ("LeakyReLU", {"alpha": 0.2}, dict(negative_slope=0.2)),
    ("Concatenate", {"concat_axis": 1}, dict(axis=1)),
    ("Dot", {"dot_axes": 1}, dict(axes=1)),
    ("PReLU", {"init": "ones"}, dict(alpha_initializer="ones")),
    ("UpSampling1D", {"length": 3}, dict(size=3)),
]


@pytest.fixture(autouse=True)
def fresh_warnings():
    deprecation.reset_warnings()
    yield
    deprecation.reset_warnings()


@pytest.mark.parametrize("name, old, new", CASES)
def test_old_arguments(name, old, new):
    changed = [spelling for spelling in old if spelling not in new]
    with pytest.warns(DeprecationWarning) as told:
        layer = getattr(layers, name)(**old, name="l")
    assert layer.get_config() == getattr(layers, name)(**new, name="l").get_config()
    assert len(told) == len(changed)
    assert all(any(f"`{spelling}`" in str(w.message) for w in told) for spelling in changed)


def test_the_old_and_the_new_spelling_together_are_refused():
    with pytest.raises(TypeError, match="both `units` and .*`output_dim`"):
        layers.Dense(units=3, output_dim=3)


@pytest.mark.parametrize(
    "mode, expected",
    [("sum", 5.0), ("mul", 6.0), ("ave", 2.5), ("max", 3.0)],
)
def test_merge(mode, expected):
    a, b = np.full((2, 3), 2.0, "float32"), np.full((2, 3), 3.0, "float32")
    with pytest.warns(DeprecationWarning, match="keras.layers"):
        outputs = layers.merge([a, b], mode=mode)
    assert np.array_equal(outputs, np.full((2, 3), expected))


def test_merge_along_axes():
    a = np.full((2, 3), 2.0, "float32")
    with pytest.warns(DeprecationWarning):
        assert layers.merge([a, a], mode="concat", concat_axis=1).shape == (2, 6)
    with pytest.warns(DeprecationWarning):
        np.testing.assert_allclose(layers.merge([a, a], mode="dot", dot_axes=1), [[12.0]] * 2)
    with pytest.warns(DeprecationWarning, match="normalize"):
        np.testing.assert_allclose(layers.merge([a, a], mode="cos", dot_axes=1), [[[1.0]]] * 2, rtol=1e-6)
    with pytest.warns(DeprecationWarning):
        assert layers.merge([kerasish.Input((3,)), kerasish.Input((3,))], mode="sum").shape == (None, 3)


def test_input_shapes_in_the_first_layer():
    with pytest.warns(DeprecationWarning, match="keras.Input"):
        model = kerasish.Sequential([layers.Dense(2, input_dim=3), layers.Dense(1)])
    assert model.input_shape == (None, 3) and model.built
    with pytest.warns(DeprecationWarning):
        model = kerasish.Sequential([layers.Embedding(10, 4, input_length=7), layers.Flatten()])
    assert model.output_shape == (None, 28)


def test_initial_weights():
    with pytest.warns(DeprecationWarning, match="set_weights"):
        layer = layers.Dense(2, weights=[np.ones((3, 2)), np.zeros(2)])
    layer.build((None, 3))
    assert np.array_equal(layer(np.ones((1, 3), "float32")), [[3.0, 3.0]])
    assert np.array_equal(layers.Embedding(3, 2, weights=[np.ones((3, 2))]).get_weights()[0], np.ones((3, 2)))
