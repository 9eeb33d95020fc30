"""Fused kernels against the plain ones.

Random chains over random shapes, with and without native code, with 1, 2 and 3 workers.
"""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish import backend, ops
from kerasish.backend.numpy.fused.expressions import literal
from kerasish.backend.numpy.native.available import use
from kerasish.backend.numpy.steps import cost

UNARY = {
    "exp": lambda x: ops.exp(ops.minimum(x, 3.0)), "tanh": ops.tanh, "sigmoid": ops.sigmoid, "relu": ops.relu,
    "square": ops.square, "abs": ops.abs,
    "negative": ops.negative, "sqrt": lambda x: ops.sqrt(ops.abs(x)), "log": lambda x: ops.log(ops.abs(x) + 0.1),
    "erf": ops.erf, "sign": ops.sign,
    "softplus": ops.softplus, "rsqrt": lambda x: ops.rsqrt(ops.abs(x) + 0.1), "floor": ops.floor,
    "log1p": lambda x: ops.log1p(ops.abs(x)),
    "expm1": lambda x: ops.expm1(ops.minimum(x, 3.0)), "gelu": lambda x: ops.gelu(x, approximate=False),
    "isfinite": lambda x: ops.where(ops.isfinite(x), x, 0.0),
}  # fmt: skip
BINARY = {
    "add": ops.add, "subtract": ops.subtract, "multiply": ops.multiply, "divide": lambda x, y: x / (ops.abs(y) + 0.5),
    "maximum": ops.maximum,
    "minimum": ops.minimum, "where": lambda x, y: ops.where(x > y, x, y * 0.5), "equal": lambda x,
    y: ops.cast(ops.equal(x, y), x.dtype),
}  # fmt: skip
REDUCTIONS = ("sum", "max", "min", "mean")


@st.composite
def chains(draw):
    """(shape, list of moves, seed): a move makes one more value of those before."""
    shape = tuple(draw(st.lists(st.sampled_from([1, 2, 3, 5, 16, 33]), min_size=1, max_size=4)))
    moves = []
    for place in range(draw(st.integers(1, 10))):
        kind = draw(st.sampled_from(["unary", "unary", "binary", "binary", "broadcast", "rows", "columns"]))
        first, second = draw(st.integers(0, place)), draw(st.integers(0, place))
        if kind == "unary":
            moves.append(("unary", draw(st.sampled_from(sorted(UNARY))), first))
        elif kind == "binary":
            moves.append(("binary", draw(st.sampled_from(sorted(BINARY))), first, second))
        elif kind == "broadcast":
            moves.append(("broadcast", draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape))), first))
        else:
            count = draw(st.integers(1, len(shape)))
            axes = tuple(range(len(shape) - count, len(shape))) if kind == "rows" else tuple(range(count))
            moves.append(("reduce", draw(st.sampled_from(REDUCTIONS)), axes, first))
    return shape, moves, draw(st.integers(0, 999))


