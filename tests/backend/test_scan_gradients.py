"""Scan against the same loop written out, over many kinds of body.

Its gradients are held against central differences in float64.
"""

import gc
import importlib
import tracemalloc

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from kerasish.backend.compiler import lower_scan as lowering
from tests.backend.reading import assert_allclose, host
from tests.backend.scan_cases import (
    CASES,
    VALUES,
    B,
    T,
    U,
    conv_lstm,
    gradient_of,
    gru,
    loss_of,
    lstm,
    lstm_cell,
    unread,
    unrolled,
)
from tests.strict_device.device import StrictDevice


@pytest.fixture(params=["flat", "looped"])
def lowered(request, monkeypatch):
    """Both ways in which a Program runs a loop."""
    if request.param == "looped":
        monkeypatch.setattr(lowering, "MAX_CALLS", 0)


@pytest.mark.parametrize("name", CASES)
def test_scan_and_the_loop_written_out_agree(name, lowered):
    function = CASES[name]
    value, found = gradient_of(function, ops.scan, list(VALUES))(VALUES)
    again, expected = gradient_of(function, unrolled, list(VALUES))(VALUES)
    assert_allclose(value, again, rtol=1e-12)
    for key in VALUES:
        a, b = (np.zeros_like(VALUES[key]) if g[key] is None else g[key] for g in (found, expected))
        assert_allclose(a, b, rtol=1e-9, atol=1e-11, err_msg=key)


@pytest.mark.parametrize("name", CASES)
def test_gradients_agree_with_central_differences(name):
    """Along one random direction in the space of all values."""
    function = CASES[name]
    value = loss_of(function, ops.scan)
    _, found = gradient_of(function, ops.scan, list(VALUES))(VALUES)
    direction = {k: np.random.default_rng(1).normal(size=a.shape) for k, a in VALUES.items()}
    estimate = _slope(lambda v: float(value(v)), direction)
    exact = sum(float((host(g) * direction[k]).sum()) for k, g in found.items() if g is not None)
    assert exact == pytest.approx(estimate, rel=1e-6, abs=1e-7)


def _slope(f, direction, width=1e-5):
    ahead, behind = ({k: a + s * width * direction[k] for k, a in VALUES.items()} for s in (1, -1))
    return (f(ahead) - f(behind)) / (2 * width)


@pytest.mark.parametrize(
    "name",
    [
        "simple",
        "simple reverse",
        "lstm",
        "lstm cell",
        "gru",
        "masked",
        "counted",
        "shifted",
        "nested",
        "transposed",
        "views",
        "conv lstm",
    ],
)
def test_second_derivatives(name, lowered):
    """The gradient of the squared norm of the gradient."""
    function, names = CASES[name], ["x", "h", "w", "r", "w4", "r4"]

    def norm(v):
        first = backend.gradients(function(ops.scan, v), [v[n] for n in names])
        return sum(ops.sum(g * g) for g in first if g is not None)

    def step(v):
        return dict(zip(names, backend.gradients(norm(v), [v[n] for n in names])))

    found, value = backend.function(step)(VALUES), backend.function(norm)
    direction = {k: np.random.default_rng(2).normal(size=a.shape) * (k in names) for k, a in VALUES.items()}
    estimate = _slope(lambda v: float(value(v)), direction)
    exact = sum(float((host(g) * direction[k]).sum()) for k, g in found.items() if g is not None)
    assert exact == pytest.approx(estimate, rel=1e-5, abs=1e-6)


def test_third_derivative():
    def third(x):
        def cube(y):
            return ops.scan(lambda c, s: (c * y * s, None), ops.ones((), "float64"), ops.ones((3,), "float64"))[0]

        for _ in range(3):
            cube = (lambda f: lambda y: backend.gradients(f(y), y)[0])(cube)
        return cube(x)

    assert float(backend.function(third)(np.float64(2.0))) == pytest.approx(6.0)


