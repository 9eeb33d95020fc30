"""What was one object before it was saved is one again."""

import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import context
from kerasish.configs import serialization
from kerasish.files import archive
from tests.files.small_model import predictions


def pair(k):
    """A layer that holds two others, and says so in its config."""

    @k.saving.register_keras_serializable("archive")
    class Pair(k.layers.Layer):
        def __init__(self, first, second, **kwargs):
            super().__init__(**kwargs)
            self.first, self.second = first, second

        def build(self, shape):
            for layer in (self.first, self.second):
                if not layer.built:
                    layer.build(shape)

        def call(self, x):
            return self.first(x) + self.second(x)

        def get_config(self):
            inner = {name: k.saving.serialize_keras_object(getattr(self, name)) for name in ("first", "second")}
            return {**super().get_config(), **inner}

        @classmethod
        def from_config(cls, config):
            inner = {name: k.saving.deserialize_keras_object(config[name]) for name in ("first", "second")}
            return cls(**{**config, **inner})

    return Pair


def a_pair(k, pair):
    layer = k.layers.Dense(6)
    return k.Sequential([k.Input((6,)), pair(layer, layer)]), lambda model: (
        model.layers[-1].first,
        model.layers[-1].second,
    )


def two_wrappers(k, pair):
    layer, inputs = k.layers.Dense(1), k.Input((6,))
    outputs = k.layers.Reshape((6, 1))(inputs)
    for name in ("one", "other"):
        outputs = k.layers.TimeDistributed(layer, name=name)(outputs)
    return k.Model(inputs, k.layers.Flatten()(outputs)), lambda model: (
        model.get_layer("one").layer,
        model.get_layer("other").layer,
    )


def two_models(k, pair):
    layer = k.layers.Dense(6)
    models = [k.Sequential([k.Input((6,)), layer]) for _ in range(2)]
    return k.Sequential([k.Input((6,)), *models]), lambda model: [inner.layers[0] for inner in model.layers]


def a_model_and_its_part(k, pair):
    layer, inner_input, inputs = k.layers.Dense(6, name="shared"), k.Input((6,)), k.Input((6,))
    inner = k.Model(inner_input, layer(inner_input), name="inner")
    return k.Model(inputs, layer(inner(inputs))), lambda model: (
        model.get_layer("shared"),
        model.get_layer("inner").get_layer("shared"),
    )


def a_model_and_its_part_without_weights(k, pair):
    layer, inner_input, inputs = k.layers.ReLU(name="shared"), k.Input((6,)), k.Input((6,))
    inner = k.Model(inner_input, layer(inner_input), name="inner")
    return k.Model(
        inputs, layer(k.layers.Dense(2)(inner(inputs)))
    ), None  # nothing is lost where they are two afterwards


OURS, TO_KERAS, FROM_KERAS = (keras, keras), (keras, oracle), (oracle, keras)
SHARING = {  # Keras 3.15 itself can't load what it saves of the others: the first place is left without the mark there
    a_pair: (OURS, TO_KERAS, FROM_KERAS),
    two_wrappers: (OURS, TO_KERAS),
    two_models: (OURS, TO_KERAS),
    a_model_and_its_part: (OURS,),
    a_model_and_its_part_without_weights: (OURS, TO_KERAS, FROM_KERAS),
}


@pytest.mark.parametrize("build, ways", [(build, way) for build, ways in SHARING.items() for way in ways])
def test_what_was_one_object_is_one_again(build, ways, tmp_path):
    writer, reader = ways
    classes = {k: pair(k) for k in (keras, oracle)}
    model, shared = build(writer, classes[writer])
    path = str(tmp_path / "m.keras")
    model.save(path)
    loaded = reader.models.load_model(path, custom_objects={"Pair": classes[reader]})
    np.testing.assert_allclose(predictions(loaded), predictions(model), rtol=1e-5, atol=1e-6)
    if shared is not None:
        first, second = shared(loaded)
        assert first is second and len(loaded.weights) == 2


def test_marks_of_shared_objects_stand_in_files_alone():
    classes = {k: pair(k) for k in (keras, oracle)}
    for k in (keras, oracle):
        model, _ = a_pair(k, classes[k])
        for data in (
            model.to_json(),
            k.saving.serialize_keras_object(model),
            model.get_config(),
            k.layers.serialize(model.layers[-1]),
        ):
            assert "shared_object_id" not in str(data)


def test_marks_stand_where_keras_has_them(tmp_path):
    """On what stands in several places, with a number of its own for each object; there is no mark on anything else."""
    marked = {}
    for k in (keras, oracle):
        initializer = k.initializers.HeNormal()
        model = k.Sequential(
            [k.Input((6,)), *(k.layers.Dense(2, kernel_initializer=initializer, dtype="float64") for _ in range(2))]
        )
        model.compile("sgd", "mse", metrics=[metric := k.metrics.MeanAbsoluteError()], weighted_metrics=[metric])
        path = str(tmp_path / "m.keras")
        model.save(path)
        with archive.read(path) as opened:
            config = opened.config
        first, second = (layer["config"]["kernel_initializer"] for layer in config["config"]["layers"][1:])
        metrics = [config["compile_config"][key][0].get("shared_object_id") for key in ("metrics", "weighted_metrics")]
        marked[k] = [
            isinstance(second["shared_object_id"], int),
            "shared_object_id" in config["config"]["layers"][1]["config"]["bias_initializer"],
        ]
        marked[k] += [
            isinstance(metrics[0], int) and metrics[0] == metrics[1] != second["shared_object_id"],
            "shared_object_id" in config,
        ]
        if k is keras:
            assert first["shared_object_id"] == second["shared_object_id"]
    assert marked[keras] == marked[oracle] == [True, False, True, False]


def test_a_shared_object_is_built_as_it_was():
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    data = serialization.serialize_for_file({"first": layer, "second": layer})
    with context.scope(shared_objects={}):
        first, second = keras.saving.deserialize_keras_object(data).values()
    assert first is second and first.built


def test_one_number_for_objects_of_two_classes_is_not_one_object():
    """Keras numbers objects by their places in memory, where one that is gone makes room for the next."""
    items = {"layer": keras.layers.Dense(2), "initializer": keras.initializers.Zeros()}
    data = {key: {**keras.saving.serialize_keras_object(item), "shared_object_id": 1} for key, item in items.items()}
    with context.scope(shared_objects={}):
        assert {key: type(item) for key, item in keras.saving.deserialize_keras_object(data).items()} == {
            key: type(item) for key, item in items.items()
        }
