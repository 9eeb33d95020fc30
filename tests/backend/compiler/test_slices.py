"""A value that is only cut into parts is never made."""

import numpy as np
import pytest

from kerasish.backend.compiler import pipeline
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.device import device
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import evaluated, passes_named, traced

X, Y, ROW, ONE = (np.random.default_rng(0).normal(size=s).astype("float32") for s in ((4, 6), (4, 6), (6,), (4, 1)))


def push_slices(graph):
    """The Draft of a graph behind the pass alone."""
    return pipeline.run(Draft(graph, device()), passes_named("push_slices"))


def cut(x, start, stop, axis=1, strides=None):
    lower, upper = [0] * len(x.shape), list(x.shape)
    lower[axis], upper[axis] = start, stop
    return p.slice(x, start=tuple(lower), stop=tuple(upper), strides=strides or (1,) * len(x.shape))


def names(body, *arrays):
    """The primitives after the pass, whose result is checked."""
    graph = traced(body, *arrays)
    pushed = push_slices(graph)
    for before, after in zip(
        evaluated(graph.nodes, graph.constants, graph, arrays), evaluated(pushed.nodes, graph.constants, graph, arrays)
    ):
        np.testing.assert_array_equal(before, after)
    return " ".join(node.operation.name for node in pushed.nodes)


def halves(z, axis=1):
    half = z.shape[axis] // 2
    return [p.exp(cut(z, 0, half, axis)), p.tanh(cut(z, half, 2 * half, axis))]


def test_operands_are_cut():
    assert names(lambda x, y: halves(p.add(x, y)), X, Y) == "slice slice add slice slice add exp tanh"


def test_a_chain_of_calls():
    assert names(lambda x, y, row: halves(p.add(p.multiply(x, y), row)), X, Y, ROW).count("slice") == 6


def test_operands_that_broadcast():
    """A vector is cut too; a column, a number or what has no such axis is not."""
    assert names(lambda x, one: halves(p.multiply(p.add(x, one), 2.0)), X, ONE).split().count("slice") == 2
    assert names(lambda x, row: halves(p.add(x, row), axis=0), X, ROW).split().count("slice") == 2


@pytest.mark.parametrize("body", [
    lambda x, y: (lambda z: [*halves(z), z])(p.add(x, y)),  # the whole is wanted too
    lambda x, y: (lambda z: [*halves(z), p.exp(z)])(p.add(x, y)),
    lambda x, y: (lambda z: [cut(z, 0, 4), cut(z, 2, 4)])(p.add(x, y)),  # an overlap
    lambda x, y: (lambda z: [cut(z, 0, 3), cut(z, 0, 3, 0)])(p.add(x, y)),
    lambda x, y: (lambda z: [cut(z, 0, 2), cut(z, 2, 4)])(p.add(x, y)),  # not all of it
    lambda x, y: (lambda z: [cut(z, 0, 6, strides=(1, 2)), cut(z, 1, 6, strides=(1, 2))])(p.add(x, y)),
    lambda x, y: halves(p.matmul(x, p.transpose(y, axes=(1, 0)))),
], ids=["wanted", "read", "overlap", "two axes", "a part", "strides", "matmul"])  # fmt: skip
def test_others_stay(body):
    graph = traced(body, X, Y)
    assert [n.operation.name for n in push_slices(graph).nodes] == [n.operation.name for n in graph.nodes]