def apply(shape, moves):
    """The function that makes these moves, and all values it makes."""

    def function(x, *rest):
        values, rest = [x], iter(rest)
        for move in moves:
            if move[0] == "unary":
                values.append(UNARY[move[1]](values[move[2]]))
            elif move[0] == "binary":
                values.append(BINARY[move[1]](values[move[2]], values[move[3]]))
            elif move[0] == "broadcast":
                values.append(values[move[2]] * next(rest))
            else:
                reduced = getattr(ops, move[1])(values[move[3]], axis=move[2], keepdims=True)
                values.append(values[move[3]] - reduced * 0.25)
        return [values[-1], ops.sum(values[len(values) // 2], axis=0), ops.mean(values[-1])]

    return function


def operands(shape, moves, seed, dtype):
    """Numbers for them: small quarters, so that some are equal, and the sum of any is exact.

    Its sign is no matter of rounding.
    """
    random = np.random.default_rng(seed)

    def numbers(shape):
        return (random.integers(-9, 10, shape) / 4).astype(dtype)

    others = [tuple(n if keep else 1 for n, keep in zip(shape, move[1])) for move in moves if move[0] == "broadcast"]
    return [numbers(s) for s in (shape, *others)]


def compiled(function, arrays, native, workers):
    """The results of the compiled function, run twice (nothing may be left from the first time)."""
    before = use(native)
    try:
        with cost.forced_workers(workers):
            step = backend.function(function)
            step(*arrays)
            return step(*arrays)
    finally:
        use(before)


@pytest.mark.parametrize("native, workers", [(True, 1), (True, 2), (True, 3), (False, 1)])
@settings(max_examples=60, deadline=None)
@given(case=chains())
def test_random_chains(native, workers, case):
    shape, moves, seed = case
    arrays = operands(shape, moves, seed, "float32")
    function = apply(shape, moves)
    with np.errstate(all="ignore"):
        expected = function(*[a.astype("float64") for a in arrays])
    scale = max(1.0, max(float(np.max(np.abs(e))) for e in expected))
    if not np.isfinite(scale):
        return
    exact = [
        move for move in moves if move[1] in ("floor", "sign", "where", "equal")
    ]  # a rounding error decides: no comparison with other digits
    if exact:
        with np.errstate(all="ignore"):
            expected = function(*arrays)
    found = compiled(function, arrays, native, workers)
    if exact:
        close = [np.isclose(f, e, rtol=1e-4, atol=1e-4 * scale) for f, e in zip(found, expected)]
        assert sum(c.sum() for c in close) >= 0.9 * sum(c.size for c in close)
        return
    for f, e in zip(found, expected):
        np.testing.assert_allclose(f, e, rtol=2e-4, atol=2e-5 * scale)


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_each_dtype(native, dtype):
    random = np.random.default_rng(0)
    x, y = random.standard_normal((2, 33, 17)).astype(dtype)
    tolerance = {"float16": 2e-2, "float32": 2e-5, "float64": 1e-12}[dtype]

    def function(x, y):
        return [
            ops.softmax(x * y),
            ops.sum(ops.tanh(x) * y, axis=0),
            ops.max(ops.exp(x), axis=-1),
            ops.mean(ops.log(ops.abs(y) + 0.5)),
        ]

    for f, e in zip(compiled(function, [x, y], native, 2), function(x, y)):
        assert f.dtype == e.dtype
        np.testing.assert_allclose(f, e, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_nan_and_infinity_flow_through(native, workers):
    x = np.array([[np.nan, 1.0, 2.0, -np.inf], [np.inf, 0.0, -0.0, 3.0], [1.0, 2.0, 3.0, 4.0]], "float32")

    def function(x):
        return [
            ops.relu(x), ops.maximum(x, 1.0), ops.exp(x), ops.log(x), ops.tanh(x), ops.sigmoid(x), ops.sqrt(x),
            ops.max(x, axis=-1),
            ops.min(x * 2.0, axis=-1), ops.sum(x, axis=0), ops.isnan(x), ops.isinf(x), ops.where(x > 0, x, -x),
            ops.erf(x), ops.abs(x),
        ]  # fmt: skip

    with np.errstate(all="ignore"):
        expected = function(x)
    for f, e in zip(compiled(function, [x], native, workers), expected):
        np.testing.assert_allclose(f, e, rtol=1e-6)


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0,), (1, 1), (1,), (), (1, 5, 1), (2, 1, 3)])
def test_empty_and_single_axes(native, shape):
    x = np.full(shape, 2.0, "float32")

    def function(x):
        summed = ops.sum(ops.exp(x) * 2.0, axis=0) if x.shape else ops.exp(x)
        return [ops.relu(x) + 1.0, summed, ops.sum(ops.square(x))]

    for f, e in zip(compiled(function, [x], native, 2), function(x)):
        assert f.shape == e.shape
        np.testing.assert_allclose(f, e, rtol=1e-6)


@pytest.mark.parametrize("native", [True, False])
def test_operands_that_lie_askew(native):
    random = np.random.default_rng(1)
    x, y = random.standard_normal((6, 4, 5)).astype("float32"), random.standard_normal((6, 5, 4)).astype("float32")

    def function(x, y):
        turned = ops.transpose(x, (0, 2, 1)) * 2.0 + y
        return [
            turned,
            ops.sum(ops.flip(turned, 1) * y, axis=-1),
            ops.exp(x[:, ::2, 1:]) + 1.0,
            ops.sum(ops.transpose(x, (2, 0, 1)) * 3.0, axis=(0, 1)),
        ]

    for f, e in zip(compiled(function, [x, y], native, 3), function(x, y)):
        np.testing.assert_allclose(f, e, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("native", [True, False])
def test_whole_numbers_and_conditions(native):
    random = np.random.default_rng(2)
    x, n = random.standard_normal((9, 21)).astype("float32"), random.integers(-5, 6, (9, 21)).astype("int32")

    def function(x, n):
        return [
            ops.cast(x > 0, "int32") * n + 1, ops.logical_and(x > 0, n > 0), ops.where(n > 0, x, -x), ops.max(n * 2,
            axis=1), ops.min(n, axis=1),
            ops.cast(n, "float32") * x, ops.logical_not(ops.equal(n, 3)), ops.cast(n, "bool"), ops.cast(x * 3, "int32"),
            -n,
        ]  # fmt: skip

    for f, e in zip(compiled(function, [x, n], native, 2), function(x, n)):
        assert f.dtype == e.dtype
        np.testing.assert_array_equal(f, e)


def test_the_same_bits_whoever_does_the_shares():
    """A step of three shares gives the same bits, run after run, and whether or not the team is free."""
    x = np.random.default_rng(3).standard_normal((4000, 33)).astype("float32")

    def function(x):
        return [ops.sum(ops.exp(x), axis=0), ops.mean(x * x), ops.softmax(x)]

    first = compiled(function, [x], True, 3)
    for _ in range(20):
        for f, e in zip(compiled(function, [x], True, 3), first):
            np.testing.assert_array_equal(f, e)


LONG_SUMS = {  # name: (of a float32 array, the same in float64)
    "sum": (ops.sum, np.sum),
    "of products": (lambda x, axis: ops.sum(x * 1.5, axis=axis), lambda x, axis: np.sum(x * 1.5, axis=axis)),
    "mean": (ops.mean, np.mean),
    "norm": (lambda x, axis: ops.norm(x, axis=axis), lambda x, axis: np.sqrt(np.sum(x * x, axis=axis))),
}


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(
    "shape, axis",
    [
        ((1_000_000,), None),
        ((1000, 1000), None),
        ((2, 500_000), 1),
        ((500_000, 2), 0),
        ((2, 250_000, 2), 1),
        ((1_000_000, 1), 0),
    ],
)
def test_a_long_sum_keeps_its_precision(shape, axis, workers):
    """At most 1,024 numbers are added up in float32.

    Equal ones are the worst: all roundings go one way; one by one a million of them lose three digits.
    """
    for x in (np.full(shape, 0.1, "float32"), np.random.default_rng(0).random(shape, "float32")):
        wide = x.astype("float64")
        for name, (function, exact) in LONG_SUMS.items():
            if name == "norm" and axis is None:
                function, exact = (lambda x, axis: ops.norm(x)), (lambda x, axis: np.sqrt(np.sum(x * x)))
            found, again = (
                compiled(lambda x, function=function: [function(x, axis=axis)], [x], True, workers)[0] for _ in range(2)
            )
            np.testing.assert_allclose(found, exact(wide, axis=axis), rtol=4e-6, err_msg=name)
            np.testing.assert_array_equal(found, again)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_statistics_of_a_large_batch_keep_their_precision(workers):
    x = np.random.default_rng(0).random((16, 128, 128, 4), "float32") + np.float32(0.5)
    mean, variance = compiled(lambda x: list(ops.moments(x, axes=(0, 1, 2))), [x], True, workers)
    np.testing.assert_allclose(mean, x.astype("float64").mean((0, 1, 2)), rtol=2e-6)
    np.testing.assert_allclose(variance, x.astype("float64").var((0, 1, 2)), rtol=4e-6)


@pytest.mark.parametrize("columns", [1, 1023, 1024, 1025, 2048, 5000])
@pytest.mark.parametrize("workers", [1, 3])
def test_rows_around_a_block_of_columns(columns, workers):
    """Rows longer than a block are walked block by block, with all that the loop does besides the sum."""
    x = np.random.default_rng(6).standard_normal((7, columns)).astype("float32")

    def function(x):
        scores = ops.softmax(x)
        centered = ops.exp(x) - ops.mean(ops.exp(x), axis=1, keepdims=True)
        return [
            scores,
            ops.sum(scores * x, axis=1),
            ops.max(x, axis=1),
            ops.sum(scores, axis=0),
            ops.sum(x * x),
            centered,
        ]

    for f, e in zip(compiled(function, [x], True, workers), compiled(function, [x.astype("float64")], False, 1)):
        np.testing.assert_allclose(f, e, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("native", [True, False])
def test_the_sign_of_zero(native):
    assert literal(-0.0, "float32") is None and literal(0.0, "float32") == "float32(0)"
    x = np.array([1.0, 2.0], "float32")

    def function(x):
        return [ops.divide(x, -0.0), ops.divide(x, 0.0), ops.where(x > 5, x, -0.0), ops.where(x > 5, x, 0.0)]

    with np.errstate(all="ignore"):
        found = compiled(function, [x], native, 1)
    for f, e in zip(found, (-np.inf, np.inf, -0.0, 0.0)):
        np.testing.assert_array_equal(f, e)
        np.testing.assert_array_equal(np.signbit(f), np.signbit(e))


def test_a_program_that_goes_takes_its_model_along():
    """What is kept for a group is kept with it.

    Nothing of this process holds on to tensors, variables and the model behind them.
    """
    import kerasish as keras

    def train():
        inner = [
            keras.layers.Dense(40, activation="relu"),
            keras.layers.LayerNormalization(),
            keras.layers.Dense(3, activation="softmax"),
        ]
        model = keras.Sequential([keras.Input((30,)), *inner])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(np.zeros((8, 30), "float32"), np.zeros(8, "int32"), verbose=0)
        return weakref.ref(model), weakref.ref(model.weights[0])

    model, weight = train()
    gc.collect()
    assert model() is None and weight() is None


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("workers", [1, 3])
def test_labels_scores_and_accuracy(native, workers):
    """Sparse crossentropy with its gradient, and the highest score: one pass over the scores."""
    from kerasish import losses

    random = np.random.default_rng(5)
    scores, labels = random.standard_normal((37, 10)).astype("float32"), random.integers(-1, 11, 37)
    scores[3, 4] = np.nan
    scores[5, [2, 7]] = 9.0

    def function(scores, labels):
        loss = losses.sparse_categorical_crossentropy(labels, ops.softmax(scores))
        return [loss, backend.gradients(ops.sum(loss), scores)[0], ops.argmax(scores, axis=-1)]

    found, again = compiled(function, [scores, labels], native, workers), compiled(function, [scores, labels], False, 1)
    for f, e in zip(found, again):
        np.testing.assert_allclose(f, e, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[2], np.argmax(scores, -1))
