"""Operations of a user's own, by real Keras: on arrays, in functional models, in configs and files."""

import keras as real
import numpy as np
import pytest

import kerasish

LIBRARIES = pytest.mark.parametrize("k", [kerasish, real], ids=["kerasish", "keras"])


def scale_class(k):
    class Scale(k.Operation):
        def __init__(self, factor, name=None):
            super().__init__(name=name)
            self.factor = factor

        def call(self, x, offset=0.0):
            return k.ops.add(k.ops.multiply(x, self.factor), offset)

        def compute_output_spec(self, x, offset=0.0):
            return k.KerasTensor(x.shape, x.dtype)

    return Scale


@LIBRARIES
def test_an_operation_computes_is_recorded_and_configured(k):
    Scale = scale_class(k)
    scale, inputs = Scale(3.0, name="triple"), k.Input((2,), name="x")
    assert np.asarray(scale(np.ones(2))).tolist() == [3.0, 3.0]
    outputs = scale(inputs, offset=1.0)
    assert outputs.shape == (None, 2) and scale.output is outputs and scale.input is inputs
    assert scale.symbolic_call(inputs).shape == (None, 2)
    assert scale.get_config() == {"name": "triple", "factor": 3.0} and Scale.from_config(scale.get_config()).factor == 3
    model = k.Model(inputs, outputs)
    assert [operation.name for operation in model.operations] == ["x", "triple"]
    assert model.get_config()["layers"][1]["config"] == {"name": "triple", "factor": 3.0}
    again = k.Model.from_config(model.get_config(), custom_objects={"Scale": Scale})
    for one in (model, again, k.models.clone_model(model)):
        assert np.asarray(one(np.ones((1, 2)))).tolist() == [[4.0, 4.0]]


@LIBRARIES
def test_without_a_spec_the_call_is_traced(k):
    class Both(k.Operation):
        def call(self, x):
            return {"sum": k.ops.sum(x, axis=-1), "twice": x * 2}

    outputs = Both()(k.Input((5,)))
    assert outputs["sum"].shape == (None,) and outputs["twice"].shape == (None, 5)


@LIBRARIES
def test_in_a_file_and_in_training(k, tmp_path):
    Scale = scale_class(k)
    inputs = k.Input((2,))
    model = k.Model(inputs, k.layers.Dense(1)(Scale(2.0)(inputs)))
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    model.save(tmp_path / "model.keras")
    again = k.models.load_model(tmp_path / "model.keras", custom_objects={"Scale": Scale})
    np.testing.assert_allclose(again.predict(np.ones((1, 2)), verbose=0), model.predict(np.ones((1, 2)), verbose=0))


def test_what_is_refused():
    with pytest.raises(NotImplementedError, match="does not define `call`"):
        kerasish.Operation()(np.ones(2))
    with pytest.raises(ValueError, match="`name` must be a string"):
        kerasish.Operation(name=3)
