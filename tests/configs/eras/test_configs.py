"""Fixtures of each version.

The config opens as the model that it meant, and predicts as the same model built by hand from its formulas or today's
layers.
"""

import json
import pathlib
import zipfile

import keras as real
import numpy as np
import pytest

import kerasish
from kerasish.activations import earlier
from kerasish.configs.eras import era, modernize

HERE = pathlib.Path(__file__).parent / "configs"
FIXTURES = {path.stem: json.loads(path.read_text()) for path in sorted(HERE.glob("*.json"))}
L = kerasish.layers
hard = earlier.hard_sigmoid


def draw(*shape, seed=0):
    return np.random.RandomState(seed).uniform(-2, 2, shape).astype("float32")


def stack(*layers):
    return kerasish.Sequential(list(layers))


# Each function builds by hand, with today's layers, what the fixture of that name says. Its inputs are the arguments of
# the model.


def keras_0_3_sequential():
    return stack(L.Input((6,)), L.Dense(5, hard), L.Dropout(0.5), L.Dense(3, "softmax")), [draw(4, 6)]


def keras_0_3_graph():
    left, right = L.Input((4,)), L.Input((4,))
    return kerasish.Model([left, right], L.Dense(2)(L.Concatenate()([L.Dense(3, "relu")(left), right]))), [
        draw(4, 4),
        draw(4, 4, seed=1),
    ]


def keras_1_0_sequential():
    first = {"data_format": "channels_first"}
    layers = [
        L.Conv2D(3, (3, 2), strides=2, padding="same", activation="relu", **first),
        L.BatchNormalization(axis=1, epsilon=1e-6),
        L.ZeroPadding2D((1, 2), **first),
        L.MaxPooling2D(2, **first),
        L.Flatten(),
        L.Dense(4, use_bias=False),
        L.LeakyReLU(0.25),
    ]
    return stack(L.Input((2, 8, 8)), *layers), [draw(2, 2, 8, 8)]


def keras_1_2_merge():
    a, b = L.Input((4,)), L.Input((5,), dtype="int32")
    words = stack(L.Input((5,), dtype="int32"), L.Embedding(9, 3), L.LSTM(2, recurrent_activation=hard))
    joined = L.Concatenate()([stack(L.Input((4,)), L.Dense(3, "tanh"))(a), words(b)])
    return kerasish.Model([a, b], L.Dense(1, "sigmoid")(joined)), [draw(3, 4), np.arange(15).reshape(3, 5) % 9]


def keras_1_2_model():
    x = L.Input((6, 3))
    h = L.MaxPooling1D(2, 2)(L.Conv1D(4, 3, padding="same", activation="relu")(x))
    both = L.Concatenate(axis=1)(
        [L.GRU(3, recurrent_activation=hard, reset_after=False)(h), L.Bidirectional(L.SimpleRNN(2))(h)]
    )
    return kerasish.Model(x, L.Dense(2, "softmax")(L.GaussianNoise(0.1)(both))), [draw(3, 6, 3)]


def keras_2_0_model():
    x, y = L.Input((5,)), L.Input((5,))
    encoder = kerasish.Model(x, L.Dense(4, "tanh")(x))
    head = stack(L.Input((4,)), L.Dense(3, hard), L.Dense(2))
    return kerasish.Model(y, [encoder(y), head(encoder(y))]), [draw(3, 5)]


def keras_2_2_2_sequential():
    layers = [
        L.Conv2D(3, 3, dilation_rate=2, activation="relu"),
        L.GlobalAveragePooling2D(),
        L.RepeatVector(3),
        L.LSTM(3, return_sequences=True),
        L.GRU(2, reset_after=True),
        L.ReLU(threshold=0.1),
    ]
    return stack(L.Input((7, 7, 1)), *layers), [draw(2, 7, 7, 1)]


def keras_2_3_sequential():
    layers = [
        L.Bidirectional(L.LSTM(2, recurrent_activation=hard, return_sequences=True)),
        L.TimeDistributed(L.Dense(3, "relu")),
        L.GRU(2, recurrent_activation=hard, reset_after=False),
        L.BatchNormalization(),
    ]
    return stack(L.Input((6, 3)), *layers), [draw(2, 6, 3)]


