"""Arguments that only some applications have, against real Keras.

And their layers and models in files that both libraries read.
"""

import keras
import numpy as np
import pytest

import kerasish
from kerasish import applications
from tests.applications.oracle import untouched
from tests.applications.test_structure import config_of, kerasish_words

SMALL = {"weights": None, "input_shape": (64, 64, 3), "classes": 7}
VARIATIONS = [
    ("MobileNet", {"alpha": 0.25, "depth_multiplier": 2, "dropout": 0.5}),
    ("MobileNet", {"input_shape": (160, 160, 3), "name": "mine", "classifier_activation": None}),
    ("MobileNetV2", {"alpha": 0.35}),
    ("MobileNetV2", {"alpha": 1.4}),
    ("MobileNetV3Small", {"minimalistic": True, "alpha": 0.75}),
    ("MobileNetV3Small", {"include_preprocessing": False, "dropout_rate": 0}),
    ("MobileNetV3Large", {"alpha": 1.25, "dropout_rate": 0.4}),
    ("MobileNetV3Large", {"minimalistic": True, "include_top": False, "pooling": "max"}),
    ("NASNetMobile", {"include_top": False, "pooling": "max"}),
    ("EfficientNetB1", {}),
    ("EfficientNetV2B1", {"include_preprocessing": False}),
    ("EfficientNetV2B0", {"input_shape": (64, 64, 1)}),
    ("EfficientNetV2S", {"include_top": False}),
    ("ConvNeXtTiny", {"include_preprocessing": False}),
    ("ConvNeXtTiny", {"input_shape": (64, 64, 4)}),
    ("ConvNeXtTiny", {"include_top": False, "pooling": "max", "name": "mine"}),
]


@pytest.mark.filterwarnings("ignore:This model usually expects")
@pytest.mark.parametrize("name, arguments", VARIATIONS, ids=str)
def test_variations_are_those_of_keras(name, arguments, no_values):
    arguments = {**SMALL, **arguments}
    theirs = untouched(lambda: getattr(keras.applications, name)(**arguments))
    ours = getattr(applications, name)(**arguments)
    assert ours.name == theirs.name
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert [kerasish_words(config_of(layer)) for layer in ours.layers] == [
        kerasish_words(config_of(layer)) for layer in theirs.layers
    ]
    assert [(v.path, tuple(v.shape)) for v in ours.weights] == [(v.path, tuple(v.shape)) for v in theirs.weights]


@pytest.mark.parametrize(
    "name, arguments, message",
    [
        ("MobileNet", {"alpha": 0.3}, "`alpha` must be one of 0.25"),
        ("MobileNet", {"depth_multiplier": 2}, "`depth_multiplier` must be 1"),
        ("MobileNetV2", {"alpha": 0.25}, "`alpha` must be one of 0.35"),
        ("MobileNetV3Small", {"alpha": 0.5}, "`alpha` must be one of 0.75"),
        ("MobileNetV3Large", {"alpha": 0.75, "minimalistic": True}, "`alpha` must be one of 1.0"),
        ("MobileNetV3Large", {"weights": None, "input_shape": (16, 64, 3)}, "at least 32x32"),
        ("NASNetMobile", {"include_top": False, "input_shape": (None, None, 3)}, "fully known"),
        ("ConvNeXtTiny", {"classes": 10}, "`classes` must be 1000"),
    ],
)
def test_arguments_without_official_weights_are_refused(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(applications, name)(**arguments)


@pytest.mark.parametrize("name", ["MobileNetV2", "MobileNetV3Small"])
def test_a_tensor_of_another_width_is_refused(name):
    with pytest.raises(ValueError, match="`input_tensor` must be as wide"):
        getattr(applications, name)(weights=None, input_shape=(96, 96, 3), input_tensor=kerasish.Input((96, 64, 3)))


@pytest.mark.parametrize("name", ["DenseNet121", "NASNetMobile", "ConvNeXtTiny"])
def test_channels_first_is_refused_where_keras_refuses_it(name):
    kerasish.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="channels last"):
            getattr(applications, name)(weights=None)
    finally:
        kerasish.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("name", ["MobileNet", "MobileNetV2", "MobileNetV3Small", "EfficientNetB0", "EfficientNetV2B0"])
def test_channels_first_has_the_layers_of_keras(name, no_values):
    arguments = {"weights": None, "include_top": False, "input_shape": (3, 64, 64)}
    for library in (kerasish, keras):
        library.config.set_image_data_format("channels_first")
    try:
        theirs, ours = (
            untouched(lambda: getattr(keras.applications, name)(**arguments)),
            getattr(applications, name)(**arguments),
        )
    finally:
        for library in (kerasish, keras):
            library.config.set_image_data_format("channels_last")
    assert [kerasish_words(config_of(layer)) for layer in ours.layers] == [
        kerasish_words(config_of(layer)) for layer in theirs.layers
    ]
    assert [(v.path, tuple(v.shape)) for v in ours.weights] == [(v.path, tuple(v.shape)) for v in theirs.weights]


def test_the_layers_of_convnext_open_in_both_libraries(tmp_path):
    x = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")
    parts = {kerasish: applications.convnext, keras: keras.src.applications.convnext}
    for made_by, read_by in ((kerasish, keras), (keras, kerasish)):
        own = parts[made_by]
        model = made_by.Sequential(
            [made_by.Input((4,)), own.LayerScale(0.5, 4, name="scale"), own.StochasticDepth(0.3, name="depth")]
        )
        model.layers[0].set_weights([np.arange(4, dtype="float32")])
        model.save(tmp_path / "model.keras")
        custom = (
            {name: getattr(parts[keras], name) for name in ("LayerScale", "StochasticDepth")}
            if read_by is keras
            else None
        )
        again = read_by.saving.load_model(tmp_path / "model.keras", custom_objects=custom)
        np.testing.assert_allclose(again.predict(x, verbose=0), x * np.arange(4), rtol=1e-6)
        assert [layer.get_config() for layer in again.layers][0]["init_values"] == 0.5


@pytest.mark.parametrize(
    "name, arguments", [("MobileNet", {"alpha": 0.25}), ("MobileNetV3Small", {"minimalistic": True})], ids=str
)
def test_a_saved_application_opens_in_real_keras(name, arguments, tmp_path):
    model = getattr(applications, name)(**{**SMALL, "input_shape": (32, 32, 3), **arguments})
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    model.save(tmp_path / "model.keras")
    theirs = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(theirs.predict(pixels, verbose=0), model.predict(pixels, verbose=0), atol=1e-5)
