"""The sum of x - mean(x) is not computed; what is not finite still shows."""

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import PASSES, check, evaluated, names_after, plain, simplify, traced

WITHOUT = tuple(name for name in PASSES if name != "centered")


def _around(x, axis):
    count = np.prod([x.shape[a] for a in axis])
    return p.subtract(x, p.multiply(p.sum(x, axis=axis, keepdims=True), float(1 / count)))


@pytest.mark.parametrize("axis", [(0,), (1,), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_the_sum_is_zero(axis, keepdims):
    def body(x, a):
        a = p.sum(a, axis=axis, keepdims=True)
        around = _around(x, axis)
        return p.sum(p.multiply(p.negative(p.add(around, around)), a), axis=axis, keepdims=keepdims)

    x, a = plain(4, 5, 6), plain(4, 5, 6, seed=1)
    graph = traced(body, x, a)
    nodes, alias, constants = simplify(graph)
    assert all(node.outputs[0].shape != (4, 5, 6) for node in nodes)
    (found,) = evaluated(nodes, constants, graph, [x, a], alias)
    assert np.all(found == 0)
    (before,) = evaluated(graph.nodes, graph.constants, graph, [x, a])
    assert before.shape == found.shape and np.allclose(before, 0, atol=1e-3)


def test_of_two_terms_one_is_zero():
    def body(x, y, a):
        return p.sum(
            p.add(p.multiply(_around(x, (1,)), p.sum(a, axis=(1,), keepdims=True)), y), axis=(1,), keepdims=False
        )

    arrays = [plain(4, 6, seed=i).astype("float64") for i in range(3)]
    graph = traced(body, *arrays)
    nodes, alias, constants = simplify(graph)
    assert not any(node.operation.name == "subtract" for node in nodes)
    (wanted,), (found,) = (
        evaluated(graph.nodes, graph.constants, graph, arrays),
        evaluated(nodes, constants, graph, arrays, alias),
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_comes_out(value):
    x = plain(4, 5)
    x[1, 2] = value
    check(lambda x: p.isfinite(p.sum(_around(x, (0,)), axis=(0,), keepdims=False)), x)


def test_other_sums_are_computed():
    for body in (
        lambda x: p.sum(_around(x, (0,)), axis=(1,), keepdims=False),  # other axes
        lambda x: p.sum(p.subtract(x, p.sum(x, axis=(0,), keepdims=True)), axis=(0,), keepdims=False),  # a sum, no mean
        lambda x: p.sum(p.multiply(_around(x, (0,)), x), axis=(0,), keepdims=False),  # a factor that varies
        lambda x: p.sum(p.square(_around(x, (0,))), axis=(0,), keepdims=False),
    ):
        check(body, plain(4, 4))
        assert names_after(body, plain(4, 4)) == names_after(body, plain(4, 4), passes=WITHOUT)


def test_the_gradient_of_a_batch_normalization_reads_its_input_less_often():
    def body(x, g):
        mean, variance = ops.moments(x, axes=(0, 1, 2))
        return gradients(p.sum(ops.batch_normalization(x, mean, variance, -1) * g, axis=None, keepdims=False), x)

    x, g = plain(2, 4, 4, 3), plain(2, 4, 4, 3, seed=1)
    graph = traced(body, x, g)
    found, wanted = [], evaluated(graph.nodes, graph.constants, graph, [x, g])
    for passes in (WITHOUT, PASSES):
        nodes, alias, constants = simplify(graph, passes)
        np.testing.assert_allclose(
            evaluated(nodes, constants, graph, [x, g], alias)[0], wanted[0], rtol=1e-4, atol=1e-5
        )
        found.append(sum(node.operation.name == "sum" and node.inputs[0].shape == x.shape for node in nodes))
    assert found[1] == found[0] - 1
