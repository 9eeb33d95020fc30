"""Loops and branches: compiled, eager and taped runs agree, and so do their gradients."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from tests.backend.reading import assert_allclose, host

X = np.linspace(0.1, 1.2, 12, dtype="float32").reshape(4, 3)
W = np.linspace(-0.5, 0.6, 9, dtype="float32").reshape(3, 3)


def recurrent(x, w, reverse=False):
    """A small recurrent net: carry (3,), outputs (4, 3)."""

    def step(carry, row):
        new = ops.tanh(row + ops.squeeze(ops.matmul(ops.expand_dims(carry, 0), w), 0))
        return new, new * 2.0

    carry, ys = ops.scan(step, ops.zeros_like(x[0]), x, reverse=reverse)
    return ops.sum(carry * carry) + ops.sum(ys * x)


def looped(x, w):
    return ops.sum(ops.fori_loop(0, 3, lambda i, c: ops.tanh(ops.matmul(c, w)) + ops.cast(i, "float32"), x))


def branched(x, w):
    return ops.cond(ops.sum(x) > 0.0, lambda: ops.sum(ops.matmul(x, w) ** 2), lambda: ops.sum(x))


def branched_other(x, w):
    return ops.cond(ops.sum(x) < 0.0, lambda: ops.sum(ops.matmul(x, w) ** 2), lambda: ops.sum(x * x))


def switched(x, w):
    return ops.switch(
        ops.cast(ops.sum(x) * 0.0 + 1.0, "int32"),
        [lambda a: ops.sum(a), lambda a: ops.sum(a * a), lambda a: ops.sum(a) * 0.0],
        ops.matmul(x, w),
    )


CASES = [recurrent, lambda x, w: recurrent(x, w, reverse=True), looped, branched, branched_other, switched]


@pytest.mark.parametrize(
    "function", CASES, ids=["scan", "scan_reverse", "fori_loop", "cond_true", "cond_false", "switch"]
)
def test_compiled_eager_and_taped_agree(function):
    eager = host(function(*map(ops.convert_to_tensor, (X, W))))

    def step(x, w):
        loss = function(x, w)
        return loss, backend.gradients(loss, [x, w])

    loss, gradients = backend.function(step)(X, W)
    with backend.GradientTape() as tape:
        x, w = tape.watch([X, W])
        taped = function(x, w)
    found = tape.gradient(taped, [x, w])
    assert_allclose(loss, eager, rtol=1e-6)
    assert_allclose(float(taped), eager, rtol=1e-6)
    for index, (a, b) in enumerate(zip(gradients, found)):
        b = np.zeros_like((X, W)[index]) if b is None else b
        assert_allclose(a, b, rtol=2e-5, atol=1e-6)


def test_second_derivative_through_scan():
    def step(x, w):
        first = backend.gradients(recurrent(x, w), w)[0]
        return backend.gradients(ops.sum(first * first), w)[0]

    def numeric(w):
        grad = backend.function(lambda x, w: backend.gradients(recurrent(x, w), w)[0])
        return float((host(grad(X.astype("float64"), w)) ** 2).sum())

    w = W.astype("float64")
    exact = host(backend.function(step)(X.astype("float64"), w))
    for index in [(0, 0), (1, 2), (2, 1)]:
        delta = np.zeros_like(w)
        delta[index] = 1e-6
        estimate = (numeric(w + delta) - numeric(w - delta)) / 2e-6
        assert exact[index] == pytest.approx(estimate, rel=1e-4)


def test_while_loop_runs_compiled_and_refuses_a_gradient():
    double = backend.function(
        lambda x: ops.while_loop(lambda v, n: ops.sum(v) < 100.0, lambda v, n: (v * 2.0, n + 1), (x, 0))
    )
    value, count = double(np.ones(3, "float32"))
    assert value.tolist() == [64.0] * 3 and int(count) == 6
    limited = backend.function(
        lambda x: ops.while_loop(lambda v: v < 100.0, lambda v: (v * 2.0,), (x,), maximum_iterations=2)[0]
    )
    assert float(limited(np.float32(1.0))) == 4.0
    with pytest.raises(ValueError, match="fori_loop"):
        backend.function(
            lambda x: backend.gradients(ops.while_loop(lambda v: v < 9.0, lambda v: (v * 2.0,), (x,))[0], x)[0]
        )(np.float32(1.0))


def test_a_scan_body_may_assign_variables():
    total = keras.Variable(0.0, trainable=False)

    def step(x):
        def body(carry, row):
            total.assign_add(ops.sum(row))
            return carry, total * 1.0

        return ops.scan(body, ops.zeros(()), x)[1]

    running = backend.function(step)(X)
    assert_allclose(running, np.cumsum(X.sum(1)), rtol=1e-6)
    assert float(total) == pytest.approx(X.sum(), rel=1e-6)


def test_a_branch_may_assign_variables():
    count = keras.Variable(0.0, trainable=False)
    step = backend.function(
        lambda x: ops.cond(ops.sum(x) > 0.0, lambda: count.assign_add(1.0) * 1.0, lambda: ops.sum(x))
    )
    step(X)
    step(-X)
    step(X)
    assert float(count) == 2.0


def test_map_and_associative_scan():
    assert backend.function(lambda x: ops.map(lambda row: row * row, x))(X).tolist() == (X * X).tolist()
    assert_allclose(ops.associative_scan(lambda a, b: a + b, X, axis=1), np.cumsum(X, 1), rtol=1e-6)
    assert_allclose(ops.associative_scan(lambda a, b: a + b, X, reverse=True), np.cumsum(X[::-1], 0)[::-1], rtol=1e-6)


NONE = np.zeros((0, 3), "float32")
NO_STEPS = [
    (lambda x, w: ops.scan(lambda c, row: (c + row, c * row), ops.zeros((3,)), x), [(3,), (0, 3)]),
    (
        lambda x, w: ops.scan(lambda c, row: (c, {"a": row @ w, "b": None, "c": [ops.sum(row) > 0.0]}), w, x),
        [(3, 3), (0, 3), None, (0,)],
    ),
    (lambda x, w: ops.scan(lambda c, row: (c + 1.0, None), w, None, length=0), [(3, 3), None]),
    (lambda x, w: ops.scan(lambda c, row: (c + 1.0, c), w, None, length=0, reverse=True), [(3, 3), (0, 3, 3)]),
    (lambda x, w: ops.map(lambda row: (row, ops.cast(ops.sum(row), "int32")), x), [(0, 3), (0,)]),
    (lambda x, w: ops.vectorized_map(lambda pair: pair[0] * pair[1], (x, x)), [(0, 3)]),
]


@pytest.mark.parametrize(
    "run",
    [lambda f: f(*map(ops.convert_to_tensor, (NONE, W))), lambda f: backend.function(f)(NONE, W)],
    ids=["eager", "compiled"],
)
@pytest.mark.parametrize("f, shapes", NO_STEPS)
def test_no_steps_stack_to_empty_arrays_in_the_structure_of_a_step(f, shapes, run):
    found = keras.tree.flatten(run(f))
    assert [None if y is None else tuple(y.shape) for y in found] == shapes
    of_a_row = keras.tree.flatten(f(ops.ones((1, 3)), ops.convert_to_tensor(W)))
    assert [y.dtype for y in found if y is not None] == [y.dtype for y in of_a_row if y is not None]


def test_no_steps_leave_variables_alone_and_have_a_gradient():
    total = keras.Variable(0.0, trainable=False)

    def loss(x, w):
        carry, ys = ops.scan(lambda c, row: (c + total.assign_add(1.0), row @ w), w, x)
        return ops.sum(carry * w) + ops.sum(ys)

    assert (
        np.allclose(host(backend.function(lambda x, w: backend.gradients(loss(x, w), w)[0])(NONE, W)), 2.0 * W)
        and float(total) == 0.0
    )
    with backend.GradientTape() as tape:
        w = tape.watch(W)
        value = loss(NONE, w)
    assert np.allclose(host(tape.gradient(value, w)), 2.0 * W) and float(total) == 0.0


def test_custom_gradient_replaces_the_rule():
    @ops.custom_gradient
    def clipped(x):
        return x * 1.0, lambda *args, upstream=None: ops.clip(upstream, -1.0, 1.0)

    g = backend.function(lambda x: backend.gradients(ops.sum(clipped(x) * 5.0), x)[0])(X)
    assert g.tolist() == np.ones_like(X).tolist()


def test_unequal_carries_and_branches_are_refused():
    with pytest.raises(ValueError, match="carry must keep its shape"):
        backend.function(lambda x: ops.scan(lambda c, r: (ops.concatenate([c, c]), r), ops.zeros((2,)), x))(X)
    with pytest.raises(ValueError, match="Both branches"):
        backend.function(lambda x: ops.cond(ops.sum(x) > 0.0, lambda: x, lambda: ops.sum(x)))(X)
    with pytest.raises(ValueError, match="first axes"):
        ops.scan(lambda c, x: (c, x), ops.zeros(()), X, length=7)


@pytest.mark.parametrize("branches", [1, 2, 5, 8, 11])
def test_branches_in_branches_are_traced_once(branches):
    """A switch is branches in branches: traced twice each, the innermost of eleven would run 1,024 times."""
    runs = []

    def branch(number):
        def run(x):
            runs.append(number)
            return x * float(number + 1)

        return run

    chosen = backend.function(lambda index, x: ops.switch(index, [branch(i) for i in range(branches)], x))
    for index in range(-1, branches + 1):
        expected = min(max(index, 0), branches - 1) + 1
        assert float(ops.convert_to_numpy(chosen(np.array(index, "int32"), np.ones((), "float32")))) == expected
    assert sorted(runs) == list(range(branches))
