"""Arrays that go into a model, and those that come out of it, are nobody else's: later writes don't go through."""

import copy

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, ops

X = np.arange(1, 7, dtype="float32").reshape(2, 3)
numpy_alone = pytest.mark.skipif(backend.device().name != "numpy", reason="a host array is no tensor of this device")
SQUARE = np.arange(1, 10, dtype="float32").reshape(3, 3)
ZEROS = np.zeros((3, 2), "float32")


def on_host(structure):
    """Flat list of NumPy arrays."""
    is_array = backend.device().is_array
    return [ops.convert_to_numpy(x) if is_array(x) else x for x in keras.tree.flatten(structure)]


def overwritten(array):
    """Write into an array, as who holds it may."""
    device = backend.device()
    if device.is_array(array):
        device.copy_into(array, device.from_host(np.full(array.shape, 99, device.dtype_name(array))))
    else:
        array[...] = 99


def modelled(outputs):
    """What a functional model gives, compiled, called at once and in training; its graph is kept in a config too."""
    inputs = keras.Input((3,))
    model = keras.Model(inputs, outputs(inputs))

    def read():
        again = keras.Model.from_config(model.get_config())
        again.set_weights(model.get_weights())
        calls = [model.predict(X, verbose=0), model(X), model(X), model(X, training=True), again(X, training=True)]
        return [*calls, keras.models.clone_model(model).get_config() and model.predict_on_batch(X)]

    return read


def variable(value, assigned):
    made = keras.Variable(np.zeros_like(assigned) if value is None else value)
    if value is None:
        made.assign(assigned)
    return made.numpy


def weights_of(layer, weights=None):
    layer.build((None, 3))
    if weights is not None:
        layer.set_weights(weights)
    return layer.get_weights


def kernel_given(c):
    layer = layers.Dense(2, weights=[c, np.zeros(2, "float32")])

    def read():
        layer.built or layer.build((None, 3))
        return layer.get_weights()

    return read


def called(function):
    function(X)
    return lambda: function(X)


def embedded(c):
    layer = layers.Embedding(3, 2, weights=[c])
    return called(lambda _: layer(np.array([[0, 2]])))


def drawn_late(initializer):
    return lambda: initializer((3, 2))


def optimizer_state(c):
    v, optimizer = keras.Variable(np.zeros_like(c)), keras.optimizers.SGD(momentum=0.9)
    optimizer.build([v])
    optimizer.variables[-1].assign(c)
    optimizer.apply_gradients([(c, v)])
    return lambda: [x.numpy() for x in [v, *optimizer.variables]]


def in_a_scope(c):
    v = keras.Variable(np.zeros_like(c))
    with keras.StatelessScope([(v, c)]) as scope:
        v.assign(v + 1.0)
    return lambda: scope.get_current_value(v)


def classic_state(c):
    first, second, third = backend.variable(ZEROS), backend.variable(ZEROS), backend.variable(c)
    backend.set_value(first, c)
    backend.batch_set_value([(second, c)])
    return lambda: backend.batch_get_value([first, second, third])


def classic_function(c):
    x = backend.placeholder((None, 3))
    f = backend.function([x], [ops.matmul(x, c), ops.convert_to_tensor(c)])
    return lambda: f([X])


def metric(c):
    found = keras.metrics.Mean()
    found.update_state(c)
    return found.result


def trained(c):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    model.fit(c, c[:, :1], verbose=0)
    return model.get_weights


def with_loss(c):
    class Weighted(keras.losses.Loss):
        def call(self, y, found):
            return ops.mean(ops.square(y - found) * c[:, 0], -1)

    model = keras.Sequential([keras.Input((3,)), layers.Rescaling(1.0)])
    model.compile("sgd", Weighted())
    return called(lambda x: model.test_on_batch(x, 2 * x))