def test_variables_in_the_body():
    """Read, or captured through a custom gradient's rule."""
    kernel = keras.Variable(VALUES["r"], dtype="float64")

    def step(v):
        @ops.custom_gradient
        def halved(x):
            twice = x * 2.0
            return x * 1.0, lambda *args, upstream=None: upstream * 0.5 * twice * ops.sum(v["b"] ** 2)

        h, _ = ops.scan(lambda h, x: (ops.tanh(halved(ops.matmul(h, kernel))), None), v["h"], v["x"])
        loss = ops.sum(h)
        return loss, backend.gradients(loss, [kernel, v["h"]])

    def by_hand(v):
        h, hs = v["h"], []
        for _ in range(T):
            hs.append(h)
            h = np.tanh(h @ VALUES["r"])
        g, total = np.ones_like(h), 0
        for before in hs[::-1]:
            z = before @ VALUES["r"]
            g = g * (1 - np.tanh(z) ** 2) * 0.5 * 2 * z * (v["b"] ** 2).sum()
            total, g = total + before.T @ g, g @ VALUES["r"].T
        return total, g

    _, (kernel_gradient, start_gradient) = backend.function(step)(VALUES)
    expected = by_hand(VALUES)
    assert_allclose(kernel_gradient, expected[0], rtol=1e-10)
    assert_allclose(start_gradient, expected[1], rtol=1e-10)


def test_assigned_variables_with_a_gradient():
    """A variable's sum of all steps so far is a number to the gradient, as with TensorFlow's tape."""
    total = keras.Variable(np.zeros((B, U)), dtype="float64", trainable=False)

    def step(v):
        def body(h, x):
            h = ops.tanh(ops.matmul(x, v["w"]) + h)
            total.assign_add(h)
            return h, total * h

        h, ys = ops.scan(body, v["h"], v["x"])
        return backend.gradients(ops.sum(ys) + ops.sum(h), v["w"])[0]

    total.assign(np.zeros((B, U)))
    found = backend.function(step)(VALUES)
    h, running, hs = VALUES["h"], 0, []
    for x in VALUES["x"]:
        h = np.tanh(x @ VALUES["w"] + h)
        hs.append(h)
        running = running + h
    assert_allclose(total.numpy(), running, rtol=1e-10)
    g, expected = np.ones((B, U)), 0
    for t in reversed(range(T)):
        g = g + sum(hs[: t + 1])
        z = g * (1 - hs[t] ** 2)
        expected, g = expected + VALUES["x"][t].T @ z, z
    assert_allclose(found, expected, rtol=1e-9)


def program_names(function, names):
    return gradient_of(function, ops.scan, names).program(VALUES).names


def count(names, name):
    return sum(n.split(" ")[0] == name for n in names)  # "matmul + fused" is a matmul with an epilogue


@pytest.mark.parametrize("function", [lstm, lstm_cell], ids=["projected before", "projected in the cell"])
def test_matrix_products_of_a_step(function):
    """One in the loop each way.

    The projection and the gradients of the weights and of the input are one each, for all steps.
    """
    names = program_names(function, ["x", "w4", "r4", "b4"])
    assert count(names, "scan/matmul") == 2 * T
    assert count(names, "matmul") == 4


def test_convolutions_of_a_step():
    """In the loop stand that of the state, and on the way back its input's gradient.

    The inputs' convolution stands before the loop, its own gradient and those of both kernels behind the other, one
    each for the images of all steps.
    """
    nodes = gradient_of(conv_lstm, ops.scan, ["x", "w4", "r4", "b4"]).program(VALUES).graph.nodes
    outside, inside = (
        [n.operation.name for n in nodes],
        [m.operation.name for n in nodes if n.operation.name == "scan" for m in n.attributes["body"].nodes],
    )
    kinds = ("conv", "conv_input_gradient", "conv_kernel_gradient")
    assert [inside.count(kind) for kind in kinds] == [1, 1, 0]
    assert [outside.count(kind) for kind in kinds] == [1, 1, 2]


