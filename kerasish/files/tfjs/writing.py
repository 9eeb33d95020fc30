"""Models written for TensorFlow.js: layers and weights, that it loads with `tf.loadLayersModel`."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

import numpy as np

from kerasish.backend import context
from kerasish.configs.serialization import serialize_keras_object
from kerasish.files.formats import KERAS_VERSION, TFJS_MODEL
from kerasish.files.old_hdf5.old_form import is_old_call, is_shared, shared_config
from kerasish.files.tfjs.names import named
from kerasish.whole_files import replacing_folder

SHARD = 4 << 20  # bytes of a file: what browsers keep in their caches
LAYERS = frozenset(
    "InputLayer Model Functional Sequential ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax Conv2D Conv3D "
    "Conv2DTranspose Conv3DTranspose SeparableConv2D Conv1D Cropping2D UpSampling2D DepthwiseConv2D RNN SimpleRNNCell "
    "SimpleRNN GRUCell GRU LSTMCell LSTM StackedRNNCells Dropout SpatialDropout1D Dense Flatten "
    "Activation RepeatVector Reshape Permute Masking Embedding Add Multiply Average Maximum Minimum Concatenate Dot "
    "GaussianNoise GaussianDropout AlphaDropout BatchNormalization LayerNormalization ZeroPadding2D MaxPooling1D "
    "AveragePooling1D MaxPooling2D AveragePooling2D MaxPooling3D AveragePooling3D GlobalAveragePooling1D "
    "GlobalMaxPooling1D GlobalAveragePooling2D GlobalMaxPooling2D TimeDistributed Bidirectional Rescaling CenterCrop "
    "CategoryEncoding Resizing".split()
)
_MODELS = ("Functional", "Sequential")
_ACTIVATIONS = {"silu": "swish", "log_softmax": "logSoftmax", "hard_sigmoid": "hardSigmoid"}
_QUANTA = {"uint8": 255, "uint16": 65535}


def export(model: Any, filepath: str, signature: Any = None, quantization: str | None = None) -> None:
    """Write a model as a folder of `model.json` and shards.

    Args:
        model: the built Functional or Sequential model.
        filepath: path of the folder. What stands there is replaced when the new one is whole.
        signature: not used: the layers say their inputs.
        quantization: "uint8", "uint16" or "float16", in which the weights are kept; None: as they are.

    Raises:
        ValueError: for a model that TensorFlow.js has no layers for (naming the first), one that is not built, another
            `quantization`, and a folder that holds other things.
    """
    if quantization not in (None, "float16", *_QUANTA):
        raise ValueError(f"`quantization` must be None, 'uint8', 'uint16' or 'float16', got {quantization!r}.")
    if not getattr(model, "built", False) or not hasattr(model, "layers"):
        raise ValueError("`model` must be a built model. Call it on data or `build` it first.")
    with context.scope(without_assets=True):
        config = serialize_keras_object(model)
    _check_layers(config, model.name)
    _check_folder(filepath)
    entries, data, weights = [], [], list(named([model]))
    twice = sorted(name for name, count in Counter(name for name, _ in weights).items() if count > 1)
    if twice:
        raise ValueError(
            f"Two weights would be called {twice[0]!r}, by which TensorFlow.js finds one alone. Give every layer "
            "a name of its own; a layer in two models within the model can't be said."
        )
    for name, variable in weights:
        entry, numbers = _entry(name, np.asarray(variable.numpy()), quantization)
        entries.append(entry)
        data.append(numbers)
    whole = b"".join(data)
    count = max(1, -(-len(whole) // SHARD))
    names = [f"group1-shard{number + 1}of{count}.bin" for number in range(count)]
    topology = {
        "keras_version": KERAS_VERSION,
        "backend": "kerasish",
        "model_config": _for_javascript(shared_config(config)),
    }
    text = {
        "format": "layers-model",
        "generatedBy": f"kerasish, as Keras {KERAS_VERSION}",
        "convertedBy": None,
        "modelTopology": topology,
        "weightsManifest": [{"paths": names, "weights": entries}],
    }
    with replacing_folder(filepath) as temporary:
        for number, name in enumerate(names):
            with open(os.path.join(temporary, name), "wb") as file:
                file.write(whole[number * SHARD : (number + 1) * SHARD])
        with open(os.path.join(temporary, TFJS_MODEL), "w", encoding="utf-8") as file:
            json.dump(text, file)


def _check_folder(path):
    """Refuse to take the place of anything but such a model."""
    if not os.path.lexists(path):
        return
    names = sorted(os.listdir(path)) if os.path.isdir(path) else [path]
    strangers = [
        name for name in names if name != TFJS_MODEL and not (name.startswith("group") and name.endswith(".bin"))
    ]
    if strangers:
        raise ValueError(
            f"`filepath` must be a new folder, or one with a model of TensorFlow.js alone, got {path!r}, where "
            f"{strangers[0]!r} stands."
        )


def _check_layers(data, name):
    """Refuse what TensorFlow.js has no layer for, or computes otherwise."""
    config = data.get("config") if isinstance(data.get("config"), dict) else {}
    if data.get("class_name") not in LAYERS:
        raise ValueError(
            f"TensorFlow.js has no layer for {config.get('name', name)!r} ({data.get('class_name')}). Leave it out, or "
            "export with `format='onnx'`, which onnxruntime-web runs."
        )
    if config.get("reset_after"):
        raise ValueError(
            f"{config.get('name', name)!r} ({data.get('class_name')}) has `reset_after=True`, which TensorFlow.js does "
            "not know: train the model with `reset_after=False`, or export with `format='onnx'`."
        )
    inner = [config[key] for key in ("layer", "forward_layer", "backward_layer", "cell") if key in config]
    layers = config.get("layers", []) if data["class_name"] in _MODELS else []
    for layer in [*layers, *(item for item in inner if isinstance(item, dict))]:
        _check_layers(layer, name)
    calls = [call for layer in layers for call in layer.get("inbound_nodes", ())]
    if not all(is_old_call(call, {"layers": []}) for call in calls) or not layers and not is_shared(data):
        raise ValueError(
            f"{config.get('name', name)!r} ({data.get('class_name')}) is set or called in a way that Keras 2, whose "
            "configs TensorFlow.js reads, does not have. Export with `format='onnx'`, which onnxruntime-web runs."
        )


def _for_javascript(data):
    """A config with activations by the names that they have there, and models within models counted as Keras 2 did."""
    if isinstance(data, list):
        return [_for_javascript(item) for item in data]
    if not isinstance(data, dict):
        return data
    made = {
        key: _ACTIVATIONS.get(value, value)
        if isinstance(value, str) and key.endswith("activation")
        else _for_javascript(value)
        for key, value in data.items()
    }
    if "output_layers" in made:
        inner = {layer["config"]["name"] for layer in made["layers"] if layer["class_name"] in _MODELS}
        tensors = [tensor for layer in made["layers"] for call in layer["inbound_nodes"] for tensor in call]
        for tensor in [*tensors, *made["output_layers"]]:
            if tensor[0] in inner:  # its node 0 is the model itself, before anybody called it
                tensor[1] += 1
    return made


def _entry(name, values, quantization):
    """What the manifest says of an array, and its bytes."""
    shape = list(values.shape)
    if values.dtype.kind == "f":
        values = values.astype("<f4")
    elif values.dtype.kind in "iu":
        values = values.astype("<i4")
    dtype = {"f": "float32", "i": "int32", "b": "bool"}[values.dtype.kind]
    entry = {"name": name, "shape": shape, "dtype": dtype}
    if quantization is None or dtype != "float32":
        return entry, values.tobytes()
    if quantization == "float16":
        return {**entry, "quantization": {"dtype": "float16", "original_dtype": dtype}}, values.astype("<f2").tobytes()
    scale, low = _range(values, _QUANTA[quantization])
    quanta = np.clip(np.round((values.astype("float64") - low) / scale), 0, _QUANTA[quantization])
    said = {"dtype": quantization, "min": low, "scale": scale, "original_dtype": dtype}
    return {**entry, "quantization": said}, quanta.astype(quantization).tobytes()


def _range(values, quanta):
    """(scale, minimum) of whole steps, in which zero is one of the numbers where it lies between."""
    if not values.size:
        return 1.0, 0.0
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise ValueError("Weights that are not finite can't be quantized.")
    if low == high:
        return 1.0, low
    scale = (high - low) / quanta
    if low <= 0 <= high:
        return scale, -round(-low / scale) * scale
    return scale, low
