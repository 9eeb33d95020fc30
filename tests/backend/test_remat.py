"""`remat`: the same gradients out of less memory, whatever stands inside; `RematScope`: which layers."""

import pickle

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.compiler.program import compile_graph
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.remat import Rematerialized
from kerasish.backend.trace import trace

X = np.random.default_rng(0).standard_normal((16, 8)).astype("float32")


def chain(x):
    for _ in range(3):
        x = ops.sin(ops.exp(-x) + x * x)
    return x


def both(x):
    return ops.tanh(x) * 2.0, ops.cumsum(ops.sigmoid(x), axis=0)


def program(function):
    """A compiled function of one array like X."""
    return compile_graph(trace(function, [Spec(X.shape, "float32")]))


def values(compiled, x=X):
    """Its first output for x, on the host."""
    return ops.convert_to_numpy(compiled([x])[0])


def derivative(function):
    return lambda x: gradients(ops.sum(function(x) ** 2), x)


def blocks(count, wrap):
    def run(x):
        for _ in range(count):
            x = wrap(chain)(x)
        return x

    return run


def test_values_between_are_not_kept():
    plain, again = program(derivative(blocks(8, lambda f: f))), program(derivative(blocks(8, keras.remat)))
    assert again.arena_bytes < plain.arena_bytes / 1.8
    np.testing.assert_allclose(values(again), values(plain), rtol=2e-6)


def test_each_value_is_made_a_second_time_behind_the_gradient():
    nodes = trace(derivative(keras.remat(chain)), [Spec(X.shape, "float32")]).nodes
    names = [node.operation.name for node in nodes]
    assert names.count("exp") == 6
    first_wait = names.index("wait_for")
    assert "exp" not in names[first_wait - names[:first_wait][::-1].index("exp") : first_wait]
    assert nodes[first_wait].inputs[1].node.order < first_wait


def test_no_pass_makes_the_copies_one_with_what_they_copy():
    def squares(x):
        return ops.sin(ops.matmul(ops.matmul(x, ops.transpose(x)), x))

    again, plain = program(derivative(keras.remat(squares))).names, program(derivative(squares)).names
    assert sum("matmul" in name for name in again) == 2 + sum("matmul" in name for name in plain)


def scanned(x):
    def body(carry, row):
        return ops.tanh(carry + row), carry * row

    carry, stacked = ops.scan(body, ops.zeros_like(x[0]), x)
    return carry + ops.sum(stacked, 0)


def remat_in_a_scan(x):
    body = keras.remat(lambda carry, row: (ops.tanh(ops.exp(carry) + row), ops.sin(carry) * row))
    carry, stacked = ops.scan(body, ops.zeros_like(x[0]), x)
    return carry + ops.sum(stacked, 0)


def branched(x):
    return ops.cond(ops.sum(x) > 0, lambda: keras.remat(chain)(x), lambda: ops.exp(x))


def nested(x):
    inner = keras.remat(chain)
    return keras.remat(lambda x: inner(ops.sin(inner(x))) + chain(x))(x)


def of_several(x):
    a, b = keras.remat(both)(x)
    return a * b + a


def own_gradient(x):
    @ops.custom_gradient
    def doubled(x):
        e = ops.exp(x)
        return e, lambda *args, upstream=None: upstream * e * 2.0

    return keras.remat(lambda x: doubled(ops.sin(x)) * x)(x)


def unread(x):
    keras.remat(chain)(x)
    return x * 3.0


def gradient_inside(x):
    return keras.remat(lambda x: x * gradients(ops.sum(keras.remat(chain)(x)), x))(x)


def gradient_of_gradient(x):
    return gradients(ops.sum(keras.remat(chain)(x)), x)


