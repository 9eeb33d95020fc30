"""Gradients of eager computations."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from tests.backend.reading import host


def test_variables_and_watched_arrays():
    w = keras.Variable([2.0, 3.0])
    x = np.array([1.0, 4.0], "float32")
    with backend.GradientTape() as tape:
        watched = tape.watch(x)
        loss = ops.sum(watched * w * w)
    gx, gw = tape.gradient(loss, [x, w])
    assert gx.tolist() == [4.0, 9.0] and gw.tolist() == [4.0, 24.0]
    assert backend.device().is_array(gx)


def test_values_are_at_hand_inside():
    with backend.GradientTape() as tape:
        x = tape.watch(np.array([1.0, -2.0], "float32"))
        y = x * 2.0
        assert host(y).tolist() == [2.0, -4.0]
        assert "value=" in repr(y)
        if float(ops.sum(y)) < 0:
            y = -y
    assert tape.gradient(y, x).tolist() == [-2.0, -2.0]


def test_an_assignment_inside_keeps_what_was_read_before():
    v = keras.Variable(3.0)
    with backend.GradientTape() as tape:
        x = tape.watch(np.float32(2.0))
        y = x * v
        v.assign(v * 10.0)
        z = y * v
    assert float(v) == 30.0
    assert float(tape.gradient(z, x)) == 90.0


def test_nested_tapes_give_second_derivatives():
    with backend.GradientTape() as outer:
        x = outer.watch(np.float32(2.0))
        with backend.GradientTape() as inner:
            y = x * x * x
        first = inner.gradient(y, x)
    assert float(first) == 12.0 and float(outer.gradient(first, x)) == 12.0


def test_what_is_not_on_the_tape_says_so():
    x = np.ones(2, "float32")
    with backend.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    with pytest.raises(ValueError, match="leave no record"):
        tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="inside"):
        backend.GradientTape().watch(x)


def test_inside_a_traced_step_the_graph_is_the_record():
    w = keras.Variable([1.0, 2.0])

    def step(x):
        with backend.GradientTape() as tape:
            loss = ops.sum(x * w * w)
        return tape.gradient(loss, [w])[0]

    assert host(backend.function(step)(np.ones(2, "float32"))).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_an_assignment_ends_the_gradient_and_begins_a_new_one(compiled):
    """As with TensorFlow's tape.

    d loss / d variable is that at each value which was read, and nothing goes on into how the value was made.
    """
    first, second = keras.Variable([2.0]), keras.Variable([5.0])

    def step(x):
        with backend.GradientTape() as tape:
            before = ops.sum(first * x)
            first.assign(first * second)  # 10
            loss = before + ops.sum(first * first * x)
        return tape.gradient(loss, [first, second])

    run = backend.function(step) if compiled else step
    by_first, by_second = run(np.array([3.0], "float32"))
    np.testing.assert_allclose(host(by_first), [3.0 + 2 * 10.0 * 3.0])
    assert by_second is None
    np.testing.assert_allclose(first.numpy(), [10.0])


@pytest.mark.parametrize(
    "reduce, arrives",
    [
        (sum, [[1, 1], [1, 1]]),
        (ops.sum, [[1, 1], [1, 1]]),
        (lambda y: sum(sum(y)), [[1, 1], [1, 1]]),
        (lambda y: [row for row in y], [[1, 1], [1, 1]]),
        (lambda y: 0 + y, [[1, 1], [1, 1]]),
        (lambda y: 3.0 * y[0, 0], [[3, 0], [0, 0]]),
    ],
    ids=["sum", "ops.sum", "sums", "rows", "plus", "element"],
)
def test_a_target_that_is_linear_in_the_weights(reduce, arrives):
    """Its gradients depend on no value of the tape: they are computed as plain arrays."""
    x = np.arange(6, dtype="float32").reshape(2, 3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    for _ in range(3):
        model(x)  # compiled, where nothing records
    with backend.GradientTape() as tape:
        target = reduce(model(x))
    kernel, bias = tape.gradient(target, model.trainable_variables)
    assert kernel.tolist() == (x.T @ arrives).tolist() and bias.tolist() == np.sum(arrives, 0).tolist()
    assert backend.device().is_array(kernel) and kernel.dtype == bias.dtype == "float32"


def test_gradients_that_arrive_in_another_dtype():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, use_bias=False)])
    with backend.GradientTape() as tape:
        y = model(np.ones((1, 3), "float32"))
    (found,) = tape.gradient(y, model.trainable_variables, output_gradients=np.array([[1.0, 2.0]]))
    assert found.tolist() == [[1.0, 2.0]] * 3 and found.dtype == "float32"


def test_a_linear_gradient_inside_a_tape_is_a_tensor_of_it():
    with backend.GradientTape() as outer:
        x = outer.watch(np.ones(2, "float32"))
        with backend.GradientTape() as inner:
            y = ops.sum(x * 3.0)
        first = inner.gradient(y, x)
        second = ops.sum(first * x)
    assert outer.gradient(second, x).tolist() == [3.0, 3.0]
