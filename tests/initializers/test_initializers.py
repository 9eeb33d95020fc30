"""Initializers: exact ones against real Keras, random ones by their statistics, seeds, configs, bad input."""

import inspect
import math
import os
import random as python_random

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import kerasish
from kerasish import initializers
from kerasish.initializers.fans import compute_fans
from kerasish.initializers.window_functions import WINDOWS, window_values
from tests.units import apart

EXACT = [
    ("Zeros", {}, (2, 3)),
    ("Ones", {}, (2, 3)),
    ("Ones", {}, ()),
    ("Constant", {}, (2, 3)),
    ("Constant", {"value": 3.5}, (2, 3)),
    ("Constant", {"value": [1.0, 2.0, 3.0]}, (2, 3)),
    ("Identity", {}, (3, 3)),
    ("Identity", {"gain": 0.5}, (2, 4)),
    ("STFT", {}, (16, 1, 9)),
    ("STFT", {"side": "imag", "window": "hamming", "scaling": "spectrum"}, (16, 1, 9)),
    ("STFT", {"window": "blackman", "scaling": None, "periodic": True}, (16, 1, 9)),
    ("STFT", {"window": None}, (8, 1, 9)),
    ("STFT", {"window": [0.5, 1.0, 1.0, 0.5], "scaling": "density"}, (4, 1, 5)),
]


@pytest.mark.parametrize("name, options, shape", EXACT)
@pytest.mark.parametrize("dtype", [None, "float16", "bfloat16"])
def test_exact(name, options, shape, dtype):
    ours = np.asarray(getattr(initializers, name)(**options)(shape, dtype=dtype))
    theirs = np.asarray(getattr(keras.initializers, name)(**options)(shape, dtype=dtype))
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    if dtype is None:
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=2e-6)
    else:  # Keras works out the angles of the Fourier basis in half precision; ours is float32's, rounded
        exact = np.asarray(getattr(keras.initializers, name)(**options)(shape))
        assert apart(ours, exact, dtype, of=np.maximum(np.abs(exact), 1e-3)) <= 0.51


@pytest.mark.parametrize("name", ["zeros", "ones"])
@pytest.mark.parametrize("dtype", ["int32", "bool"])
def test_exact_integers(name, dtype):
    values = initializers.get(name)((2,), dtype=dtype)
    assert np.asarray(values).dtype == dtype and (np.asarray(values) == (name == "ones")).all()


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("length", [1, 2, 7, 16])
@pytest.mark.parametrize("name", WINDOWS)
def test_windows(name, length, periodic):
    from scipy import signal

    expected = signal.get_window(name, length, fftbins=periodic)
    np.testing.assert_allclose(window_values(name, length, periodic), expected, atol=1e-12)


# (class, arguments, shape, standard deviation, bound or None)
SHAPE = (300, 200)
TRUNCATED = 0.87962566103423978
RANDOM = [
    ("RandomNormal", {"mean": 0.0, "stddev": 0.5}, SHAPE, 0.5, None),
    ("RandomUniform", {"minval": -0.5, "maxval": 0.5}, SHAPE, 1 / math.sqrt(12), 0.5),
    ("TruncatedNormal", {"stddev": 0.5}, SHAPE, 0.5 * TRUNCATED, 1.0),
    ("VarianceScaling", {}, SHAPE, math.sqrt(1 / 300), 2 * math.sqrt(1 / 300) / TRUNCATED),
    (
        "VarianceScaling",
        {"scale": 3.0, "mode": "fan_out", "distribution": "untruncated_normal"},
        SHAPE,
        math.sqrt(3 / 200),
        None,
    ),
    ("VarianceScaling", {"mode": "fan_avg", "distribution": "uniform"}, SHAPE, math.sqrt(1 / 250), math.sqrt(3 / 250)),
    (
        "VarianceScaling",
        {"distribution": "normal"},
        (3, 3, 20, 200),
        math.sqrt(1 / 180),
        2 * math.sqrt(1 / 180) / TRUNCATED,
    ),
    ("VarianceScaling", {"input_axes": [1], "output_axes": [0]}, SHAPE, math.sqrt(1 / 200), None),
    ("GlorotUniform", {}, SHAPE, math.sqrt(1 / 250), math.sqrt(3 / 250)),
    ("GlorotNormal", {}, SHAPE, math.sqrt(1 / 250), 2 * math.sqrt(1 / 250) / TRUNCATED),
    ("HeUniform", {}, SHAPE, math.sqrt(2 / 300), math.sqrt(6 / 300)),
    ("HeNormal", {}, SHAPE, math.sqrt(2 / 300), 2 * math.sqrt(2 / 300) / TRUNCATED),
    ("LecunUniform", {}, SHAPE, math.sqrt(1 / 300), math.sqrt(3 / 300)),
    ("LecunNormal", {}, SHAPE, math.sqrt(1 / 300), 2 * math.sqrt(1 / 300) / TRUNCATED),
]


