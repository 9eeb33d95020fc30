"""JaxLayer beside real Keras's; TorchModuleWrapper, TFSMLayer and FlaxLayer beside the frameworks themselves."""

import copy
import os
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import flax.linen as linen
import jax
import jax.numpy as jnp
import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, layers, ops
from kerasish.backend.host_functions import specs_for
from kerasish.backend.primitives.primitive import Spec

RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 4)).astype("float32")


def dense(params, inputs):
    return jnp.tanh(inputs @ params["w"] + params["b"])


def make_dense(rng, inputs):
    return {"w": jax.random.normal(rng, (inputs.shape[-1], 3)), "b": jnp.zeros((3,))}


def noisy(params, state, rng, inputs, training):
    noise = jax.random.normal(rng, inputs.shape) if training else 0.0
    return inputs * params[0] + noise + state["calls"], {"calls": state["calls"] + 1.0}


def make_noisy(rng, inputs, training):
    return [jnp.full((1,), 2.0)], {"calls": jnp.zeros(())}


def several(params, inputs):
    return {"sum": inputs["a"] @ params + inputs["b"], "flat": inputs["b"].reshape((-1,))}


PLAIN = {"w": RNG.standard_normal((4, 3)).astype("float32"), "b": np.ones(3, "float32")}
JAX_CASES = {
    "params given": ("JaxLayer", (dense,), {"params": PLAIN}, X),
    "init": ("JaxLayer", (dense, make_dense), {}, X),
    "state": ("JaxLayer", (noisy, make_noisy), {"seed": 3}, X),
    "state given": (
        "JaxLayer",
        (noisy,),
        {"params": [np.ones(1, "float32")], "state": {"calls": np.float32(5.0)}, "seed": 1},
        X,
    ),
    "structures": ("JaxLayer", (several,), {"params": PLAIN["w"]}, {"a": X, "b": X[:, :3].copy()}),
    "no weights": (
        "JaxLayer",
        (lambda inputs: jnp.sin(inputs),),
        {"params": None, "init_fn": lambda rng, inputs: {}},
        X,
    ),
    "half": ("JaxLayer", (dense,), {"params": PLAIN, "dtype": "mixed_float16"}, X),
}


@pytest.mark.parametrize("name", JAX_CASES)
def test_jax_layer_as_in_keras(name):
    _, args, kwargs, x = JAX_CASES[name]
    theirs, ours = oracle.layers.JaxLayer(*args, **kwargs), layers.JaxLayer(*args, **kwargs)
    theirs(x), ours(x)
    assert [(v.shape, v.dtype, v.trainable) for v in ours.weights] == [
        (tuple(v.shape), v.dtype, v.trainable) for v in theirs.weights
    ]
    begin = [np.asarray(v) for v in theirs.weights]
    for training in (False, True, True):
        ours.set_weights(begin), theirs.set_weights(begin)
        got, want = ours(x, training=training), theirs(x, training=training)
        for a, b in zip(kerasish.tree.flatten(got), jax.tree_util.tree_leaves(want), strict=True):
            a = ops.convert_to_numpy(a)
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=2e-3 if a.dtype == "float16" else 1e-5, atol=1e-5)
        for a, b in zip(ours.weights, theirs.weights, strict=True):
            np.testing.assert_allclose(a.numpy(), np.asarray(b), rtol=1e-6)
    assert set(ours.get_config()) == set(theirs.get_config())
    symbolic = jax.tree_util.tree_map(lambda a: kerasish.Input(a.shape[1:]), x)
    wanted = oracle.layers.JaxLayer(*args, **kwargs)(jax.tree_util.tree_map(lambda a: oracle.Input(a.shape[1:]), x))
    for a, b in zip(kerasish.tree.flatten(ours(symbolic)), jax.tree_util.tree_leaves(wanted), strict=True):
        assert a.shape == b.shape


