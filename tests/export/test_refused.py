"""What is not exported says so: formats, options, and what ONNX has no words for."""

import sys

import pytest

import kerasish as keras
from kerasish import layers, ops

IMAGE = keras.Input((None, None, 3))


def small(*hidden):
    return keras.Sequential([keras.Input((3,)), *hidden, layers.Dense(1)], name="small")


@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "does not write format='tf_saved_model'. A SavedModel holds functions of TensorFlow"),
        ({"format": "litert"}, "does not write format='litert'"),
        ({"format": "onx"}, "must be one of 'onnx', .*'onx'. Did you mean 'onnx'"),
        ({"format": "onnx", "opset_version": 16}, "`opset_version` must be an int from 17 to .*, got 16"),
        ({"format": "onnx", "opset_version": 999}, "got 999"),
        ({"format": "onnx", "opset_version": True}, "got True"),
        ({"format": "onnx", "input_signature": [keras.InputSpec(ndim=2)]}, "must give the shape of 'inputs'"),
        ({"format": "onnx", "input_signature": ["x"]}, "must hold InputSpecs, KerasTensors or arrays, got 'x'"),
    ],
)
def test_bad_arguments(options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        small().export(tmp_path / "model", **options)


def test_a_folder_for_javascript(tmp_path):
    small().export(tmp_path / "web", format="tfjs", quantization="float16")
    assert keras.models.load_model(tmp_path / "web").count_params() == 4


def test_an_unknown_option(tmp_path):
    with pytest.raises(TypeError, match="opset"):
        small().export(tmp_path / "model.onnx", format="onnx", opset=18)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: small(layers.Lambda(lambda x: x + keras.random.uniform((3,)), name="noise")), "'small/noise' draws"),
        (
            lambda: small(layers.Lambda(lambda x: ops.qr(ops.outer(x[0], x[0]))[0], name="q")),
            "'small/q' computes .`qr`",
        ),
        (
            lambda: keras.Sequential(
                [keras.Input(batch_shape=(2, 4, 3)), layers.LSTM(2, stateful=True, name="memory")]
            ),
            "changes the variable .*keeps nothing from one run to the next.*initial_state",
        ),
        (
            lambda: keras.Model(IMAGE, layers.Resizing(4, 4, antialias=True, name="smaller")(IMAGE)),
            "layer 'smaller' computes .* axes whose size is open. Give their sizes in `Input",
        ),
    ],
    ids=["random", "factorisation", "state", "open size"],
)
def test_what_has_no_form_names_the_layer(make, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        make().export(tmp_path / "model.onnx", format="onnx")


def test_a_choice_by_an_open_size_warns(tmp_path):
    model = keras.Model(IMAGE, layers.CenterCrop(4, 4)(IMAGE))
    with pytest.warns(UserWarning, match="decides by sizes that are open"):
        model.export(tmp_path / "model.onnx", format="onnx")


@pytest.mark.parametrize("format, package", [("onnx", "onnx"), ("openvino", "openvino"), ("torch", "onnx2torch")])
def test_a_missing_package_is_named(format, package, tmp_path, monkeypatch):
    for name in (package, "torch"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"pip install .*{package}"):
        small().export(tmp_path / "model.xml", format=format)