CASES = {
    "chain": keras.remat(chain), "a scan": keras.remat(scanned), "in a scan": remat_in_a_scan, "a branch": branched,
    "nested": nested, "several outputs": of_several, "a gradient of the user's": own_gradient,
    "nobody reads it": unread,
    "a gradient inside": gradient_inside, "a second gradient": gradient_of_gradient,
    "behind others": lambda x: keras.remat(chain)(ops.exp(x) * 0.1) * x,
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_without(name, monkeypatch):
    found = values(program(derivative(CASES[name])), X * 0.5)
    monkeypatch.setattr(keras, "remat", lambda f: f)
    plain = CASES[name].function if isinstance(CASES[name], Rematerialized) else CASES[name]
    np.testing.assert_allclose(found, values(program(derivative(plain)), X * 0.5), rtol=2e-5, atol=1e-6)


def test_the_gradient_of_a_value_inside():
    kept = {}

    def inside(x):
        kept["h"] = ops.exp(x)
        return kept["h"] * kept["h"]

    def step(x):
        y = keras.remat(inside)(x) + kept["h"]  # read outside, too
        return gradients(ops.sum(y), [kept["h"], x])

    h, x = map(ops.convert_to_numpy, program(step)([X]))
    np.testing.assert_allclose(h, 2 * np.exp(X) + 1, rtol=1e-5)
    np.testing.assert_allclose(x, (2 * np.exp(X) + 1) * np.exp(X), rtol=1e-5)


def test_dropout_drops_the_same_again():
    generator = keras.random.SeedGenerator(3)

    def step(x):
        y = keras.remat(lambda x: keras.random.dropout(x, 0.5, seed=generator) * 3.0)(x)
        return y, gradients(ops.sum(y * y), x)

    compiled = backend.function(step)
    ones = np.ones_like(X)
    draws = [[ops.convert_to_numpy(v) for v in compiled(ones)] for _ in range(2)]
    for y, g in draws:
        np.testing.assert_array_equal(y != 0, g != 0)
        assert 0 < (y != 0).sum() < y.size
    assert not np.array_equal(draws[0][0], draws[1][0])


def test_computed_at_once_nothing_changes():
    wrapped = keras.remat(chain)
    x = ops.convert_to_tensor(X)
    np.testing.assert_array_equal(ops.convert_to_numpy(wrapped(x)), ops.convert_to_numpy(chain(x)))
    with backend.GradientTape() as tape:
        x = tape.watch(x)
        loss = ops.sum(wrapped(x))
    assert ops.convert_to_numpy(tape.gradient(loss, x)).shape == X.shape
    assert wrapped.__name__ == "chain"


def test_takes_layers():
    layer = layers.Dense(3, activation="gelu")
    assert keras.remat(layer)(X).shape == (16, 3)
    assert keras.remat(layers.Dense(3))(keras.Input((8,))).shape == (None, 3)


@pytest.mark.parametrize("f", [3, None, "relu"])
def test_refuses_what_is_no_function(f):
    with pytest.raises(TypeError, match="`remat` takes a function or a layer"):
        keras.remat(f)


# -- layers -----------------------------------------------------------------------------------------------------------


def stack(scope, *made):
    """A compiled model of layers made in `scope`."""
    keras.utils.set_random_seed(0)
    with scope:
        inside = [make() for make in made]
    model = keras.Sequential([keras.Input((8,)), *inside, layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def trained(model):
    """Its weights after three steps, and the memory that a step takes."""
    y = X[:, :1]
    losses = [ops.convert_to_numpy(model.train_on_batch(X, y)) for _ in range(3)]
    weights = [ops.convert_to_numpy(v) for v in model.variables]
    return losses, weights, model.explain(X, y, "train", repeat=1).arena_bytes


WIDE = [lambda: layers.Dense(32, activation="gelu"), lambda: layers.Dropout(0.3), layers.LayerNormalization] * 6
SCOPES = {
    "full": ({}, 0.6),
    "activations": ({"mode": "activations"}, 0.95),
    "larger_than": ({"mode": "larger_than", "output_size_threshold": 16 * 32 - 1}, 0.6),
}


@pytest.mark.parametrize("name", SCOPES)
def test_a_deep_model_takes_less_memory_and_learns_the_same(name):
    arguments, share = SCOPES[name]
    losses, weights, arena = trained(stack(keras.RematScope(**arguments), *WIDE))
    plain_losses, plain_weights, plain_arena = trained(stack(keras.RematScope(mode=None), *WIDE))
    assert arena < share * plain_arena
    np.testing.assert_allclose(losses, plain_losses, rtol=1e-5)
    for found, plain in zip(weights, plain_weights):
        np.testing.assert_allclose(found, plain, rtol=1e-4, atol=1e-6)


def made_again(scope, make=lambda: layers.Dense(4, activation="gelu", name="it"), called_in=None):
    """Whether the backward pass through one layer waits for a gradient to make its values again."""
    with scope:
        layer = make()
    layer.build((16, 8))

    def step(x):
        with called_in or keras.RematScope(mode=None):
            return gradients(ops.sum(layer(x)), x)

    nodes = trace(step, [Spec(X.shape, "float32")]).nodes
    return any(node.operation.name == "wait_for" for node in nodes)


def test_which_layers_a_scope_means():
    scope = keras.RematScope
    assert made_again(scope()) and not made_again(scope(None))
    assert made_again(scope("activations"))
    assert not made_again(scope("activations"), layers.LayerNormalization)  # it has none
    assert made_again(scope("larger_than", 63)) and not made_again(scope("larger_than", 64))  # 16 x 4
    assert made_again(scope("list_of_layers", layer_names=["it"]))
    assert not made_again(scope("list_of_layers", layer_names=["another"]))


def test_the_scope_counts_in_which_a_layer_is_made():
    assert made_again(keras.RematScope()) and not made_again(keras.RematScope(None), called_in=keras.RematScope())
    with keras.RematScope() as outer:
        assert not made_again(keras.RematScope(None))
        with keras.RematScope("larger_than", 10**6):
            pass
        assert isinstance(outer, keras.RematScope) and made_again(keras.name_scope("inside"))


def test_a_layer_may_say_so_itself():
    class Always(layers.Dense):
        def rematerialized_call(self, layer_call, *args, **kwargs):
            return keras.remat(layer_call)

    assert made_again(keras.RematScope(), lambda: Always(4, activation="gelu"))


STATEFUL = {
    "batch normalisation": [layers.BatchNormalization],
    "recurrent": [lambda: layers.Reshape((2, 4)), lambda: layers.LSTM(5, dropout=0.2, recurrent_dropout=0.2)],
    "a layer of layers": [lambda: keras.Sequential([layers.Dense(8, activation="gelu"), layers.Dense(8)])],
    "a loss of its outputs": [lambda: layers.Dense(8, activation="tanh", activity_regularizer="l2")],
    "half precision": [lambda: layers.Dense(8, activation="gelu", dtype="mixed_float16")],
    "a table": [lambda: layers.Lambda(lambda x: ops.cast(ops.abs(x), "int32")), lambda: layers.Embedding(9, 3),
                layers.Flatten],
}  # fmt: skip


@pytest.mark.parametrize("name", STATEFUL)
def test_layers_with_more_to_them(name):
    losses, weights, _ = trained(stack(keras.RematScope(), *STATEFUL[name]))
    plain_losses, plain_weights, _ = trained(stack(keras.RematScope(None), *STATEFUL[name]))
    np.testing.assert_allclose(losses, plain_losses, rtol=1e-5)
    for found, plain in zip(weights, plain_weights):
        np.testing.assert_allclose(found, plain, rtol=1e-4, atol=1e-6)


def test_configs_and_copies(tmp_path):
    with keras.RematScope():
        model = keras.Sequential([keras.Input((8,)), layers.Dense(3, activation="gelu", name="a")], name="m")
    plain = keras.Sequential([keras.Input((8,)), layers.Dense(3, activation="gelu", name="a")], name="m")
    assert model.layers[0].get_config() == plain.layers[0].get_config()
    model.save(tmp_path / "m.keras")
    wanted = ops.convert_to_numpy(model(X))
    for copy in (keras.models.load_model(tmp_path / "m.keras"), pickle.loads(pickle.dumps(model))):
        np.testing.assert_allclose(ops.convert_to_numpy(copy(X)), wanted, rtol=1e-6)


@pytest.mark.parametrize("arguments, complaint", [
    ({"mode": "half"}, "one of 'full', 'activations', 'larger_than', 'list_of_layers', None, got 'half'"),
    ({"mode": 3}, "`mode` must be"), ({"mode": ["full"]}, "`mode` must be"),
    ({"output_size_threshold": None}, "`output_size_threshold` must be a number"),
    ({"output_size_threshold": "1k"}, "`output_size_threshold` must be a number"),
    ({"layer_names": "dense"}, "`layer_names` must be a list of strings, got 'dense'"),
    ({"layer_names": [layers.Dense]}, "`layer_names` must be a list of strings"),
])  # fmt: skip
def test_what_a_scope_refuses(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        keras.RematScope(**arguments)
