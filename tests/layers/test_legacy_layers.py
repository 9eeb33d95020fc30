"""Layers of Keras 1 and 2: what they computed then, written out in NumPy; configs, files, models, bad input."""

import numpy as np
import pytest

import kerasish
from kerasish import backend, layers, ops

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3)).astype("float32")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


def highway(x, W, W_carry, b=0.0, b_carry=0.0, activation=lambda v: v):
    t = sigmoid(x @ W_carry + b_carry)
    return t * activation(x @ W + b) + (1 - t) * x


def maxout(x, W, b=0.0):
    return np.max(np.einsum("ni,kio->nko", x, W) + b, axis=1)


def srelu(x, t_left, a_left, t_right, a_right):
    right = t_left + np.abs(t_right)
    below, above = t_left + a_left * (x - t_left), right + a_right * (x - right)
    return np.where(x <= t_left, below, np.where(x >= right, above, x))


def softplus(x, alpha, beta):
    return alpha * np.log1p(np.exp(beta * x))


def of_batch(x, gamma, beta, mean, variance):
    axes = tuple(range(x.ndim - 1))
    return (x - x.mean(axes)) / np.sqrt(x.var(axes) + 1e-3) * gamma + beta


def of_sample(x, gamma, beta, mean, variance):
    deviation = np.sqrt(x.var(-1, keepdims=True) + 1e-3)
    return (x - x.mean(-1, keepdims=True)) / (deviation + 1e-3) * gamma + beta


STEPS = RNG.standard_normal((2, 5, 3)).astype("float32")
CASES = [  # layer, arguments, inputs, formula
    ("Highway", {}, X, highway),
    ("Highway", {"activation": "relu"}, X, lambda x, *w: highway(x, *w, activation=relu)),
    ("Highway", {"bias": False, "activation": "tanh"}, X, lambda x, *w: highway(x, *w, activation=np.tanh)),
    ("Highway", {"W_regularizer": "l2", "W_constraint": "non_neg", "transform_bias": -2.0}, X, highway),
    ("MaxoutDense", {"output_dim": 5}, X, maxout),
    ("MaxoutDense", {"output_dim": 2, "nb_feature": 3, "init": "he_normal"}, X, maxout),
    ("MaxoutDense", {"output_dim": 2, "bias": False}, X, maxout),
    ("MaxoutDense", {"output_dim": 4, "nb_feature": 1, "b_regularizer": "l1"}, X, maxout),
    ("SReLU", {}, X, srelu),
    ("SReLU", {"t_left_init": "normal"}, STEPS, srelu),
    ("SReLU", {"shared_axes": 1}, STEPS, srelu),
    ("SReLU", {"shared_axes": [1, 2], "a_right_init": "zeros"}, STEPS, srelu),
    ("ParametricSoftplus", {}, X, softplus),
    ("ParametricSoftplus", {"alpha_init": 0.5, "beta_init": 1.0}, STEPS, softplus),
    ("ParametricSoftplus", {"shared_axes": 1}, STEPS, softplus),
    ("ParametricSoftplus", {"shared_axes": [1, 2]}, STEPS, softplus),
    ("ThresholdedReLU", {}, np.array([[-1.0, 0.9, 1.5]], "float32"), lambda x: np.where(x > 1, x, 0)),
    ("ThresholdedReLU", {"theta": 0.0}, X, relu),
    ("ThresholdedReLU", {"theta": 0.5}, STEPS, lambda x: np.where(x > 0.5, x, 0)),
    ("ThresholdedReLU", {"theta": 3}, X, lambda x: np.where(x > 3, x, 0)),
    ("BatchNormalization", {"mode": 1}, X, of_sample),
    ("BatchNormalization", {"mode": 1}, STEPS, of_sample),
    ("BatchNormalization", {"mode": 2}, X, of_batch),
    ("BatchNormalization", {"mode": 2, "gamma_init": "uniform"}, STEPS, of_batch),
]