def tf_2_3_ops():
    x = L.Input((6,))
    joined = kerasish.ops.concatenate([1.0 - 2.0 * x, x], axis=-1)
    h = kerasish.ops.relu(joined[:, 2:5] + kerasish.ops.mean(joined, axis=1, keepdims=True))
    return kerasish.Model(x, L.Dense(2)(h)), [draw(3, 6)]


def keras_2_5_nested():
    x, a, b = L.Input((4,)), L.Input((4,)), L.Input((4,))
    inner, tower, shared = kerasish.Model(x, L.Dense(3, "tanh")(x)), stack(L.Input((3,)), L.Dense(2)), L.Dense(3)
    second = L.Add()([inner(b), shared(a), shared(b)])
    return kerasish.Model([a, b], [tower(inner(a)), tower(second), inner(L.Add()([a, b]))]), [
        draw(3, 4),
        draw(3, 4, seed=1),
    ]


def keras_2_12_functional():
    x = L.Input((5, 3))
    h = L.BatchNormalization(axis=1)(L.LSTM(4, recurrent_activation=hard)(x))
    return kerasish.Model(x, L.Dense(2)(h * 0.5)), [draw(3, 5, 3)]


keras_2_15_functional = keras_2_12_functional


def by_hand(name):
    return globals()[name.replace("-", "_").replace(".", "_")]()


def fill(model, seed=3):
    """Weights drawn anew; variances positive."""
    generator = np.random.RandomState(seed)
    model.set_weights([generator.uniform(0.1, 1.0, w.shape).astype("float32") for w in model.get_weights()])
    return model.get_weights()


def by_class(model):
    """Weights by class and shape, so that models whose layers are listed in another order get the same ones."""
    found = {}
    for layer in flat(model):
        if layer.get_weights():
            found.setdefault((type(layer).__name__, *(w.shape for w in layer.get_weights())), []).append(layer)
    return found


def flat(model):
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from flat(layer)
        elif not isinstance(layer, L.InputLayer):
            yield layer


@pytest.mark.parametrize("name", FIXTURES)
def test_the_fixture_predicts_as_the_model_built_by_hand(name):
    expected, inputs = by_hand(name)
    model = kerasish.models.model_from_json(json.dumps(FIXTURES[name]))
    fill(model)
    mine, theirs = by_class(model), by_class(expected)
    assert {key: len(value) for key, value in mine.items()} == {key: len(value) for key, value in theirs.items()}
    for key, layers in mine.items():
        for layer, twin in zip(layers, theirs[key]):
            twin.set_weights(layer.get_weights())
    given = inputs if len(inputs) > 1 else inputs[0]
    for one, other in zip(
        kerasish.tree.flatten(model.predict(given, verbose=0)),
        kerasish.tree.flatten(expected.predict(given, verbose=0)),
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FIXTURES)
def test_the_era_is_told_and_the_modern_form_is_left_alone(name):
    major = int(name.split("-")[1].split(".")[0])
    data = {key: value for key, value in FIXTURES[name].items() if key != "keras_version"}
    assert era(data) == era(FIXTURES[name]) == major
    before = json.dumps(data)
    modern = modernize(data)
    assert json.dumps(data) == before, "what came is not changed"
    assert era(modern) == 3 and modernize(modern) is modern


@pytest.mark.parametrize("name", FIXTURES)
def test_real_keras_reads_the_modern_form_and_predicts_the_same(name):
    _, inputs = by_hand(name)
    modern = modernize(FIXTURES[name])
    modern.pop("compile_config", None)
    model = kerasish.models.model_from_json(json.dumps(modern))
    oracle = real.saving.deserialize_keras_object(modern)
    fill(model)
    mine = {layer.name: layer for layer in model.layers}
    for layer in oracle.layers:
        layer.set_weights(mine[layer.name].get_weights() if layer.name in mine else [])
    given = inputs if len(inputs) > 1 else inputs[0]
    for one, other in zip(
        kerasish.tree.flatten(model.predict(given, verbose=0)), real.tree.flatten(oracle(given, training=False))
    ):
        np.testing.assert_allclose(one, np.asarray(other), rtol=1e-4, atol=2e-6)


