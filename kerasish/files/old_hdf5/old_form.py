"""Configs for HDF5 files, in a form that Keras 3 and tf_keras both read.

That of Keras 2, without what only one of them knows.

Keras 3 reads Keras 2's configs, as far as it knows their arguments, and tf_keras today's arguments, as far as it has
them. What tf_keras would refuse or compute otherwise (`is_shared` tells) makes the whole config take the form in which
Keras 3 itself writes such files, and tf_keras refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasish.backend import context
from kerasish.configs.eras.values import is_object
from kerasish.configs.serialization import serialize_keras_object
from kerasish.typing import TensorLike

if TYPE_CHECKING:
    from kerasish.models.model import Model

_MODELS = ("Sequential", "Functional")
_NEUTRAL = {  # arguments that tf_keras does not have, and values with which they change nothing
    "quantization_config": None,
    "rms_scaling": False,
    "input_axes": None,
    "output_axes": None,
    "optional": False,
}
_ONLY_HERE = {"ZeroPadding1D": {"data_format": "channels_last"}, "CenterCrop": {"data_format": "channels_last"}}
_RENAMED = {"LeakyReLU": {"negative_slope": "alpha"}, "InputLayer": {"batch_shape": "batch_input_shape"}}
_OLD_OPTIMIZERS = ("SGD", "RMSprop", "Adam", "Adamax", "Nadam", "Adagrad", "Adadelta", "Ftrl")
_NEW_OF_OPTIMIZERS = (
    "weight_decay",
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
    "loss_scale_factor",
    "gradient_accumulation_steps",
)
_SHARED_LAYERS = frozenset(
    (
        "Activation",
        "ActivityRegularization",
        "Add",
        "AdditiveAttention",
        "AlphaDropout",
        "Attention",
        "Average",
        "AveragePooling1D",
        "AveragePooling2D",
        "AveragePooling3D",
        "BatchNormalization",
        "Bidirectional",
        "CategoryEncoding",
        "CenterCrop",
        "Concatenate",
        "Conv1D",
        "Conv1DTranspose",
        "Conv2D",
        "Conv2DTranspose",
        "Conv3D",
        "Conv3DTranspose",
        "Cropping1D",
        "Cropping2D",
        "Cropping3D",
        "Dense",
        "DepthwiseConv1D",
        "DepthwiseConv2D",
        "Dot",
        "Dropout",
        "ELU",
        "EinsumDense",
        "Embedding",
        "Flatten",
        "Functional",
        "GRU",
        "GRUCell",
        "GaussianDropout",
        "GaussianNoise",
        "GlobalAveragePooling1D",
        "GlobalAveragePooling2D",
        "GlobalAveragePooling3D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "GlobalMaxPooling3D",
        "GroupNormalization",
        "Identity",
        "InputLayer",
        "LSTM",
        "LSTMCell",
        "LayerNormalization",
        "LeakyReLU",
        "Masking",
        "MaxPooling1D",
        "MaxPooling2D",
        "MaxPooling3D",
        "Maximum",
        "Minimum",
        "Multiply",
        "PReLU",
        "Permute",
        "RNN",
        "ReLU",
        "RepeatVector",
        "Rescaling",
        "Reshape",
        "SeparableConv1D",
        "SeparableConv2D",
        "Sequential",
        "SimpleRNN",
        "SimpleRNNCell",
        "Softmax",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "StackedRNNCells",
        "Subtract",
        "TimeDistributed",
        "UnitNormalization",
        "UpSampling1D",
        "UpSampling2D",
        "UpSampling3D",
        "ZeroPadding1D",
        "ZeroPadding2D",
        "ZeroPadding3D",
    )
)


def model_config(model: Model) -> Any:
    """{"class_name", "config"} of a model, for the attribute model_config."""
    with context.scope(without_assets=True):
        data = serialize_keras_object(model)
    made = _object(data, is_shared(data))
    if data["class_name"] not in _MODELS and data.get("build_config"):
        made["build_config"] = data[
            "build_config"
        ]  # other Kerases pass over it; here it builds a model that was written by subclassing
    return made


def object_config(value: TensorLike) -> Any:
    """A loss or metric (or a structure of them) in the form of Keras 2, from today's data."""
    if is_object(value):
        return _object(value, True)
    if isinstance(value, dict):
        return {key: object_config(item) for key, item in value.items()}
    return [object_config(item) for item in value] if isinstance(value, (list, tuple)) else value


def optimizer_config(data: Any) -> tuple[Any, ...]:
    """(config, whether tf_keras reads it too).

    tf_keras takes an optimizer without arguments of its newer ones for one of `optimizers.legacy`.
    """
    config, averaging = data["config"], data["config"].get("use_ema")
    kept = {key: value for key, value in config.items() if key not in _NEW_OF_OPTIMIZERS}
    old = data["class_name"] in _OLD_OPTIMIZERS and _is_builtin(data) and not averaging
    if not old or any(
        config.get(key) is not None for key in ("weight_decay", "loss_scale_factor", "gradient_accumulation_steps")
    ):
        return _object(data, False), False
    return _object({**data, "config": kept}, True), True


def shared_config(data: Any) -> Any:
    """{"class_name", "config"} of a serialized model in the form of Keras 2, whatever stands in it."""
    return _object(data, True)


# -- what both read -------------------------------------------------------------------------------------------------


