"""include_top, pooling, input_tensor, input_shape, classes, weights: as real Keras takes them.

Errors that name the argument.
"""

import keras
import numpy as np
import pytest
from kerasish.applications.build import obtain_input_shape

import kerasish
from kerasish import applications, backend
from tests.applications.cases import EACH_FAMILY
from tests.applications.oracle import untouched

pytestmark = pytest.mark.usefixtures("no_values")
SIDE = 139
SHAPE = (SIDE, SIDE, 3)
SHAPES = [  # arguments, without weights
    {"include_top": False},
    {"include_top": False, "input_shape": SHAPE},
    {"include_top": False, "input_shape": SHAPE, "pooling": "avg"},
    {"include_top": False, "input_shape": SHAPE, "pooling": "max"},
    {"input_shape": SHAPE, "classes": 7, "classifier_activation": None},
    {"input_shape": (SIDE, SIDE, 1), "classes": 7},
    {"include_top": False, "input_shape": (None, SIDE, 3), "name": "mine"},
]


@pytest.mark.parametrize("arguments", SHAPES, ids=str)
@pytest.mark.parametrize("name", ["VGG16", "Xception"])
def test_the_model_is_that_of_keras(name, arguments):
    theirs = untouched(lambda: getattr(keras.applications, name)(weights=None, **arguments))
    ours = getattr(applications, name)(weights=None, **arguments)
    assert (ours.name, ours.input_shape, ours.output_shape) == (theirs.name, theirs.input_shape, theirs.output_shape)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert ours.count_params() == theirs.count_params()
    activations = [keras_.get_config().get("activation") for keras_ in (ours.layers[-1], theirs.layers[-1])]
    assert activations[0] == activations[1]


@pytest.mark.parametrize("name", EACH_FAMILY)
def test_an_input_tensor_of_another_model_becomes_part_of_this_one(name):
    def make(library):
        pictures = library.Input((SIDE, SIDE, 3), name="pictures")
        x = library.layers.Rescaling(2.0, name="twice")(pictures)
        return getattr(library.applications, name)(weights=None, include_top=False, input_tensor=x)

    theirs, ours = untouched(lambda: make(keras)), make(kerasish)
    assert (
        [layer.name for layer in ours.layers][:2]
        == [layer.name for layer in theirs.layers][:2]
        == ["pictures", "twice"]
    )
    assert ours.output_shape == theirs.output_shape
    assert [tensor.name for tensor in ours.inputs] == ["pictures"]


def test_an_input_layers_tensor_is_used_as_it_is():
    pictures = kerasish.Input(SHAPE)
    model = applications.VGG16(weights=None, include_top=False, input_tensor=pictures)
    assert model.inputs[0] is pictures


def test_channels_first_as_in_keras():
    before = backend.image_data_format(), keras.config.image_data_format()
    try:
        backend.set_image_data_format("channels_first")
        keras.config.set_image_data_format("channels_first")
        for name in ("VGG16", "ResNet50", "ResNet50V2", "InceptionV3", "InceptionResNetV2", "Xception"):
            kerasish.utils.clear_session()
            theirs = untouched(
                lambda name=name: getattr(keras.applications, name)(
                    weights=None, include_top=False, input_shape=(3, SIDE, SIDE)
                )
            )
            ours = getattr(applications, name)(weights=None, include_top=False, input_shape=(3, SIDE, SIDE))
            assert ours.output_shape == theirs.output_shape
            axes = [
                [layer.axis for layer in model.layers if type(layer).__name__ == "BatchNormalization"]
                for model in (ours, theirs)
            ]
            assert axes[0] == axes[1]
    finally:
        backend.set_image_data_format(before[0])
        keras.config.set_image_data_format(before[1])


