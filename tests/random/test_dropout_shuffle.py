"""Dropout and shuffle: what they do to values, to gradients and in functional models."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from kerasish.backend.autodiff import gradients

R = keras.random
ONES = np.ones((200, 100), "float32")


def host(x):
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize("rate", [0.0005, 0.1, 0.25, 0.5, 0.9, 0.999])
def test_dropout_drops_its_share_and_keeps_the_mean(rate):
    y = host(R.dropout(ONES, rate, seed=1))
    dropped = (y == 0).mean()
    assert abs(dropped - rate) < 5 * np.sqrt(rate * (1 - rate) / y.size)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-3)
    assert y.dtype == "float32"


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5)])
def test_dropout_of_odd_sizes(shape):
    values = np.unique(host(R.dropout(np.ones(shape, "float32"), 0.5, seed=3)))
    assert set(values.tolist()) <= {0.0, 2.0}


def test_dropout_at_the_ends_and_of_other_types():
    np.testing.assert_array_equal(host(R.dropout(ONES, 0)), ONES)
    np.testing.assert_array_equal(host(R.dropout(ONES, 1.0)), 0 * ONES)
    assert host(R.dropout(ONES.astype("float16"), 0.5, seed=1)).dtype == "float16"
    assert not np.isnan(host(R.dropout(np.full(1000, np.inf, "float32"), 0.5, seed=1))).any()


def test_dropout_shares_places_of_the_noise_shape():
    y = host(R.dropout(ONES, 0.5, noise_shape=(None, 1), seed=1))
    assert (y == y[:, :1]).all() and 0 < (y[:, 0] == 0).mean() < 1
    y = host(R.dropout(ONES, 0.5, noise_shape=(1, 100), seed=1))
    assert (y == y[:1]).all()


@pytest.mark.parametrize(
    ("rate", "noise_shape"), [(-0.1, None), (1.1, None), ("half", None), (0.5, (3,)), (0.5, (3, 100))]
)
def test_dropout_refuses(rate, noise_shape):
    with pytest.raises(ValueError, match="`rate`" if noise_shape is None else "`noise_shape`"):
        R.dropout(ONES, rate, noise_shape=noise_shape)


def test_the_gradient_of_dropout_is_its_mask():
    generator = R.SeedGenerator(1)

    def step(x):
        y = R.dropout(x, 0.4, seed=generator)
        return y, gradients(y, x)

    compiled = backend.function(step)
    (y, slope), (other, _) = compiled(ONES), compiled(ONES)
    np.testing.assert_array_equal(host(y), host(slope))
    assert not np.array_equal(host(y), host(other))


def test_dropout_in_a_functional_model():
    x = keras.KerasTensor((None, 4), "float32")
    y = R.dropout(x, 0.5, seed=R.SeedGenerator(1))
    assert (y.shape, y.dtype) == ((None, 4), "float32")
    graph = backend.Graph([x], [y])
    (first,), (second,) = (graph.run([ops.convert_to_tensor(np.ones((50, 4), "float32"))]) for _ in range(2))
    assert set(np.unique(host(first))) == {0.0, 2.0}
    assert not np.array_equal(host(first), host(second))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_shuffle_is_a_permutation_of_whole_slices(axis):
    x = np.arange(60.0).reshape(6, 10)
    y = host(R.shuffle(x, axis=axis, seed=1))
    assert not np.array_equal(x, y)
    moved, wanted = np.moveaxis(y, axis, 0), np.moveaxis(x, axis, 0)
    np.testing.assert_array_equal(moved[np.argsort(moved[:, 0])], wanted)


def test_shuffle_alike_with_equal_seeds_and_evenly():
    x, y = np.arange(50), np.arange(50)[:, None] * 2
    np.testing.assert_array_equal(host(R.shuffle(x, seed=3)) * 2, host(R.shuffle(y, seed=3))[:, 0])
    generator, first = R.SeedGenerator(0), np.zeros(4)
    for _ in range(2000):
        first[int(host(R.shuffle(np.arange(4), seed=generator))[0])] += 1
    assert abs(first / 2000 - 0.25).max() < 0.05


def test_shuffle_refuses_an_axis_that_is_not_there():
    with pytest.raises(ValueError, match="axis"):
        R.shuffle(np.arange(3), axis=1)