@pytest.mark.parametrize("name, options, shape, stddev, bound", RANDOM)
class TestRandom:
    def test_statistics(self, name, options, shape, stddev, bound):
        values = np.asarray(getattr(initializers, name)(**options, seed=7)(shape))
        assert values.shape == shape and values.dtype == np.float32
        # 60,000 draws or more: the standard error of the mean is stddev / 245, that of the deviation smaller.
        assert abs(values.mean()) < stddev / 50
        assert values.std() == pytest.approx(stddev, rel=0.02)
        if bound is not None:
            assert 0.95 * bound < np.abs(values).max() <= bound * (1 + 1e-6)
        else:
            assert np.abs(values).max() > 2.5 * stddev or "input_axes" in options

    def test_seeds(self, name, options, shape, stddev, bound):
        small = shape[:-2] + (4, 5)

        def make(seed=None):
            return getattr(initializers, name)(**options, seed=seed)

        first = make(3)
        np.testing.assert_array_equal(first(small), first(small))
        np.testing.assert_array_equal(first(small), make(3)(small))
        assert not np.array_equal(first(small), make(4)(small))
        unseeded = make()
        np.testing.assert_array_equal(unseeded(small), unseeded(small))
        assert not np.array_equal(unseeded(small), make()(small))
        stream, again = make(kerasish.random.SeedGenerator(5)), make(kerasish.random.SeedGenerator(5))
        drawn = [np.asarray(stream(small)), np.asarray(stream(small))]
        assert not np.array_equal(*drawn)
        np.testing.assert_array_equal(drawn, [again(small), again(small)])

    def test_config(self, name, options, shape, stddev, bound):
        for seed in (None, 3):
            ours = getattr(initializers, name)(**options, seed=seed)
            theirs = getattr(keras.initializers, name)(**options, seed=seed)
            assert ours.get_config() == theirs.get_config()
            assert initializers.serialize(ours) == keras.initializers.serialize(theirs)
            again = initializers.deserialize(initializers.serialize(ours))
            assert type(again) is type(ours) and again.get_config() == ours.get_config()
            assert type(ours.clone()) is type(ours) and ours.clone().get_config() == ours.get_config()


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (2, 3, 4), (1, 5), (5, 1)])
@pytest.mark.parametrize("gain", [1.0, 2.0])
def test_orthogonal(shape, gain):
    initializer = initializers.Orthogonal(gain=gain, seed=3)
    values = np.asarray(initializer(shape))
    assert values.shape == shape and values.dtype == np.float32
    q = values.reshape(-1, shape[-1]) / gain
    product = q @ q.T if q.shape[0] < q.shape[1] else q.T @ q
    np.testing.assert_allclose(product, np.eye(min(q.shape)), atol=1e-5)
    np.testing.assert_array_equal(values, initializer(shape))
    assert not np.array_equal(values, initializers.Orthogonal(gain=gain, seed=4)(shape))


def test_orthogonal_is_evenly_distributed():
    """The signs of Q's columns are free: over many draws every entry has mean 0."""
    draws = np.stack([np.asarray(initializers.Orthogonal(seed=s)((2, 2))) for s in range(200)])
    assert np.abs(draws.mean(axis=0)).max() < 0.2


def test_orthogonal_dtypes():
    assert np.asarray(initializers.Orthogonal(seed=1)((3, 3), dtype="float16")).dtype == np.float16
    assert np.asarray(initializers.Orthogonal(seed=1)((3, 3), dtype="float64")).dtype == np.float64


CONFIGS = [("Orthogonal", {"gain": 2.0, "seed": 1}), *[(name, options) for name, options, _ in EXACT]]


@pytest.mark.parametrize("name, options", CONFIGS)
def test_config(name, options):
    ours, theirs = getattr(initializers, name)(**options), getattr(keras.initializers, name)(**options)
    saved = {key: value for key, value in ours.get_config().items() if (name, key) != ("Identity", "gain")}
    assert saved == theirs.get_config()
    assert initializers.deserialize(initializers.serialize(ours)).get_config() == ours.get_config()
    assert {**initializers.serialize(ours), "config": {}} == {**keras.initializers.serialize(theirs), "config": {}}


def test_identity_keeps_its_gain():
    again = initializers.deserialize(initializers.serialize(initializers.Identity(gain=3.0)))
    assert again.gain == 3.0 and initializers.Identity().get_config() == {}


