"""Sessions, classic words, and a user's own NumPy operation with its gradient."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend as K
from kerasish import ops
from tests.backend.reading import host


def test_fetch_structures():
    x = K.placeholder((None, 2), name="x")
    w = K.variable([[1.0], [2.0]])
    y = ops.matmul(x, w)
    with K.Session() as session:
        fetched = session.run({"y": y, "more": [w, None, y * 2.0]}, {x: [[1.0, 1.0]]})
    assert fetched["y"].tolist() == [[3.0]]
    assert (
        fetched["more"][0].tolist() == [[1.0], [2.0]]
        and fetched["more"][1] is None
        and fetched["more"][2].tolist() == [[6.0]]
    )


def test_feeding_an_intermediate_tensor_cuts_the_graph():
    x = K.placeholder((None,), name="x")
    middle = ops.exp(x)
    with K.Session() as session:
        assert session.run(middle * 2.0, {middle: [3.0]}).tolist() == [6.0]


def test_what_a_session_refuses():
    x = K.placeholder((None,), name="needed")
    session = K.Session()
    with pytest.raises(ValueError, match="needed"):
        session.run(x * 2.0)
    with pytest.raises(TypeError, match="keys of `feed_dict`"):
        session.run(x, {"x": [1.0]})
    with pytest.raises(TypeError, match="Can't fetch"):
        session.run(3.0)
    session.close()
    with pytest.raises(RuntimeError, match="closed"):
        session.run(x, {x: [1.0]})


def test_second_symbolic_gradient():
    x = K.placeholder(())
    first = K.gradients(x * x * x, [x])[0]
    second = K.gradients(first, [x])[0]
    with K.Session() as session:
        assert session.run([first, second], {x: 2.0}) == [12.0, 12.0]


def test_gradient_of_what_does_not_depend_is_none():
    x, y = K.placeholder((2,)), K.placeholder((2,))
    assert K.gradients(ops.sum(x), [x, y])[1] is None


def test_learning_phase_as_an_input():
    x = keras.Input((1000,))
    dropped = keras.layers.Dropout(0.5)(x)
    f = K.function([x, K.learning_phase()], [dropped])
    ones = np.ones((1, 1000), "float32")
    assert (f([ones, 0])[0] == 1.0).all()
    assert 0.3 < (f([ones, 1])[0] == 0.0).mean() < 0.7
    assert K.in_train_phase(lambda: "train", "test") == "test"


def test_values_of_variables():
    a, b = K.variable([1.0]), K.variable([[2.0]])
    K.batch_set_value([(a, [5.0]), (b, [[6.0]])])
    assert [v.tolist() for v in K.batch_get_value([a, b])] == [[5.0], [[6.0]]]
    assert K.eval(a * 2.0).tolist() == [10.0]
    assert K.int_shape(b) == (1, 1) and K.count_params(b) == 1


def test_own_operation_in_numpy():
    @K.numpy_operation("test_softsign", output_dtype="float32")
    def softsign(x):
        return x / (1 + np.abs(x))

    x = np.array([-1.0, 3.0], "float32")
    assert np.allclose(host(softsign(x)), [-0.5, 0.75])
    with pytest.raises(ValueError, match="register_gradient"):
        K.function(lambda x: K.gradients(softsign(x), x)[0])(x)

    @K.register_gradient("test_softsign")
    def _(op, g):
        return g / ops.square(1.0 + ops.abs(op.inputs[0]))

    assert np.allclose(host(K.function(lambda x: K.gradients(softsign(x), x)[0])(x)), [0.25, 1 / 16])
    fed = K.placeholder((None,))
    with K.Session() as session:
        assert np.allclose(host(session.run(K.gradients(softsign(fed), fed)[0], {fed: x})), [0.25, 1 / 16])


def test_the_mathematics_of_the_classic_backend():
    x = np.arange(6, dtype="float32").reshape(2, 3)
    assert K.mean(x, axis=1).tolist() == [1.0, 4.0] and K.square(x).tolist() == (x * x).tolist()
    assert K.batch_flatten(np.ones((2, 3, 4))).shape == (2, 12) and K.repeat(x, 4).shape == (2, 4, 3)
    assert K.dot(x, x.T).tolist() == (x @ x.T).tolist()
    assert np.allclose(host(K.batch_dot(x, x, axes=1)), (x * x).sum(1, keepdims=True))
    assert np.allclose(np.linalg.norm(host(K.l2_normalize(x + 1, axis=1)), axis=1), 1.0)
    assert K.permute_dimensions(x, (1, 0)).shape == (3, 2) and K.gather(x, [1]).shape == (1, 3)
    fed = K.placeholder((None, 3))
    assert K.function([fed], [K.sum(K.exp(fed), axis=-1)])([x])[0].shape == (2,)
    with pytest.raises(AttributeError, match="no attribute 'means'"):
        _ = K.means


def test_graph_basics_example(capsys):
    from examples import graph_basics

    slope, intercept = graph_basics.linear_regression()
    assert slope == pytest.approx(3.0, abs=0.05) and intercept == pytest.approx(2.0, abs=0.05)
    assert graph_basics.multilayer_perceptron(epochs=10) > 0.9
