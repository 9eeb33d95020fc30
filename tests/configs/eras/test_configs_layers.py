"""One layer, loss or optimizer of an earlier Keras at a time.

What it is called today; what can't be said; what must not be touched.
"""

import copy
import json
import pathlib
import random

import numpy as np
import pytest

import kerasish
from kerasish.activations import earlier
from kerasish.configs.eras import era, modernize, modernize_training

L = kerasish.layers
HERE = pathlib.Path(__file__).parent / "configs"


def layer(class_name, **config):
    return {"class_name": class_name, "config": {"name": "x", "trainable": True, **config}}


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
    "thresholded relu": (layer("ThresholdedReLU", theta=1.0), "ReLU", {"threshold": 1.0}),
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
    assert new["class_name"] == class_name and new["module"] == "keras.layers"
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


MERGES = {
    "sum": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "ave": lambda a, b: (a + b) / 2,
    "max": np.maximum,
    "concat": lambda a, b: np.concatenate([a, b], -1),
    "dot": lambda a, b: (a * b).sum(-1, keepdims=True),
    "cos": lambda a, b: ((a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1)))[
        :, None, None
    ],  # Keras 1 put an axis in
}


@pytest.mark.parametrize("mode", MERGES)
def test_merge_of_keras_1(mode):
    def entry(name):
        config = {"name": name, "batch_input_shape": [None, 4], "input_dtype": "float32"}
        return {"class_name": "InputLayer", "name": name, "inbound_nodes": [], "config": config}

    merge = {
        "class_name": "Merge",
        "name": "m",
        "inbound_nodes": [[["a", 0, 0], ["b", 0, 0]]],
        "config": {"name": "m", "mode": mode, "mode_type": "raw", "concat_axis": -1, "dot_axes": -1},
    }
    config = {
        "name": "model",
        "layers": [entry("a"), entry("b"), merge],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [["m", 0, 0]],
    }
    model = kerasish.models.model_from_json(json.dumps({"class_name": "Model", "config": config}))
    a, b = np.random.RandomState(0).normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_allclose(model.predict([a, b], verbose=0), MERGES[mode](a, b), rtol=1e-5)


def test_causal_attention_of_keras_2_is_an_argument_of_the_call():
    x = {
        "class_name": "InputLayer",
        "name": "a",
        "inbound_nodes": [],
        "config": {"name": "a", "batch_input_shape": [None, 4, 3], "dtype": "float32"},
    }
    attend = {
        "class_name": "Attention",
        "name": "t",
        "inbound_nodes": [[["a", 0, 0, {}], ["a", 0, 0, {}]]],
        "config": {"name": "t", "trainable": True, "causal": True, "use_scale": False},
    }
    config = {
        "class_name": "Functional",
        "config": {"name": "m", "layers": [x, attend], "input_layers": [["a", 0, 0]], "output_layers": [["t", 0, 0]]},
    }
    values = np.random.RandomState(0).normal(size=(2, 4, 3)).astype("float32")
    found = kerasish.models.model_from_json(json.dumps(config)).predict(values, verbose=0)
    np.testing.assert_allclose(found, np.asarray(L.Attention()([values, values], use_causal_mask=True)), rtol=1e-5)
    np.testing.assert_allclose(found[:, 0], values[:, 0], rtol=1e-5)


def test_a_loss_added_in_a_functional_model_of_tf_keras_is_left_out_with_a_warning():
    config = tf_op("math.reduce_mean", {})
    loss = {
        "class_name": "AddLoss",
        "name": "add_loss",
        "inbound_nodes": [[["op", 0, 0, {}]]],
        "config": {"name": "add_loss", "trainable": True, "dtype": "float32", "unconditional": False},
    }
    config["config"]["layers"].append(loss)
    config["config"]["output_layers"] = [["a", 0, 0]]
    with pytest.warns(UserWarning, match="'add_loss'.*AddLoss.*add_loss"):
        model = kerasish.models.model_from_json(json.dumps(config))
    assert model.predict(np.ones((2, 4), "float32"), verbose=0).tolist() == [[1.0] * 4] * 2