DOORS = {  # a function of an array of shape (3, 2), which gives a function that reads what became of it
    "an operator": lambda c: modelled(lambda i: i * c[:, 0]),
    "an operator on the left": lambda c: modelled(lambda i: ops.subtract(c[:, 0], i)),
    "a number in an array": lambda c: modelled(lambda i: i + c[0, 0, None]),
    "a list of arrays": lambda c: modelled(lambda i: ops.concatenate([i, c[:2]], axis=-1)),
    "an attribute": lambda c: modelled(lambda i: ops.clip(i, 0.0, c[:, 0])),
    "a condition": lambda c: modelled(lambda i: ops.where(i > 2, i, c[:, 0])),
    "a product": lambda c: modelled(lambda i: ops.matmul(i, c)),
    "einsum": lambda c: modelled(lambda i: ops.einsum("bi,ij->bj", i, c)),
    "an argument of a layer": lambda c: modelled(lambda i: layers.Add()([i, c.T[:1]])),
    "a state of a recurrent layer": lambda c: modelled(
        lambda i: layers.SimpleRNN(2, kernel_initializer="ones")(ops.expand_dims(i, 1), initial_state=c[:2])
    ),
    "Lambda(arguments)": lambda c: modelled(lambda i: layers.Lambda(ops.matmul, arguments={"x2": c})(i)),
    "Rescaling": lambda c: modelled(lambda i: layers.Rescaling(c[:, 0], c[:, 1])(i)),
    "Normalization": lambda c: modelled(lambda i: layers.Normalization(mean=c[:, 0], variance=c[:, 1])(i)),
    "Normalization.adapt": lambda c: [(n := layers.Normalization()).adapt(c), lambda: n(c * 0 + 2)][1],
    "Constant, in a layer": lambda c: modelled(
        lambda i: layers.Dense(2, kernel_initializer=keras.initializers.Constant(c))(i)
    ),
    "Constant, drawn later": lambda c: drawn_late(keras.initializers.Constant(c)),
    "Constant, a list": lambda c: drawn_late(keras.initializers.Constant([[c[0, 0], c[0, 1]]])),
    "Constant, its config": lambda c: drawn_late(
        keras.initializers.Constant.from_config(keras.initializers.Constant(c).get_config())
    ),
    "an initializer that gives an array": lambda c: keras.Variable(lambda shape, dtype=None: c, shape=(3, 2)).numpy,
    "Variable(value)": lambda c: variable(c, c),
    "Variable.assign": lambda c: variable(None, c),
    "set_weights": lambda c: weights_of(layers.Dense(2), [c, np.zeros(2, "float32")]),
    "weights=, built later": kernel_given,
    "Embedding(weights=)": embedded,
    "state of an optimizer": optimizer_state,
    "a scope's value": in_a_scope,
    "state of a metric": metric,
    "classic state": classic_state,
    "a function's closure": lambda c: called(backend.function(lambda x: ops.matmul(x, c))),
    "a loop's closure": lambda c: called(
        backend.function(lambda x: ops.scan(lambda s, row: (s + row * c[:, 0], s), ops.zeros((3,)), x)[0])
    ),
    "a classic function": classic_function,
    "data": trained,
    "a loss's closure": with_loss,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_goes_in_is_copied(door):
    c = np.linspace(1, 2, 6).reshape(3, 2).astype("float32")
    read = DOORS[door](c)
    expected = None if door == "weights=, built later" else copy.deepcopy(on_host(read()))
    kept = c.copy()
    c[...] = 77
    if expected is None:
        expected = [kept, np.zeros(2, "float32")]
    for before, now in zip(expected, on_host(read()), strict=True):
        assert np.array_equal(before, now)


class Returns(layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(3, 3), initializer="ones")

    def call(self, x):
        return self.w.value


def taped(v):
    with backend.GradientTape() as tape:
        product = v * 1.0
        value = v.value
    return [product.value, value.value, np.asarray(value), tape.gradient(product, v)]


def in_scope(v):
    with keras.StatelessScope() as scope:
        return [v.value, ops.convert_to_tensor(v), scope.get_current_value(v)]


def stored(model):
    found = {}
    model.layers[0].save_own_variables(found)
    return found


GIVEN = {  # a function of a model, and of the kernel of its Dense layer
    "get_weights": lambda m, v: [m.get_weights(), m.layers[0].get_weights()],
    "numpy": lambda m, v: [v.numpy(), np.asarray(v), np.array(v, copy=None), ops.convert_to_numpy(v)],
    "value": lambda m, v: v.value,
    "tensors": lambda m, v: [ops.convert_to_tensor(v), ops.array(v), ops.copy(v), ops.cast(v, "float32")],
    "classic": lambda m, v: [backend.get_value(v), backend.batch_get_value([v]), backend.eval(v)],
    "ops": lambda m, v: [
        *[ops.reshape(v, (3, 3)), ops.reshape(v, (-1,)), ops.transpose(v), ops.expand_dims(v, 0), ops.ravel(v)],
        *[ops.broadcast_to(v, (3, 3)), ops.swapaxes(v, 0, 1), ops.real(v), ops.diagonal(v), ops.split(v, 3)],
        *[ops.concatenate([v]), ops.unstack(v), ops.pad(v, 0), ops.tile(v, 1), ops.stop_gradient(v), v[:], v[0]],
        *[ops.where(True, v, v), ops.cond(True, lambda: v.value, lambda: v.value), ops.slice(v, (0, 0), (3, 3))],
    ],
    "assign": lambda m, v: [v.assign(v), v.assign(v.value), v.assign_add(np.zeros((3, 3)))],
    "assign another": lambda m, v: keras.Variable(np.zeros((3, 3), "float32")).assign(v),
    "functions": lambda m, v: [backend.function(lambda: v)(), backend.function(lambda: [v.value, v * 1.0])()],
    "predictions": lambda m, v: [
        m.predict(SQUARE, verbose=0),
        m.predict_on_batch(SQUARE),
        m(SQUARE),
        m(SQUARE),
        m(SQUARE, training=True),
    ],
    "logs": lambda m, v: [m.test_on_batch(SQUARE, SQUARE, return_dict=True), m.evaluate(SQUARE, SQUARE, verbose=0)],
    "results": lambda m, v: [[x.result() for x in m.metrics], m.get_metrics_result()],
    "a layer that returns its weight": lambda m, v: [m.layers[-1](SQUARE), m.layers[-1](SQUARE)],
    "stateless calls": lambda m, v: m.stateless_call(
        [w.value for w in m.trainable_variables], [w.value for w in m.non_trainable_variables], SQUARE
    ),
    "a scope": lambda m, v: in_scope(v),
    "a tape": lambda m, v: taped(v),
    "what is saved": lambda m, v: stored(m),
    "copies": lambda m, v: [copy.deepcopy(m).get_weights(), copy.copy(v).value, copy.deepcopy(v)._buffer],
    "a clone": lambda m, v: keras.models.clone_model(m).get_weights(),
    "constraints": lambda m, v: [keras.constraints.NonNeg()(v), keras.constraints.MaxNorm()(v)],
}


@pytest.mark.parametrize("kind", GIVEN)
def test_what_comes_out_is_apart_from_the_state(kind):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.BatchNormalization(), Returns()])
    model.compile("adam", "mse", metrics=["mae"])
    model.train_on_batch(SQUARE, SQUARE)

    def state():
        return [v.numpy() for v in [*model.variables, *model.optimizer.variables]]

    given = keras.tree.flatten(GIVEN[kind](model, model.layers[0].kernel))
    before = state()
    is_array, may_share = backend.device().is_array, backend.device().may_share
    for array in given:
        if array.flags.writeable if isinstance(array, np.ndarray) else is_array(array) and array.shape:
            overwritten(array)
    for old, new in zip(before, state(), strict=True):
        assert np.array_equal(old, new)
    memory = [v._buffer for v in [*model.variables, *model.optimizer.variables]]
    assert not any(may_share(x, y) for x in given if is_array(x) for y in memory)


