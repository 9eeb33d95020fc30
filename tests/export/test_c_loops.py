"""Branches and loops in a library: their bodies are tables that a step walks."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from tests.export.library import OK, Library, needs_a_linker, of_the_cpu

pytestmark = [needs_a_linker, of_the_cpu]


def halved(x):
    """Halve until all are small, at most 20 times; and how often that was."""
    count, small = ops.while_loop(
        lambda i, y: ops.max(ops.abs(y)) > 1.0,
        lambda i, y: (i + 1, y / 2),
        (ops.convert_to_tensor(0, dtype="int32"), x),
        maximum_iterations=20,
    )
    return small * ops.cast(count, "float32")


def swapped(x):
    return ops.while_loop(lambda a, b: ops.sum(a) < 30.0, lambda a, b: (b + x, a), (x, 2 * x), maximum_iterations=50)[1]


def chosen(x):
    return ops.cond(
        ops.sum(x) > 0, lambda: ops.softmax(x), lambda: ops.while_loop(lambda y: y[0, 0] < 0, lambda y: y + 1, (x,))[0]
    )


@pytest.mark.parametrize("function", [halved, swapped, chosen], ids=["while", "two carries", "cond"])
def test_a_loop(function, tmp_path):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Lambda(function)(inputs))
    model.export(tmp_path / "loop", format="c")
    library, out = Library(tmp_path, "loop"), np.zeros((1, 4), "float32")
    for scale in (0.1, 3.0, -700.0, 1e9):
        x = np.array([[1, 0.5, 2, 0.25]], "float32") * np.float32(scale)
        if function is chosen and scale == -700.0:
            x /= 100
        assert library.run([x], [out]) == OK
        np.testing.assert_allclose(out, ops.convert_to_numpy(function(x)), rtol=1e-6)
    assert library.free() == OK


def test_a_step_inside_that_has_no_code(tmp_path):
    inputs = keras.Input((2, 2))
    turned = layers.Lambda(lambda x: ops.cond(ops.sum(x) > 0, lambda: ops.qr(x)[0], lambda: x), name="turned")
    with pytest.raises(ValueError, match="'turned' computes `cond/qr`"):
        keras.Model(inputs, turned(inputs)).export(tmp_path / "loop", format="c")


@pytest.mark.parametrize("layer", [layers.LSTM, layers.GRU], ids=["LSTM", "GRU"])
def test_a_long_sequence(layer, tmp_path):
    model = keras.Sequential([keras.Input((300, 3)), layer(8, return_sequences=True), layer(4)])
    model.export(tmp_path / "long", format="c")
    x = np.random.default_rng(0).standard_normal((1, 300, 3)).astype("float32")
    library, out = Library(tmp_path, "long"), np.zeros((1, 4), "float32")
    assert library.run([x], [out]) == OK
    np.testing.assert_allclose(out, model.predict(x, verbose=0), atol=1e-5)
    assert library.free() == OK
