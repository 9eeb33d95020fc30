"""Random functions: signatures of Keras, shapes and dtypes, ranges, and distributions against SciPy's."""

import inspect

import keras as oracle
import numpy as np
import pytest
from scipy import stats

import kerasish as keras
from kerasish import backend, ops
from kerasish.backend.function import function

R = keras.random
N = 20000


def host(x):
    return ops.convert_to_numpy(x)


def fits(x, distribution):
    """Kolmogorov and Smirnov.

    Whether values so far from the distribution come up once in a thousand draws or more often.
    """
    return stats.kstest(host(x).astype("float64").reshape(-1), distribution.cdf).pvalue > 1e-3


def fits_counts(x, distribution):
    """Chi squared over the values that are expected ten times or more, and all others together."""
    x = host(x).reshape(-1)
    ks = np.arange(int(distribution.ppf(1e-9)), int(distribution.ppf(1 - 1e-9)) + 1)
    expected = distribution.pmf(ks) * x.size
    common = expected >= 10
    seen = np.array([(x == k).sum() for k in ks[common]])
    rest = x.size - seen.sum(), x.size - expected[common].sum()
    square = np.sum((seen - expected[common]) ** 2 / expected[common]) + (rest[0] - rest[1]) ** 2 / max(rest[1], 1.0)
    return stats.chi2(common.sum()).sf(square) > 1e-3


@pytest.mark.parametrize("name", [n for n in dir(oracle.random) if not n.startswith("_")])
def test_names_and_signatures_are_those_of_keras(name):
    ours, theirs = getattr(R, name), getattr(oracle.random, name)
    parameters = [
        [(p.name, p.default, p.kind) for p in inspect.signature(f).parameters.values()] for f in (ours, theirs)
    ]
    assert parameters[0] == parameters[1]


CONTINUOUS = [
    (lambda **k: R.uniform((N,), **k), stats.uniform()),
    (lambda **k: R.uniform((100, N // 100), -3.0, 5.0, **k), stats.uniform(-3, 8)),
    (lambda **k: R.normal((N,), **k), stats.norm()),
    (lambda **k: R.normal((N + 1,), mean=-2.0, stddev=0.5, **k), stats.norm(-2, 0.5)),
    (lambda **k: R.truncated_normal((N,), mean=1.0, stddev=2.0, **k), stats.truncnorm(-2, 2, 1, 2)),
    (lambda **k: R.gamma((N,), 0.3, **k), stats.gamma(0.3)),
    (lambda **k: R.gamma((N,), 1.0, **k), stats.gamma(1)),
    (lambda **k: R.gamma((N,), 7.5, **k), stats.gamma(7.5)),
    (lambda **k: R.beta((N,), 2.0, 5.0, **k), stats.beta(2, 5)),
    (lambda **k: R.beta((N,), 0.5, 0.7, **k), stats.beta(0.5, 0.7)),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("draw", "distribution"), CONTINUOUS)
def test_continuous_distributions(draw, distribution, dtype):
    x = host(draw(dtype=dtype, seed=1))
    assert x.dtype == dtype
    assert fits(x, distribution)
    assert abs(x.mean(dtype="float64") - distribution.mean()) < 5 * distribution.std() / np.sqrt(x.size)
    compiled = backend.function(lambda: draw(dtype=dtype, seed=R.SeedGenerator(1)))
    # The bits are the same; compiled, log, tanh and the like are polynomials, which may differ from NumPy's in the last
    # place.
    np.testing.assert_allclose(
        host(compiled()),
        x,
        rtol={"float32": 2e-6, "float64": 1e-13}[dtype],
        atol={"float32": 1e-6, "float64": 1e-14}[dtype],
    )


def test_draws_are_independent_of_their_neighbours():
    x = host(R.normal((N,), seed=3)).astype("float64")
    for lag in (1, 2, N // 2):  # the two of a pair lie half the length apart
        assert abs(np.corrcoef(x[:-lag], x[lag:])[0, 1]) < 5 / np.sqrt(N - lag)
        assert abs(np.corrcoef(x[:-lag] ** 2, x[lag:] ** 2)[0, 1]) < 5 / np.sqrt(N - lag)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "draw",
    [
        R.uniform,
        R.normal,
        R.truncated_normal,
        lambda *a, **k: R.gamma(*a, 2.0, **k),
        lambda *a, **k: R.beta(*a, 2.0, 3.0, **k),
    ],
)
def test_half_precision_and_the_default_type(draw, dtype):
    assert host(draw((3,), seed=1)).dtype == "float32"
    half = host(draw((2000,), dtype=dtype, seed=1))
    assert half.dtype == dtype and np.isfinite(half).all()
    np.testing.assert_allclose(half.astype("float64").mean(), host(draw((2000,), seed=1)).mean(), atol=0.02)
    compiled = function(lambda: draw((2000,), dtype=dtype, seed=1))
    np.testing.assert_array_equal(host(compiled()).astype("float32"), half.astype("float32"))
    with pytest.raises(ValueError, match="`dtype`"):
        draw((3,), dtype="int32")


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0, 2), (2, 3, 5), [4, 1]])
def test_shapes(shape):
    for draw in (R.uniform, R.normal, R.truncated_normal):
        assert host(draw(shape, seed=1)).shape == tuple(shape)
    assert host(R.randint(shape, 0, 5, seed=1)).shape == tuple(shape)