@pytest.mark.parametrize("name", ["params given", "state", "structures"])
def test_gradients_of_a_jax_layer(name):
    _, args, kwargs, x = JAX_CASES[name]
    ours = layers.JaxLayer(*args, **kwargs)
    ours(x)
    leaves, structure = jax.tree_util.tree_flatten(x)
    weights = [v.numpy() for v in ours.trainable_variables]
    trained = jax.tree_util.tree_unflatten(ours._trees["params"], weights)

    def loss(params, inputs):
        more = {"state": {"calls": 0.0}, "rng": None, "training": False} if name == "state" else {}
        made = args[0](params=params, inputs=inputs, **more)
        return sum(jnp.sum(y**2) for y in jax.tree_util.tree_leaves(made[0] if more else made))

    wanted = jax.tree_util.tree_leaves(jax.grad(loss, argnums=(0, 1))(trained, x))
    if name == "state":
        ours.set_weights([*weights, np.float32(0.0), *[w for w in ours.get_weights()[2:]]])

    @backend.function
    def step(*values):
        outputs = ours(jax.tree_util.tree_unflatten(structure, values))
        total = sum(ops.sum(ops.square(y)) for y in kerasish.tree.flatten(outputs))
        return backend.gradients(total, [*ours.trainable_variables, *values])

    for a, b in zip(step(*leaves), wanted, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(a), b, rtol=1e-4, atol=1e-5)


def test_a_model_with_a_jax_layer_trains_as_in_keras_and_is_kept(tmp_path):
    losses = {}
    y = RNG.standard_normal((6, 3)).astype("float32")
    for library in (oracle, kerasish):
        layer = library.layers.JaxLayer(dense, params=PLAIN)
        model = library.Sequential([library.Input((4,)), layer])
        model.compile(library.optimizers.SGD(0.1), "mse")
        losses[library] = model.fit(X, y, batch_size=3, shuffle=False, epochs=3, verbose=0).history["loss"]
    np.testing.assert_allclose(losses[kerasish], losses[oracle], rtol=1e-4)
    model = kerasish.Sequential([kerasish.Input((4,)), layers.JaxLayer(dense, make_dense)])
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="Can't find the function 'dense'"):
        kerasish.models.load_model(tmp_path / "m.keras")
    again = kerasish.models.load_model(tmp_path / "m.keras", custom_objects={"dense": dense, "make_dense": make_dense})
    np.testing.assert_allclose(again.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6)
    model.save_weights(tmp_path / "m.weights.h5")
    theirs = oracle.Sequential([oracle.Input((4,)), oracle.layers.JaxLayer(dense, make_dense)])
    theirs.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_allclose(theirs.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (("a",), TypeError, "`call_fn` must be a function"),
        ((dense,), ValueError, "`init_fn`, `params` and `state`"),
        ((lambda p, i: 1, make_dense), ValueError, "`call_fn` takes an argument `p`"),
        ((lambda params: 1, make_dense), ValueError, "`call_fn` must take an argument `inputs`"),
        ((dense, lambda rng, inputs, training, z: 1), ValueError, "`init_fn` takes an argument `z`"),
        ((dense, lambda inputs: 1), ValueError, "`init_fn` must take an argument `rng`"),
    ],
)
def test_functions_that_do_not_fit(arguments, error, message):
    with pytest.raises(error, match=message):
        layers.JaxLayer(*arguments)


