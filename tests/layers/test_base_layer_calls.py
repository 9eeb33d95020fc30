"""The base Layer: what a call accepts, dtypes, names, configs, stateless calls, shapes.

Where real Keras does the same, it is asked.
"""

import json

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, layers, ops

BOTH = pytest.mark.parametrize("k", [kerasish, oracle], ids=["kerasish", "keras"])
ONES = np.ones((2, 3), "float32")


# -- what a call accepts ------------------------------------------------------------------------------------------

SPECS = [
    ({"ndim": 3}, ONES, "expected ndim=3, found ndim=2"),
    ({"min_ndim": 3}, ONES, "expected min_ndim=3, found ndim=2"),
    ({"max_ndim": 1}, ONES, "expected max_ndim=1, found ndim=2"),
    ({"axes": {-1: 4}}, ONES, "axis -1 of input shape to have value 4"),
    ({"shape": (None, 4)}, ONES, "expected shape=.None, 4., found shape=.2, 3."),
    ({"dtype": "int32"}, ONES, "expected dtype=int32, found dtype=float32"),
]


@pytest.mark.parametrize("spec, value, message", SPECS)
@BOTH
def test_input_spec(k, spec, value, message):
    layer = k.layers.Identity(name="picky")
    layer.input_spec = k.layers.InputSpec(**spec)
    with pytest.raises(ValueError, match=f"picky.*{message}"):
        layer(value)
    with pytest.raises(ValueError, match="picky"):
        layer(k.Input((3,)))


@BOTH
def test_input_specs_of_several_inputs(k):
    layer = k.layers.Identity(name="two")
    layer.input_spec = [k.layers.InputSpec(ndim=2), k.layers.InputSpec(ndim=3)]
    with pytest.raises(ValueError, match="two.*expects 2 input"):
        layer(ONES)
    with pytest.raises(ValueError, match="Input 1.*expected ndim=3"):
        layer([ONES, ONES])
    layer([ONES, np.ones((1, 2, 3), "float32")])


@BOTH
def test_input_spec_fields(k):
    spec = k.layers.InputSpec(shape=(None, 3), dtype="float32")
    assert (spec.ndim, spec.shape, spec.dtype) == (2, (None, 3), "float32")


def test_input_spec_refuses_axes_that_are_no_dict_or_out_of_range():
    with pytest.raises(TypeError, match="axes"):
        layers.InputSpec(axes=[1])
    with pytest.raises(ValueError, match="axis 3.*at most 2"):
        layers.InputSpec(ndim=2, axes={3: 1})


@BOTH
def test_unknown_arguments_are_refused(k):
    with pytest.raises((TypeError, ValueError), match="untis"):
        k.layers.Dense(3, untis=4)
    with pytest.raises(ValueError, match="trainable"):
        k.layers.Dense(3, trainable="no")
    with pytest.raises(ValueError, match="name"):
        k.layers.Dense(3, name=5)


@BOTH
def test_too_many_arguments_are_refused(k):
    with pytest.raises(TypeError):
        k.layers.Identity()(ONES, ONES, ONES)


@BOTH
def test_build_gets_shapes_by_argument_name(k):
    seen = {}

    class Two(k.layers.Layer):
        def build(self, query_shape, value_shape):
            seen.update(query=tuple(query_shape), value=tuple(value_shape))

        def call(self, query, value):
            return query

    layer = Two()
    layer(ONES, value=np.ones((4, 5), "float32"))
    assert seen == {"query": (2, 3), "value": (4, 5)} and layer.built
    assert layer.get_build_config() == {"shapes_dict": {"query_shape": (2, 3), "value_shape": (4, 5)}}
    again = Two()
    again.build_from_config(json.loads(json.dumps(layer.get_build_config())))
    assert again.built


@BOTH
def test_build_of_structures(k):
    seen = []

    class Structured(k.layers.Layer):
        def build(self, input_shape):
            seen.append(input_shape)

        def call(self, inputs):
            return inputs["a"]

    Structured()({"a": ONES, "b": [ONES, np.ones((4,), "float32")]})
    assert seen == [{"a": (2, 3), "b": [(2, 3), (4,)]}]


