"""Parity of `keras.ops.nn` beside convolutions, pools and patches.

Activations, softmax, losses, normalisation, attention, encodings.
"""

import inspect

import keras
import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import trace
from tests.ops.data import BOOLS, CUBE, HALF, INTS, ROW, X, spread, whole
from tests.ops.parity import C, Parity, same_signature

KINKS = np.array([[0.0, 0.5, -0.5, 1.5], [-1.5, 2.9, -3.1, 6.2]], "float32")
FAR = np.array([-80.0, -20.0, 20.0, 80.0], "float32")
ACTIVATIONS = (
    "relu relu6 sigmoid sparse_sigmoid softplus softsign soft_shrink hard_shrink sparse_plus silu swish squareplus "
    "log_sigmoid leaky_relu hard_sigmoid "
    "hard_silu hard_swish hard_tanh elu selu celu gelu tanh_shrink"
).split()
UNARY = [C(f"nn.{name}", x).but(rtol=2e-5) for name in ACTIVATIONS for x in (KINKS, FAR)]
UNARY += [C("nn.sparsemax", x, axis=axis) for x, axis in ((X, -1), (CUBE, 1), (KINKS, 0), (FAR, 0))]
UNARY += [
    C(f"nn.{name}", HALF).but(gradient=False, rtol=3e-3) for name in ("relu", "gelu", "softplus", "elu", "sigmoid")
]
UNARY += [C("nn.relu", INTS), C("nn.relu", BOOLS).but(spec=False), C("nn.hard_tanh", INTS)]
UNARY += [
    C(f"nn.{name}", INTS).but(spec=False) for name in ("relu6", "softplus", "leaky_relu", "elu", "gelu", "soft_shrink")
]  # Keras infers int32
UNARY += [
    C("nn.leaky_relu", KINKS, negative_slope=0.05), C("nn.leaky_relu", KINKS, negative_slope=1.5), C("nn.elu", KINKS,
    alpha=0.4), C("nn.celu", KINKS, alpha=0.4), C("nn.gelu", KINKS, approximate=False).but(rtol=2e-5),
    C("nn.squareplus", KINKS, b=2),
    C("nn.soft_shrink", KINKS, threshold=1.2), C("nn.hard_shrink", KINKS, threshold=1.2), C("nn.threshold", KINKS, 0.4,
    -7.0), C("nn.threshold", INTS, 4, 1), C("nn.glu", KINKS), C("nn.glu", spread(4, 3), axis=0).but(open=False),
]  # fmt: skip
UNARY += [
    C(f"nn.{name}", x, axis=axis).but(spec=x.ndim > 1)
    for name in ("softmax", "log_softmax")
    for x, axis in ((CUBE, -1), (CUBE, 1), (CUBE, (0, 2)), (CUBE, None), (ROW, 0), (300 * X, 1))
]
UNARY += [
    C("nn.softmax", HALF).but(gradient=False, rtol=3e-3),
    C("nn.softmax", INTS).but(spec=False),
    C("nn.softmax", spread(0, 3)),
]

