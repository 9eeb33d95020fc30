"""Models in bfloat16: they learn, state is where Keras has it, data of every kind goes in."""

import keras as oracle
import ml_dtypes
import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, ops
from tests.units import apart

RNG = np.random.default_rng(0)
X = RNG.normal(size=(512, 8)).astype("float32")
LABELS = (X[:, :3].sum(1) > 0).astype("int32") + (X[:, 3] > 0.5)
IMAGES = RNG.normal(size=(64, 8, 8, 3)).astype("float32")
CORNERS = (IMAGES[:, :4, :4].mean((1, 2, 3)) > 0).astype("int32")


@pytest.fixture
def policy():
    before = keras.config.dtype_policy(), keras.config.floatx()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before[0])
    keras.config.set_floatx(before[1])


def dense():
    return keras.Sequential([
        keras.Input((8,)), layers.Dense(32, activation="gelu"), layers.BatchNormalization(), layers.Dropout(0.1),
        layers.Dense(3), layers.Activation("softmax", dtype="float32"),
    ])  # fmt: skip


def convolutions():
    return keras.Sequential([
        keras.Input((8, 8, 3)), layers.Conv2D(16, 3, padding="same"), layers.BatchNormalization(), layers.ReLU(),
        layers.MaxPooling2D(), layers.SeparableConv2D(16, 3, strides=2), layers.LayerNormalization(),
        layers.Flatten(), layers.Dense(2, activation="softmax", dtype="float32"),
    ])  # fmt: skip


def recurrent():
    return keras.Sequential([
        keras.Input((8,)), layers.Reshape((8, 1)), layers.LSTM(12, return_sequences=True), layers.GRU(12),
        layers.Dense(3, activation="softmax", dtype="float32"),
    ])  # fmt: skip


def attention():
    inputs = keras.Input((8,))
    x = layers.Dense(16)(layers.Reshape((8, 1))(inputs))
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 8)(x, x))
    x = layers.Dense(3)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Softmax(dtype="float32")(x))


MODELS = {
    "dense": (dense, X, LABELS), "convolutions": (convolutions, IMAGES, CORNERS), "recurrent": (recurrent, X, LABELS),
    "attention": (attention, X, LABELS),
}  # fmt: skip


def trained(name, policy, how):
    keras.utils.set_random_seed(1)
    policy(how)
    make, x, y = MODELS[name]
    model = make()
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, model.fit(x, y, batch_size=32, epochs=4, verbose=0).history["loss"]


@pytest.mark.parametrize("half", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", MODELS)
def test_mixed_models_learn_as_in_float32(name, half, policy):
    model, losses = trained(name, policy, half)
    _, whole = trained(name, policy, "float32")
    assert {v.dtype for v in model.trainable_variables} == {"float32"}
    assert losses[-1] < 0.9 * losses[0] and np.allclose(losses, whole, rtol=0.1, atol=0.02), (losses, whole)


@pytest.mark.parametrize("name", MODELS)
def test_models_of_bfloat16_alone_learn(name, policy):
    model, losses = trained(name, policy, "bfloat16")
    assert {v.dtype for v in model.trainable_variables} <= {"bfloat16", "float32"}
    assert "bfloat16" in {v.dtype for v in model.trainable_variables} and losses[-1] < 0.9 * losses[0]


def test_eager_and_compiled_steps_agree(policy):
    policy("mixed_bfloat16")
    found = []
    for eager in (True, False):
        keras.utils.set_random_seed(3)
        model = convolutions()
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=eager)
        model.fit(IMAGES, CORNERS, batch_size=16, epochs=1, shuffle=False, verbose=0)
        found.append([ops.convert_to_numpy(v) for v in model.weights])
    for eager, compiled in zip(*found):
        np.testing.assert_allclose(eager, compiled, rtol=0.05, atol=0.02)


def test_floatx_is_where_keras_has_it(policy):
    found = []
    x, y = np.ones((4, 3)), np.ones((4, 2))
    for library in (keras, oracle):
        before = library.config.floatx(), library.config.dtype_policy()
        library.config.set_floatx("bfloat16")
        library.config.set_dtype_policy("bfloat16")  # of a process where none has been asked for yet
        try:
            model = library.Sequential([library.layers.Input((3,)), library.layers.Dense(2, "tanh", name="d")])
            model.compile("adam", "mse")
            model.get_layer("d").set_weights([np.full((3, 2), 0.25), np.zeros(2)])
            loss = model.fit(x, y, verbose=0).history["loss"][0]
            found.append((
                loss, [v.dtype for v in model.weights], [v.dtype for v in model.optimizer.variables],
                [v.dtype for v in model.metrics[0].variables], model.predict(x, verbose=0).dtype.name,
            ))  # fmt: skip
        finally:
            library.config.set_floatx(before[0])
            library.config.set_dtype_policy(before[1])
    assert found[0][1:] == found[1][1:]
    assert apart(found[0][0], found[1][0], "bfloat16") <= 1


@pytest.mark.parametrize("how", ["float32", "mixed_bfloat16", "bfloat16"])
def test_arrays_of_ml_dtypes_are_data(how, policy):
    policy(how)
    model = dense()
    model.compile("adam", "sparse_categorical_crossentropy")
    given = X.astype(ml_dtypes.bfloat16)
    history = model.fit(given, LABELS, sample_weight=np.ones(512, ml_dtypes.bfloat16), verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    same = model.predict(given.astype("float32"), verbose=0)
    np.testing.assert_allclose(model.predict(given, verbose=0), same, rtol=1e-5)
    assert model.predict_on_batch(given[:4]).shape == (4, 3)


def test_a_mixed_step_reads_its_weights_once(policy):
    """The casts of a weight are done once a step, and no array of theirs in bfloat16 is kept."""
    policy("mixed_bfloat16")
    layer = layers.Dense(64)
    layer.build((None, 64))
    x = np.ones((8, 64), "float32")

    def step(x):
        with backend.GradientTape() as tape:
            x = tape.watch(ops.cast(x, "bfloat16"))
            loss = ops.sum(layer(layer(x)))
        return tape.gradient(loss, layer.trainable_variables)

    step = backend.function(step)
    step(x)
    text = str(step.explain(x))
    assert text.count("matmul") and np.isfinite(ops.convert_to_numpy(step(x)[0])).all()


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_tensors_of_other_libraries(library):
    if library == "torch":
        torch = pytest.importorskip("torch")
        given = torch.tensor([[1.5, -2.0]], dtype=torch.bfloat16)
    else:
        given = pytest.importorskip("jax").numpy.array([[1.5, -2.0]], "bfloat16")
    taken = ops.convert_to_tensor(given)
    assert taken.dtype == "bfloat16" and ops.convert_to_numpy(taken).tolist() == [[1.5, -2.0]]
    model = keras.Sequential([keras.Input((2,)), layers.Identity()])
    assert model.predict(given, verbose=0).tolist() == [[1.5, -2.0]]
