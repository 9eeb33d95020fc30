"""What must not be touched: configs of Keras 3, and classes of the user."""

import json

import pytest

import kerasish
from kerasish.configs.eras import era, modernize
from tests.configs.eras.earlier import L, layer

# -- what must not be touched -----------------------------------------------------------------------------------------


def test_what_keras_3_writes_passes_unchanged():
    x = L.Input((4,))
    model = kerasish.Model(x, L.Dense(2, "hard_sigmoid")(L.Dropout(0.5)(x)))
    model.compile("adam", "mse")
    for item in (
        model,
        kerasish.Sequential([L.LSTM(2)]),
        L.GRU(3),
        kerasish.optimizers.Adam(),
        kerasish.losses.Huber(),
        kerasish.initializers.HeNormal(),
    ):
        data = json.loads(json.dumps(kerasish.saving.serialize_keras_object(item)))
        assert modernize(data) is data and era(data) == 3
    assert kerasish.models.model_from_json(model.to_json()).layers[-1].activation is kerasish.activations.hard_sigmoid


@pytest.mark.parametrize(
    "short",
    [
        {"class_name": "LSTM", "config": {"units": 3}},
        {"class_name": "Activation", "config": {"activation": "hard_sigmoid"}},
    ],
)
def test_a_short_config_written_by_hand_means_todays_defaults(short):
    assert modernize(short) is short


@kerasish.saving.register_keras_serializable("LegacyConfigs")
class Scaled(L.Layer):
    def __init__(self, init="anything", inner=None, **kwargs):
        super().__init__(**kwargs)
        self.init, self.inner = init, kerasish.layers.deserialize(inner) if isinstance(inner, dict) else inner

    def call(self, x):
        return self.inner(x)


def test_a_users_own_class_keeps_its_arguments_and_what_it_holds_is_translated():
    inner = layer("Dense", output_dim=2, init="zero", activation="linear")
    config = [
        layer("Dense", output_dim=3, init="zero", input_dim=4),
        layer("LegacyConfigs>Scaled", init="mine", inner=inner),
    ]
    config[1]["config"]["name"] = "y"
    model = kerasish.Sequential.from_config(config)
    assert model.layers[1].init == "mine" and model.layers[1].inner.units == 2 and model.output_shape == (None, 2)


def test_a_class_given_by_custom_objects_is_used_for_a_layer_that_is_gone():
    class Highway(L.Layer):
        def __init__(self, init=None, **kwargs):
            super().__init__(**kwargs)
            self.init = init

        def call(self, x):
            return x

    config = [layer("Highway", init="zero", batch_input_shape=[None, 4])]
    model = kerasish.Sequential.from_config(config, custom_objects={"Highway": Highway})
    assert model.layers[0].init == "zero"