PROBABILITIES = np.array([[0.1, 0.7, 0.4], [0.3, 0.2, 0.9]], "float32")
EXTREMES = np.array([[0.0, 1.0, 1e-9], [1.0, 0.0, 0.5]], "float32")
TARGETS, SOFT = np.array([[0, 1, 0], [1, 0, 0]], "float32"), np.array([[0.2, 0.7, 0.1], [0.3, 0.3, 0.4]], "float32")
LOGITS = np.array([[-20.0, 3.0, 0.0], [100.0, -100.0, 2.0]], "float32")
CLASSES, IMAGE_CLASSES = np.array([2, 0], "int32"), whole(2, 3, 2, high=4)
MAPS = spread(2, 3, 2, 4, low=0.1)
LOSSES = [C("nn.binary_crossentropy", t, o) for t in (TARGETS, SOFT) for o in (PROBABILITIES, EXTREMES)]
LOSSES += [C("nn.binary_crossentropy", t, LOGITS, from_logits=True) for t in (TARGETS, SOFT)] + [
    C("nn.binary_crossentropy", INTS % 2, PROBABILITIES)
]
LOSSES += [C("nn.categorical_crossentropy", t, o) for t in (TARGETS, SOFT) for o in (PROBABILITIES, EXTREMES)]
LOSSES += [C("nn.categorical_crossentropy", t, LOGITS, from_logits=True) for t in (TARGETS, SOFT)]
LOSSES += [
    C("nn.categorical_crossentropy", SOFT, PROBABILITIES, axis=0).but(spec=False),
    C("nn.categorical_crossentropy", spread(2, 3, 4), CUBE, from_logits=True, axis=1).but(spec=False),
]  # Keras infers as if the axis were the last
LOSSES += [C("nn.sparse_categorical_crossentropy", CLASSES, o) for o in (PROBABILITIES, EXTREMES)] + [
    C("nn.sparse_categorical_crossentropy", CLASSES[:, None], PROBABILITIES),
    C("nn.sparse_categorical_crossentropy", np.array([-1, 3], "int32"), PROBABILITIES),
]
LOSSES += [
    C("nn.sparse_categorical_crossentropy", CLASSES, LOGITS, from_logits=True),
    C("nn.sparse_categorical_crossentropy", np.array([-1, 5], "int32"), LOGITS, from_logits=True),
    C("nn.sparse_categorical_crossentropy", CLASSES.astype("float32"), LOGITS, from_logits=True).but(gradient=False),
]
LOSSES += [
    C("nn.sparse_categorical_crossentropy", IMAGE_CLASSES, MAPS, from_logits=logits) for logits in (False, True)
] + [
    C("nn.sparse_categorical_crossentropy", np.zeros((0,), "int32"), spread(0, 3)),
    C("nn.psnr", X, X[::-1].copy(), max_val=2.0).but(open=False),
    C("nn.psnr", CUBE, CUBE[::-1].copy(), 255).but(open=False),
]

FOUR = spread(2, 3, 4, 5)
CHANNELS = {axis: [spread(n, seed=i, low=0.2, high=2.0) for i in range(4)] for axis, n in ((-1, 5), (1, 3))}
NORMS = [
    C("nn.moments", FOUR, axes=axes, keepdims=keep).but(open=0 not in np.atleast_1d(axes))
    for axes, keep in ((0, False), ((0, 1, 2), False), ((-1,), True), ([1, 2], True), (3, False))
]
NORMS += [
    C("nn.moments", INTS, axes=[1]).but(spec=False),
    C("nn.moments", HALF, axes=[1]).but(gradient=False, rtol=3e-3),
    C("nn.moments", 300 * HALF, axes=[1]).but(gradient=False, rtol=3e-3),
]
NORMS += [C("nn.batch_normalization", FOUR, *CHANNELS[axis][:2], axis=axis).but(open=(0,)) for axis in (-1, 1)]
NORMS += [
    C(
        "nn.batch_normalization",
        FOUR,
        *CHANNELS[axis][:2],
        axis=axis,
        offset=CHANNELS[axis][2],
        scale=CHANNELS[axis][3],
        epsilon=1e-2,
    ).but(open=(0,))
    for axis in (-1, 1)
]
NORMS += [
    C("nn.batch_normalization", FOUR, *CHANNELS[-1][:2], axis=-1, scale=CHANNELS[-1][3]).but(open=(0,)),
    C("nn.batch_normalization", FOUR, *CHANNELS[-1][:2], axis=3, offset=CHANNELS[-1][2]).but(spec=False),
]
NORMS += [
    C("nn.batch_normalization", FOUR.astype("float16"), *CHANNELS[-1][:2], axis=-1).but(gradient=False, spec=False)
]  # Keras infers float16 and computes float32
NORMS += [
    C("nn.layer_normalization", FOUR),
    C("nn.layer_normalization", FOUR, CHANNELS[-1][0], CHANNELS[-1][1]).but(open=(0,)),
    C("nn.layer_normalization", FOUR, spread(4, 5), spread(4, 5, seed=1), axis=(2, 3), epsilon=1e-3).but(open=(0,)),
]
NORMS += [
    C("nn.layer_normalization", FOUR, CHANNELS[1][0], axis=1).but(open=(0,)),
    C("nn.layer_normalization", FOUR, beta=CHANNELS[1][0], axis=[1]).but(open=(0,), rtol=1e-4),
    C("nn.layer_normalization", FOUR.astype("float16")).but(gradient=False, rtol=4e-3),
]
NORMS += [
    C("nn.rms_normalization", FOUR),
    C("nn.rms_normalization", FOUR, CHANNELS[-1][0]).but(open=(0,)),
    C("nn.rms_normalization", FOUR, spread(4, 5), axis=(2, 3), epsilon=0.1).but(open=(0,)),
    C("nn.rms_normalization", FOUR.astype("float16")).but(gradient=False, rtol=4e-3),
]
NORMS += [C("nn.normalize", FOUR, axis=axis, order=order) for axis, order in ((-1, 2), (1, 1), (1, 3), ((1, 2), 2))] + [
    C("nn.normalize", np.zeros((2, 3), "float32")).but(gradient=False),
    C("nn.normalize", np.full((2, 3), 1e-9, "float32"), order=1),
    C("nn.normalize", X, epsilon=10.0),
]

