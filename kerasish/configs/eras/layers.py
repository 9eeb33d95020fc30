"""Layers of Keras 1 and 2: class names, argument names and values, in tables."""

from __future__ import annotations

import warnings
from typing import Any

from kerasish.configs.eras import values
from kerasish.typing import Config

_BIASED = {
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "init": "kernel_initializer",
    "bias": "use_bias",
}
_UNITS = {"output_dim": "units"}
_PLACED = {"border_mode": "padding", "dim_ordering": "data_format"}
_CONV = {
    **_BIASED,
    **_PLACED,
    "nb_filter": "filters",
    "subsample": "strides",
    "atrous_rate": "dilation_rate",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
}
_POOL = {**_PLACED, "pool_length": "pool_size", "stride": "strides"}
_RECURRENT = {
    **_UNITS,
    **_BIASED,
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "U_regularizer": "recurrent_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}
_RATE = {"p": "rate", "dim_ordering": "data_format"}
_SEPARABLE_EXTRAS = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
_RECURRENT_EXTRAS = (
    "implementation",
    "consume_less",
    "num_constants",
    "time_major",
    "input_dim",
    "input_length",
    "ragged",
    "reverse_state_order",
)
_CELL_EXTRAS = ("implementation", "consume_less")
_NORM_EXTRAS = ("fused", "adjustment", "mode")

# class name of any era -> (today's name, {old argument: today's}, arguments that mean nothing today)
_TABLE = {
    **dict.fromkeys(("Dense", "TimeDistributedDense"), ("Dense", {**_UNITS, **_BIASED}, ("input_dim", "input_length"))),
    **dict.fromkeys(
        ("Conv1D", "Convolution1D", "AtrousConvolution1D", "AtrousConv1D"),
        ("Conv1D", _CONV, ("input_dim", "input_length")),
    ),
    **dict.fromkeys(("Conv2D", "Convolution2D", "AtrousConvolution2D", "AtrousConv2D"), ("Conv2D", _CONV, ())),
    **dict.fromkeys(("Conv3D", "Convolution3D"), ("Conv3D", _CONV, ())),
    **dict.fromkeys(("Conv1DTranspose", "Convolution1DTranspose"), ("Conv1DTranspose", _CONV, ())),
    **dict.fromkeys(
        ("Conv2DTranspose", "Deconvolution2D", "Deconv2D", "Convolution2DTranspose"),
        ("Conv2DTranspose", _CONV, ("output_shape",)),
    ),
    **dict.fromkeys(
        ("Conv3DTranspose", "Deconvolution3D", "Deconv3D", "Convolution3DTranspose"),
        ("Conv3DTranspose", _CONV, ("output_shape",)),
    ),
    **dict.fromkeys(("SeparableConv1D", "SeparableConvolution1D"), ("SeparableConv1D", _CONV, _SEPARABLE_EXTRAS)),
    **dict.fromkeys(("SeparableConv2D", "SeparableConvolution2D"), ("SeparableConv2D", _CONV, _SEPARABLE_EXTRAS)),
    "DepthwiseConv1D": ("DepthwiseConv1D", _CONV, ("filters", *_SEPARABLE_EXTRAS)),
    **dict.fromkeys(
        ("DepthwiseConv2D", "DepthwiseConvolution2D"), ("DepthwiseConv2D", _CONV, ("filters", *_SEPARABLE_EXTRAS))
    ),
    **{
        f"{kind}Pooling{rank}D": (f"{kind}Pooling{rank}D", _POOL, ())
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    **{
        f"{kind}Pool{rank}D": (f"{long}Pooling{rank}D", _POOL, ())
        for kind, long in (("Max", "Max"), ("Avg", "Average"))
        for rank in (1, 2, 3)
    },
    **{
        f"Global{kind}Pooling{rank}D": (f"Global{kind}Pooling{rank}D", _POOL, ())
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    "UpSampling1D": ("UpSampling1D", {"length": "size"}, ()),
    **{
        f"{kind}{rank}D": (f"{kind}{rank}D", {"dim_ordering": "data_format"}, ())
        for kind in ("UpSampling", "ZeroPadding", "Cropping")
        for rank in (2, 3)
    },
    "ZeroPadding1D": ("ZeroPadding1D", {}, ()),
    "Cropping1D": ("Cropping1D", {}, ()),
    "Embedding": (
        "Embedding",
        {
            "init": "embeddings_initializer",
            "W_regularizer": "embeddings_regularizer",
            "W_constraint": "embeddings_constraint",
        },
        ("input_length", "dropout", "sparse", "use_one_hot_matmul"),
    ),
    "SimpleRNN": ("SimpleRNN", _RECURRENT, _RECURRENT_EXTRAS),
    **dict.fromkeys(("LSTM", "CuDNNLSTM"), ("LSTM", _RECURRENT, _RECURRENT_EXTRAS)),
    **dict.fromkeys(("GRU", "CuDNNGRU"), ("GRU", _RECURRENT, _RECURRENT_EXTRAS)),
    "RNN": ("RNN", {}, _RECURRENT_EXTRAS),
    **{f"{kind}Cell": (f"{kind}Cell", {}, _CELL_EXTRAS) for kind in ("SimpleRNN", "LSTM", "GRU")},
    "StackedRNNCells": ("StackedRNNCells", {}, ("reverse_state_order",)),
    "Bidirectional": ("Bidirectional", {}, ("num_constants",)),
    "TimeDistributed": ("TimeDistributed", {}, ()),
    **{f"{name}Dropout": (f"{name}Dropout", _RATE, ("rng_type",)) for name in ("", "Gaussian", "Alpha")},
    **{
        f"SpatialDropout{rank}D": (f"SpatialDropout{rank}D", _RATE, ("noise_shape", "rng_type", "trainable"))
        for rank in (1, 2, 3)
    },
    "GaussianNoise": ("GaussianNoise", {"sigma": "stddev"}, ("rng_type",)),
    **dict.fromkeys(
        ("BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization"),
        ("BatchNormalization", {"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"}, _NORM_EXTRAS),
    ),
    "LayerNormalization": ("LayerNormalization", {}, ()),
    "PReLU": ("PReLU", {"init": "alpha_initializer"}, ()),
    "LeakyReLU": ("LeakyReLU", {"alpha": "negative_slope"}, ()),
    "ThresholdedReLU": ("ReLU", {"theta": "threshold"}, ()),
    "MultiHeadAttention": (
        "MultiHeadAttention",
        {},
        ("query_shape", "key_shape", "value_shape", "softmax_robust_masking"),
    ),
    "Reshape": ("Reshape", {"dims": "target_shape"}, ()),
    "InputLayer": (
        "InputLayer",
        {"batch_input_shape": "batch_shape", "input_dtype": "dtype"},
        ("type_spec", "trainable"),
    ),
    **dict.fromkeys(
        ("Lambda",),
        (
            "Lambda",
            {},
            ("function_type", "output_shape_type", "output_shape_module", "module", "mask_type", "mask_module"),
        ),
    ),
    **{
        name: (name, {}, ())
        for name in (
            "Activation",
            "Add",
            "AdditiveAttention",
            "ActivityRegularization",
            "Attention",
            "Average",
            "Concatenate",
            "Dot",
            "ELU",
            "EinsumDense",
            "Flatten",
            "GroupNormalization",
            "Identity",
            "Masking",
            "Maximum",
            "Minimum",
            "Multiply",
            "Permute",
            "ReLU",
            "RepeatVector",
            "Rescaling",
            "Softmax",
            "Subtract",
            "UnitNormalization",
            "Normalization",
            "Resizing",
            "CenterCrop",
            "RandomFlip",
            "RandomRotation",
            "RandomZoom",
            "RandomTranslation",
            "RandomContrast",
        )
    },
}
_OF_EVERY_LAYER = (
    "input_shape",
    "input_dtype",
    "batch_input_shape",
    "batch_size",
    "create_input_layer",
    "cache_enabled",
    "custom_name",
    "weights",
)
_GONE = {
    "Highway": "a Dense layer for the transform, one for the gate, and Multiply/Add layers",
    "MaxoutDense": "a Dense layer of `nb_feature * output_dim` units, a Reshape and a maximum",
    "LocallyConnected1D": "a layer of your own",
    "LocallyConnected2D": "a layer of your own",
    "SReLU": "a layer of your own",
    "ParametricSoftplus": "a layer of your own",
    "AutoEncoder": "a model of the encoder and one of both parts",
    "SimpleDeepRNN": "a layer of your own",
    "JZS1": "a layer of your own",
    "JZS2": "a layer of your own",
    "JZS3": "a layer of your own",
    "ConvRecurrent2D": "a layer of your own",
}
_DATA_FORMATS = {"th": "channels_first", "tf": "channels_last", "default": None}
_NUMBERS = {"LeakyReLU": ("negative_slope",), "ReLU": ("max_value", "negative_slope", "threshold"), "ELU": ("alpha",)}
RECURRENT = frozenset(
    (
        "SimpleRNN",
        "LSTM",
        "GRU",
        "RNN",
        "Bidirectional",
        "CuDNNLSTM",
        "CuDNNGRU",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
    )
)


def is_known(class_name: str) -> bool:
    """Whether a layer of this name is in the tables."""
    return class_name in _TABLE


def check_not_gone(class_name: str, owner: str) -> None:
    """Raise ValueError for a layer that no later Keras has."""
    if class_name in _GONE:
        raise ValueError(
            f"{owner} is a {class_name}, which Keras 3 does not have and no layer of it says. Put it together from "
            f"{_GONE[class_name]}, "
            f"or write a layer of that name and pass it as `custom_objects={{{class_name!r}: ...}}`."
        )


def layer_config(class_name: str, config: Config, era: Any) -> tuple[Any, ...]:
    """Today's class name and config of a built-in layer of Keras 1 or 2.

    Objects that hold layers (wrappers, cells) are left to the caller.

    Raises:
        ValueError: that names the layer, for a value that can't be said today.
    """
    owner = f"The layer {config.get('name')!r}"
    today, renames, extras = _TABLE[class_name]
    config = dict(config)
    _join_sizes(config)
    _replace_before_renaming(class_name, config, owner)
    _rename(config, renames, owner)
    for name in (*extras, *(_OF_EVERY_LAYER if class_name != "InputLayer" else ())):
        config.pop(name, None)
    if "data_format" in config:
        config["data_format"] = _DATA_FORMATS.get(config["data_format"], config["data_format"])
    for name in _NUMBERS.get(today, ()):
        if name in config:
            config[name] = values.number(config[name])
    if today in _FIXES:
        _FIXES[today](class_name, config, owner, era)
    return today, {key: values.any_value(key, value, owner) for key, value in config.items()}


def _rename(config, renames, owner):
    for old, new in renames.items():
        if old not in config:
            continue
        if new in config:
            raise ValueError(
                f"{owner} has both {new!r} and its old spelling {old!r}. Remove one of them from the config."
            )
        config[new] = config.pop(old)


def _join_sizes(config):
    """Kernel sizes that Keras 1 keeps in several arguments."""
    for parts in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        if all(part in config for part in parts):
            config["kernel_size"] = [config.pop(part) for part in parts]


def _replace_before_renaming(class_name, config, owner):
    """Arguments whose name is another's today, or that ask for something that only training needs."""
    if config.get("border_mode") in ("half", "full") or config.get("padding") in ("half", "full"):
        mode = config.get("border_mode") or config.get("padding")
        raise ValueError(
            f"{owner} ({class_name}) has border_mode={mode!r}, which only Theano knew. Put a ZeroPadding layer of the "
            "needed width in front of it in the "
            "config, and say border_mode='valid'."
        )
    if "init" in config and class_name.startswith("SeparableConv"):
        config.update({f"{part}_initializer": config["init"] for part in ("depthwise", "pointwise")})
        del config["init"]
    if class_name == "Embedding" and config.get("dropout"):
        warnings.warn(
            f"{owner} (Embedding) drops whole words in training (dropout={config['dropout']}), which is left out: "
            "predictions are the same. "
            "Put a SpatialDropout1D layer behind it to have it again.",
            stacklevel=2,
        )
    if class_name == "BatchNormalization":
        _check_mode(config, owner)
    if "forget_bias_init" in config:
        initial = config.pop("forget_bias_init")
        if class_name != "GRU":
            config["unit_forget_bias"] = initial in ("one", "ones")
    if config.get("time_major"):
        raise ValueError(
            f"{owner} ({class_name}) has time_major=True, which Keras 3 does not have. Put Permute layers around it, "
            "and say time_major=False."
        )


# -- layers with habits of their own ----------------------------------------------------------------------------------


def _fix_norm(class_name, config, owner, era):
    if config.get("virtual_batch_size"):
        size = config["virtual_batch_size"]
        warnings.warn(
            f"{owner} (BatchNormalization) trained in virtual batches of {size}, which is left out: predictions are "
            "the same.",
            stacklevel=2,
        )
    config.pop("virtual_batch_size", None)
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


def _check_mode(config, owner):
    if config.get("mode") not in (0, None):
        raise ValueError(
            f"{owner} (BatchNormalization) has mode={config['mode']}, which no Keras after 1 has: with 1 each sample "
            "was normalized by itself, with 2 every "
            "batch by its own statistics, in predictions too. Use LayerNormalization for the first; mode=0 loads."
        )


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
    if config.get("sparse") or config.get("ragged"):
        raise ValueError(
            f"{owner} is an Input for sparse or ragged tensors, which are not supported: pad the data, and set "
            "`sparse` and `ragged` to false."
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


_FIXES = {
    "BatchNormalization": _fix_norm,
    "LayerNormalization": _fix_axes,
    "Softmax": _fix_axes,
    "GroupNormalization": _fix_axes,
    "ZeroPadding1D": _fix_padding1d,
    "ZeroPadding2D": _fix_padding2d,
    "InputLayer": _fix_input,
    "Lambda": _fix_lambda,
    **dict.fromkeys(("LSTM", "GRU", "LSTMCell", "GRUCell"), _fix_gates),
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
