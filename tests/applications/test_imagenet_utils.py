"""`preprocess_input` and `decode_predictions` against real Keras."""

import hashlib
import json

import keras
import numpy as np
import pytest

import kerasish
from kerasish import applications
from kerasish.applications import hashes, imagenet_utils
from tests.applications.cases import CASES

MODES = ("caffe", "tf", "torch")
FORMATS = ("channels_last", "channels_first")
FAMILIES = sorted({case.module for case in CASES} | {"resnet50"})


def pixels(shape, dtype="float32"):
    return (np.random.default_rng(0).random(shape) * 255).astype(dtype)


def shape_of(data_format, axes):
    shape = (4, 5, 3) if data_format == "channels_last" else (3, 4, 5)
    return shape if axes == 3 else (2, *shape)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "uint8", "int64"])
@pytest.mark.parametrize("axes", [3, 4])
@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("mode", MODES)
def test_arrays_become_what_keras_makes_of_them(mode, data_format, axes, dtype):
    mine, theirs = (pixels(shape_of(data_format, axes), dtype) for _ in range(2))
    found = applications.imagenet_utils.preprocess_input(mine, data_format, mode)
    expected = keras.applications.imagenet_utils.preprocess_input(theirs, data_format, mode)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(
        found, expected, rtol=2e-3 if dtype == "float16" else 1e-6, atol=1e-5 if dtype != "float16" else 1e-2
    )
    np.testing.assert_array_equal(mine, pixels(mine.shape, dtype))  # left alone, where Keras writes over it


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("mode", MODES)
def test_symbolic_tensors_make_a_model(mode, data_format):
    shape = shape_of(data_format, 3)
    inputs = kerasish.Input(shape)
    model = kerasish.Model(inputs, applications.imagenet_utils.preprocess_input(inputs, data_format, mode))
    x = pixels((2, *shape))
    expected = keras.applications.imagenet_utils.preprocess_input(x.copy(), data_format, mode)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-4)


def test_integer_tensors_lose_nothing():
    inputs = kerasish.Input((4, 5, 3), dtype="uint8")
    model = kerasish.Model(inputs, applications.vgg16.preprocess_input(inputs))
    x = pixels((2, 4, 5, 3), "uint8")
    np.testing.assert_allclose(
        model.predict(x, verbose=0), keras.applications.vgg16.preprocess_input(x), rtol=1e-5, atol=1e-4
    )


def test_a_layer_that_preprocesses_leaves_its_input_alone():
    class Preprocess(kerasish.layers.Layer):
        def call(self, inputs):
            return applications.resnet_v2.preprocess_input(inputs)

    x = pixels((1, 4, 5, 3))
    before = x.copy()
    assert float(Preprocess()(x)[0, 0, 0, 0]) != float(before[0, 0, 0, 0])
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_has_the_mode_of_keras(family):
    mine, theirs = pixels((2, 4, 5, 3)), pixels((2, 4, 5, 3))
    found = getattr(applications, family).preprocess_input(mine)
    np.testing.assert_allclose(
        found, getattr(keras.applications, family).preprocess_input(theirs), rtol=1e-6, atol=1e-5
    )


BAD = [
    ({"mode": "pytorch"}, "`mode` must be one of 'caffe', 'tf', 'torch', got 'pytorch'"),
    ({"data_format": "last"}, "data_format"),
    ({"data_format": "channels_first"}, "3 channels in axis 1"),
]


@pytest.mark.parametrize("arguments,message", BAD)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        imagenet_utils.preprocess_input(pixels((2, 4, 5, 3)), **arguments)


@pytest.fixture
def class_index(recorded, served, monkeypatch):
    """A file of made-up classes in the place of Keras's, for both libraries."""
    text = json.dumps({str(i): [f"n{i:08}", f"thing_{i}"] for i in range(1000)})
    path = recorded.folder / "served" / imagenet_utils.CLASS_INDEX_FOLDER / imagenet_utils.CLASS_INDEX_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    monkeypatch.setitem(
        hashes.HASHES, imagenet_utils.CLASS_INDEX_FILE, hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    )
    monkeypatch.setattr("keras.src.applications.imagenet_utils.CLASS_INDEX", json.loads(text))
    imagenet_utils.class_index.cache_clear()
    yield served
    imagenet_utils.class_index.cache_clear()


@pytest.mark.parametrize("top", [1, 5, 1000])
def test_predictions_are_decoded_as_by_keras(top, class_index):
    scores = np.random.default_rng(1).random((3, 1000)).astype("float32")
    found = applications.resnet50.decode_predictions(scores, top=top)
    assert found == keras.applications.resnet50.decode_predictions(scores, top=top)
    assert class_index == [f"/{imagenet_utils.CLASS_INDEX_FOLDER}/{imagenet_utils.CLASS_INDEX_FILE}"]
    applications.imagenet_utils.decode_predictions(scores)
    assert len(class_index) == 1  # read once


def test_the_class_index_is_that_of_keras():
    from keras.src.applications import imagenet_utils as theirs

    assert theirs.CLASS_INDEX_PATH.endswith(f"/{imagenet_utils.CLASS_INDEX_FOLDER}/{imagenet_utils.CLASS_INDEX_FILE}")


@pytest.mark.parametrize("shape", [(1000,), (2, 10), (2, 3, 1000)])
def test_what_can_not_be_decoded_is_refused(shape):
    with pytest.raises(ValueError, match="`preds` must be the predictions of an ImageNet model"):
        imagenet_utils.decode_predictions(np.zeros(shape))