QUERY, KEY, VALUE = spread(2, 3, 4, 5), spread(2, 6, 4, 5, seed=1), spread(2, 6, 4, 5, seed=2)
MASK = np.random.RandomState(0).rand(2, 1, 3, 6) > 0.4
MASK[0, 0, 0] = False  # a query that may look at nothing sees the mean
ATTENTION = [
    C("nn.dot_product_attention", QUERY, KEY, VALUE), C("nn.dot_product_attention", QUERY, KEY, VALUE, scale=0.9),
    C("nn.dot_product_attention", QUERY, KEY, VALUE, is_causal=True), C("nn.dot_product_attention", QUERY, KEY, VALUE,
    mask=MASK),
    C("nn.dot_product_attention", QUERY, KEY, VALUE, mask=MASK[1, 0]).but(open=(0, 1, 2)), C("nn.dot_product_attention",
    QUERY, KEY, VALUE, bias=spread(2, 4, 3, 6, seed=3)), C("nn.dot_product_attention", QUERY, KEY, VALUE, bias=spread(1,
    1, 3, 6, seed=3), mask=MASK, is_causal=True).but(open=(0, 1, 2)),
    C("nn.dot_product_attention", QUERY, KEY[:, :, :2].copy(), VALUE[:, :, :2].copy()), C("nn.dot_product_attention",
    QUERY, KEY[:, :, :1].copy(), VALUE[:, :, :1].copy(), is_causal=True),
    C("nn.dot_product_attention", *[x.astype("float16") for x in (QUERY, KEY, VALUE)]).but(gradient=False, rtol=4e-3),
]  # fmt: skip
ENCODINGS = [
    C("nn.one_hot", INTS, 10),
    C("nn.one_hot", INTS, 5, axis=1),
    C("nn.one_hot", INTS, 10, axis=0).but(open=False),
    C("nn.one_hot", INTS - 3, 4, dtype="int8"),
    C("nn.one_hot", INTS, 10, dtype="bool"),
    C("nn.one_hot", ROW.astype("int32"), 3),
    C("nn.one_hot", X, 2).but(gradient=False),
]
ENCODINGS += [
    C("nn.multi_hot", INTS, 10).but(spec=False),
    C("nn.multi_hot", INTS[0], 10).but(spec=False),
    C("nn.multi_hot", INTS, 10, dtype="int32"),
    C("nn.multi_hot", INTS, num_tokens=10).but(spec=False),
    C("nn.multi_hot", whole(2, 3, 4), 10).but(spec=False),
]


@pytest.mark.parametrize("case", UNARY, ids=str)
class TestUnary(Parity):
    pass


@pytest.mark.parametrize("case", LOSSES, ids=str)
class TestLosses(Parity):
    pass


@pytest.mark.parametrize("case", NORMS, ids=str)
class TestNorms(Parity):
    pass


@pytest.mark.parametrize("case", ATTENTION, ids=str)
class TestAttention(Parity):
    pass


@pytest.mark.parametrize("case", ENCODINGS, ids=str)
class TestEncodings(Parity):
    pass


def public(module):
    return sorted(
        name for name in dir(module) if not name.startswith("_") and inspect.isfunction(getattr(module, name))
    )


