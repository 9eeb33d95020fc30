"""A class of the program's own is found by its module and name, where that module is loaded: nothing is imported."""

import sys
import types

import numpy as np
import pytest

import kerasish as keras


class Scale(keras.layers.Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Away(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return keras.ops.abs(y_true - y_pred)


class Stranger:
    """No kind of the library's, though it looks like one."""

    made = 0

    def __init__(self, **kwargs):
        type(self).made += 1

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def model():
    made = keras.Sequential([keras.Input((3,)), Scale(3.0), keras.layers.Dense(1)])
    made.compile("sgd", Away())
    return made


@pytest.mark.parametrize("ending", [".keras", ".json"])
def test_a_model_opens_where_its_classes_are_defined(tmp_path, ending):
    ours, x = model(), np.ones((2, 3), "float32")
    if ending == ".json":
        again = keras.models.model_from_json(ours.to_json())
        again.set_weights(ours.get_weights())
    else:
        ours.save(tmp_path / "model.keras")
        again = keras.models.load_model(tmp_path / "model.keras")
        assert type(again.loss) is Away
    assert type(again.layers[0]) is Scale and again.layers[0].factor == 3.0
    assert np.array_equal(again.predict_on_batch(x), ours.predict_on_batch(x))


def test_what_is_given_goes_before(tmp_path):
    class Other(Scale):
        pass

    again = keras.models.model_from_json(model().to_json(), custom_objects={"Scale": Other})
    assert type(again.layers[0]) is Other


def config_of(**changes):
    return {"module": __name__, "class_name": "Scale", "config": {"name": "s"}, "registered_name": "Scale", **changes}


def test_a_module_that_is_not_loaded(monkeypatch):
    module = types.ModuleType("some_package_of_mine")
    module.Scale = type("Scale", (Scale,), {"__module__": "some_package_of_mine"})
    config = config_of(module="some_package_of_mine")
    with pytest.raises(ValueError, match="import the module that has it"):
        keras.layers.deserialize(config)
    assert "some_package_of_mine" not in sys.modules
    monkeypatch.setitem(sys.modules, "some_package_of_mine", module)
    assert type(keras.layers.deserialize(config)) is module.Scale


@pytest.mark.parametrize(
    "changes",
    [
        {"class_name": "Stranger", "registered_name": "Stranger"},
        {"class_name": "keras"},
        {"class_name": "Scale.call"},
        {"class_name": "__builtins__"},
        {"module": "os", "class_name": "system"},
        {"module": "subprocess", "class_name": "Popen", "registered_name": "Popen"},
        {"module": "kerasish.files.archive", "class_name": "Archive", "registered_name": "Archive"},
        {"module": "kerasish.backend.device", "class_name": "Device", "registered_name": "Device"},
        {"registered_name": "mine>Other"},
    ],
    ids=str,
)
def test_what_is_no_class_of_a_kind(changes):
    with pytest.raises(ValueError, match="Can't find the class"):
        keras.layers.deserialize(config_of(**changes))
    assert Stranger.made == 0


def test_classes_by_other_names(monkeypatch):
    """A name that a module imported, or gave to something else, does not count: the class says where it was written."""
    monkeypatch.setattr(sys.modules[__name__], "Alias", Scale, raising=False)
    with pytest.raises(ValueError, match="Can't find the class"):
        keras.layers.deserialize(config_of(class_name="Alias", registered_name="Alias"))
