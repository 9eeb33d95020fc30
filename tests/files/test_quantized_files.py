"""Files of Keras 3 with quantized layers, and with LoRA: they open in floats, with the numbers that were stored."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import warnings

import keras as real
import numpy as np
import pytest

import kerasish as keras

SHAPES = {"dense": (6,), "einsum": (4, 6), "turned": (4, 6), "words": (4,)}


def made(k, name):
    layers = {
        "dense": lambda: [k.layers.Dense(5, "relu"), k.layers.Dense(3, use_bias=False)],
        "einsum": lambda: [
            k.layers.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d"),
            k.layers.EinsumDense("abc,cde->abde", output_shape=(None, 3, 2), bias_axes="de"),
            k.layers.EinsumDense("abde,def->abf", output_shape=(None, 4)),
        ],
        "turned": lambda: [k.layers.EinsumDense("abc,dc->abd", output_shape=(None, 3), bias_axes="d")],
        "words": lambda: [k.layers.Embedding(9, 5), k.layers.Dense(2)],
    }
    dtype = "int32" if name == "words" else "float32"
    return k.Sequential([k.Input(SHAPES[name], dtype=dtype), *layers[name]()])


def inputs(name):
    random = np.random.default_rng(0)
    return (
        random.integers(0, 9, (2, 4)) if name == "words" else random.normal(size=(2, *SHAPES[name])).astype("float32")
    )


def saved(name, mode, path):
    """(weights before, what the file's model computes in Keras)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = made(real, name)
        for layer in model.layers if "lora" in mode else ():
            layer.enable_lora(2)
        for weight in model.weights:
            if "lora" in weight.path:
                weight.assign(np.random.default_rng(1).normal(size=weight.shape) * 0.3)
        before = [np.asarray(weight) for weight in model.get_weights()]
        if mode == "int4 by channels":
            model.quantize(config=real.quantizers.Int4QuantizationConfig(block_size=-1))
        elif mode != "lora":
            model.quantize(mode.removeprefix("lora "))
        model.save(path)
        return before, real.models.load_model(path).predict(inputs(name), verbose=0)


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "turned"])  # which Keras itself can't run in int4
@pytest.mark.parametrize("mode", ["int4", "int4 by channels", "lora", "lora int4"])
def test_what_keras_computes_in_floats_is_the_same(tmp_path, name, mode):
    path = tmp_path / "model.keras"
    _, outputs = saved(name, mode, path)
    with pytest.warns(UserWarning, match="LoRA" if "lora" in mode else "int4"):
        model = keras.models.load_model(path)
    assert np.allclose(model.predict(inputs(name), verbose=0), outputs, rtol=0, atol=1e-5)
    assert all("float32" in weight.dtype for weight in model.weights)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("mode", ["int8", "float8"])
def test_what_keras_computes_in_few_bits_is_near(tmp_path, name, mode):
    """Keras rounds the inputs of such a layer, too; here the weights alone are round: to half a step of theirs."""
    path = tmp_path / "model.keras"
    before, outputs = saved(name, mode, path)
    with pytest.warns(UserWarning, match=mode):
        model = keras.models.load_model(path)
    for ours, theirs in zip(model.get_weights(), before, strict=True):
        step = np.abs(theirs).max() / 127 if mode == "int8" and ours.ndim > 1 else 0
        assert np.abs(ours - theirs).max() <= 0.51 * step
    scale = np.abs(outputs).max()
    assert np.abs(model.predict(inputs(name), verbose=0) - outputs).max() < (0.03 if mode == "int8" else 0.15) * scale


def test_weights_into_a_model_that_is_not_quantized(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = made(real, "dense")
        theirs.quantize("int4")
        theirs.save_weights(tmp_path / "w.weights.h5")
    ours = made(keras, "dense")
    ours.load_weights(tmp_path / "w.weights.h5")
    assert np.allclose(ours.predict(inputs("dense"), verbose=0), theirs.predict(inputs("dense"), verbose=0), atol=1e-5)


def test_what_is_not_quantized_is_not_spoken_of(tmp_path):
    made(keras, "dense").save(tmp_path / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keras.models.load_model(tmp_path / "model.keras")