def test_every_function_stands_with_its_signature():
    wanted = public(keras.ops.nn)
    assert not [name for name in wanted if not hasattr(ops.nn, name) or getattr(ops, name) is not getattr(ops.nn, name)]
    differences = {name: same_signature(getattr(ops.nn, name), getattr(keras.ops.nn, name)) for name in wanted}
    assert not {name: found for name, found in differences.items() if found}


@pytest.mark.parametrize(
    "f, steps",
    [
        (ops.relu, ["relu"]),
        (ops.sigmoid, ["sigmoid"]),
        (ops.softplus, ["softplus"]),
        (ops.silu, ["sigmoid", "multiply"]),
        (ops.softmax, ["max", "stop_gradient", "subtract", "exp", "sum", "divide"]),
        (lambda x: ops.batch_normalization(x, np.ones(3, "float32"), np.ones(3, "float32"), -1), ["multiply", "add"]),
        (lambda x: ops.binary_crossentropy(x, x, from_logits=True), ["softplus", "multiply", "subtract"]),
        (lambda x: ops.average_pool(ops.reshape(x, (1, 3, 3)), 2), ["reshape", "sum_pool", "multiply"]),
        (lambda x: ops.average_pool(ops.reshape(x, (1, 3, 3)), 2, 2, "same"), ["reshape", "sum_pool", "multiply"]),
        (
            lambda x: ops.conv(ops.reshape(x, (1, 3, 3)), np.ones((2, 3, 4), "float32"), padding="same"),
            ["reshape", "conv"],
        ),
    ],
)
def test_an_op_is_few_steps(f, steps):
    assert [node.operation.name for node in trace(f, [Spec((3, 3), "float32")]).nodes] == steps


def test_a_soft_cap_bends_the_logits():
    """Keras offers it on TPUs only."""
    plain, capped = (
        ops.dot_product_attention(QUERY, KEY, VALUE),
        ops.dot_product_attention(QUERY, KEY, VALUE, attn_logits_soft_cap=1e-6),
    )
    np.testing.assert_allclose(capped, np.broadcast_to(VALUE.mean(1, keepdims=True), plain.shape), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        ops.dot_product_attention(QUERY, KEY, VALUE, attn_logits_soft_cap=1e4), plain, rtol=1e-4, atol=1e-5
    )


REFUSED = [
    (lambda: ops.glu(X), "even"), (lambda: ops.binary_crossentropy(X, X[:1]), "same shape"),
    (lambda: ops.categorical_crossentropy(X, CUBE), "same shape"), (lambda: ops.categorical_crossentropy(1.0, 1.0),
    "axis of classes"),
    (lambda: ops.sparse_categorical_crossentropy([0, 1, 2], X), "without axis"), (lambda: ops.psnr(X, CUBE, 1.0),
    "same shape"), (lambda: ops.normalize(X, order=0), "`order`"), (lambda: ops.normalize(X, order=1.5), "`order`"),
    (lambda: ops.batch_normalization(X, ROW[:2], ROW, -1), "`mean`"), (lambda: ops.layer_normalization(X, CUBE),
    "`gamma`"), (lambda: ops.moments(X, axes=5), "out of range"), (lambda: ops.dot_product_attention(CUBE, CUBE, CUBE),
    "batch, length, heads"),
    (lambda: ops.dot_product_attention(QUERY, KEY[:, :, :3], VALUE[:, :, :3]), "multiple"),
    (lambda: ops.multi_hot(INTS), "num_classes"),
    (lambda: ops.one_hot(INTS, 3, axis=4), "out of range"),
]  # fmt: skip


def test_a_cpu_has_no_flash_attention():
    with pytest.raises(RuntimeError, match="`flash_attention=True` is not available on this device"):
        ops.dot_product_attention(QUERY, KEY, VALUE, flash_attention=True)


@pytest.mark.parametrize("call, words", REFUSED)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_an_unknown_argument_is_refused():
    with pytest.raises(TypeError, match="center"):
        ops.layer_normalization(X, center=True)


@pytest.mark.parametrize("name", ["one_hot", "multi_hot"])
def test_a_sparse_vector_is_dense(name):
    encode = getattr(ops, name)
    np.testing.assert_array_equal(encode(INTS, 11, sparse=True), encode(INTS, 11))
