"""What is joined into one step, and what must not be."""

import numpy as np
import pytest

from kerasish import backend, ops
from kerasish.backend.compiler import pipeline
from kerasish.backend.numpy import native
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import trace
from tests.backend.compiler.harness import passes_named, simplified
from tests.backend.reading import assert_array_equal


def fused(function, *shapes):
    """(nodes after fusion, their names with the number of nodes in each group)."""
    graph = trace(function, [Spec(shape, "float32") for shape in shapes])
    nodes = pipeline.run(simplified(graph), passes_named("fuse")).nodes
    return nodes, [
        f"fused:{len(n.attributes['group'].nodes)}" if n.operation.name == "fused" else n.operation.name for n in nodes
    ]


def kinds(node):
    """The kinds of values in a group."""
    return sorted(set(node.attributes["group"].kinds.values()))


def normalized(x, axis):
    mean = ops.mean(x, axis=axis, keepdims=True)
    variance = ops.mean(ops.square(x - mean), axis=axis, keepdims=True)
    return (x - mean) * ops.rsqrt(variance + 1e-3)


def test_a_chain_is_one_step():
    _, names = fused(lambda x, b: ops.relu((x + b) * 2.0 - 1.0), (8, 5), (5,))
    assert names == ["fused:4"]


def test_softmax_and_its_sums_are_one_step():
    nodes, names = fused(lambda x: ops.softmax(x), (8, 5))
    assert names == ["fused:5"] and kinds(nodes[0]) == ["full", "row"]


def test_layer_normalization_is_one_step():
    _, names = fused(lambda x, g: normalized(x, -1) * g, (4, 8, 5), (5,))
    assert len(names) == 1


def test_batch_normalization_is_two_sums_and_a_pass():
    """Five steps, of which two are over the channels only."""
    nodes, names = fused(lambda x: normalized(x, (0, 1, 2)), (4, 8, 8, 5))
    assert len(names) == 5
    assert [n.attributes["group"].space for n in nodes] == [
        (4, 8, 8, 5),
        (1, 1, 1, 5),
        (4, 8, 8, 5),
        (1, 1, 1, 5),
        (4, 8, 8, 5),
    ]


def test_an_optimizer_update_is_one_step_with_three_results():
    def adam(w, m, v, g):
        m, v = m + (g - m) * 0.1, v + (ops.square(g) - v) * 0.001
        return w - m * 0.01 / (ops.sqrt(v) + 1e-7), m, v

    nodes, names = fused(adam, *[(30, 40)] * 4)
    assert len(names) == 1 and len(nodes[0].outputs) == 3


def test_two_sums_of_one_operand_share_the_pass():
    _, names = fused(lambda g, x: (ops.sum(g, axis=0), ops.sum(g * x, axis=0)), (30, 40), (30, 40))
    assert len(names) == 1


def test_what_needs_a_whole_sum_waits_for_it():
    """`x - sum(x)` can't be in the pass that makes the sum over rows."""
    nodes, names = fused(lambda x: x * 2.0 - ops.sum(x * 2.0, axis=0), (30, 40))
    assert len(names) == 2 and kinds(nodes[0]) == ["full", "terminal"]


def test_no_way_round_through_another_group():
    """The last product needs `a` and, by way of a matrix product of it, `b`.

    Were all one group, it would need itself.
    """
    nodes, names = fused(lambda x: ops.matmul(ops.exp(x), x) * ops.exp(x) + ops.exp(x), (6, 6))
    assert names == ["fused:1", "matmul", "fused:2"]


def test_ways_back_through_an_open_group_are_seen():
    def function(x, y):
        a = ops.exp(x)  # space (6, 4)
        s = ops.sum(a, axis=0)  # (4,)
        t = ops.exp(s)  # another group, which needs the first
        return a * t + y * a  # must not join the first

    nodes, names = fused(function, (6, 4), (6, 4))
    made = set()
    for node in nodes:
        assert all(x in made or x.node is None for x in node.inputs)
        made.update(node.outputs)


@pytest.mark.parametrize("dtype", ["float16", "int32"])
def test_half_precision_stays_outside(dtype):
    graph = trace(lambda x: x + x, [Spec((4, 4), dtype)])
    nodes = pipeline.run(simplified(graph), passes_named("fuse")).nodes
    assert (nodes[0].operation.name == "fused") == (dtype == "int32")


def test_a_group_writes_over_an_operand_that_nobody_needs():
    function = backend.function(lambda x: ops.exp(ops.matmul(x, x) + 1.0))
    program = function.program(np.zeros((16, 16), "float32"))
    assert program.arena_bytes == 16 * 16 * 4


def test_an_update_is_written_where_the_variable_lies():
    variable = backend.Variable(np.ones((5, 3), "float32"))

    def step(g):
        variable.assign(variable - g * 0.5)
        return ops.sum(g)

    function = backend.function(step)
    program = function.program(np.ones((5, 3), "float32"))
    assert "assign" not in program.names
    function(np.ones((5, 3), "float32"))
    assert_array_equal(variable.numpy(), np.full((5, 3), 0.5, "float32"))


def test_the_old_value_of_a_variable_is_kept_for_who_reads_it_later():
    variable = backend.Variable(np.full((4, 4), 2.0, "float32"))

    def step(g):
        old = variable.value + 0.0 * g
        variable.assign(variable - g)
        return ops.matmul(old, old), variable.value

    before, after = backend.function(step)(np.ones((4, 4), "float32"))
    assert_array_equal(before, np.full((4, 4), 16.0, "float32"))
    assert_array_equal(after, np.full((4, 4), 1.0, "float32"))


@pytest.mark.skipif(
    backend.device().kind != "cpu" or not native.enabled(), reason="only a compiled product takes all along"
)
def test_a_bias_and_activation_follow_the_product():
    function = backend.function(lambda x, w, b: ops.relu(ops.matmul(x, w) + b))
    program = function.program(np.zeros((512, 64), "float32"), np.zeros((64, 32), "float32"), np.zeros(32, "float32"))
    assert len(program.names) == 1