def test_a_failed_build_can_be_repeated():
    layer = layers.Dense(2)
    with pytest.raises(ValueError, match="last axis"):
        layer.build((2, None))
    assert not layer.built and not layer.weights and layer.get_build_config() is None
    layer.build((2, 3))
    assert layer.get_build_config() == {"input_shape": (2, 3)}


# -- dtypes -------------------------------------------------------------------------------------------------------


@BOTH
def test_autocast(k):
    seen = {}

    class Reads(k.layers.Layer):
        def build(self, input_shape):
            self.cast = self.add_weight(shape=(3,), initializer="ones", name="cast")
            self.kept = self.add_weight(shape=(3,), initializer="ones", autocast=False, name="kept")

        def call(self, inputs, ids):
            seen.update(inputs=k.backend.standardize_dtype(inputs.dtype), ids=k.backend.standardize_dtype(ids.dtype))
            seen.update(cast=self.cast.dtype if k is kerasish else str((self.cast + 0).dtype), kept=self.kept.dtype)
            return inputs * self.cast

    layer = Reads(dtype="mixed_float16")
    outputs = layer(ONES, np.ones((2,), "int32"))
    assert seen == {"inputs": "float16", "ids": "int32", "cast": "float16", "kept": "float32"}
    assert k.backend.standardize_dtype(outputs.dtype) == "float16" and layer.cast.dtype == "float32"
    assert (layer.dtype, layer.compute_dtype, layer.variable_dtype) == ("float32", "float16", "float32")


@BOTH
def test_inputs_are_cast_unless_told_otherwise(k):
    double = np.ones((2, 3), "float64") if k is kerasish else k.ops.ones((2, 3), dtype="float16")
    given = k.backend.standardize_dtype(double.dtype)
    assert k.backend.standardize_dtype(k.layers.Identity()(double).dtype) == "float32"
    assert k.backend.standardize_dtype(k.layers.Identity(autocast=False)(double).dtype) == given


@BOTH
def test_the_policy_is_in_the_config(k):
    config = k.layers.Dense(2, dtype="mixed_bfloat16").get_config()["dtype"]
    assert config == {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "mixed_bfloat16"},
        "registered_name": None,
    }
    assert k.layers.Dense.from_config({"units": 2, "dtype": config}).compute_dtype == "bfloat16"
    assert k.layers.Dense.from_config({"units": 2, "dtype": "float16"}).variable_dtype == "float16"


# -- names --------------------------------------------------------------------------------------------------------


