"""What programs of all times do with models: read a layer's output, clone what is compiled, rebuild from a config."""

import contextlib
import io
import sys

import keras as real
import numpy as np
import pytest

import kerasish
from kerasish import backend as K

LIBRARIES = pytest.mark.parametrize("k", [kerasish, real], ids=["kerasish", "keras"])


def test_an_application_on_a_tensor_of_the_graph_for_neural_style():
    """Its layers' outputs are tensors of that graph, and gradients go through them to the picture."""
    random = np.random.RandomState(0)
    content, style = (K.variable(random.rand(1, 32, 32, 3)) for _ in range(2))
    picture = K.placeholder((1, 32, 32, 3))
    whole = K.concatenate([content, style, picture], axis=0)
    model = kerasish.applications.VGG16(input_tensor=whole, weights=None, include_top=False)
    features = {layer.name: layer.output for layer in model.layers}["block2_conv1"]
    assert features.shape == (3, 16, 16, 128)

    def gram(x):
        flat = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
        return K.dot(flat, K.transpose(flat))

    loss = K.variable(0.0)
    loss = loss + K.sum(K.square(features[2] - features[0])) + K.sum(K.square(gram(features[1]) - gram(features[2])))
    step = K.function([picture], [loss, *K.gradients(loss, picture)])
    start = random.rand(1, 32, 32, 3)
    value, slope = step([start])
    length = 1e-2 / np.abs(slope).max()
    assert step([start - length * slope])[0] < value


def test_several_inputs_joined_for_an_application():
    first, second = (kerasish.Input(batch_shape=(1, 32, 32, 3)) for _ in range(2))
    joined = kerasish.layers.Concatenate(axis=0)([first, second])
    model = kerasish.applications.VGG16(input_tensor=joined, weights=None, include_top=False)
    assert [tensor is given for tensor, given in zip(model.inputs, (first, second))] == [True, True]
    assert model.output.shape == (2, 1, 1, 512)


def test_outputs_of_layers_after_add_and_pop():
    layers = kerasish.layers
    model = kerasish.Sequential([kerasish.Input((4,)), layers.Dense(3, name="a")])
    for change, sizes in (
        (lambda: model.add(layers.Dense(2, name="b")), [3, 2]),
        (model.pop, [3]),
        (lambda: model.add(layers.Dense(5, name="c")), [3, 5]),
    ):
        change()
        features = kerasish.Model(model.inputs, [layer.output for layer in model.layers])
        found = features.predict(np.ones((1, 4)), verbose=0)
        assert [value.shape[-1] for value in found] == sizes
        assert model.output.shape == (None, sizes[-1])


@LIBRARIES
def test_the_clone_of_a_compiled_model_is_compiled_alike(k):
    inputs = k.Input((2,))
    functional = k.Model(inputs, k.layers.Dense(1)(inputs))
    sequential = k.Sequential([k.Input((2,)), k.layers.Dense(1)])
    for model in (functional, sequential):
        model.compile(k.optimizers.Adam(0.5), "mse", metrics=["mae"])
        model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
        clone = k.models.clone_model(model)
        assert clone.compiled and clone.optimizer is not model.optimizer
        assert float(clone.optimizer.learning_rate) == 0.5 and int(clone.optimizer.iterations) == 0
        logs = clone.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0).history
        assert set(logs) == {"loss", "mae"}
    model = k.Sequential([k.Input((2,)), k.layers.Dense(1)])
    assert not k.models.clone_model(model).compiled


def test_a_clone_has_metrics_of_its_own_and_takes_any_loss():
    model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1)])
    metric = kerasish.metrics.MeanAbsoluteError()
    model.compile("sgd", lambda y, p: kerasish.ops.mean(kerasish.ops.abs(y - p)), metrics=[metric])
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    before = kerasish.ops.convert_to_numpy(metric.result())
    kerasish.models.clone_model(model).fit(np.ones((4, 2)), np.full((4, 1), 9.0), verbose=0)
    assert kerasish.ops.convert_to_numpy(metric.result()) == before


@LIBRARIES
def test_a_layer_with_containers_that_hold_themselves_is_saved(k, tmp_path):
    class Bag(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.bag = {}
            self.bag["self"] = self.bag
            self.rows = []
            self.rows.append(self.rows)
            self.dense = k.layers.Dense(2)

        def build(self, input_shape):
            self.dense.build(input_shape)

        def call(self, x):
            return self.dense(x)

    model = k.Sequential([k.Input((2,)), Bag()])
    assert len(model.weights) == 2
    model.save_weights(tmp_path / "a.weights.h5")
    before = model.get_weights()
    model.set_weights([w * 0 for w in before])
    model.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_allclose(model.get_weights()[0], before[0])


@LIBRARIES
@pytest.mark.parametrize("structure", ["tensor", "dict"])
def test_a_subclassed_model_is_rebuilt_from_its_config(k, structure):
    class Tower(k.Model):
        def __init__(self, units=3, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.hidden, self.head = k.layers.Dense(units), k.layers.Dense(1)

        def call(self, x):
            return self.head(self.hidden(x["a"] + x["b"] if structure == "dict" else x))

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    x = np.ones((2, 4), "float32")
    model = Tower(5)
    model({"a": x, "b": x} if structure == "dict" else x)
    config = k.saving.serialize_keras_object(model)
    again = k.saving.deserialize_keras_object(config, custom_objects={"Tower": Tower})
    assert again.built and [w.shape for w in again.weights] == [w.shape for w in model.weights]


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_a_bar_without_a_terminal(stream):
    shown = contextlib.redirect_stdout(stream)
    with shown:
        bar = kerasish.utils.Progbar(3)
        for step in range(3):
            bar.update(step + 1, [("loss", 2.0)])
    assert stream is None or ("loss: 2.0" in stream.getvalue() and "\b" not in stream.getvalue())
    assert sys.stdout is not None


@pytest.mark.parametrize(
    "name, instead",
    [
        ("_id", "id(tensor)"),
        ("op", "tensor.node"),
        ("_keras_shape", "tensor.shape"),
        ("graph", "Graph(inputs, outputs)"),
        ("eval", "keras.backend.eval"),
        ("_private", "private to another library"),
    ],
)
def test_names_that_tensors_do_not_have_say_what_to_write(name, instead):
    tensor = kerasish.Input((2,))
    assert not hasattr(tensor, name) and getattr(tensor, name, 3) == 3
    with pytest.raises(AttributeError) as caught:
        getattr(tensor, name)
    assert instead in str(caught.value)


INDEXED = {
    "take": lambda k, i: k.ops.take(np.arange(5.0, dtype="float32"), i),
    "take_along_axis": lambda k, i: k.ops.take_along_axis(np.zeros((3,), "float32"), i, 0),
    "scatter": lambda k, i: k.ops.scatter(i[:, None], np.ones(2, "float32"), (3,)),
    "scatter_update": lambda k, i: k.ops.scatter_update(np.zeros(3, "float32"), i[:, None], np.ones(2, "float32")),
    "segment_sum": lambda k, i: k.ops.segment_sum(np.ones(2, "float32"), i, 3),
    "bincount": lambda k, i: k.ops.bincount(i),
    "slice": lambda k, i: k.ops.slice(np.zeros((3, 3), "float32"), i, (1, 1)),
}


@LIBRARIES
@pytest.mark.parametrize("op", INDEXED)
def test_float_arrays_are_no_indices(k, op):
    INDEXED[op](k, np.array([1, 2]))
    with pytest.raises((TypeError, ValueError), match=r"ops\.cast" if k is kerasish else None):
        INDEXED[op](k, np.array([1.0, 2.0], "float32"))