def is_shared(data: Any) -> bool:
    """Whether tf_keras makes the same of a serialized model as Keras 3."""
    if isinstance(data, dict):
        if not is_object(data):
            return all(is_shared(value) for value in data.values())
        return _is_shared_object(data)
    return (
        all(is_shared(item) for item in data) if isinstance(data, (list, tuple)) else data != "hard_sigmoid"
    )  # x / 6 + 0.5 in Keras 3, x / 5 + 0.5 before


def _is_shared_object(data):
    name, config = data["class_name"], data["config"]
    if not _is_builtin(data) or name in ("__tuple__", "DTypePolicy"):
        return True
    if data.get("module") in ("keras.layers", "keras", "keras.src.models.functional") and name not in _SHARED_LAYERS:
        return False
    if name == "Functional" and not all(
        is_old_call(call, config) for layer in config["layers"] for call in layer.get("inbound_nodes", ())
    ):
        return False
    if _has_axes(config):
        return False
    if not isinstance(config, dict) or any(config.get(key, value) != value for key, value in _unknown(name).items()):
        return False
    return is_shared({key: value for key, value in config.items() if key != "name"})


def _has_axes(config):
    """Whether a layer works along several axes."""
    axis = config.get("axis") if isinstance(config, dict) else None
    return isinstance(axis, (list, tuple)) and len(axis) > 1 or isinstance(axis, dict)


def _unknown(name):
    return {**_NEUTRAL, **_ONLY_HERE.get(name, {})}


def is_old_call(call: Any, model: Any) -> bool:
    """Whether a call of a layer is one that Keras 2 could write.

    Of a tensor or a list of them, none from a nested functional model (counted differently).
    """
    args, kwargs = call["args"], call["kwargs"]
    functional = {layer["name"] for layer in model["layers"] if layer["class_name"] == "Functional"}
    tensors = args[0] if args and isinstance(args[0], list) else args
    return (
        len(args) == 1
        and bool(tensors)
        and all(_is_tensor(t) and t["config"]["keras_history"][0] not in functional for t in tensors)
        and not _has_object(kwargs)
    )


def _has_object(value):
    if isinstance(value, dict):
        return "class_name" in value or any(_has_object(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(_has_object(item) for item in value)


def _is_tensor(value):
    return isinstance(value, dict) and value.get("class_name") == "__keras_tensor__"


# -- the form -------------------------------------------------------------------------------------------------------


def _is_builtin(data):
    return data.get("registered_name") in (None, "function", data["class_name"])


def _plain(value, shared):
    """Data inside a config.

    Its objects keep their modules, by which both find them; a model's layers have none: so Keras 3 knows the old form.
    """
    if is_object(value):
        return _inner_object(value, shared)
    if isinstance(value, dict):
        return {key: _plain(item, shared) for key, item in value.items()}
    return [_plain(item, shared) for item in value] if isinstance(value, (list, tuple)) else value


def _inner_object(data, shared):
    made, name = _object(data, shared), data["class_name"]
    if not is_object(made) or made is data or not _is_builtin(data):
        return data if is_object(made) else made
    if name == "Functional" and shared:
        return {"module": "keras", **made, "class_name": "Model", "registered_name": None}
    return {"module": data.get("module"), **made, "registered_name": None}


def _object(data, shared):
    name, config = data["class_name"], data["config"]
    if name == "function":
        return data["registered_name"] if data.get("registered_name") not in (None, "function") else config
    if name == "__tuple__":
        return _plain(config["value"], shared)
    if name == "DTypePolicy":
        return config["name"]
    if name.startswith("__") or str(data.get("module")).startswith("keras.src.ops"):
        return data
    if not _is_builtin(data):
        return {
            "class_name": data["registered_name"],
            "config": config,
        }  # its `from_config` gets what its `get_config` gave
    return {
        "class_name": name,
        "config": _model(name, config, shared) if name in _MODELS else _settings(name, config, shared),
    }


def _settings(name, config, shared):
    if not shared:
        return _plain(config, shared)
    unknown, renamed = _unknown(name), _RENAMED.get(name, {})
    return {renamed.get(key, key): _plain(value, shared) for key, value in config.items() if key not in unknown}


def _model(name, config, shared):
    made = {key: value for key, value in config.items() if key in ("name", "trainable")}
    made["layers"] = [_listed(layer, shared) for layer in config["layers"]]
    if name == "Sequential":
        made.pop("trainable", None)
        shape = config.get("build_input_shape")
        return {**made, "build_input_shape": _plain(shape, shared)} if shape is not None else made
    for item, layer in zip(made["layers"], config["layers"]):
        calls = layer.get("inbound_nodes", [])
        item["name"], item["inbound_nodes"] = layer["name"], [_old_call(call) for call in calls] if shared else calls
    for key in ("input_layers", "output_layers"):
        made[key] = _ends(config[key]) if shared else config[key]
    return made


def _listed(data, shared):
    """A layer of a model.

    Without a module Keras 3 would lose several axes, and take a score called "dot" for the function of that name.
    """
    made = _object(data, shared)
    if made is not data and _is_builtin(data) and (_has_axes(data["config"]) or data["class_name"] == "Attention"):
        return {"module": data["module"], **made, "registered_name": None}
    return made


def _old_call(call):
    """[[layer, call, output, arguments], ...] of one call."""
    tensors = call["args"][0] if isinstance(call["args"][0], list) else call["args"]
    return [[*tensor["config"]["keras_history"], call["kwargs"]] for tensor in tensors]


def _ends(structure):
    """A list, also of one."""
    return (
        [structure]
        if isinstance(structure, (list, tuple)) and len(structure) == 3 and isinstance(structure[0], str)
        else structure
    )
