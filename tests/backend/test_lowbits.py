"""bfloat16, float16 and float8 on the device: rounding, overflow, casts, doors, bad input."""

import copy
import pickle

import ml_dtypes
import numpy as np
import pytest

import kerasish
from kerasish import backend, ops
from kerasish.backend.device import Device
from kerasish.backend.float_formats import LARGEST
from kerasish.backend.function import function
from kerasish.backend.lowbits.widening import is_widened
from kerasish.backend.primitives import PRIMITIVES, p
from tests.units import apart

HALVES = ("float16", "bfloat16")


def host(x):
    return ops.convert_to_numpy(x)


def all_halves(dtype):
    """All 65,536 numbers of a type."""
    return np.arange(1 << 16, dtype="uint16").view(dtype)


def between(dtype):
    """float32 numbers on and beside the middles of neighbours, where rounding is decided, and special ones."""
    with np.errstate(all="ignore"):
        numbers = np.sort(all_halves(dtype).astype("float32"))
        numbers = numbers[np.isfinite(numbers)]
        middles = (numbers[1:].astype("float64") + numbers[:-1]).astype("float64") / 2
        middles = middles.astype("float32")
    special = np.array(
        [0.0, -0.0, np.inf, -np.inf, np.nan, 3.4e38, -3.4e38, 1e-45, -1e-45, 65519.996, 65520], "float32"
    )
    return np.concatenate([middles, np.nextafter(middles, np.float32(np.inf)), np.nextafter(middles, -np.inf), special])


def same(x, y):
    """Bit for bit; NaNs are equal, whatever they say."""
    x, y = np.asarray(x), np.asarray(y)
    assert x.dtype == y.dtype
    missing = np.isnan(x.astype("float64"))
    np.testing.assert_array_equal(missing, np.isnan(y.astype("float64")))
    word = f"u{x.dtype.itemsize}"
    np.testing.assert_array_equal(x[~missing].view(word), y[~missing].view(word))


@pytest.mark.parametrize("dtype", HALVES)
def test_kernels_round_to_nearest_even(dtype):
    """In compiled kernels, in memory and on the way, as NumPy's casts do."""
    x = between(dtype)
    with np.errstate(all="ignore"):
        right = x.astype(dtype)

    def step(x):
        y = ops.cast(ops.multiply(x, 1.0), dtype)
        return y, ops.cast(y, "float32")

    rounded, back = function(step)(x)
    same(host(rounded), right)
    same(host(back), right.astype("float32"))


@pytest.mark.parametrize("dtype", HALVES)
def test_kernels_read_every_number(dtype):
    x = all_halves(dtype)
    with np.errstate(all="ignore"):
        right = x.astype("float32") + np.float32(0.5)
    same(host(function(lambda x: ops.add(ops.cast(x, "float32"), 0.5))(x)), right)
    same(host(function(lambda x: ops.negative(x))(x)), -x)


