"""One layer of an earlier Keras at a time: what it is called today."""

import pytest

import kerasish
from kerasish.activations import earlier
from kerasish.configs.eras import modernize
from kerasish.configs.eras.layer_names import HOMES
from tests.configs.eras.earlier import layer

# (old class, old arguments) -> (today's class, some of today's arguments); an argument that maps to Ellipsis must be
# gone.
TABLE = {
    "dense 1": (
        layer(
            "Dense",
            output_dim=3,
            init="one",
            bias=False,
            W_regularizer={"name": "WeightRegularizer", "l1": 0.5, "l2": 0.0},
        ),
        "Dense",
        {"units": 3, "kernel_initializer": "ones", "use_bias": False, "output_dim": ..., "bias": ...},
    ),
    "time distributed dense": (
        layer("TimeDistributedDense", output_dim=3, init="normal", input_length=4, input_dim=2),
        "Dense",
        {"units": 3, "kernel_initializer": "random_normal", "input_dim": ..., "input_length": ...},
    ),
    "conv1d 1": (
        layer("Convolution1D", nb_filter=2, filter_length=3, border_mode="same", subsample_length=2, init="uniform"),
        "Conv1D",
        {"filters": 2, "kernel_size": 3, "padding": "same", "strides": 2, "kernel_initializer": "random_uniform"},
    ),
    "conv3d 1": (
        layer(
            "Convolution3D",
            nb_filter=2,
            kernel_dim1=1,
            kernel_dim2=2,
            kernel_dim3=3,
            dim_ordering="tf",
            subsample=[1, 1, 1],
        ),
        "Conv3D",
        {"kernel_size": [1, 2, 3], "data_format": "channels_last"},
    ),
    "atrous": (
        layer("AtrousConvolution2D", nb_filter=2, nb_row=3, nb_col=3, atrous_rate=[2, 2], dim_ordering="default"),
        "Conv2D",
        {"dilation_rate": [2, 2], "data_format": None},
    ),
    "deconvolution": (
        layer("Deconvolution2D", nb_filter=2, nb_row=3, nb_col=3, output_shape=[None, 2, 9, 9], dim_ordering="th"),
        "Conv2DTranspose",
        {"filters": 2, "output_shape": ..., "data_format": "channels_first"},
    ),
    "separable 1": (
        layer("SeparableConvolution2D", nb_filter=2, nb_row=3, nb_col=3, init="he_normal", depth_multiplier=2),
        "SeparableConv2D",
        {"depthwise_initializer": "he_normal", "pointwise_initializer": "he_normal", "depth_multiplier": 2},
    ),
    "separable 2": (
        layer(
            "SeparableConv2D",
            filters=2,
            kernel_size=[3, 3],
            groups=1,
            kernel_initializer="zeros",
            kernel_regularizer=None,
        ),
        "SeparableConv2D",
        {"groups": ..., "kernel_initializer": ...},
    ),
    "depthwise 2": (
        layer("DepthwiseConv2D", kernel_size=[3, 3], groups=1, batch_input_shape=[None, 4, 4, 2]),
        "DepthwiseConv2D",
        {"groups": ...},
    ),
    "transposed 2": (
        layer("Conv2DTranspose", filters=2, kernel_size=[3, 3], groups=1, output_padding=None),
        "Conv2DTranspose",
        {"groups": ...},
    ),
    "pooling1d 1": (
        layer("MaxPooling1D", pool_length=3, stride=2, border_mode="valid"),
        "MaxPooling1D",
        {"pool_size": 3, "strides": 2, "padding": "valid"},
    ),
    "upsampling1d 1": (layer("UpSampling1D", length=3), "UpSampling1D", {"size": 3}),
    "padding dict": (
        layer("ZeroPadding2D", padding={"top_pad": 1, "right_pad": 2}, dim_ordering="tf"),
        "ZeroPadding2D",
        {"padding": [[1, 0], [0, 2]]},
    ),
    "padding four": (
        layer("ZeroPadding2D", padding=[1, 2, 3, 4], dim_ordering="tf"),
        "ZeroPadding2D",
        {"padding": [[1, 2], [3, 4]]},
    ),
    "padding one": (
        layer("ZeroPadding1D", padding={"left_pad": 1}, batch_input_shape=[None, 3, 2]),
        "ZeroPadding1D",
        {"padding": [1, 0]},
    ),
    "dropout 1": (layer("Dropout", p=0.25), "Dropout", {"rate": 0.25, "p": ...}),
    "spatial dropout 1": (
        layer("SpatialDropout2D", p=0.25, dim_ordering="th"),
        "SpatialDropout2D",
        {"rate": 0.25, "data_format": "channels_first"},
    ),
    "noise 1": (layer("GaussianNoise", sigma=0.5), "GaussianNoise", {"stddev": 0.5}),
    "norm 1": (
        layer("BatchNormalization", mode=0, axis=1, epsilon=1e-5, momentum=0.9),
        "BatchNormalization",
        {"mode": ..., "axis": 1},
    ),
    "norm 2": (
        layer(
            "BatchNormalization",
            axis=[3],
            fused=True,
            renorm=False,
            virtual_batch_size=None,
            batch_input_shape=[None, 2, 2, 2],
        ),
        "BatchNormalization",
        {"axis": 3, "fused": ..., "renorm": ...},
    ),
    "lstm 1": (
        layer(
            "LSTM",
            output_dim=3,
            init="glorot_uniform",
            inner_init="orthogonal",
            forget_bias_init="zero",
            activation="tanh",
            inner_activation="sigmoid",
            W_regularizer=None,
            U_regularizer=None,
            b_regularizer=None,
            dropout_W=0.1,
            dropout_U=0.2,
            consume_less="gpu",
            input_dim=2,
            input_length=None,
        ),
        "LSTM",
        {
            "units": 3,
            "unit_forget_bias": False,
            "recurrent_activation": "sigmoid",
            "dropout": 0.1,
            "recurrent_dropout": 0.2,
            "consume_less": ...,
        },
    ),
    "lstm 2, said nothing": (
        layer("LSTM", units=3, implementation=1),
        "LSTM",
        {"recurrent_activation": earlier.hard_sigmoid_config(), "implementation": ...},
    ),
    "gru 2, said nothing": (
        layer("GRU", units=3, implementation=1),
        "GRU",
        {"recurrent_activation": earlier.hard_sigmoid_config(), "reset_after": False},
    ),
    "gru 2.5": (
        layer("GRU", units=3, implementation=2, recurrent_activation="sigmoid", reset_after=True, time_major=False),
        "GRU",
        {"reset_after": True, "time_major": ...},
    ),
    "cudnn lstm": (layer("CuDNNLSTM", units=3), "LSTM", {"recurrent_activation": "sigmoid"}),
    "cudnn gru": (layer("CuDNNGRU", units=3), "GRU", {"recurrent_activation": "sigmoid", "reset_after": True}),
    "embedding 1": (
        layer(
            "Embedding",
            input_dim=5,
            output_dim=3,
            init="uniform",
            input_length=4,
            W_regularizer=None,
            dropout=0.0,
            mask_zero=True,
        ),
        "Embedding",
        {"embeddings_initializer": "random_uniform", "input_length": ..., "mask_zero": True},
    ),
    "leaky relu": (
        layer(
            "LeakyReLU",
            alpha={"class_name": "__numpy__", "config": {"value": 0.3, "dtype": "float32"}},
            batch_input_shape=[None, 3],
        ),
        "LeakyReLU",
        {"negative_slope": 0.3, "alpha": ...},
    ),
    "thresholded relu": (layer("ThresholdedReLU", theta=1.0), "ThresholdedReLU", {"theta": 1.0}),
    "normalization of samples": (
        layer("BatchNormalization", mode=1, axis=-1, beta_init="zero", gamma_init="one"),
        "BatchNormalization",
        {"mode": 1, "beta_initializer": "zeros", "gamma_initializer": "ones", "beta_init": ...},
    ),
    "normalization by the batch": (layer("BatchNormalization", mode=2, axis=1), "BatchNormalization", {"mode": 2}),
    "locally connected 1d": (
        layer(
            "LocallyConnected1D",
            nb_filter=2,
            filter_length=3,
            border_mode="valid",
            subsample_length=2,
            init="uniform",
            bias=True,
            input_dim=3,
            input_length=9,
        ),
        "LocallyConnected1D",
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "valid", "kernel_initializer": "random_uniform"},
    ),
    "locally connected 2d": (
        layer(
            "LocallyConnected2D",
            nb_filter=2,
            nb_row=3,
            nb_col=2,
            border_mode="valid",
            subsample=[2, 1],
            dim_ordering="th",
            W_regularizer={"name": "WeightRegularizer", "l1": 0.5, "l2": 0.0},
        ),
        "LocallyConnected2D",
        {"filters": 2, "kernel_size": [3, 2], "strides": [2, 1], "data_format": "channels_first", "nb_row": ...},
    ),
    "highway": (
        layer("Highway", init="zero", activation="tanh", bias=True, W_constraint={"name": "NonNeg"}, input_dim=3),
        "Highway",
        {"init": "zeros", "activation": "tanh", "bias": True, "input_dim": ...},
    ),
    "maxout": (
        layer(
            "MaxoutDense",
            output_dim=2,
            nb_feature=3,
            init="one",
            W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5},
        ),
        "MaxoutDense",
        {"output_dim": 2, "nb_feature": 3, "init": "ones"},
    ),
    "srelu": (
        layer("SReLU", t_left_init="zero", a_left_init="uniform", t_right_init="one", a_right_init="one"),
        "SReLU",
        {"t_left_init": "zeros", "a_left_init": "random_uniform", "a_right_init": "ones"},
    ),
    "parametric softplus": (
        layer("ParametricSoftplus", alpha_init=0.3, beta_init=4.0),
        "ParametricSoftplus",
        {"alpha_init": 0.3, "beta_init": 4.0},
    ),
    "conv lstm 1": (
        layer(
            "ConvLSTM2D",
            nb_filter=2,
            nb_row=3,
            nb_col=1,
            init="glorot_uniform",
            inner_init="orthogonal",
            forget_bias_init="one",
            activation="tanh",
            inner_activation="hard_sigmoid",
            border_mode="same",
            dim_ordering="tf",
            subsample=[1, 1],
            dropout_W=0.0,
            dropout_U=0.0,
            return_sequences=True,
            go_backwards=False,
            stateful=False,
            unroll=False,
            consume_less="cpu",
            input_dim=None,
            input_length=None,
            output_dim=2,
        ),
        "ConvLSTM2D",
        {
            "filters": 2,
            "kernel_size": [3, 1],
            "padding": "same",
            "strides": [1, 1],
            "unit_forget_bias": True,
            "recurrent_initializer": "orthogonal",
            "return_sequences": True,
            "nb_filter": ...,
            "inner_activation": ...,
        },
    ),
    "conv lstm 2": (
        layer("ConvLSTM2D", filters=2, kernel_size=[3, 3], time_major=False, recurrent_activation="hard_sigmoid"),
        "ConvLSTM2D",
        {"filters": 2, "time_major": ...},
    ),
    "attention heads": (
        layer(
            "MultiHeadAttention",
            num_heads=2,
            key_dim=3,
            query_shape=[None, 4, 3],
            key_shape=None,
            value_shape=None,
            batch_input_shape=[None, 4, 3],
        ),
        "MultiHeadAttention",
        {"query_shape": ...},
    ),
    "policy": (
        layer("Dense", units=2, dtype={"class_name": "Policy", "config": {"name": "mixed_float16"}}),
        "Dense",
        {
            "dtype": {
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": "mixed_float16"},
                "registered_name": None,
            }
        },
    ),
    "scaled 2": (
        layer(
            "Dense",
            units=2,
            kernel_initializer={
                "class_name": "VarianceScaling",
                "config": {"mode": "fan_in", "distribution": "normal", "dtype": "float32"},
            },
        ),
        "Dense",
        {
            "kernel_initializer": {
                "module": "keras.initializers",
                "class_name": "VarianceScaling",
                "registered_name": None,
                "config": {"mode": "fan_in", "distribution": "truncated_normal"},
            }
        },
    ),
    "shape as a tuple of TensorFlow": (
        layer("Dense", units=2, batch_input_shape={"class_name": "__tuple__", "items": [None, 3]}),
        "Dense",
        {},
    ),
    "activation layer inside": (
        layer("Dense", units=2, batch_input_shape=[None, 2], activation=layer("LeakyReLU", alpha=0.2)),
        "Dense",
        {},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_layer_of_an_earlier_keras_is_said_in_todays_words_and_opens(name):
    old, class_name, expected = TABLE[name]
    new = modernize(old)
    assert new["class_name"] == class_name and new["module"] == HOMES.get(class_name, "keras.layers")
    for key, value in expected.items():
        if value is ...:
            assert key not in new["config"]
        else:
            assert new["config"][key] == value
    assert modernize(new) == new
    made = kerasish.layers.deserialize(old)
    assert type(made).__name__ == class_name and made.name == "x"


def test_shapes_of_first_layers_of_keras_1():
    cases = [
        (layer("Dense", output_dim=2, init="zero", input_dim=5), (None, 5)),
        (layer("LSTM", output_dim=2, inner_init="zero", input_dim=5, input_length=7), (None, 7, 5)),
        (layer("LSTM", output_dim=2, inner_init="zero", input_dim=5, input_length=None), (None, None, 5)),
        (layer("Embedding", input_dim=9, output_dim=2, init="zero", input_length=4), (None, 4)),
        (layer("Convolution1D", nb_filter=2, filter_length=2, input_dim=3, input_length=6), (None, 6, 3)),
        (layer("Dense", output_dim=2, init="zero", input_shape=[5]), (None, 5)),
    ]
    for first, shape in cases:
        assert kerasish.Sequential.from_config([first]).input_shape == shape, first