def test_a_lambda_that_names_a_function_takes_it_from_custom_objects():
    old = [
        layer(
            "Lambda",
            function="twice",
            function_type="function",
            output_shape=None,
            output_shape_type="raw",
            arguments={"times": 2.0},
            batch_input_shape=[None, 2],
        )
    ]

    def twice(x, times):
        return x * times

    model = kerasish.Sequential.from_config(old, custom_objects={"twice": twice})
    assert model.predict(np.ones((1, 2), "float32"), verbose=0).tolist() == [[2.0, 2.0]]
    with pytest.raises(ValueError, match="'twice'.*custom_objects"):
        kerasish.Sequential.from_config(old)


def test_a_sequence_of_keras_2_with_constants_is_refused():
    names = ("x", "h", "k")
    inputs = [
        {
            "class_name": "InputLayer",
            "name": name,
            "inbound_nodes": [],
            "config": {"name": name, "batch_input_shape": [None, 3, 3] if name == "x" else [None, 3]},
        }
        for name in names
    ]
    rnn = {
        "class_name": "RNN",
        "name": "r",
        "inbound_nodes": [[[name, 0, 0, {}] for name in names]],
        "config": {"name": "r", "trainable": True, "num_constants": 1, "cell": layer("SimpleRNNCell", units=3)},
    }
    config = {
        "name": "m",
        "layers": [*inputs, rnn],
        "input_layers": [[name, 0, 0] for name in names],
        "output_layers": [["r", 0, 0]],
    }
    with pytest.raises(ValueError, match="'r'.*1 constants.*Concatenate"):
        kerasish.Model.from_config(config)


# -- what can't be said -----------------------------------------------------------------------------------------------