def test_open_sizes_of_another_framework():
    def windows(specs):
        (n, m), _ = specs[0].shape, specs[0].dtype
        return [Spec((n, n - 2, 3 * n + 1, m, n * m, n // 2, 7), "float32")]

    (found,) = specs_for(windows, [Spec((None, 5), "float32")])
    assert found.shape == (None, None, None, 5, None, None, 7)
    assert layers.JaxLayer(lambda inputs: inputs[:, ::2])(kerasish.Input((7,))).shape == (None, 4)


# -- PyTorch ----------------------------------------------------------------------------------------------------------


def torch_module(torch):
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Tanh())


PICTURES = RNG.standard_normal((2, 3, 6, 5)).astype("float32")
TORCH = [
    ("TorchModuleWrapper", torch_module, X),
    ("TorchModuleWrapper", lambda torch: torch.nn.Linear(4, 2, bias=False), X),
    ("TorchModuleWrapper", lambda torch: torch.nn.Conv2d(3, 2, 3, stride=2, padding=1), PICTURES),
    ("TorchModuleWrapper", lambda torch: torch.nn.Sequential(torch.nn.BatchNorm2d(3), torch.nn.Flatten()), PICTURES),
    ("TorchModuleWrapper", lambda torch: torch.nn.GELU(), X),
]


@pytest.mark.parametrize("name, make, x", TORCH)
def test_torch_module_as_torch_computes_it(name, make, x):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    module = make(torch)
    same = copy.deepcopy(module)
    layer = getattr(layers, name)(module)
    state = [*same.named_parameters(), *same.named_buffers()]
    assert [v.name for v in layer.weights] == [key.replace(".", "_") for key, _ in state]
    assert [v.trainable for v in layer.weights] == [value.requires_grad for _, value in state]
    weigh = RNG.standard_normal(ops.convert_to_numpy(layer(x)).shape).astype("float32")

    @backend.function
    def step(inputs):
        outputs = layer(inputs, training=True)
        return outputs, backend.gradients(ops.sum(outputs * weigh), [inputs, *layer.trainable_variables])

    outputs, slopes = step(x)
    given = torch.tensor(x, requires_grad=True)
    wanted = same(given)
    (wanted * torch.tensor(weigh)).sum().backward()
    np.testing.assert_allclose(ops.convert_to_numpy(outputs), wanted.detach().numpy(), rtol=1e-5, atol=1e-6)
    for a, b in zip(slopes, [given.grad, *(p.grad for p in same.parameters())], strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(a), b.numpy(), rtol=1e-4, atol=1e-5)
    for a, b in zip(layer.module.state_dict().values(), same.state_dict().values(), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5)
    quiet = ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(quiet, same.eval()(torch.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-6)
    assert layer(kerasish.Input(x.shape[1:])).shape == (None, *weigh.shape[1:])


def test_a_model_with_a_torch_module_trains_and_is_kept(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    layer = layers.TorchModuleWrapper(torch_module(torch))
    model = kerasish.Sequential([kerasish.Input((4,)), layer, layers.Dense(1)])
    model.compile(kerasish.optimizers.Adam(0.05), "mse")
    history = model.fit(X, X[:, :1], epochs=20, verbose=0).history["loss"]
    assert history[-1] < history[0] / 2
    np.testing.assert_allclose(next(layer.parameters()).detach().numpy(), layer.get_weights()[0])
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="TorchModuleWrapper.*pickled.*safe_mode=False"):
        kerasish.models.load_model(tmp_path / "m.keras")
    again = kerasish.models.load_model(tmp_path / "m.keras", safe_mode=False)
    np.testing.assert_allclose(again.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6)
    with pytest.raises(TypeError, match="`module` must be a `torch.nn.Module`, got 3"):
        layers.TorchModuleWrapper(3)


def test_dropout_of_a_torch_module_draws_from_the_layers_seeds():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    layer = layers.TorchModuleWrapper(torch.nn.Dropout(0.5))
    first, second = (ops.convert_to_numpy(layer(np.ones((4, 50), "float32"), training=True)) for _ in range(2))
    assert (first != second).any() and 0.3 < (first == 0).mean() < 0.7

    @backend.function
    def step(x):
        outputs = layer(x, training=True)
        return outputs, backend.gradients(ops.sum(outputs), x)

    outputs, slope = step(np.ones((4, 50), "float32"))
    assert np.array_equal(ops.convert_to_numpy(outputs), ops.convert_to_numpy(slope[0])), "one mask, both ways"


# -- TensorFlow -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory):
    tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    rows = [tf.TensorSpec((None, 4), tf.float32)]

    class Saved(tf.Module):
        def __init__(self):
            self.w = tf.Variable(RNG.standard_normal((4, 3)).astype("float32"), name="w")
            self.calls = tf.Variable(0.0, trainable=False, name="calls")

        @tf.function(input_signature=rows)
        def serve(self, x):
            return tf.tanh(x @ self.w)

        @tf.function(input_signature=rows)
        def train(self, x):
            self.calls.assign_add(1.0)
            return 2.0 * tf.tanh(x @ self.w)

    path, module = str(tmp_path_factory.mktemp("saved") / "model"), Saved()
    tf.saved_model.save(module, path, signatures={"serving_default": module.serve})
    return path, module.w.numpy()


SAVED = [
    ("TFSMLayer", {}, 1.0),
    ("TFSMLayer", {"call_endpoint": "train"}, 2.0),
    ("TFSMLayer", {"call_endpoint": "train", "call_training_endpoint": "serve"}, 2.0),
    ("TFSMLayer", {"trainable": False, "name": "kept"}, 1.0),
]


@pytest.mark.parametrize("name, arguments, scale", SAVED)
def test_the_functions_of_a_saved_model(saved_model, name, arguments, scale):
    path, w = saved_model
    layer = getattr(layers, name)(path, **arguments)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(X)), scale * np.tanh(X @ w), rtol=1e-5, atol=1e-6)
    assert len(layer.trainable_weights) == (arguments.get("trainable") is not False)


def test_saved_model_as_a_layer(saved_model, tmp_path):
    path, w = saved_model
    layer = layers.TFSMLayer(path, call_training_endpoint="train")
    np.testing.assert_allclose(ops.convert_to_numpy(layer(X)), np.tanh(X @ w), rtol=1e-5, atol=1e-6)
    assert [(v.name, v.trainable) for v in layer.weights] == [("w", True), ("calls", False)]
    assert layer(kerasish.Input((4,))).shape == (None, 3)

    @backend.function
    def step(x):
        outputs = layer(x, training=True)
        return outputs, backend.gradients(ops.sum(outputs), [x, layer.weights[0]])

    outputs, (to_x, to_w) = step(X)
    slope = 2 * (1 - np.tanh(X @ w) ** 2)
    np.testing.assert_allclose(ops.convert_to_numpy(outputs), 2 * np.tanh(X @ w), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(to_x), slope @ w.T, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(to_w), X.T @ slope, rtol=1e-4, atol=1e-5)
    assert layer.weights[1].numpy() == 1.0
    signature = layers.TFSMLayer(path, call_endpoint="serving_default")(X)
    np.testing.assert_allclose(ops.convert_to_numpy(signature["output_0"]), np.tanh(X @ w), rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="`call_endpoint`.*'nope'.*'serve', 'serving_default'"):
        layers.TFSMLayer(path, call_endpoint="nope")
    model = kerasish.Sequential([kerasish.Input((4,)), layer])
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="TFSMLayer.*safe_mode=False"):
        kerasish.models.load_model(tmp_path / "m.keras")
    again = kerasish.models.load_model(tmp_path / "m.keras", safe_mode=False)
    np.testing.assert_allclose(again.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6)


