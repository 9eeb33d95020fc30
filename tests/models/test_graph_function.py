"""`keras.Function`: parts of a graph as an operation, beside real Keras's."""

import keras as real
import numpy as np
import pytest

import kerasish

X, Y = np.arange(6, dtype="float32").reshape(2, 3), np.ones((2, 2), "float32")


def two_inputs(keras):
    a, b = keras.Input((3,)), keras.Input((2,))
    return keras.Function([a, b], keras.ops.concatenate([a * 2.0, b], -1)), [X, Y]


def dict_of_outputs(keras):
    a = keras.Input((3,))
    return keras.Function(a, {"sum": keras.ops.sum(a, -1), "same": a + 0.0}), X


def dict_of_inputs(keras):
    a, b = keras.Input((3,)), keras.Input((2,))
    return keras.Function({"p": a, "q": b}, [a - 1.0, keras.ops.sin(b)]), {"p": X, "q": Y}


def middle_of_a_graph(keras):
    hidden = keras.ops.exp(keras.Input((3,)))
    return keras.Function(hidden, keras.ops.log(hidden) + hidden), X + 1.0


def layers_inside(keras):
    a = keras.Input((None, 3))
    return keras.Function(a, keras.layers.Dense(2, kernel_initializer="ones")(a)), X[None]


CASES = [two_inputs, dict_of_outputs, dict_of_inputs, middle_of_a_graph, layers_inside]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_function_computes_what_keras_computes(case):
    (ours, values), (theirs, _) = case(kerasish), case(real)
    expected, got = theirs(values), kerasish.tree.map_structure(kerasish.ops.convert_to_numpy, ours(values))
    assert real.tree.map_structure(np.shape, expected) == real.tree.map_structure(np.shape, got)
    for wanted, value in zip(real.tree.flatten(expected), real.tree.flatten(got)):
        np.testing.assert_allclose(value, wanted, rtol=1e-6)
    shapes = real.tree.map_structure(np.shape, values)
    assert ours.compute_output_shape(shapes) == theirs.compute_output_shape(shapes)
    assert [t.shape for t in ours.inputs] == [t.shape for t in theirs.inputs]
    assert [t.shape for t in ours.outputs] == [t.shape for t in theirs.outputs]
    assert len(ours.operations) == len(theirs.operations)


def test_a_function_is_a_part_of_a_model_and_learns():
    a = kerasish.Input((3,))
    dense = kerasish.layers.Dense(1)
    part = kerasish.Function(a, dense(a) * 2.0)
    assert isinstance(part, kerasish.Operation)
    b = kerasish.Input((3,))
    model = kerasish.Model(b, part(b))
    np.testing.assert_allclose(model.predict(X, verbose=0), 2.0 * (X @ dense.get_weights()[0]), rtol=1e-5)
    spec = part.compute_output_spec(kerasish.KerasTensor((4, 3)))
    assert isinstance(spec, kerasish.KerasTensor) and spec.shape == (4, 1)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda part, a: part([X]), "made with shape|structure"),
        (lambda part, a: part(np.ones((2, 4), "float32")), r"shape=\(None, 3\), but shape=\(2, 4\)"),
        (lambda part, a: kerasish.Function(a, 3), "`outputs` of a Function must be symbolic"),
        (lambda part, a: kerasish.Function(X, a), "`inputs` of a Function must be symbolic"),
        (lambda part, a: kerasish.Function([], a), "`inputs` of a Function must be symbolic"),
        (lambda part, a: kerasish.Function(kerasish.Input((1,)), a), "Graph disconnected"),
    ],
)
def test_what_does_not_fit_is_refused(call, words):
    a = kerasish.Input((3,))
    with pytest.raises(ValueError, match=words):
        call(kerasish.Function(a, a + 1.0), a)


def test_a_config_is_refused_with_what_to_do():
    a = kerasish.Input((3,))
    with pytest.raises(TypeError, match="Make a `keras.Model"):
        kerasish.Function(a, a + 1.0).get_config()