def small_model():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.Dropout(0.5)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eagerly"])
@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: m.predict(x, verbose=0),
        lambda m, x: m.predict_on_batch(x),
        lambda m, x: m(x),
        lambda m, x: m(x, training=True),
        lambda m, x: m.train_on_batch(x, x, return_dict=True),
        lambda m, x: backend.function(lambda y: [y, y * 1.0, ops.reshape(y, (-1,))])(x),
    ],
    ids=["predict", "predict_on_batch", "call", "training", "train_on_batch", "function"],
)
def test_the_next_call_leaves_results_alone(call, eagerly):
    model = small_model()
    model.run_eagerly = eagerly
    for _ in range(3):
        call(model, X)
    found = call(model, X)
    kept = copy.deepcopy(on_host(found))
    call(model, 3 * X)
    for before, now in zip(kept, on_host(found), strict=True):
        assert np.array_equal(before, now)


ITSELF = [layers.Dropout(0.5), layers.Flatten(), layers.Identity(), layers.Activation("linear"), layers.Reshape((3,))]


@pytest.mark.parametrize("layer", [*ITSELF, layers.Lambda(lambda x: x), layers.Lambda(lambda x: x[:, :2])])
@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eagerly"])
def test_the_outputs_of_a_model_are_not_its_inputs(layer, eagerly):
    inputs = keras.Input((3,))
    functional = keras.Model(inputs, layer(inputs))

    class Subclass(keras.Model):
        def call(self, x):
            return layer(x)

    for model in (functional, keras.Sequential([keras.Input((3,)), layer]), Subclass()):
        model.compile(run_eagerly=eagerly)
        x = ops.convert_to_tensor(X.copy())
        found = [model(x), model(x), model(x, training=False), model.predict(x, verbose=0), model.predict_on_batch(x)]
        for y in found:
            overwritten(y)
        assert np.array_equal(ops.convert_to_numpy(x), X)