REFUSED = {
    "mode 2": (layer("BatchNormalization", mode=2, axis=1), "'x'.*mode=2.*mode=0 loads"),
    "two axes": (layer("BatchNormalization", axis=[1, 2], batch_input_shape=[None, 2, 2]), "'x'.*axes \\[1, 2\\]"),
    "half": (
        layer("Convolution2D", nb_filter=1, nb_row=3, nb_col=3, border_mode="half"),
        "'x'.*border_mode='half'.*ZeroPadding",
    ),
    "highway": (layer("Highway", activation="tanh", init="zero"), "'x'.*Highway.*custom_objects"),
    "maxout": (layer("MaxoutDense", output_dim=2, nb_feature=2, init="zero"), "'x'.*MaxoutDense"),
    "regularizer": (
        layer("Dense", output_dim=2, W_regularizer={"name": "EigenvalueRegularizer", "k": 1.0}),
        "'x'.*EigenvalueRegularizer",
    ),
    "constraint": (layer("Dense", output_dim=2, W_constraint={"name": "Strange"}), "'x'.*Strange"),
    "time major": (layer("LSTM", units=2, time_major=True), "'x'.*time_major"),
    "groups": (
        layer("SeparableConv2D", filters=2, kernel_size=[1, 1], groups=2, batch_input_shape=[None, 2, 2, 2]),
        "'x'.*groups",
    ),
    "both spellings": (layer("Dropout", p=0.2, rate=0.3), "'x'.*'rate'.*'p'"),
    "sparse": (layer("InputLayer", batch_input_shape=[None, 2], sparse=True), "'x'.*sparse"),
    "unknown argument": (layer("Dense", output_dim=2, init="zero", sideways=True), "sideways"),
    "merge of code": (
        {
            "class_name": "Sequential",
            "config": [
                {
                    "class_name": "Merge",
                    "config": {
                        "name": "x",
                        "mode": "lambda",
                        "mode_type": "lambda",
                        "layers": [
                            {
                                "class_name": "Sequential",
                                "config": [layer("Dense", output_dim=2, batch_input_shape=[None, 2])],
                            }
                        ],
                    },
                }
            ],
        },
        "'x'.*is code",
    ),
    "lambda": (
        layer("Lambda", function=["4wEAAAA=\n", None, None], function_type="lambda", batch_input_shape=[None, 2]),
        "safe_mode",
    ),
    "graph outside": (layer("TFOpLambda", function="math.add"), "'x'.*stands outside"),
    "not a layer": ({"class_name": "Sequential", "config": [3]}, "damaged|must be a dict|names no|class_name"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cant_be_said_today_is_refused_by_name(name):
    old, message = REFUSED[name]
    with pytest.raises((ValueError, TypeError), match=message):
        kerasish.layers.deserialize(old)


def tf_op(function, arguments, kind="TFOpLambda"):
    x = {
        "class_name": "InputLayer",
        "name": "a",
        "inbound_nodes": [],
        "config": {"name": "a", "batch_input_shape": [None, 4], "dtype": "float32"},
    }
    op = {
        "class_name": kind,
        "name": "op",
        "inbound_nodes": [["a", 0, 0, arguments]],
        "config": {"name": "op", "trainable": True, "dtype": "float32", "function": function},
    }
    return {
        "class_name": "Functional",
        "config": {"name": "m", "layers": [x, op], "input_layers": [["a", 0, 0]], "output_layers": [["op", 0, 0]]},
    }


@pytest.mark.parametrize(
    "function, arguments, message",
    [
        ("linalg.svd", {"full_matrices": False}, "'op'.*tf.linalg.svd"),
        ("linalg.matmul", {"b": [[1.0]], "transpose_b": True}, "'op'.*transposes"),
        ("reshape", {"shape": ["a", 0, 0]}, "'op'.*`shape`.*other tensors"),
        ("nn.softmax", {"axis": -1, "temperature": 2}, "'op'.*temperature=2"),
    ],
)
def test_ops_of_tensorflow_that_keras_lacks_are_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        kerasish.models.model_from_json(json.dumps(tf_op(function, arguments)))


# -- what must not be touched -----------------------------------------------------------------------------------------


def test_what_keras_3_writes_passes_unchanged():
    x = L.Input((4,))
    model = kerasish.Model(x, L.Dense(2, "hard_sigmoid")(L.Dropout(0.5)(x)))
    model.compile("adam", "mse")
    for item in (
        model,
        kerasish.Sequential([L.LSTM(2)]),
        L.GRU(3),
        kerasish.optimizers.Adam(),
        kerasish.losses.Huber(),
        kerasish.initializers.HeNormal(),
    ):
        data = json.loads(json.dumps(kerasish.saving.serialize_keras_object(item)))
        assert modernize(data) is data and era(data) == 3
    assert kerasish.models.model_from_json(model.to_json()).layers[-1].activation is kerasish.activations.hard_sigmoid


@pytest.mark.parametrize(
    "short",
    [
        {"class_name": "LSTM", "config": {"units": 3}},
        {"class_name": "Activation", "config": {"activation": "hard_sigmoid"}},
    ],
)
def test_a_short_config_written_by_hand_means_todays_defaults(short):
    assert modernize(short) is short


@kerasish.saving.register_keras_serializable("LegacyConfigs")
class Scaled(L.Layer):
    def __init__(self, init="anything", inner=None, **kwargs):
        super().__init__(**kwargs)
        self.init, self.inner = init, kerasish.layers.deserialize(inner) if isinstance(inner, dict) else inner

    def call(self, x):
        return self.inner(x)


def test_a_users_own_class_keeps_its_arguments_and_what_it_holds_is_translated():
    inner = layer("Dense", output_dim=2, init="zero", activation="linear")
    config = [
        layer("Dense", output_dim=3, init="zero", input_dim=4),
        layer("LegacyConfigs>Scaled", init="mine", inner=inner),
    ]
    config[1]["config"]["name"] = "y"
    model = kerasish.Sequential.from_config(config)
    assert model.layers[1].init == "mine" and model.layers[1].inner.units == 2 and model.output_shape == (None, 2)


def test_a_class_given_by_custom_objects_is_used_for_a_layer_that_is_gone():
    class Highway(L.Layer):
        def __init__(self, init=None, **kwargs):
            super().__init__(**kwargs)
            self.init = init

        def call(self, x):
            return x

    config = [layer("Highway", init="zero", batch_input_shape=[None, 4])]
    model = kerasish.Sequential.from_config(config, custom_objects={"Highway": Highway})
    assert model.layers[0].init == "zero"


# -- compile ----------------------------------------------------------------------------------------------------------

OPTIMIZERS = {
    "lr": (
        {"class_name": "SGD", "config": {"lr": 0.5, "momentum": 0.9, "decay": 0.0, "nesterov": True}},
        "SGD",
        {"learning_rate": 0.5, "momentum": 0.9, "nesterov": True},
    ),
    "lower case": (
        {"class_name": "adam", "config": {"lr": 0.5, "epsilon": None}},
        "Adam",
        {"learning_rate": 0.5, "epsilon": 1e-7},
    ),
    "clipping": (
        {"class_name": "RMSprop", "config": {"lr": 0.5, "clipnorm": 0.0, "clipvalue": 1.0}},
        "RMSprop",
        {"learning_rate": 0.5, "clipvalue": 1.0},
    ),
    "nadam": ({"class_name": "Nadam", "config": {"lr": 0.5, "schedule_decay": 0.004}}, "Nadam", {"learning_rate": 0.5}),
    "adagrad": (
        {"class_name": "Adagrad", "config": {"lr": 0.5, "epsilon": 1e-8}},
        "Adagrad",
        {"learning_rate": 0.5, "epsilon": 1e-8, "initial_accumulator_value": 0.0},
    ),
    "2.11": (
        {
            "class_name": "Custom>Adam",
            "config": {"name": "Adam", "jit_compile": True, "is_legacy_optimizer": False, "learning_rate": 0.5},
        },
        "Adam",
        {"name": "Adam", "learning_rate": 0.5},
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name):
    old, class_name, config = OPTIMIZERS[name]
    new = modernize_training({"optimizer_config": old, "loss": "mse"})["optimizer"]
    assert (new["class_name"], new["config"], new["module"]) == (class_name, config, "keras.optimizers")
    assert float(kerasish.optimizers.deserialize(new).learning_rate) == 0.5


def test_an_optimizer_without_settings_is_left_out_with_a_warning():
    with pytest.warns(UserWarning, match="TFOptimizer"):
        assert (
            modernize_training({"optimizer_config": {"class_name": "TFOptimizer", "config": {}}, "loss": "mse"})[
                "optimizer"
            ]
            is None
        )


def test_losses_and_metrics():
    auto = {
        "class_name": "CategoricalCrossentropy",
        "config": {
            "reduction": "auto",
            "name": "c",
            "from_logits": True,
            "label_smoothing": 0,
            "fn": "categorical_crossentropy",
        },
    }
    accuracy = {
        "class_name": "MeanMetricWrapper",
        "config": {"name": "acc", "dtype": "float32", "fn": "categorical_accuracy"},
    }
    sgd = {"class_name": "SGD", "config": {"lr": 0.1}}
    old = {
        "optimizer_config": sgd,
        "loss": [auto],
        "metrics": [[accuracy, "mae"]],
        "loss_weights": None,
        "sample_weight_mode": None,
    }
    new = modernize_training(old)
    assert (
        new["loss"]["config"]
        == {"reduction": "sum_over_batch_size", "name": "c", "from_logits": True, "label_smoothing": 0}
        and "loss_weights" not in new
    )
    model = kerasish.Sequential([L.Input((4,)), L.Dense(3)])
    model.compile_from_config(new)
    logs = model.train_on_batch(np.ones((2, 4), "float32"), np.eye(3, dtype="float32")[:2], return_dict=True)
    assert set(logs) == {"loss", "acc", "mae"} or set(logs) == {"loss", "acc", "mean_absolute_error"}
    assert modernize_training({"loss": {"a": "cosine_proximity"}, "optimizer": "adam"})["loss"] == {
        "a": "cosine_similarity"
    }


# -- damaged configs --------------------------------------------------------------------------------------------------


def damaged(data, generator):
    """`data` with a few values replaced, removed or moved."""
    data = copy.deepcopy(data)
    for _ in range(generator.randint(1, 3)):
        places = []
        pending = [data]
        while pending:
            item = pending.pop()
            keys = list(item) if isinstance(item, dict) else range(len(item))
            places.extend((item, key) for key in keys)
            pending.extend(item[key] for key in keys if isinstance(item[key], (dict, list)))
        item, key = generator.choice(places)
        if generator.random() < 0.3 and isinstance(item, dict):
            del item[key]
        else:
            item[key] = generator.choice(
                [None, -1, "nonsense", [], {}, [["a", 0, 0]], {"class_name": "Dense", "config": None}, 1e30, True]
            )
    return data


@pytest.mark.parametrize("path", sorted(HERE.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_config_is_translated_or_refused_by_value_error(path):
    data, generator = json.loads(path.read_text()), random.Random(0)
    refused = 0
    for _ in range(300):
        broken = damaged(data, generator)
        try:
            modernize(broken)
        except ValueError:
            refused += 1
    assert refused > 0
