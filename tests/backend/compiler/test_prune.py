"""Loops lose what nobody reads."""

import numpy as np
import pytest

from kerasish import backend, ops
from kerasish.backend.compiler import pipeline
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.device import device
from tests.backend.compiler.harness import passes_named, traced
from tests.backend.reading import assert_array_equal

X, W = np.ones((5, 3), "float32"), np.ones((3,), "float32")


def prune_loops(draft):
    """The Draft behind the pass alone."""
    return pipeline.run(draft, passes_named("prune_loops"))


def body(state, x, w):
    """Carry `a` needs `b`; `c` needs itself alone; two results."""
    a, b, c = state
    return [a + b, b * w, ops.sin(c)], [a * 2.0, ops.exp(c) + x]


def scanned(x, w):
    return ops.scan(lambda s, row: body(s, row, w), [w, w, w], x)


def lean(pick):
    graph = traced(lambda x, w: pick(*scanned(x, w)), X, W)
    node = next(n for n in prune_loops(Draft(graph, device())).nodes if n.operation.name == "scan")
    inner = node.attributes["body"]
    return (
        node.attributes["carries"],
        len(inner.outputs) - node.attributes["carries"],
        len(node.inputs),
        [n.operation.name for n in inner.nodes],
    )


@pytest.mark.parametrize("pick, carries, results, inputs, gone", [
    (lambda s, y: s[0], 2, 0, 3, "sin exp"),  # w is read twice: as the first values and in the body
    (lambda s, y: s[1], 1, 0, 2, "sin exp add"),
    (lambda s, y: s[2], 1, 0, 1, "exp add multiply"),
    (lambda s, y: y[0], 2, 1, 3, "sin exp"),
    (lambda s, y: y[1], 1, 1, 2, "multiply"),
    (lambda s, y: [s, y], 3, 2, 5, ""),
], ids=["a", "b", "c", "first result", "second result", "all"])  # fmt: skip
def test_what_is_left(pick, carries, results, inputs, gone):
    found = lean(pick)
    assert found[:3] == (carries, results, inputs)
    assert not set(gone.split()) & set(found[3])


def test_values_stay():
    both = backend.function(lambda x, w: scanned(x, w))(X, W)
    for i in range(3):
        alone = backend.function(lambda x, w, i=i: scanned(x, w)[0][i])(X, W)
        assert_array_equal(alone, both[0][i])
    for k in range(2):
        assert_array_equal(backend.function(lambda x, w, k=k: scanned(x, w)[1][k])(X, W), both[1][k])


def test_a_dead_loop_goes():
    graph = traced(lambda x, w: [scanned(x, w), w * 2.0][1], X, W)
    assert [n.operation.name for n in prune_loops(Draft(graph, device())).nodes] == ["multiply"]
    assert prune_loops(lean := Draft(traced(lambda x: x * 2.0, X), device())) is lean