@BOTH
def test_paths_of_layers_within_layers(k):
    class Outer(k.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = k.layers.Dense(2, name="inner")

        def build(self, input_shape):
            self.inner.build(input_shape)

        def call(self, inputs):
            return self.inner(inputs)

    model = k.Sequential([k.Input((3,)), Outer(name="outer")], name="net")
    assert [v.path for v in model.weights] == ["net/outer/inner/kernel", "net/outer/inner/bias"]
    assert model.layers[0].inner.path == "net/outer/inner"


@pytest.mark.parametrize(
    "name", ["Dense", "LeakyReLU", "MaxPooling2D", "EinsumDense", "Conv1D", "PReLU", "ELU", "GlobalAveragePooling3D"]
)
def test_default_names(name):
    arguments = {"Dense": (2,), "EinsumDense": ("ab,bc->ac", 2), "Conv1D": (2, 3)}.get(name, ())
    ours, theirs = getattr(layers, name)(*arguments).name, getattr(oracle.layers, name)(*arguments).name
    assert ours.rstrip("0123456789").rstrip("_") == theirs.rstrip("0123456789").rstrip("_")


# -- configs ------------------------------------------------------------------------------------------------------


@BOTH
def test_a_custom_layer_with_a_config(k):
    class Scale(k.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, inputs):
            return inputs * self.factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    layer = Scale(2.5, name="s", trainable=False)
    again = Scale.from_config(layer.get_config())
    assert (again.factor, again.name, again.trainable) == (2.5, "s", False)
    data = json.loads(json.dumps(k.saving.serialize_keras_object(layer)))
    with pytest.raises((ValueError, TypeError), match="Scale"):
        k.saving.deserialize_keras_object(data)
    loaded = k.saving.deserialize_keras_object(data, custom_objects={"Scale": Scale})
    assert isinstance(loaded, Scale) and loaded.factor == 2.5


@BOTH
def test_a_custom_layer_without_a_config_has_its_arguments_recorded(k):
    class Scale(k.layers.Layer):
        def __init__(self, factor, shift=1, **kwargs):
            super().__init__(**kwargs)
            self.product = factor * shift

    layer = Scale(2.5, shift=3, name="s")
    config = layer.get_config()
    assert config["factor"] == 2.5 and config["shift"] == 3 and config["name"] == "s"
    assert Scale.from_config(config).product == 7.5


def test_a_config_that_does_not_fit_the_constructor_is_told():
    with pytest.raises(ValueError, match="Dense`? got unknown arguments: 'colour'"):
        layers.Dense.from_config({"units": 2, "colour": "red"})

    class Strict(layers.Layer):
        def __init__(self, units):
            super().__init__()

    with pytest.raises(TypeError, match="Strict.*get_config"):
        Strict.from_config({"units": 2, "colour": "red"})


# -- stateless ----------------------------------------------------------------------------------------------------


@BOTH
def test_stateless_call(k):
    layer = k.layers.BatchNormalization(momentum=0.5)
    layer.build((None, 3))
    trainable = [k.ops.full((3,), 2.0), k.ops.full((3,), 1.0)]
    fixed = [v.value for v in layer.non_trainable_variables]
    outputs, state = layer.stateless_call(trainable, fixed, np.array([[0.0] * 3, [2.0] * 3], "float32"), training=True)
    np.testing.assert_allclose(np.asarray(outputs)[:, 0], [-1.0, 3.0], atol=1e-2)
    np.testing.assert_allclose(np.asarray(state[0]), [0.5] * 3, rtol=1e-6)
    assert np.array_equal(layer.get_weights()[0], np.ones(3)) and np.array_equal(layer.get_weights()[2], np.zeros(3))
    with pytest.raises(ValueError, match="trainable_variables"):
        layer.stateless_call(trainable[:1], fixed, ONES)
    with pytest.raises(ValueError, match="non_trainable_variables"):
        layer.stateless_call(trainable, [], ONES)
    with pytest.raises(ValueError, match="built"):
        k.layers.Dense(2).stateless_call([], [], ONES)


@BOTH
def test_stateless_call_returns_losses(k):
    layer = k.layers.Dense(2, kernel_regularizer="l2")
    layer.build((None, 3))
    _, _, losses = layer.stateless_call([k.ops.ones((3, 2)), k.ops.ones((2,))], [], ONES, return_losses=True)
    assert [float(loss) for loss in losses] == pytest.approx([0.06])


def test_stateless_call_can_be_differentiated():
    layer = layers.Dense(2, use_bias=False)
    layer.build((None, 3))

    def slope(kernel, x):
        outputs, _ = layer.stateless_call([kernel], [], x)
        return backend.gradients(ops.sum(outputs), kernel)[0]

    np.testing.assert_allclose(backend.function(slope)(np.zeros((3, 2), "float32"), ONES), np.full((3, 2), 2.0))


# -- shapes -------------------------------------------------------------------------------------------------------


def test_shapes_of_custom_layers_are_found_by_tracing():
    class Odd(layers.Layer):
        def call(self, inputs):
            return {
                "joined": ops.concatenate([inputs, inputs], axis=-1),
                "size": ops.reshape(inputs, (inputs.shape[0] * inputs.shape[1],)),
            }

    assert Odd().compute_output_shape((None, 3)) == {"joined": (None, 6), "size": (None,)}
    assert Odd().compute_output_shape((2, 3)) == {"joined": (2, 6), "size": (6,)}


def test_symbolic_calls_leave_no_trace():
    layer = layers.BatchNormalization()
    before = layer(kerasish.Input((3,)), training=True)
    assert before.shape == (None, 3) and not layer.losses
    assert np.array_equal(layer.get_weights()[2], np.zeros(3))


def test_one_symbolic_call_gives_input_and_output():
    inputs = kerasish.Input((3,))
    layer = layers.Dense(2)
    with pytest.raises(AttributeError, match="not called"):
        _ = layer.output
    outputs = layer(inputs)
    assert layer.input is inputs and layer.output is outputs
    layer(inputs)
    assert layer.output is outputs