def test_an_output_that_is_copied_keeps_its_mask():
    x = ops.convert_to_tensor(X.copy())
    backend.set_keras_mask(x, ops.convert_to_tensor([True, False]))
    inputs = keras.Input((3,))
    model = keras.Model(inputs, layers.Dropout(0.5)(inputs))
    y = model(x)
    assert not backend.device().may_share(x, y)
    assert ops.convert_to_numpy(backend.get_keras_mask(y)).tolist() == [True, False]


@numpy_alone
def test_layers_and_ops_that_change_nothing_return_their_argument():
    """As documented: copying it would cost time, and who needs one of his own has `ops.copy` and `ops.array`."""
    for same in [*ITSELF, ops.convert_to_tensor, lambda x: ops.cast(x, "float32"), lambda x: ops.reshape(x, (2, 3))]:
        assert np.array_equal(same(X), X)
    assert layers.Dropout(0.5)(X) is ops.convert_to_tensor(X) is ops.cast(X, "float32") is X
    for own in (ops.array, ops.copy, ops.convert_to_numpy, ops.stop_gradient, ops.transpose, backend.eval):
        assert not np.shares_memory(own(X), X)


def test_the_user_of_a_numpy_operation_may_write_into_what_it_is_given():
    kept = []

    @backend.numpy_operation("later_writes_spoil")
    def spoil(x):
        kept.append(x)
        x *= 2
        return x + 1

    v = keras.Variable(X)
    f = backend.function(lambda x: [spoil(x), spoil(v), x * 1.0])
    for _ in range(2):
        spoiled, of_variable, x = on_host(f(X))
        assert spoiled.tolist() == of_variable.tolist() == (2 * X + 1).tolist() and x.tolist() == X.tolist()
    spoil(v), spoil(X)
    assert np.array_equal(v.numpy(), X) and X[0, 0] == 1.0
    assert all(np.array_equal(x, 2 * X) for x in kept)


@pytest.mark.parametrize("method", ["predict", "evaluate", "fit"])
def test_a_generator_may_give_the_same_array_again(method):
    def batches():
        buffer = np.empty((2, 3), "float32")
        for i in range(4):
            buffer[...] = i
            yield buffer if method == "predict" else (buffer, buffer[:, :1])

    seen = []

    class Sees(keras.losses.Loss):
        def call(self, y, found):
            return spied(y) * 0.0 + found

    spied = backend.numpy_operation("later_writes_spied", lambda y: seen.append(float(y[0, 0])) or y, None, None)
    backend.register_gradient("later_writes_spied")(lambda op, g: g)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", Sees())
    if method == "predict":
        assert model.predict(batches(), verbose=0)[:, 0].tolist() == [0, 0, 3, 3, 6, 6, 9, 9]
    else:
        getattr(model, method)(batches(), verbose=0)
        assert seen == [0.0, 1.0, 2.0, 3.0]
