"""Whole models in HDF5: what users write themselves, what only Keras 3 has, what is refused.

Through the public functions.
"""

import json

import h5py
import keras
import numpy as np
import pytest

import kerasish
from tests.files.old_hdf5.cases import numbers

layers = kerasish.layers


def predicted(model, *inputs):
    return model.predict(list(inputs) if len(inputs) > 1 else inputs[0], verbose=0)


def check(model, path, *inputs, real=True, **more):
    """Saved and loaded, here and by real Keras, the model predicts the same. Returns the config in the file."""
    wanted = predicted(model, *inputs)
    model.save(path)
    np.testing.assert_allclose(
        predicted(kerasish.models.load_model(path, **more), *inputs), wanted, rtol=1e-5, atol=1e-6
    )
    if real:
        np.testing.assert_allclose(predicted(keras.saving.load_model(path), *inputs), wanted, rtol=1e-5, atol=1e-5)
    with h5py.File(path) as file:
        return json.loads(file.attrs["model_config"])


def input_of(config):
    return next(layer["config"] for layer in config["config"]["layers"] if layer["class_name"] == "InputLayer")


pytestmark = pytest.mark.filterwarnings("ignore:.*not compiled")


# -- forms ----------------------------------------------------------------------------------------------------------


def test_ops_between_layers(tmp_path):
    """Keras 3 opens them where the ops say their module (its own files don't, and it can't)."""
    a, b = kerasish.Input((3,), name="a"), kerasish.Input((3,), name="b")
    model = kerasish.Model([a, b], kerasish.ops.relu(layers.Dense(2)(a * 2.0 + b)) - 1.0)
    config = check(model, tmp_path / "m.h5", numbers(4, 3), numbers(4, 3, seed=1))
    assert "batch_shape" in input_of(config)  # the form of Keras 3, which tf_keras refuses


def test_tensors_by_keyword(tmp_path):
    a, b = kerasish.Input((4, 3), name="a"), kerasish.Input((5, 3), name="b")
    model = kerasish.Model([a, b], layers.MultiHeadAttention(2, 3, name="heads")(a, value=b))
    check(model, tmp_path / "m.h5", numbers(2, 4, 3), numbers(2, 5, 3, seed=1))


@pytest.mark.parametrize("activation, shared", [("hard_sigmoid", False), ("sigmoid", True)])
def test_activations_that_changed(tmp_path, activation, shared):
    """hard_sigmoid has another slope since Keras 3, so a file for both would be wrong in one of them."""
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(4, activation)])
    config = check(model, tmp_path / "m.h5", 4 * numbers(5, 3))
    assert ("batch_input_shape" in input_of(config)) == shared


def test_policies(tmp_path):
    model = kerasish.Sequential(
        [kerasish.Input((3,)), layers.Dense(4, dtype="mixed_float16"), layers.Dense(2, dtype="float32")]
    )
    model.save(tmp_path / "m.h5")
    for library in (kerasish, keras):
        loaded = library.models.load_model(tmp_path / "m.h5")
        assert [layer.dtype_policy.name for layer in loaded.layers] == ["mixed_float16", "float32"]


def test_several_inputs_by_name(tmp_path):
    inputs = {"a": kerasish.Input((3,), name="a"), "b": kerasish.Input((2,), name="b")}
    model = kerasish.Model(inputs, layers.Concatenate()([layers.Dense(2)(inputs["a"]), inputs["b"]]))
    data = {"a": numbers(4, 3), "b": numbers(4, 2)}
    model.save(tmp_path / "m.h5")
    for library in (kerasish, keras):
        np.testing.assert_allclose(
            library.models.load_model(tmp_path / "m.h5").predict(data, verbose=0),
            model.predict(data, verbose=0),
            rtol=1e-5,
            atol=1e-6,
        )


def test_shared_layers_and_several_calls(tmp_path):
    inputs = kerasish.Input((3,))
    dense, inner = layers.Dense(3, "tanh"), kerasish.Sequential([kerasish.Input((3,)), layers.Dense(3, "relu")])
    model = kerasish.Model(inputs, layers.Average()([inner(dense(inputs)), inner(dense(dense(inputs)))]))
    check(model, tmp_path / "m.h5", numbers(4, 3))


# -- users' own -----------------------------------------------------------------------------------------------------


@kerasish.saving.register_keras_serializable("h5tests")
class Scaled(layers.Layer):
    def __init__(self, factor, inner=None, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.inner = factor, inner or layers.Dense(2)

    def build(self, input_shape):
        self.shift = self.add_weight((), "ones", name="shift")
        self.still = self.add_weight((2,), "ones", trainable=False, name="still")

    def call(self, inputs):
        return self.inner(inputs) * self.factor * self.still + self.shift

    def get_config(self):
        return {
            **super().get_config(),
            "factor": self.factor,
            "inner": kerasish.saving.serialize_keras_object(self.inner),
        }

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "inner": kerasish.saving.deserialize_keras_object(config["inner"])})