@pytest.mark.parametrize("name, arguments, x, formula", CASES)
def test_the_formula(name, arguments, x, formula):
    layer = getattr(layers, name)(**arguments)
    assert getattr(kerasish.legacy.layers, name) is type(layer)
    layer.build(x.shape)
    rng = np.random.default_rng(1)
    weights = [w + 0.1 * rng.standard_normal(w.shape).astype("float32") for w in layer.get_weights()]
    layer.set_weights(weights)
    wanted = formula(x.astype("float64"), *weights)
    for training in (False, True):
        found = layer(x, training=training) if name == "BatchNormalization" else layer(x)
        np.testing.assert_allclose(ops.convert_to_numpy(found), wanted, rtol=1e-4, atol=1e-5)
    again = layers.deserialize(layers.serialize(layer))
    assert again.get_config() == layer.get_config()
    assert again.built or not layer.weights
    assert [(w.name, w.shape) for w in again.weights] == [(w.name, w.shape) for w in layer.weights]
    assert layer(kerasish.Input(x.shape[1:])).shape == (None, *wanted.shape[1:])
    half = getattr(layers, name)(**arguments, dtype="mixed_float16")
    half.build(x.shape)
    half.set_weights(weights)
    found = ops.convert_to_numpy(half(x))
    assert found.dtype == "float16"
    np.testing.assert_allclose(found.astype("float64"), wanted, rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("name, arguments, x, formula", CASES)
def test_the_gradient(name, arguments, x, formula):
    layer = getattr(layers, name)(**arguments)
    layer.build(x.shape)
    weigh = np.random.default_rng(2).standard_normal(np.shape(ops.convert_to_numpy(layer(x)))).astype("float32")
    weights = [w.astype("float64") for w in layer.get_weights()]

    @backend.function
    def step(inputs):
        loss = ops.sum(layer(inputs) * weigh)
        return backend.gradients(loss, [inputs, *layer.trainable_variables])

    slopes, points = step(x), [x.astype("float64"), *weights]
    for index, slope in enumerate(slopes):
        direction = np.random.default_rng(3).standard_normal(points[index].shape)
        beyond = [
            np.sum(formula(*points[:index], points[index] + sign * 1e-6 * direction, *points[index + 1 :]) * weigh)
            for sign in (1, -1)
        ]
        expected = (beyond[0] - beyond[1]) / 2e-6
        found = 0.0 if slope is None else np.sum(ops.convert_to_numpy(slope) * direction)
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


def test_the_threshold_itself_does_not_pass():
    assert ops.convert_to_numpy(layers.ThresholdedReLU(1.0)(np.array([1.0, 1.5], "float32"))).tolist() == [0.0, 1.5]


A, B = RNG.standard_normal((2, 4, 3)).astype("float32"), RNG.standard_normal((2, 4, 3)).astype("float32")
MERGES = [
    ("Merge", {"mode": "sum"}, A + B),
    ("Merge", {"mode": "mul"}, A * B),
    ("Merge", {"mode": "ave"}, (A + B) / 2),
    ("Merge", {"mode": "max"}, np.maximum(A, B)),
    ("Merge", {"mode": "concat"}, np.concatenate([A, B], -1)),
    ("Merge", {"mode": "concat", "concat_axis": 1}, np.concatenate([A, B], 1)),
    ("Merge", {"mode": "dot", "dot_axes": 2}, np.einsum("nij,nkj->nik", A, B)),
    ("Merge", {"mode": "dot", "dot_axes": [[1], [1]]}, np.einsum("nji,njk->nik", A, B)),
    ("Merge", {"mode": lambda tensors: tensors[0] - 2 * tensors[1]}, A - 2 * B),
    ("Merge", {"mode": lambda tensors, by: tensors[0] * by, "arguments": {"by": 3.0}, "output_shape": (4, 3)}, 3 * A),
]


@pytest.mark.parametrize("name, arguments, wanted", MERGES, ids=range(len(MERGES)))
def test_merge(name, arguments, wanted):
    layer = layers.Merge(**arguments)
    np.testing.assert_allclose(ops.convert_to_numpy(layer([A, B])), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(layers.merge([A, B], **arguments)), wanted, rtol=1e-5, atol=1e-6)
    assert layer([kerasish.Input((4, 3)), kerasish.Input((4, 3))]).shape == (None, *wanted.shape[1:])
    if isinstance(arguments["mode"], str):
        again = layers.deserialize(layers.serialize(layer))
        np.testing.assert_allclose(ops.convert_to_numpy(again([A, B])), wanted, rtol=1e-5, atol=1e-6)


def test_merge_by_cosine_has_an_axis_more():
    a, b = A[:, 0], B[:, 0]
    wanted = np.sum(a * b, -1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    found = ops.convert_to_numpy(layers.Merge(mode="cos")([a, b]))
    np.testing.assert_allclose(found, wanted[:, None, None], rtol=1e-5)


def test_merge_by_a_function_with_its_mask():
    layer = layers.Merge(mode=lambda tensors: tensors[0] * 2, output_mask=lambda masks: masks[1])
    embed = layers.Embedding(5, 3, mask_zero=True)
    words = np.array([[1, 0, 2, 0], [0, 1, 0, 3]])
    outputs = layer([embed(words), embed(words[:, ::-1].copy())])
    assert np.array_equal(ops.convert_to_numpy(backend.get_keras_mask(outputs)), words[:, ::-1] != 0)


def test_a_sequential_begins_with_a_merge_of_models(tmp_path):
    def branch(size):
        return kerasish.Sequential([kerasish.Input((size,)), layers.Dense(4, "tanh")])

    left, right = branch(3), branch(5)
    model = kerasish.Sequential([layers.Merge([left, right], mode="concat"), layers.Dense(2)])
    model.compile("adam", "mse")
    x = [RNG.standard_normal((8, 3)).astype("float32"), RNG.standard_normal((8, 5)).astype("float32")]
    before = left.get_weights()[0]
    model.fit(x, np.ones((8, 2)), epochs=2, verbose=0)
    assert np.abs(left.get_weights()[0] - before).max() > 0, "the branches learn"
    hidden = np.concatenate([left.predict(x[0], verbose=0), right.predict(x[1], verbose=0)], -1)
    kernel, bias = model.layers[-1].get_weights()
    np.testing.assert_allclose(model.predict(x, verbose=0), hidden @ kernel + bias, rtol=1e-5, atol=1e-6)
    model.save(tmp_path / "m.keras")
    again = kerasish.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-6)
    with pytest.raises(ValueError, match="takes 2 inputs.*received 3"):
        layers.Merge([left, right])([*x, x[0]])


CUDNN = [
    (name, more)
    for name in ("CuDNNLSTM", "CuDNNGRU")
    for more in (
        {},
        {"return_sequences": True},
        {"go_backwards": True, "return_state": True},
        {"kernel_regularizer": "l2"},
    )
]


@pytest.mark.parametrize("name, more", CUDNN)
def test_cudnn_layers_are_the_plain_ones_with_weights_in_another_order(name, more):
    plain = name.removeprefix("CuDNN")
    gates = {"LSTM": 4, "GRU": 3}[plain]
    layer, same = getattr(layers, name)(4, **more), getattr(layers, plain)(4, **more)
    layer(STEPS), same(STEPS)
    rng = np.random.default_rng(4)
    kernel, recurrent = rng.standard_normal((3, gates * 4)), rng.standard_normal((4, gates * 4))
    biases = rng.standard_normal((2, gates * 4))

    def by_gate(array, change):
        return np.concatenate([change(part) for part in np.split(array, gates, axis=1)], axis=1)

    layer.set_weights(
        [by_gate(kernel, lambda k: k.T.reshape(k.shape)), by_gate(recurrent, np.transpose), biases.reshape(-1)]
    )
    same.set_weights([kernel, recurrent, biases.sum(0) if gates == 4 else biases])
    for found, wanted in zip(kerasish.tree.flatten(layer(STEPS)), kerasish.tree.flatten(same(STEPS)), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(found), ops.convert_to_numpy(wanted), rtol=1e-5, atol=1e-6)
    again = layers.deserialize(layers.serialize(layer))
    assert again.get_config() == layer.get_config()
    assert len(layer.losses) == len(more.get("kernel_regularizer", "")) // 2


def test_cudnn_biases_begin_as_in_keras_2():
    layer = layers.CuDNNLSTM(2)
    layer.build((None, 5, 3))
    assert layer.get_weights()[2].tolist() == [0.0] * 10 + [1.0] * 2 + [0.0] * 4
    layer = layers.CuDNNLSTM(2, unit_forget_bias=False)
    layer.build((None, 5, 3))
    assert not layer.get_weights()[2].any()


def test_a_cudnn_layer_learns():
    model = kerasish.Sequential([kerasish.Input((5, 3)), layers.CuDNNLSTM(4), layers.Dense(1)])
    model.compile(kerasish.optimizers.Adam(0.05), "mse")
    history = model.fit(STEPS, np.array([1.0, -1.0]), epochs=10, verbose=0).history["loss"]
    assert history[-1] < history[0] / 2


BAD = [
    (lambda: layers.ThresholdedReLU(-1.0), "theta"),
    (lambda: layers.ThresholdedReLU(None), "theta"),
    (lambda: layers.MaxoutDense(0), "output_dim"),
    (lambda: layers.MaxoutDense(2, nb_feature=-1), "nb_feature"),
    (lambda: layers.MaxoutDense(2)(A), "expected ndim=2"),
    (lambda: layers.Highway()(A), "expected ndim=2"),
    (lambda: layers.Highway(activation="nonsense"), "nonsense"),
    (lambda: layers.Merge(mode="nonsense"), "`mode`"),
    (lambda: layers.Merge([layers.Dense(2)]), "`layers`.*two or more"),
    (lambda: layers.BatchNormalization(mode=3), "`mode`"),
    (lambda: layers.BatchNormalization(axis=1, mode=1), "`axis`"),
    (lambda: layers.LocallyConnected1D(0, 2), "`filters`"),
    (lambda: layers.LocallyConnected1D(2, 0), "`kernel_size`"),
    (lambda: layers.LocallyConnected2D(2, 2, strides=0), "`strides`"),
    (lambda: layers.LocallyConnected1D(2, 2, implementation=4), "`implementation`"),
    (lambda: layers.LocallyConnected2D(2, 2, padding="same"), "`padding`"),
    (lambda: layers.LocallyConnected1D(2, 2, padding="causal", implementation=2), "`padding`"),
    (lambda: layers.LocallyConnected1D(2, 7)(STEPS), "larger than the inputs"),
    (lambda: layers.LocallyConnected1D(2, 2)(kerasish.Input((None, 3))), "size of every axis"),
    (lambda: layers.LocallyConnected1D(2, 2)(X), "expected ndim=3"),
    (lambda: layers.CuDNNLSTM(0), "`units`"),
    (lambda: layers.CuDNNGRU(2, time_major=True), "`time_major`"),
    (lambda: layers.CuDNNGRU(2, activation="relu"), "activation"),
    (lambda: layers.SReLU()(kerasish.Input((None, 3))), "`shared_axes`"),
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_bad_input(number):
    make, message = BAD[number]
    with pytest.raises((ValueError, TypeError), match=message):
        make()