@pytest.mark.parametrize(
    "target", ["bool", "int8", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
)
@pytest.mark.parametrize("source", HALVES)
def test_casts(source, target):
    x = np.array([[0.0, 1.0, -2.5], [3.99, 100.0, 0.1]], source)
    if target == "uint8":
        x = np.abs(x)
    for cast in (lambda x: ops.cast(x, target), lambda x: ops.cast(ops.multiply(x, 1.0), target)):
        for y in (cast(x), function(cast)(x)):
            same(host(y), x.astype(target))
    same(host(function(lambda y: ops.cast(y, source))(x.astype(target))), x.astype(target).astype(source))


@pytest.mark.parametrize("dtype", HALVES)
def test_what_a_group_computes_is_rounded_once(dtype):
    """Between the steps of one kernel nothing is rounded; comparisons see what would be stored."""
    x = np.linspace(-3, 3, 64).reshape(4, 16).astype(dtype)
    wide = x.astype("float32")
    got = function(lambda x: ops.add(ops.multiply(ops.exp(x), 1.5), 0.25))(x)
    assert apart(host(got), np.exp(wide) * np.float32(1.5) + np.float32(0.25), dtype) <= 0.51

    def hits(x):
        y = ops.multiply(x, 1 / 3)
        return ops.equal(y, ops.cast(ops.cast(y, "float32"), dtype)), ops.max(y, axis=1, keepdims=True) == y

    exact, largest = function(hits)(x)
    assert host(exact).all() and (host(largest).sum(1) >= 1).all()


@pytest.mark.parametrize("dtype", HALVES)
def test_sums_of_many_keep_their_digits(dtype):
    x = np.full((3000, 5), 0.1, dtype)
    right = x.astype("float64")
    for run in (lambda f: f, function):
        for axis in (None, 0, 1):
            got = host(run(lambda x: ops.sum(x, axis=axis))(x))  # noqa: B023
            assert apart(got, right.sum(axis=axis), dtype) <= 1
        assert apart(host(run(lambda x: ops.mean(x, axis=0))(x)), right.mean(0), dtype) <= 1
        assert apart(host(run(lambda x: ops.matmul(ops.transpose(x), x))(x)), right.T @ right, dtype) <= 1


OVERFLOWING = {
    "norm": lambda x: ops.norm(x, axis=-1),
    "norm of order 3": lambda x: ops.norm(x, ord=3, axis=-1),
    "normalize": lambda x: ops.normalize(x, axis=-1),
    "var": lambda x: ops.var(x, axis=-1),
    "std": lambda x: ops.std(x, axis=-1),
    "layer_normalization": lambda x: ops.layer_normalization(x),
    "rms_normalization": lambda x: ops.rms_normalization(x),
    "softmax": lambda x: ops.softmax(x),
    "logsumexp": lambda x: ops.logsumexp(x, axis=-1),
    "mean": lambda x: ops.mean(x, axis=-1),
    "attention": lambda x: ops.dot_product_attention(*[ops.reshape(x, (2, 4, 1, 2))] * 3),
    "LayerNormalization": lambda x: kerasish.layers.LayerNormalization(dtype=str(x.dtype))(x),
    "GroupNormalization": lambda x: kerasish.layers.GroupNormalization(2, dtype=str(x.dtype))(x),
    "UnitNormalization": lambda x: kerasish.layers.UnitNormalization(dtype=str(x.dtype))(x),
}


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("name", OVERFLOWING)
def test_nothing_overflows_on_the_way(name, dtype):
    """Squares and sums of numbers whose squares are beyond float16 stay finite."""
    size = 1000.0 if dtype == "float16" else 1e12
    x = (np.arange(16).reshape(2, 8) % 5 * 0.1 + 1.0).astype(dtype) * np.asarray(size, dtype)
    got = host(OVERFLOWING[name](x))
    assert got.dtype == dtype and np.isfinite(got.astype("float64")).all()


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2"])
def test_float8_is_storage(dtype):
    x = np.array([[1.1, -0.3], [448.0, 0.0]], "float32")
    stored = ops.cast(x, dtype)
    same(host(stored), x.astype(dtype))
    for half in ("float32", *HALVES):
        same(host(ops.cast(stored, half)), x.astype(dtype).astype(half))
        compiled = function(lambda x: ops.cast(ops.reshape(ops.cast(x, dtype), (4,)), half))(x)  # noqa: B023
        same(host(compiled), x.astype(dtype).astype(half).reshape(4))
    with pytest.raises(ValueError, match=f"{dtype}.*Cast"):
        ops.add(stored, 1.0)
    variable = kerasish.Variable(x, dtype=dtype)
    assert variable.dtype == dtype and host(variable).dtype == dtype


def test_doors():
    x = np.array([1.5, -2.25], ml_dtypes.bfloat16)
    assert ops.convert_to_tensor(x).dtype == ops.convert_to_tensor([x, x]).dtype == "bfloat16"
    assert host(ops.convert_to_tensor(x)).dtype == x.dtype
    variable = kerasish.Variable(x)
    for again in (variable, pickle.loads(pickle.dumps(variable)), copy.deepcopy(variable)):
        assert again.dtype == "bfloat16"
        np.testing.assert_array_equal(again.numpy(), x)
    assert kerasish.KerasTensor((2,), "bfloat16").dtype == "bfloat16"
    assert backend.standardize_dtype(ml_dtypes.bfloat16) == backend.standardize_dtype(x.dtype) == "bfloat16"


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: ops.convert_to_tensor(["a"], dtype="bfloat16"), (TypeError, ValueError), "bfloat16|string"),
        (lambda: ops.convert_to_tensor([[1], [1, 2]], dtype="bfloat16"), ValueError, "array"),
        (lambda: ops.cast(np.ones(2), "bfloat"), ValueError, "bfloat16.*'bfloat'"),
        (lambda: kerasish.config.set_floatx("float8_e5m2"), ValueError, "floatx.*bfloat16"),
        (lambda: kerasish.config.set_dtype_policy("mixed_bfloat"), ValueError, "mixed_bfloat"),
    ],
)
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_rule_is_in_the_rows():
    """What computes is widened; what moves, picks or marks is not."""
    kept = {name for name, primitive in PRIMITIVES.items() if not is_widened(primitive, ["bfloat16"], Device())}
    assert {"cast", "reshape", "take", "concatenate", "identity", "pad", "scan", "host_call", "bitcast"} <= kept
    assert not kept & {"add", "matmul", "conv", "sum", "sort", "exp", "take_gradient", "where", "cumsum"}
    assert not is_widened(p.add, ["float32", "float64"], Device())


@pytest.mark.parametrize("dtype", HALVES)
def test_largest(dtype):
    assert float(np.finfo(dtype).max if dtype == "float16" else ml_dtypes.finfo(dtype).max) == LARGEST[dtype]


def test_a_processor_without_conversions_of_float16_does_without_kernels_of_it(monkeypatch):
    monkeypatch.setattr("kerasish.backend.numpy.native.has_float16", lambda: False)
    x = np.linspace(-2, 2, 24).reshape(4, 6).astype("float16")
    got = function(lambda x: ops.add(ops.exp(x), 0.5))(x)
    assert apart(host(got), np.exp(x.astype("float32")) + 0.5, "float16") <= 0.51