def doubled(x):
    return 2 * x


def distance(y_true, y_pred):
    return kerasish.ops.mean(kerasish.ops.abs(y_true - y_pred), axis=-1)


def test_registered_layers(tmp_path):
    model = kerasish.Sequential([kerasish.Input((3,)), Scaled(3.0), layers.Dense(2)])
    check(model, tmp_path / "m.h5", numbers(4, 3), real=False)


def test_functions_by_custom_objects(tmp_path):
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(2, doubled)])
    model.compile("sgd", distance, metrics=[distance, "mae"])
    model.train_on_batch(numbers(4, 3), numbers(4, 2))
    custom = {"doubled": doubled, "distance": distance}
    check(model, tmp_path / "m.h5", numbers(4, 3), real=False, custom_objects=custom)
    loaded = kerasish.models.load_model(tmp_path / "m.h5", custom_objects=custom)
    assert loaded.loss is distance
    assert {"distance", "mae"} <= set(loaded.evaluate(numbers(4, 3), numbers(4, 2), verbose=0, return_dict=True))
    with pytest.raises(ValueError, match="doubled"):
        kerasish.models.load_model(tmp_path / "m.h5")


def test_a_lambda_is_refused(tmp_path):
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Lambda(lambda x: x + 1)])
    model.save(tmp_path / "m.h5")
    with pytest.raises(ValueError, match="safe_mode"):
        kerasish.models.load_model(tmp_path / "m.h5")
    np.testing.assert_allclose(
        predicted(kerasish.models.load_model(tmp_path / "m.h5", safe_mode=False), numbers(4, 3)), numbers(4, 3) + 1
    )


@kerasish.saving.register_keras_serializable("h5tests")
class Written(kerasish.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units, self.first, self.second = units, layers.Dense(units), layers.Dense(2)

    def call(self, inputs):
        return self.second(self.first(inputs))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def test_a_model_by_subclassing(tmp_path):
    model = Written(5)
    model(numbers(4, 3))
    check(model, tmp_path / "m.h5", numbers(4, 3), real=False)


# -- compile, and what is refused -----------------------------------------------------------------------------------


def test_what_compile_was_given(tmp_path):
    inputs = kerasish.Input((3,))
    model = kerasish.Model(inputs, [layers.Dense(1, "sigmoid", name="p")(inputs), layers.Dense(2, name="q")(inputs)])
    model.compile(
        kerasish.optimizers.RMSprop(0.01, clipnorm=1.0),
        {"p": kerasish.losses.BinaryCrossentropy(label_smoothing=0.1), "q": "mse"},
        loss_weights={"p": 2.0, "q": 0.5},
        metrics={"p": ["accuracy", kerasish.metrics.AUC(name="auc")]},
        weighted_metrics={"q": ["mae"]},
    )
    data = numbers(4, 3), [np.array([[0.0], [1], [1], [0]], "float32"), numbers(4, 2)]
    model.train_on_batch(*data)
    model.save(tmp_path / "m.h5")
    wanted = model.evaluate(*data, verbose=0, return_dict=True)
    for library in (kerasish, keras):
        loaded = library.models.load_model(tmp_path / "m.h5")
        found = loaded.evaluate(*data, verbose=0, return_dict=True)
        if library is keras:  # which reads a short name as the metric of the long one
            found["q_mae"] = found.pop("q_mean_absolute_error")
        assert found == pytest.approx(wanted, rel=1e-4)
        assert loaded.optimizer.clipnorm == 1.0


def test_without_the_optimizer(tmp_path):
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(2)])
    model.compile("adam", "mse")
    model.save(tmp_path / "m.h5", include_optimizer=False)
    with h5py.File(tmp_path / "m.h5") as file:
        assert "training_config" not in file.attrs and "optimizer_weights" not in file
    with pytest.warns(UserWarning, match="not compiled"):
        assert not kerasish.models.load_model(tmp_path / "m.h5").compiled


@pytest.mark.parametrize("ending", ["h5", "hdf5"])
def test_weights_alone_are_no_model(tmp_path, ending):
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(2)])
    model.save_weights(tmp_path / f"w.{ending}")
    with pytest.raises(ValueError, match="no model"):
        kerasish.models.load_model(tmp_path / f"w.{ending}")
    other = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(2)])
    other.load_weights(tmp_path / f"w.{ending}")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize(
    "text, message",
    [
        (b"{", "JSON"),
        (b"[]", None),
        (b"{}", None),
        (b'{"class_name": "Nothing", "config": {}}', "Nothing"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_config_that_is_none(tmp_path, text, message):
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(2)])
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "a") as file:
        file.attrs["model_config"] = text
        del file.attrs["kerasish.checksum"]
    with pytest.raises(ValueError, match=message):
        kerasish.models.load_model(tmp_path / "m.h5")