# -- Flax -------------------------------------------------------------------------------------------------------------


def flax_module(linen):
    class Module(linen.Module):
        @linen.compact
        def __call__(self, inputs, training=False):
            x = linen.Dense(3)(inputs)
            x = linen.BatchNorm(use_running_average=not training)(x)
            return linen.Dropout(0.5, deterministic=not training)(x)

    return Module()


FLAX = [
    ("FlaxLayer", flax_module, X),
    ("FlaxLayer", lambda linen: linen.Dense(3, use_bias=False), X),
    ("FlaxLayer", lambda linen: linen.Conv(2, (3, 3)), np.moveaxis(PICTURES, 1, -1).copy()),
    ("FlaxLayer", lambda linen: linen.LayerNorm(), X),
]


@pytest.mark.parametrize("name, make, x", FLAX)
def test_flax_module_as_flax_computes_it(name, make, x):
    module = make(linen)
    variables = module.init(jax.random.PRNGKey(0), x)
    layer = getattr(layers, name)(module, variables=variables)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), module.apply(variables, x), rtol=1e-5, atol=1e-6)
    before = [v.numpy() for v in layer.non_trainable_weights]
    layer(x, training=True)
    assert all((v.numpy() != b).any() for v, b in zip(layer.non_trainable_weights, before))
    model = kerasish.Sequential(
        [kerasish.Input(x.shape[1:]), layers.FlaxLayer(make(linen)), layers.Flatten(), layers.Dense(1)]
    )
    model.compile(kerasish.optimizers.Adam(0.05), "mse")
    history = model.fit(x, x.reshape(len(x), -1)[:, :1], epochs=20, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_a_framework_that_is_not_there_is_named():
    program = (
        "import sys\n"
        "for name in ('jax', 'flax', 'torch', 'tensorflow'): sys.modules[name] = None\n"
        "import kerasish\n"
        "L = kerasish.layers\n"
        "for make in (lambda: L.JaxLayer(len), lambda: L.FlaxLayer(1), lambda: L.TorchModuleWrapper(1),"
        " lambda: L.TFSMLayer('x')):\n"
        "    try: make()\n"
        "    except ImportError as error: print(error)\n"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    lines = shown.splitlines()
    for line, (layer, package) in zip(
        lines,
        [("JaxLayer", "jax"), ("FlaxLayer", "flax"), ("TorchModuleWrapper", "torch"), ("TFSMLayer", "tensorflow")],
        strict=True,
    ):
        assert layer in line and f"pip install {package}" in line
