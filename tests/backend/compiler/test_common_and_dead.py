"""Equal calls are made once, what nothing needs is dropped."""

import numpy as np

import kerasish as keras
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard, names_after

X, Y = hard(4, 6), hard(6, 4).T.copy()


def test_equal_calls():
    check(lambda x, y: p.add(p.exp(x), p.sin(p.exp(x))), X, Y, names="exp sin add")
    check(
        lambda x, y: p.divide(p.add(x, y), p.add(y, x)), X, Y, names="add divide"
    )  # the order of a sum does not matter
    check(
        lambda x, y: p.add(p.subtract(x, y), p.multiply(p.subtract(y, x), y)),
        X,
        Y,
        names="subtract subtract multiply add",
    )
    check(
        lambda x, y: p.add(p.sum(x, axis=(0,), keepdims=True), p.sum(x, axis=(0,), keepdims=False)),
        X,
        Y,
        names="sum sum add",
    )


def test_random_bits_of_one_key_are_equal_and_of_two_are_not():
    keys = np.array([1, 2], "uint32"), np.array([1, 3], "uint32")
    assert names_after(lambda a, b: [p.philox(a, shape=(3,)), p.philox(a, shape=(3,))], *keys) == ["philox"]
    assert names_after(lambda a, b: [p.philox(a, shape=(3,)), p.philox(b, shape=(3,))], *keys) == ["philox", "philox"]


def test_a_host_call_is_not_shared():
    from kerasish import backend

    call = backend.numpy_operation("test_passes_noise", lambda x: x)
    assert names_after(lambda x: [call(x), call(x)], X) == ["host_call", "host_call"]


def test_dead_nodes():
    check(lambda x, y: [p.exp(x), p.sin(p.tanh(y))][0], X, Y, names="exp")


def test_updates_are_needed():
    v = keras.Variable(np.zeros((4, 6), "float32"))

    def body(x, y):
        v.assign(p.exp(x))
        return p.sin(y)

    check(body, X, Y, names="exp sin")


def test_passes_can_be_left_out():
    def body(x, y):
        return p.add(p.exp(x), p.negative(p.negative(p.exp(x))))

    assert names_after(body, X, Y, passes=()) == ["exp", "exp", "negative", "negative", "add"]
    assert names_after(body, X, Y, passes=("signs",)) == ["exp", "exp", "negative", "add"]
    assert names_after(body, X, Y, passes=("signs", "dead")) == ["exp", "exp", "add"]
    assert names_after(body, X, Y, passes=("signs", "dead", "common")) == ["exp", "add"]
