"""What computes in half precision does so in float32: where the casts stand, and that nothing else changes."""

import numpy as np
import pytest

import kerasish
from kerasish import backend, ops
from kerasish.backend.compiler import checks, pipeline
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.widen import widen
from kerasish.backend.device import device
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import evaluated, traced

MULTIPLIES = "matmul" in device().computes_halves
WIDENS_PRODUCTS = pytest.mark.skipif(MULTIPLIES, reason="products take halves as they are stored here")

X = np.linspace(-2, 2, 12).reshape(3, 4)
Y = np.linspace(0.5, 1.5, 12).reshape(3, 4)
HALVES = ("float16", "bfloat16")


def widened(body, *arrays):
    """(the Draft behind the pass, the TracedGraph)."""
    graph = traced(body, *arrays)
    draft = widen(Draft(graph, device()))
    assert not list(checks.no_halves_computed(draft)) and not list(checks.in_order(draft))
    assert not list(checks.shapes_agree(draft)) and not list(checks.no_dead_nodes(draft))
    return draft, graph


def names(draft):
    return " ".join(node.operation.name for node in draft.nodes)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("body, expected", [
    (lambda x, y: p.add(x, y), "cast cast add narrow"),
    (lambda x, y: p.multiply(p.add(x, y), x), "cast cast add narrow cast multiply narrow"),
    (lambda x, y: p.add(x, 2.0), "cast add narrow"),  # a constant becomes one of float32
    (lambda x, y: p.reshape(p.transpose(x, axes=(1, 0)), shape=(12,)), "transpose reshape"),
    (lambda x, y: p.concatenate(x, y, axis=0), "concatenate"),
    (lambda x, y: p.cast(x, dtype="float32"), "cast"),
    (lambda x, y: p.greater(x, y), "cast cast greater"),
    (lambda x, y: p.equal(p.add(x, y), y), "cast cast add narrow cast cast equal"),  # rounded as it would be stored
    (lambda x, y: p.sum(x, axis=(0,)), "cast sum narrow"),
    (lambda x, y: p.matmul(x, y, transpose_y=True), "matmul" if MULTIPLIES else "cast cast matmul narrow"),
    (lambda x, y: p.argmax(x, axis=1), "cast argmax"),
])  # fmt: skip
def test_nodes(body, expected, dtype):
    x, y = X.astype(dtype), Y.astype(dtype)
    draft, graph = widened(body, x, y)
    assert names(draft) == expected
    before = evaluated(graph.nodes, graph.constants, graph, (x, y))
    after = evaluated(draft.nodes, draft.constants, graph, (x, y), draft.alias)
    for a, b in zip(after, before):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a.astype("float64"), b.astype("float64"))


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_other_types_are_left_alone(dtype):
    graph = traced(lambda x: p.add(x, x), X.astype(dtype))
    draft = Draft(graph, device())
    assert widen(draft) is draft


def test_a_twin_is_shared_by_readers_close_by_and_made_again_for_those_far_away():
    def body(x):
        y, near = p.tanh(x), []
        for _ in range(3):
            near.append(p.exp(y))
        far = near[0]
        for _ in range(30):
            far = p.sin(far)
        return [*near, far, p.cos(y)]

    draft, _ = widened(body, X.astype("bfloat16"))
    of_y = next(node.outputs[0] for node in draft.nodes if node.operation is p.narrow)
    assert sum(node.operation is p.cast and node.inputs[0] is of_y for node in draft.nodes) == 2


@WIDENS_PRODUCTS
def test_the_twins_of_weights_are_made_once():
    weight = kerasish.Variable(np.ones((4, 4), "float32"))

    def body(x):
        w = p.cast(weight.read(), dtype="bfloat16")
        for _ in range(30):
            x = p.matmul(x, w)
        return [x, p.matmul(x, w)]

    draft, _ = widened(body, X.astype("bfloat16"))
    casts = [node for node in draft.nodes if node.operation is p.cast and node.inputs[0].shape == (4, 4)]
    assert [node.outputs[0].dtype for node in casts] == ["bfloat16", "float32"]


@WIDENS_PRODUCTS
def test_loops_capture_float32():
    """What each step would convert is converted once, outside; what is moved in the body stays as it is."""
    weight, table = Y.T[:, :3].astype("bfloat16"), Y.astype("bfloat16")

    def loop(x, weight, table):
        def step(carry, i):
            carry = ops.tanh(ops.matmul(carry, weight))
            return carry, ops.add(ops.take(table, i, axis=0)[:3], carry[0])

        return ops.scan(step, ops.matmul(x, weight), ops.arange(3))

    given = X.astype("bfloat16"), np.ascontiguousarray(weight[:3]), table
    given = (np.ones((3, 3), "bfloat16"), given[1], given[2])
    draft, _ = widened(lambda *xs: list(loop(*xs)), *given)
    scan = next(node for node in draft.nodes if node.operation is p.scan)
    body = scan.attributes["body"]
    assert [x.dtype for x in scan.inputs] == [t.dtype for t in body.inputs]
    captured = {t.dtype for t in body.inputs if t.shape in ((3, 3), (3, 4))}
    assert captured == {"float32", "bfloat16"}
    assert not list(checks.no_halves_computed(Draft(body, device())))
    got = backend.function(loop)(*given)
    want = loop(*given)
    for a, b in zip(got, want):
        a, b = (ops.convert_to_numpy(x).astype("float32") for x in (a, b))
        np.testing.assert_allclose(a, b, rtol=2e-2)


def test_it_stands_before_the_groups():
    order = [step.name for step in pipeline.PIPELINE]
    assert order.index("sparse_rows") < order.index("widen") < order.index("fuse")


@pytest.mark.parametrize("dtype", HALVES)
def test_an_embedding_of_half_precision_learns_by_its_rows(dtype):
    """The sparse update of a table, whose gradients are added up in float32."""
    keras = kerasish
    before = [None, None]
    for eager in (False, True):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([
            keras.Input((4,), dtype="int32"), keras.layers.Embedding(5000, 16, dtype=dtype),
            keras.layers.GlobalAveragePooling1D(dtype="float32"), keras.layers.Dense(1),
        ])  # fmt: skip
        model.compile(keras.optimizers.SGD(0.5), "mse", run_eagerly=eager)
        table = np.random.default_rng(1).normal(size=(5000, 16)).astype(dtype)
        model.layers[0].set_weights([table])
        model.fit(np.array([[1, 2, 1, 4999]] * 8, "int32"), np.ones((8, 1)), verbose=0)
        after = ops.convert_to_numpy(model.layers[0].weights[0])
        changed = np.flatnonzero((after.astype("float32") != table.astype("float32")).any(1))
        assert changed.tolist() == [1, 2, 4999] and after.dtype == dtype
        before[eager] = after[changed].astype("float32")
    np.testing.assert_allclose(before[0], before[1], rtol=2e-2, atol=1e-3)