REFUSED = [
    ({"weights": "imagenett"}, "`weights` must be None .*'imagenett'"),
    ({"weights": 3}, "`weights` must be None"),
    ({"weights": "imagenet", "classes": 10}, "`classes` must be 1000 .*got 10"),
    ({"weights": "imagenet", "input_shape": (160, 160, 3)}, "`input_shape` must be"),
    ({"weights": "imagenet", "include_top": False, "input_shape": (160, 160, 1)}, "`input_shape` must have 3 channels"),
    ({"weights": None, "input_shape": (20, 20, 3)}, "`input_shape` must be at least"),
    ({"weights": None, "input_shape": (160, 160)}, "`input_shape` must be a tuple of three"),
    ({"weights": None, "input_shape": (None, None, 3)}, "`input_shape` must be fully known"),
    ({"weights": None, "input_tensor": np.zeros((1, 160, 160, 3))}, "`input_tensor` must be a Keras tensor.*ndarray"),
    ({"weights": None, "include_top": False, "pooling": "mean"}, "`pooling` must be None, 'avg' or 'max', got 'mean'"),
    ({"weights": __file__, "classifier_activation": "relu"}, "`classifier_activation` must be None or 'softmax'"),
]


REFUSED_BY_MOBILE = [
    ("MobileNet", {"input_shape": (64,)}, "`input_shape` must be a tuple of three.*got \\(64,\\)"),
    ("MobileNetV2", {"input_shape": 64}, "`input_shape` must be a tuple of three.*got 64"),
    ("MobileNetV3Small", {"input_shape": (64,), "include_top": False}, "`input_shape` must be a tuple of three"),
    ("MobileNetV3Large", {"input_shape": (16, 64, 3)}, "`input_shape` must be at least 32x32"),
    ("MobileNet", {"pooling": "mean"}, "`pooling` must be"),
    ("MobileNetV2", {"classifier_activation": "softmaxx"}, "softmaxx"),
]


@pytest.mark.parametrize("name,arguments,message", REFUSED_BY_MOBILE)
def test_bad_arguments_of_the_mobile_ones_are_named(name, arguments, message, monkeypatch):
    monkeypatch.setattr(kerasish.layers.Conv2D, "__init__", None)  # nothing is built before
    with pytest.raises(ValueError, match=message):
        getattr(applications, name)(weights=None, **arguments)


def test_an_input_tensor_that_is_no_picture_is_refused():
    for name in ("MobileNetV2", "MobileNetV3Small", "VGG16"):
        with pytest.raises(ValueError, match="`input_tensor` must have the shape .batch, height, width, channels."):
            getattr(applications, name)(
                weights=None, include_top=False, input_tensor=kerasish.Input((5,)), input_shape=(64, 64, 3)
            )


def test_the_width_may_be_open_in_a_net_that_pads():
    assert applications.EfficientNetB0(weights=None, include_top=False, input_shape=(64, None, 3)).output_shape == (
        None,
        2,
        None,
        1280,
    )


@pytest.mark.parametrize("arguments,message", REFUSED, ids=[message for _, message in REFUSED])
@pytest.mark.parametrize("name", ["VGG16", "ResNet50V2", "InceptionV3"])
def test_bad_arguments_are_named(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(applications, name)(**arguments)


def test_an_unusual_number_of_channels_is_mentioned():
    with pytest.warns(UserWarning, match="usually expects 1 or 3 input channels; `input_shape` asks for 5"):
        applications.VGG16(weights=None, include_top=False, input_shape=(64, 64, 5))


SIZES = [
    None,
    (64, 64, 3),
    (64, 80, 3),
    (None, None, 3),
    (64, None, 3),
    (64, 64, 1),
    (16, 64, 3),
    (64, 64),
    (224, 224, 3),
    (64, 64, 4),
]


@pytest.mark.filterwarnings("ignore:This model usually")
@pytest.mark.parametrize("weights", [None, "imagenet"])
@pytest.mark.parametrize("require_flatten", [True, False])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_input_shapes_follow_the_rules_of_keras(size, require_flatten, weights):
    from keras.src.applications.imagenet_utils import obtain_input_shape as theirs

    try:
        expected = theirs(size, 224, 32, "channels_last", require_flatten, weights)
    except ValueError:
        with pytest.raises(ValueError, match="`input_shape`"):
            obtain_input_shape(size, 224, 32, require_flatten, weights)
    else:
        assert obtain_input_shape(size, 224, 32, require_flatten, weights) == expected
