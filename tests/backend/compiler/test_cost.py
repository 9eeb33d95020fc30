"""FLOPs and bytes of nodes, counted by hand."""

import numpy as np
import pytest

from kerasish.backend.autodiff import gradients
from kerasish.backend.compiler import cost
from kerasish.backend.node import PrimitiveNode
from kerasish.backend.primitives import PRIMITIVES, p
from kerasish.backend.primitives.costs import Kind
from kerasish.backend.primitives.group import FUSED
from tests.backend.compiler.harness import plain, traced

WHERE = {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}


def _costs(body, *arrays):
    return {node.operation.name: (cost.flops(node), cost.bytes_moved(node)) for node in traced(body, *arrays).nodes}


@pytest.mark.parametrize("body, arrays, name, wanted", [
    (lambda x, y: p.matmul(x, y), (plain(2, 3, 4), plain(4, 5)), "matmul", (2 * 2 * 3 * 4 * 5, 4 * (24 + 20 + 30))),
    (lambda x, y: p.matmul(x, y, transpose_x=True), (plain(4, 3), plain(4, 5)), "matmul", (2 * 3 * 4 * 5,
    4 * (12 + 20 + 15))),
    (lambda x, y: p.add(x, y), (plain(3, 4), plain(4)), "add", (12, 4 * (12 + 4 + 12))),
    (lambda x: p.multiply(x, x), (plain(3, 4),), "multiply", (12, 4 * (12 + 12))),
    (lambda x: p.exp(x), (plain(3, 4, dtype="float64"),), "exp", (12, 8 * 24)),
    (lambda x: p.sum(x, axis=(0,), keepdims=False), (plain(3, 4),), "sum", (12, 4 * (12 + 4))),
    (lambda x: p.reshape(x, shape=(12,)), (plain(3, 4),), "reshape", (0, 0)),
    (lambda x: p.concatenate(x, x, axis=0), (plain(3, 4),), "concatenate", (0, 4 * (12 + 24))),
    (lambda x, i: p.take(x, i, axis=0), (plain(1000, 4), np.arange(3, dtype="int32")), "take", (0, 4 * (2 * 12 + 3))),
    (lambda x: p.max_pool(x, window=(2, 2), strides=(2, 2), padding=((0, 0), (0, 0))), (plain(1, 4, 4, 3),), "max_pool",
    (4 * 12, 4 * (48 + 12))),
    (lambda x: p.cast(x, dtype="float16"), (plain(3, 4),), "cast", (12, 12 * 6)),
    (lambda x: p.cholesky(x), (plain(2, 6, 6),), "cholesky", (2 * 72, 4 * 144)),
])  # fmt: skip
def test_by_hand(body, arrays, name, wanted):
    assert _costs(body, *arrays)[name] == wanted


@pytest.mark.parametrize("groups", [1, 2])
def test_a_convolution_and_its_gradients_cost_the_same(groups):
    x, kernel = plain(2, 8, 8, 4), plain(3, 3, 4 // groups, 6)

    def body(x, kernel):
        y = p.conv(x, kernel, **WHERE, groups=groups)
        return gradients(p.sum(y, axis=None, keepdims=False), [x, kernel])

    found = _costs(body, x, kernel)
    wanted = 2 * (2 * 8 * 8 * 6) * 9 * (4 // groups)
    convolutions = [n for n, made in PRIMITIVES.items() if made.traits.cost.kind is Kind.CONVOLUTION]
    assert len(convolutions) == 3
    assert {found[name][0] for name in convolutions} == {wanted}
    assert sum(sum(cost.products(node)) for node in traced(body, x, kernel).nodes) == 3 * wanted


def test_a_fused_group_is_the_sum_of_its_nodes_and_moves_its_ends():
    graph = traced(lambda x, y: p.relu(p.add(p.multiply(x, y), 1.0)), plain(3, 4), plain(4))

    class Group:
        nodes = graph.nodes

    node = PrimitiveNode(operation=FUSED, inputs=list(graph.inputs), attributes={"group": Group}, outputs=graph.outputs)
    assert cost.flops(node) == 36 and cost.bytes_moved(node) == 4 * (12 + 4 + 12)


def test_a_scan_is_its_body_times_its_length():
    from kerasish import ops

    def body(x):
        final, _ = ops.scan(lambda c, x: (ops.tanh(c + x), None), ops.zeros((4,)), x)
        return final

    node = next(node for node in traced(body, plain(7, 4)).nodes if node.operation.name == "scan")
    assert cost.flops(node) == 7 * 8


def test_every_primitive_has_a_cost():
    from tests.backend.primitives.harness import all_rows

    seen = set()
    for row in all_rows():
        if row.name in seen:
            continue
        seen.add(row.name)
        for node in traced(row.call, *row.inputs).nodes:
            assert cost.flops(node) >= 0 and cost.bytes_moved(node) >= 0, node
    assert len(seen) > 0.8 * len(PRIMITIVES)
