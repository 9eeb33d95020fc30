"""Layers of Keras 1 and 2 in tables: what they and their arguments are called today, and what is gone."""

from __future__ import annotations

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
_RECURRENT_WEIGHTS = {
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "U_regularizer": "recurrent_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}
_RECURRENT = {**_UNITS, **_BIASED, **_RECURRENT_WEIGHTS}
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
_OF_CELLS = ("cell", "zero_output_for_mask", "unroll", "output_dim")
_CELL_EXTRAS = ("implementation", "consume_less")
_NORM_EXTRAS = ("fused", "adjustment")

# class name of any era -> (today's name, {old argument: today's}, arguments that mean nothing today)
TODAY = {
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
    "RNN": ("RNN", {}, (*_RECURRENT_EXTRAS, "cells")),
    **{
        f"ConvLSTM{rank}D": (f"ConvLSTM{rank}D", {**_CONV, **_RECURRENT_WEIGHTS}, (*_RECURRENT_EXTRAS, *_OF_CELLS))
        for rank in (1, 2, 3)
    },
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
    "Highway": ("Highway", {}, ("input_dim",)),
    "MaxoutDense": ("MaxoutDense", {}, ("input_dim",)),
    "SReLU": ("SReLU", {}, ()),
    "ParametricSoftplus": ("ParametricSoftplus", {}, ()),
    "ThresholdedReLU": ("ThresholdedReLU", {}, ()),
    **{
        f"LocallyConnected{rank}D": (f"LocallyConnected{rank}D", _CONV, ("input_dim", "input_length"))
        for rank in (1, 2)
    },
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
            "TextVectorization",
            "StringLookup",
            "IntegerLookup",
            "Hashing",
            "HashedCrossing",
        )
    },
    **{
        f"Random{change}": (f"Random{change}", {}, ("rng_type",))
        for change in ("Flip", "Rotation", "Zoom", "Translation", "Contrast", "Brightness", "Crop")
    },
    "CategoryEncoding": ("CategoryEncoding", {"max_tokens": "num_tokens"}, ()),
    "Discretization": ("Discretization", {"bins": "bin_boundaries"}, ("trainable",)),
}
HOMES = {"ThresholdedReLU": "keras._legacy.layers"}  # of layers that Keras 3 has, but not among `keras.layers`
OF_EVERY_LAYER = (
    "input_shape",
    "input_dtype",
    "batch_input_shape",
    "batch_size",
    "create_input_layer",
    "cache_enabled",
    "custom_name",
    "weights",
)
GONE = {
    "AutoEncoder": "a model of the encoder and one of both parts",
    "SimpleDeepRNN": "a layer of your own",
    "JZS1": "a layer of your own",
    "JZS2": "a layer of your own",
    "JZS3": "a layer of your own",
    "ConvRecurrent2D": "a layer of your own",
    "RandomHeight": "a RandomZoom along one axis, or a layer of your own",
    "RandomWidth": "a RandomZoom along one axis, or a layer of your own",
}
DATA_FORMATS = {"th": "channels_first", "tf": "channels_last", "default": None}
NUMBERS = {
    "LeakyReLU": ("negative_slope",),
    "ReLU": ("max_value", "negative_slope", "threshold"),
    "ELU": ("alpha",),
    "ThresholdedReLU": ("theta",),
}
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