@pytest.mark.parametrize("shape", [(-1,), ("a",), None, (2.5,)])
def test_bad_shapes_are_refused(shape):
    for draw in (R.uniform, R.normal, R.truncated_normal):
        with pytest.raises(ValueError, match="`shape`"):
            draw(shape)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.0, 1.001), (-1.0, 0.0), (1e4, 1e4 + 8), (0.0, 3.3)])
def test_uniform_stays_below_its_upper_bound(low, high, dtype):
    x = host(R.uniform((N,), low, high, dtype=dtype, seed=1))
    assert x.min() >= np.dtype(dtype).type(low) and x.max() < np.dtype(dtype).type(high)


def test_parameters_may_be_tensors():
    mean = np.array([[0.0], [100.0]], "float32")
    x = host(R.normal((2, N), mean=mean, stddev=np.float32(2.0), seed=1))
    assert fits(x[1] - 100.0, stats.norm(0, 2)) and fits(x[0], stats.norm(0, 2))
    x = host(R.uniform((2, N), minval=mean, maxval=mean + 1, seed=1))
    assert fits(x[0], stats.uniform()) and x[1].min() >= 100
    x = host(R.gamma((2, N), np.array([[0.5], [4.0]], "float32"), seed=1))
    assert fits(x[0], stats.gamma(0.5)) and fits(x[1], stats.gamma(4))
    x = host(R.randint((2, N), np.array([[0], [-10]]), np.array([[5], [-7]]), seed=1))
    assert set(x[0]) == {0, 1, 2, 3, 4} and set(x[1]) == {-10, -9, -8}


@pytest.mark.parametrize(
    "call",
    [
        lambda: R.uniform((3,), 2.0, 1.0), lambda: R.gamma((3,), 0.0), lambda: R.beta((3,), -1.0, 1.0),
        lambda: R.beta((3,), 1.0, 0.0),
        lambda: R.binomial((3,), -1, 0.5), lambda: R.binomial((3,), 3, 1.5), lambda: R.randint((3,), 5, 5),
        lambda: R.randint((3,), 0.5, 3),
        lambda: R.randint((3,), 0, 300, dtype="uint8"), lambda: R.randint((3,), -1, 3, dtype="uint32"),
        lambda: R.randint((3,), 0, 3, dtype="float32"),
        lambda: R.categorical(np.zeros(3, "float32"), 2), lambda: R.categorical(np.zeros((1, 3), "float32"), -2),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused(call):
    with pytest.raises(ValueError):
        call()


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (0, 10, "int32"), (-3, 4, "int8"), (0, 256, "uint8"), (5, 6, "int64"), (0.0, 7.0, "int32"),
        (0, 2**16 + 9, "int32"), (-(2**31), 2**31, "int32"), (-(2**63), 2**63, "int64"), (0, 2**64, "uint64"),
    ],
)  # fmt: skip
def test_randint_covers_its_range_evenly(low, high, dtype):
    x = host(R.randint((N,), low, high, dtype=dtype, seed=2))
    assert x.dtype == dtype
    assert all(low <= int(v) < high for v in (x.min(), x.max()))
    if high - low <= 256:
        seen = np.bincount((x.astype("int64") - int(low)), minlength=int(high - low))
        assert stats.chisquare(seen).pvalue > 1e-3 if high - low > 1 else seen[0] == N
    else:
        assert fits((x.astype("float64") - low) / (high - low), stats.uniform())


@pytest.mark.parametrize(
    ("n", "q"), [(1, 0.3), (20, 0.25), (30, 0.9), (50, 0.5), (300, 0.2), (100000, 0.00005), (1000, 0.99)]
)
def test_binomial(n, q):
    x = R.binomial((N,), n, q, seed=4)
    assert host(x).dtype == "float32"
    assert fits_counts(x, stats.binom(n, q))


def test_binomial_of_many_trials_and_at_the_edges():
    n, q = 10**6, 0.4
    x = host(R.binomial((N,), n, q, dtype="float64", seed=4))
    spread = np.sqrt(n * q * (1 - q))
    assert fits((x + np.random.default_rng(0).uniform(-0.5, 0.5, N) - n * q) / spread, stats.norm())
    counts, chances = np.array([0.0, 5.0, 5.0], "float32"), np.array([0.5, 0.0, 1.0], "float32")
    assert host(R.binomial((3,), counts, chances, seed=1)).tolist() == [0, 0, 5]
    compiled = backend.function(lambda: R.binomial((50,), np.float32(40.0), np.float32(0.5), seed=R.SeedGenerator(1)))
    np.testing.assert_array_equal(host(compiled()), host(R.binomial((50,), 40, 0.5, seed=1)))


def test_categorical_draws_by_softmax():
    chances = np.array([[0.1, 0.2, 0.7], [0.0, 0.5, 0.5]])
    with np.errstate(divide="ignore"):
        logits = (np.log(chances) + np.array([[3.0], [-2.0]])).astype("float32")
    x = host(R.categorical(logits, N, seed=5))
    assert x.shape == (2, N) and x.dtype == "int32"
    assert stats.chisquare(np.bincount(x[0], minlength=3), chances[0] * N).pvalue > 1e-3
    assert set(x[1]) == {1, 2}
    assert host(R.categorical(logits, 3, dtype="int64", seed=5)).dtype == "int64"


def test_fractions_use_all_the_bits_of_their_type():
    single, double = host(R.uniform((N,), seed=1)), host(R.uniform((N,), seed=1, dtype="float64"))
    assert (single * 2.0**24 % 2 == 1).mean() > 0.4
    assert (double * 2.0**53 % 2 == 1).mean() > 0.4
    assert len(np.unique(double)) == N
