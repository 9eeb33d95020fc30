"""Layers of Keras 1 and 2 with habits of their own: what their configs say in another way than Keras 3's."""

from __future__ import annotations

import warnings

from kerasish.configs.eras import values


def _fix_norm(class_name, config, owner, era):
    if config.get("virtual_batch_size"):
        size = config["virtual_batch_size"]
        warnings.warn(
            f"{owner} (BatchNormalization) trained in virtual batches of {size}, which is left out: predictions are "
            "the same.",
            stacklevel=2,
        )
    config.pop("virtual_batch_size", None)
    if not config.get("mode"):
        config.pop("mode", None)
    if not config.get("renorm"):
        for name in ("renorm", "renorm_clipping", "renorm_momentum"):
            config.pop(name, None)
    axis = config.get("axis")
    if isinstance(axis, list):
        if len(axis) != 1:
            raise ValueError(
                f"{owner} ({class_name}) normalizes over the axes {axis}; Keras 3's BatchNormalization takes one "
                "axis. Merge them by a Reshape in front."
            )
        config["axis"] = axis[0]
    if class_name == "SyncBatchNormalization":
        config["synchronized"] = True


def _fix_axes(class_name, config, owner, era):
    axis = config.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]


def _fix_groups(class_name, config, owner, era):
    if config.pop("groups", 1) not in (1, None):
        raise ValueError(f"{owner} ({class_name}) has `groups` other than 1, which Keras 3's layer does not take.")


def _fix_gates(class_name, config, owner, era):
    """What LSTM and GRU meant where they said nothing."""
    if class_name.startswith("CuDNN"):
        config.update(activation="tanh", recurrent_activation="sigmoid")
        if class_name == "CuDNNGRU":
            config["reset_after"] = True
    config.setdefault("recurrent_activation", values.HARD_SIGMOID)
    if class_name.startswith("GRU"):
        config.setdefault("reset_after", False)


def _fix_initializers(class_name, config, owner, era):
    """Layers that still have Keras 1's names for their initializers, regularizers and constraints."""
    for key, value in config.items():
        if key == "init" or key.endswith("_init"):
            config[key] = values.initializer(value) if isinstance(value, (str, dict)) else value
        elif key in ("W_regularizer", "b_regularizer"):
            config[key] = values.regularizer(value, owner)
        elif key in ("W_constraint", "b_constraint"):
            config[key] = values.constraint(value, owner)


def _fix_conv_lstm(class_name, config, owner, era):
    config.setdefault("recurrent_activation", values.HARD_SIGMOID)


def _fix_padding2d(class_name, config, owner, era):
    padding = config.get("padding")
    if isinstance(padding, dict):
        sides = [padding.get(f"{side}_pad", 0) for side in ("top", "bottom", "left", "right")]
        config["padding"] = [sides[:2], sides[2:]]
    elif isinstance(padding, list) and len(padding) == 4:
        config["padding"] = [padding[:2], padding[2:]]


def _fix_padding1d(class_name, config, owner, era):
    padding = config.get("padding")
    if isinstance(padding, dict):
        config["padding"] = [padding.get("left_pad", 0), padding.get("right_pad", 0)]


def _fix_input(class_name, config, owner, era):
    if "input_shape" in config and "batch_shape" not in config:
        config["batch_shape"] = [config.pop("batch_size", None), *config.pop("input_shape")]
    config.pop("batch_size", None), config.pop("input_shape", None)
    if config.get("ragged"):
        raise ValueError(
            f"{owner} is an Input for ragged tensors, which are not supported: pad the data, and set `ragged` to false."
        )
    if config.get("dtype") is None:
        config.pop("dtype", None)


def _fix_attention(class_name, config, owner, era):
    config.pop("causal", None)  # an argument of the call today: see nodes.py


def _fix_lambda(class_name, config, owner, era):
    for key in ("function", "output_shape", "mask"):
        value = config.get(key)
        if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
            config[key] = {
                "class_name": "__lambda__",
                "config": {"code": value[0], "defaults": value[1], "closure": value[2]},
            }
        elif key == "function" and isinstance(value, str):
            config[key] = {"module": "builtins", "class_name": "function", "config": value, "registered_name": value}


def _fix_numbering(class_name, config, owner, era):
    """Vectors were called "binary", and the dtype was that of what is numbered, which no vector has."""
    if config.get("output_mode") == "binary":
        config["output_mode"] = "multi_hot"
    if config.get("dtype") == "string" or config.get("output_mode") != "int" and str(config.get("dtype")) == "int64":
        config.pop("dtype")
    if class_name == "IntegerLookup" and "max_values" in config:
        config["max_tokens"] = config.pop("max_values")
    for name in ("has_input_vocabulary", "has_input_summary"):
        config.pop(name, None)


FIXES = {
    **dict.fromkeys(
        ("TextVectorization", "StringLookup", "IntegerLookup", "Discretization", "CategoryEncoding", "Hashing"),
        _fix_numbering,
    ),
    "BatchNormalization": _fix_norm,
    "LayerNormalization": _fix_axes,
    "Softmax": _fix_axes,
    "GroupNormalization": _fix_axes,
    "ZeroPadding1D": _fix_padding1d,
    "ZeroPadding2D": _fix_padding2d,
    "InputLayer": _fix_input,
    "Lambda": _fix_lambda,
    **dict.fromkeys(("LSTM", "GRU", "LSTMCell", "GRUCell"), _fix_gates),
    **dict.fromkeys(("Highway", "MaxoutDense", "SReLU", "ParametricSoftplus"), _fix_initializers),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _fix_conv_lstm),
    **dict.fromkeys(("Attention", "AdditiveAttention"), _fix_attention),
    **dict.fromkeys(
        (
            "DepthwiseConv1D",
            "DepthwiseConv2D",
            "SeparableConv1D",
            "SeparableConv2D",
            "Conv1DTranspose",
            "Conv2DTranspose",
            "Conv3DTranspose",
        ),
        _fix_groups,
    ),
}