def test_seed_generator_in_config():
    ours = initializers.serialize(initializers.GlorotUniform(seed=kerasish.random.SeedGenerator(3)))
    theirs = keras.initializers.serialize(keras.initializers.GlorotUniform(seed=keras.random.SeedGenerator(3)))
    for config in (ours, theirs):
        config["config"]["seed"]["config"].pop("name")  # numbered by how many were made before
    assert ours == theirs
    again = initializers.deserialize(ours)
    assert isinstance(again.seed, kerasish.random.SeedGenerator)


def test_unseeded_follow_python_random():
    """`keras.utils.set_random_seed` seeds Python's generator, and so the initializers without a seed."""
    python_random.seed(11)
    first = initializers.GlorotUniform()((3, 3))
    python_random.seed(11)
    np.testing.assert_array_equal(first, initializers.GlorotUniform()((3, 3)))


FANS = [(), (7,), (3, 4), (5, 3, 4), (3, 3, 8, 16)]


@pytest.mark.parametrize("shape", FANS)
def test_fans(shape):
    from keras.src.initializers.random_initializers import compute_fans as theirs

    assert compute_fans(shape) == theirs(shape)


def test_fans_of_axes():
    from keras.src.initializers.random_initializers import compute_fans as theirs

    assert compute_fans((2, 3, 4, 5), (0, 1), (2, 3)) == theirs((2, 3, 4, 5), (0, 1), (2, 3)) == (6, 20)
    assert compute_fans((2, 3), 0, 1) == (2, 3)


def test_get():
    from keras.src.initializers import ALL_OBJECTS_DICT

    for name, cls in ALL_OBJECTS_DICT.items():
        if cls.__name__ != "Initializer":
            assert type(initializers.get(name)).__name__ == cls.__name__
    zeros = initializers.Zeros()

    def own(shape, dtype=None):
        return np.full(shape, 2.0, "float32")

    assert initializers.get(None) is None and initializers.get(zeros) is zeros and initializers.get(own) is own
    assert isinstance(initializers.get(initializers.HeNormal), initializers.HeNormal)
    assert initializers.get({"class_name": "Constant", "config": {"value": 2.0}}).value == 2.0


def test_get_array():
    given = np.array([1.0, 2.0])
    initialize = initializers.get(given)
    assert np.asarray(initialize((2,), dtype="float32")).dtype == np.float32
    np.testing.assert_array_equal(initialize((2,)), given)
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        initialize((3,))


@pytest.mark.parametrize("name", [n for n in dir(keras.initializers) if not n.startswith("_")])
def test_public_names(name):
    ours, theirs = getattr(initializers, name), getattr(keras.initializers, name)
    if inspect.isclass(theirs):
        assert ours.__name__ == theirs.__name__
    mine, reference = (inspect.signature(x).parameters.values() for x in (ours, theirs))
    assert [(p.name, p.default) for p in mine] == [(p.name, p.default) for p in reference]


BAD = [
    (lambda: initializers.get("glorot_unifrom"), ValueError, "glorot_uniform"),
    (lambda: initializers.get(3), ValueError, "3"),
    (lambda: initializers.GlorotUniform(seed="a"), ValueError, "`seed`.*'a'"),
    (lambda: initializers.GlorotUniform(seed=1.5), ValueError, "`seed`.*1.5"),
    (lambda: initializers.VarianceScaling(scale=0.0), ValueError, "`scale`"),
    (lambda: initializers.VarianceScaling(mode="fan_inn"), ValueError, "`mode`.*Did you mean 'fan_in'"),
    (
        lambda: initializers.VarianceScaling(distribution="unifrom"),
        ValueError,
        "`distribution`.*Did you mean 'uniform'",
    ),
    (lambda: initializers.Orthogonal()((3,)), ValueError, r"`shape`.*\(3,\)"),
    (lambda: initializers.Identity()((3,)), ValueError, r"`shape`.*\(3,\)"),
    (lambda: initializers.STFT(side="left"), ValueError, "`side`"),
    (lambda: initializers.STFT(window="han_n"), ValueError, "`window`.*Did you mean 'hann'"),
    (lambda: initializers.STFT(scaling="x"), ValueError, "`scaling`"),
    (lambda: initializers.STFT(window=[1.0, 2.0])((3, 1, 3)), ValueError, r"`window`.*\(2,\)"),
    (lambda: initializers.STFT()((3, 3)), ValueError, "`shape`"),
    (lambda: initializers.Initializer()((3,)), TypeError, "__call__"),
]


@pytest.mark.parametrize("call, error, message", BAD)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