def test_only_wanted_gradients_are_computed():
    names = program_names(lstm, ["w4"])
    assert count(names, "matmul") == 2  # the projection, its weight
    assert count(program_names(unread, ["w"]), "scan/sin") == 0
    assert count(program_names(unread, ["w"]), "scan/exp") == 0


def test_calls_of_a_step_do_not_copy():
    """Slices, results and carries are read and written where they lie."""
    for names in (program_names(lstm, ["x", "w4", "r4", "b4"]), program_names(gru, ["x", "w", "r", "b"])):
        assert count(names, "scan/identity") <= 6


def test_a_long_loop_does_not_bind_each_step(monkeypatch):
    """One call that loops; where fusion brings the calls below the bound, they are bound after all."""
    monkeypatch.setattr(lowering, "MAX_CALLS", 2 * T)
    names = program_names(lstm, ["w4"])
    assert count(names, "scan") == 1 and count(names, "scan/matmul") == T


def test_what_is_equal_in_each_step_is_computed_once():
    def step(h, x, w):
        return h * ops.sum(ops.exp(w)) + x, None

    run = backend.function(lambda x, w: ops.scan(lambda h, row: step(h, row, w), x[0], x)[0])
    names = run.program(VALUES["x"], VALUES["w"]).names
    assert len(names) == T + sum("/" not in name for name in names)  # one call a step: h * s + x
    assert_allclose(
        run(VALUES["x"], VALUES["w"]),
        unrolled(lambda h, row: (h * np.exp(VALUES["w"]).sum() + row, None), VALUES["x"][0], VALUES["x"])[0],
        rtol=1e-12,
    )  # fmt: skip


def test_repeated_calls_do_not_grow():
    step = gradient_of(lstm, ops.scan, ["x", "w4", "r4"])
    tracemalloc.start()
    taken = []
    for _ in range(2):
        for _ in range(300):  # the first rounds fill the free lists of ctypes
            step(VALUES)
        gc.collect()
        taken.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert taken[1] - taken[0] < 20_000
    assert step.traces == 1


def test_a_body_that_keeps_its_carries_apart():
    """A carry that is read two steps after it was made must not be written over in between."""

    def fibonacci(x):
        return ops.scan(lambda s, _: ((s[1], s[0] + s[1]), s[0]), (x, x), None, length=10)

    (a, b), ys = backend.function(fibonacci)(np.float64(1.0))
    assert ys.tolist() == [1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 55.0]
    assert (float(a), float(b)) == (89.0, 144.0)
    (a, b), ys = backend.function(
        lambda x: ops.scan(lambda s, t: ((t * 1.0, s[0]), s[1]), (x, x), ops.arange(6, dtype="float64"))
    )(np.float64(-1.0))
    assert ys.tolist() == [-1.0, -1.0, 0.0, 1.0, 2.0, 3.0] and (float(a), float(b)) == (5.0, 4.0)


def test_on_a_device_without_views_or_fusion():
    """The strict device: every reshape and slice is a copy, arrays of host and device may not meet."""
    expected = gradient_of(lstm_cell, ops.scan, ["x", "w4", "r4", "b4"])(VALUES)
    module = importlib.import_module("kerasish.backend.device")
    before = backend.device()
    backend.register_device("strict", StrictDevice)
    backend.set_backend("strict")
    try:
        on = backend.device()
        value, found = gradient_of(lstm_cell, ops.scan, ["x", "w4", "r4", "b4"])(
            {k: on.from_host(v) for k, v in VALUES.items()}
        )
        value, found = on.to_host(value), {k: on.to_host(g) for k, g in found.items()}
    finally:
        module._current = before
        module.settings()["backend"] = before.name
    assert_allclose(value, expected[0], rtol=1e-12)
    for key, g in found.items():
        assert_allclose(g, expected[1][key], rtol=1e-9, atol=1e-12)
