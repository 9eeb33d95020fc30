"""Layers that draw random numbers: their statistics, what shares its fate, seeds, gradients.

Real Keras draws other numbers, so it is no oracle here.
"""

import numpy as np
import pytest

from kerasish import backend, layers, ops

X = (1.0 + np.arange(24, dtype="float32")).reshape(2, 3, 4)
IMAGES = np.ones((4, 5, 6, 7), "float32")
RANDOM = [
    lambda **k: layers.Dropout(0.4, **k),
    lambda **k: layers.SpatialDropout1D(0.4, **k),
    lambda **k: layers.GaussianDropout(0.4, **k),
    lambda **k: layers.GaussianNoise(0.4, **k),
    lambda **k: layers.AlphaDropout(0.4, **k),
]
NAMES = ["Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout"]


def host(x):
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize("make", RANDOM, ids=NAMES)
def test_a_seed_decides(make):
    first, same, other = (make(seed=seed) for seed in (3, 3, 4))
    draws = [host(first(X, training=True)) for _ in range(2)]
    again = [host(same(X, training=True)) for _ in range(2)]
    assert np.array_equal(draws, again)
    assert not np.array_equal(*draws)
    assert not np.array_equal(draws[0], host(other(X, training=True)))
    assert not np.array_equal(host(make()(X, training=True)), host(make()(X, training=True)))


@pytest.mark.parametrize("make", RANDOM, ids=NAMES)
def test_compiled_calls_draw_the_same_numbers(make):
    eager, traced = make(seed=3), make(seed=3)
    step = backend.function(lambda x: traced(x, training=True))
    for _ in range(3):
        np.testing.assert_allclose(host(step(X)), host(eager(X, training=True)), rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("make", RANDOM, ids=NAMES)
def test_outside_of_training_nothing_is_drawn(make):
    layer = make(seed=3)
    before = layer.variables[0].numpy()
    for training in (False, None):
        assert np.array_equal(host(layer(X, training=training)), X)
    assert np.array_equal(layer.variables[0].numpy(), before)
    assert not layer.weights and layer.supports_masking


@pytest.mark.parametrize("make", RANDOM, ids=NAMES)
def test_an_equal_layer_from_the_config_draws_the_same(make):
    layer = make(seed=3)
    again = type(layer).from_config(layer.get_config())
    assert np.array_equal(host(layer(X, training=True)), host(again(X, training=True)))


@pytest.mark.parametrize(
    "name, arguments",
    [("Dropout", (0,)), ("GaussianDropout", (0.0,)), ("GaussianNoise", (0.0,)), ("AlphaDropout", (0.0,))],
)
def test_rate_0_does_nothing(name, arguments):
    layer = getattr(layers, name)(*arguments)
    assert np.array_equal(host(layer(X, training=True)), X) and not layer.variables


def test_dropout_of_rate_1_drops_all():
    assert not host(layers.Dropout(1.0)(X, training=True)).any()


def test_dropout_keeps_the_mean():
    outputs = host(layers.Dropout(0.25, seed=1)(np.ones((200, 200), "float32"), training=True))
    assert set(np.unique(outputs)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((outputs == 0).mean() - 0.25) < 0.01


@pytest.mark.parametrize("noise_shape, shared", [((None, 1, None), 1), ((1, None, None), 0), ((2, 3, 1), 2)])
def test_noise_shape_shares_fates(noise_shape, shared):
    outputs = host(
        layers.Dropout(0.5, noise_shape=noise_shape, seed=2)(
            np.ones((2, 3, 50), "float32")[:, :, : 50 if shared < 2 else 4], training=True
        )
    )
    assert (outputs == outputs.take([0], shared)).all()
    assert len(np.unique(outputs)) == 2


def test_spatial_dropout_drops_whole_channels():
    first = np.moveaxis(IMAGES, -1, 1)
    for layer, x, space in (
        (layers.SpatialDropout1D(0.5, seed=1), IMAGES[:, :, 0], (1,)),
        (layers.SpatialDropout2D(0.5, seed=1), IMAGES, (1, 2)),
        (layers.SpatialDropout2D(0.5, data_format="channels_first", seed=1), first, (2, 3)),
        (layers.SpatialDropout3D(0.5, seed=1), IMAGES[:, :, :, None], (1, 2, 3)),
        (layers.SpatialDropout3D(0.5, data_format="channels_first", seed=1), first[..., None], (2, 3, 4)),
    ):
        outputs = host(layer(x, training=True))
        assert (outputs.min(axis=space) == outputs.max(axis=space)).all()
        assert set(np.unique(outputs)) == {0.0, 2.0}


def test_gaussian_layers_have_their_moments():
    ones = np.ones((300, 300), "float32")
    noise = host(layers.GaussianNoise(0.5, seed=1)(ones, training=True)) - 1
    factor = host(layers.GaussianDropout(0.2, seed=1)(ones, training=True))
    assert abs(noise.mean()) < 0.01 and abs(noise.std() - 0.5) < 0.01
    assert abs(factor.mean() - 1) < 0.01 and abs(factor.std() - 0.5) < 0.01  # sqrt(0.2 / 0.8)


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).standard_normal((300, 300)).astype("float32")
    outputs = host(layers.AlphaDropout(0.3, seed=1)(x, training=True))
    assert abs(outputs.mean()) < 0.02 and abs(outputs.std() - 1) < 0.02
    values, counts = np.unique(outputs, return_counts=True)
    assert abs(counts.max() / outputs.size - 0.3) < 0.01


def test_gradients_pass_where_values_did():
    layer = layers.Dropout(0.5, seed=1)

    def step(x):
        outputs = layer(x, training=True)
        return outputs, backend.gradients(ops.sum(outputs), x)[0]

    outputs, slope = map(host, backend.function(step)(X))
    assert np.array_equal(slope, np.where(outputs == 0, 0, 2))


@pytest.mark.parametrize("make", RANDOM, ids=NAMES)
def test_half_precision(make):
    outputs = make(dtype="mixed_float16")(X, training=True)
    assert backend.standardize_dtype(outputs.dtype) == "float16" and np.isfinite(host(outputs)).all()


def test_unknown_batch_sizes_are_fine():
    import kerasish

    for layer, shape in (
        (layers.Dropout(0.5, noise_shape=(None, 1)), (3,)),
        (layers.SpatialDropout1D(0.5), (None, 3)),
        (layers.GaussianNoise(1.0), (3,)),
    ):
        inputs = kerasish.Input(shape)
        assert layer(inputs, training=True).shape == inputs.shape
