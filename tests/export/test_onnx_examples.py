"""The models of the examples as ONNX."""

import importlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from kerasish.export.onnx.api import as_onnx
from kerasish.export.signatures import signature_of
from tests.export.running import agree, host, session_of


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend("examples")
    yield
    for name in [
        name for name, module in list(sys.modules.items()) if "/examples/" in str(getattr(module, "__file__", ""))
    ]:
        del sys.modules[name]


def built(name, *arguments, build="build"):
    return getattr(importlib.import_module(name), build)(*arguments)


def recommenders():
    networks = importlib.import_module("recommender.networks")
    flags = {"features": 50, "width": 4, "layers": "8,4", "batch_normalization": True, "dropout": 0.1}
    return [networks.build(SimpleNamespace(model=name, **flags)) for name in networks.MODELS]


MODELS = {  # example -> function that gives models
    "digits": lambda: [built("digits")],
    "functional_multi_io": lambda: [built("functional_multi_io")],
    "gan": lambda: [built("gan", build="build_generator"), built("gan", build="build_critic")],
    "recommender": recommenders,
    "siamese": lambda: list(built("siamese")),
    "text_classification": lambda: [
        built("text_classification", ["a few words", "this = np.ones(3)"], network)
        for network in ("lstm", "convolution")
    ],
    "timeseries_forecast": lambda: [built("timeseries_forecast")],
    "transformer_text": lambda: list(built("transformer_text")),
    "variational_autoencoder": lambda: list(built("variational_autoencoder")[1:]),
}
LARGE = {
    "transfer_learning": lambda: [built("transfer_learning", None)[0]],
    "video_qa": lambda: [built("video_qa", None)],
}


def some(spec, count, rng):
    shape = (count, *(4 if size is None else size for size in spec.shape[1:]))
    if spec.dtype == "string":
        return rng.choice(["a few, words", "np.ones(3) is this!"], shape).astype(object)
    return rng.integers(0, 5, shape).astype(spec.dtype) if "int" in spec.dtype else rng.random(shape, "float32")


def compare(model):
    signature, rng = signature_of(model), np.random.default_rng(0)
    session = session_of(as_onnx(model, signature, None, model.name, 20))
    for count in (2, 3):
        given = [some(spec, count, rng) for spec in signature.flat]
        found = session.run(None, {spec.name: x for spec, x in zip(signature.flat, given)})
        agree(found, host(model(*signature.packed(given))), about=model.name)


@pytest.mark.parametrize("name", MODELS)
def test_an_example(name):
    for model in MODELS[name]():
        compare(model)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_large_example(name):
    for model in LARGE[name]():
        compare(model)


def test_what_draws_or_hashes_is_refused():
    with pytest.raises(ValueError, match="'sample.*' draws random numbers"):
        compare(built("variational_autoencoder")[0])


def test_a_model_with_a_step_of_its_own():
    model = built("custom_layer_callback_training", build="Noisy")
    x = np.ones((2, 64), "float32")
    model(x)
    compare(model)
