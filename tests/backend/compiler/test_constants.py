"""What is known when the graph is compiled is computed then; what is the same everywhere is one number."""

import numpy as np

import kerasish as keras
from kerasish.backend.compiler.passes.rewriter import FOLDED_ELEMENTS
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard, plain, simplify, traced

LARGE = (4, FOLDED_ELEMENTS)


def test_calls_on_constants_are_computed():
    check(lambda x: p.add(x, p.exp(p.full(shape=(3,), value=1.0, dtype="float32"))), hard(3), names="add")
    check(
        lambda x: p.take(
            p.arange(start=0, step=2, size=10, dtype="int32"), p.full(shape=(2,), value=3, dtype="int32"), axis=0
        ),
        hard(1),
        names="",
    )


def test_large_constants_are_not_kept():
    nodes = check(
        lambda x: p.concatenate(x, p.full(shape=LARGE, value=2.0, dtype="float32"), axis=0),
        plain(1, FOLDED_ELEMENTS),
        names="full concatenate",
    )
    assert nodes[0].attributes["value"] == 2.0


def test_a_constant_that_can_not_be_computed_fails_when_it_is_run():
    graph = traced(
        lambda x: p.add(
            x,
            p.take(p.full(shape=(2,), value=1.0, dtype="float32"), p.full(shape=(3,), value=9, dtype="int32"), axis=0),
        ),
        plain(3),
    )
    assert [node.operation.name for node in simplify(graph)[0]] == ["take", "add"]


def test_variables_are_not_constants():
    v = keras.Variable([1.0, 2.0])
    check(lambda x: p.add(x, p.exp(v)), hard(2), names="exp add")


def test_a_full_operand_becomes_a_number():
    nodes = check(
        lambda x: p.multiply(x, p.full(shape=LARGE, value=3.0, dtype="float32")), plain(*LARGE), names="multiply"
    )
    assert sorted(t.shape for t in nodes[0].inputs) == [(), LARGE]
    nodes = check(
        lambda x: p.where(p.greater(x, 0.0), x, p.full(shape=(3, 4), value=-1.0, dtype="float32")),
        hard(3, 4),
        names="greater where",
    )
    assert nodes[1].inputs[2].shape == ()


def test_a_full_operand_that_gives_the_shape_stays():
    nodes = check(lambda x: p.multiply(x, p.full(shape=(3, 4), value=3.0, dtype="float32")), hard(4), names="multiply")
    assert nodes[0].outputs[0].shape == (3, 4)


def test_a_broadcast_operand_is_read_as_it_was():
    nodes = check(lambda x, y: p.multiply(x, p.broadcast_to(y, shape=(3, 4))), hard(3, 4), hard(4), names="multiply")
    assert nodes[0].inputs[1].shape == (4,)
    check(
        lambda x, y: p.add(p.broadcast_to(x, shape=(3, 4)), p.broadcast_to(y, shape=(3, 4))),
        hard(3, 1),
        hard(4),
        names="add",
    )
    check(lambda x: p.add(p.broadcast_to(x, shape=(3, 4)), 1.0), hard(4), names="broadcast_to add")


def test_numbers_everywhere_are_computed_once():
    def body(x):
        return p.concatenate(x, p.multiply(p.full(shape=LARGE, value=2.0, dtype="float32"), 4.0), axis=0)

    nodes = check(body, plain(1, FOLDED_ELEMENTS), names="full concatenate")
    assert nodes[0].attributes["value"] == 8.0


def test_minus_zero_is_not_zero():
    def body(x):
        zero, minus = (p.full(shape=LARGE, value=value, dtype="float32") for value in (0.0, -0.0))
        return p.concatenate(p.divide(1.0, zero), p.divide(1.0, minus), x, axis=0)

    check(body, plain(1, FOLDED_ELEMENTS))


def test_no_elements():
    check(
        lambda x: p.sum(p.add(x, p.full(shape=(0, 3), value=1.0, dtype="float32")), axis=0, keepdims=False),
        np.zeros((0, 3), "float32"),
    )