def test_a_bare_list_is_a_config_of_sequential():
    model = kerasish.Sequential.from_config(FIXTURES["keras-2.2.2-sequential"]["config"])
    assert model.input_shape == (None, 7, 7, 1) and [type(layer).__name__ for layer in model.layers][3:5] == [
        "LSTM",
        "GRU",
    ]


def test_a_functional_config_alone_opens_by_model_from_config():
    model = kerasish.Model.from_config(FIXTURES["keras-2.0-model"]["config"])
    assert [layer.name for layer in model.layers] == ["input_2", "encoder", "head"] and len(model.outputs) == 2


def test_the_compile_state_of_2_15_and_of_0_3_is_kept():
    model = kerasish.models.model_from_json(json.dumps(FIXTURES["keras-2.15-functional"]))
    assert float(model.optimizer.learning_rate) == pytest.approx(0.002) and model.loss == "mse"
    old = kerasish.models.model_from_json(json.dumps(FIXTURES["keras-0.3-sequential"]))
    assert type(old.optimizer).__name__ == "SGD" and old.optimizer.nesterov and old.loss == "categorical_crossentropy"
    rate = old.optimizer._learning_rate
    assert float(rate(1000)) == pytest.approx(0.01 / (1 + 1e-6 * 1000))


@pytest.mark.parametrize("version, name", [("2.12.0", "keras-2.12-functional"), ("2.15.0", "keras-2.15-functional")])
def test_an_archive_of_tensorflow_opens(version, name, tmp_path):
    """The weights lie in it as in Keras 3's; the configs name classes where they were then."""
    model = kerasish.models.model_from_json(json.dumps(FIXTURES[name]))
    fill(model)
    model.save(tmp_path / "new.keras")
    with zipfile.ZipFile(tmp_path / "new.keras") as new, zipfile.ZipFile(tmp_path / "old.keras", "w") as old:
        old.writestr("metadata.json", json.dumps({"keras_version": version, "date_saved": "2023-01-01@00:00:00"}))
        old.writestr("config.json", json.dumps(FIXTURES[name]))
        old.writestr("model.weights.h5", new.read("model.weights.h5"))
    opened = kerasish.saving.load_model(tmp_path / "old.keras")
    x = draw(3, 5, 3)
    np.testing.assert_array_equal(opened.predict(x, verbose=0), model.predict(x, verbose=0))


def test_what_is_saved_here_from_an_old_config_opens_in_real_keras(tmp_path):
    model = kerasish.models.model_from_json(json.dumps(FIXTURES["keras-2.3-sequential"]))
    fill(model)
    path = str(tmp_path / "old.keras")
    model.save(path)
    x = draw(2, 6, 3)
    oracle = real.saving.load_model(path)
    np.testing.assert_allclose(model.predict(x, verbose=0), np.asarray(oracle(x)), rtol=1e-4, atol=1e-6)
    oracle.save(path)
    again = kerasish.saving.load_model(path)
    assert again.layers[0].forward_layer.recurrent_activation is hard, (
        "real Keras writes the old hard_sigmoid so that it is known again"
    )
    np.testing.assert_allclose(model.predict(x, verbose=0), again.predict(x, verbose=0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("data", [0.5, None, "relu", [1, 2], (1, {"a": 2}), [], {}])
def test_plain_data_is_no_config_of_any_era(data):
    assert modernize(data) is data
    assert kerasish.saving.deserialize_keras_object(data) == (list(data) if isinstance(data, tuple) else data)


def test_a_list_of_todays_objects_is_a_list():
    """Not the config of a Sequential, which was one before there were modules."""
    dense = kerasish.saving.serialize_keras_object(kerasish.layers.Dense(2))
    found = kerasish.saving.deserialize_keras_object([dense, dense])
    assert [type(item) for item in found] == [kerasish.layers.Dense] * 2
