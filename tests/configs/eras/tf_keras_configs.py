"""Run as a program, where TensorFlow and tf_keras can be imported.

`tf_keras_configs.py FOLDER` builds every model of CASES by tf_keras, and by the Keras
that lies inside TensorFlow (2.5's), and writes FOLDER/WRITER-CASE.json (its config) and .npz (weights by layer, inputs,
outputs).
"""

import json
import os
import sys
import traceback

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def stack(name, shape, make, low=-1.0, high=1.0):
    """A Sequential: `make(layers)` gives its layers."""

    def build(keras, tf):
        return keras.models.Sequential([keras.layers.Input(shape), *make(keras.layers)])

    CASES[name] = build


stack(
    "dense",
    (5,),
    lambda L: [
        L.Dense(4, "relu", kernel_regularizer="l2", bias_constraint="non_neg"),
        L.Dropout(0.5),
        L.Dense(3, "softmax"),
    ],
)
stack("dense_hard_sigmoid", (5,), lambda L: [L.Dense(6, "hard_sigmoid"), L.Activation("hard_sigmoid")])
stack(
    "conv",
    (8, 8, 3),
    lambda L: [
        L.ZeroPadding2D(((1, 0), (0, 2))),
        L.Conv2D(4, 3, strides=2, padding="same", dilation_rate=1),
        L.BatchNormalization(),
        L.ReLU(6.0),
        L.MaxPooling2D(),
        L.Flatten(),
        L.Dense(2),
    ],
)
stack(
    "convs",
    (9, 9, 4),
    lambda L: [
        L.SeparableConv2D(5, 3, depth_multiplier=2),
        L.DepthwiseConv2D(3),
        L.Conv2DTranspose(3, 2, strides=2),
        L.LeakyReLU(0.1),
        L.Cropping2D(1),
        L.UpSampling2D(2),
        L.GlobalAveragePooling2D(),
    ],
)
stack(
    "conv1d",
    (12, 3),
    lambda L: [
        L.Conv1D(4, 3, padding="causal"),
        L.SeparableConv1D(4, 2),
        L.AveragePooling1D(2),
        L.ZeroPadding1D(1),
        L.UpSampling1D(2),
        L.Cropping1D(1),
        L.SpatialDropout1D(0.1),
        L.GlobalMaxPooling1D(),
    ],
)
stack(
    "conv3d",
    (5, 5, 5, 2),
    lambda L: [L.Conv3D(3, 2), L.MaxPooling3D(2), L.ZeroPadding3D(1), L.GlobalAveragePooling3D()],
)
stack(
    "lstm",
    (6, 3),
    lambda L: [L.LSTM(4, return_sequences=True), L.LSTM(3, recurrent_activation="hard_sigmoid", go_backwards=True)],
)
stack(
    "gru",
    (6, 3),
    lambda L: [L.GRU(4, return_sequences=True), L.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid")],
)
stack("simple_rnn", (6, 3), lambda L: [L.Masking(0.5), L.SimpleRNN(4)])
stack("cells", (6, 3), lambda L: [L.RNN([L.LSTMCell(4, recurrent_activation="hard_sigmoid"), L.GRUCell(3)])])
stack(
    "bidirectional",
    (6, 3),
    lambda L: [
        L.Bidirectional(L.LSTM(4, return_sequences=True)),
        L.Bidirectional(L.GRU(3), backward_layer=L.GRU(3, go_backwards=True), merge_mode="sum"),
    ],
)
stack(
    "time_distributed",
    (4, 5),
    lambda L: [
        L.TimeDistributed(L.Dense(3)),
        L.Permute((2, 1)),
        L.Reshape((4, 3)),
        L.LayerNormalization(),
        L.Flatten(),
        L.RepeatVector(2),
    ],
)
stack(
    "activations",
    (5,),
    lambda L: [
        L.ELU(0.5),
        L.ThresholdedReLU(0.5),
        L.PReLU(),
        L.Softmax(),
        L.Dense(4, "swish"),
        L.Dense(4, "gelu"),
        L.GaussianNoise(0.1),
        L.AlphaDropout(0.1),
    ],
)


@case
def initializers(keras, tf):
    inits = keras.initializers
    layers = [
        keras.layers.Dense(3, kernel_initializer=kernel, bias_initializer=bias)
        for kernel, bias in (
            (inits.VarianceScaling(2.0, "fan_in", "uniform"), inits.Constant(0.5)),
            (inits.RandomNormal(0.0, 0.1, seed=1), "ones"),
            (inits.Orthogonal(0.5), "zeros"),
            (inits.TruncatedNormal(), inits.RandomUniform(-1, 1)),
            ("he_normal", "zeros"),
            ("lecun_uniform", "zeros"),
        )
    ]
    return keras.models.Sequential([keras.layers.Input((3,)), *layers])


@case
def embedding(keras, tf):
    inputs = keras.layers.Input((4,), dtype="int32", name="words")
    found = keras.layers.Embedding(9, 3, input_length=4, mask_zero=True)(inputs)
    return keras.models.Model(inputs, keras.layers.LSTM(2)(found))


@case
def merges(keras, tf):
    L = keras.layers
    a, b = L.Input((4,), name="a"), L.Input((4,), name="b")
    joined = [
        L.Add()([a, b]),
        L.Subtract()([a, b]),
        L.Multiply()([a, b]),
        L.Average()([a, b]),
        L.Maximum()([a, b]),
        L.Minimum()([a, b]),
        L.Dot(1)([a, b]),
    ]
    return keras.models.Model([a, b], [L.Concatenate()(joined), L.Dot(-1, normalize=True)([a, b])])


@case
def shared_and_nested(keras, tf):
    L = keras.layers
    x = L.Input((4,), name="inner_in")
    inner = keras.models.Model(x, L.Dense(3, "tanh", name="inner_dense")(x), name="inner")
    tower = keras.models.Sequential([L.Input((3,)), L.Dense(2, name="tower_dense")], name="tower")
    a, b = L.Input((4,), name="a"), L.Input((4,), name="b")
    shared = L.Dense(3, name="shared")
    first, second = inner(a), inner(b)
    return keras.models.Model(
        [a, b],
        [tower(first), tower(L.Add(name="sum")([second, shared(a), shared(b)])), inner(L.Add(name="ab")([a, b]))],
    )


@case
def nested_alone(keras, tf):
    L = keras.layers
    x = L.Input((4,), name="inner_in")
    inner = keras.models.Model(x, L.Dense(3, name="inner_dense")(x), name="inner")
    a = L.Input((4,), name="a")
    return keras.models.Model(a, inner(a))


@case
def model_first_in_sequential(keras, tf):
    L = keras.layers
    x = L.Input((4,), name="inner_in")
    inner = keras.models.Model(x, L.Dense(3, name="inner_dense")(x), name="inner")
    return keras.models.Sequential([inner, keras.models.Sequential([L.Dense(2, name="last")], name="head")])


@case
def dict_inputs(keras, tf):
    L = keras.layers
    inputs = {"a": L.Input((4,), name="a"), "b": L.Input((4,), name="b")}
    return keras.models.Model(
        inputs, {"sum": L.Add(name="sum")([inputs["a"], inputs["b"]]), "one": L.Dense(2, name="one")(inputs["a"])}
    )


@case
def states(keras, tf):
    L = keras.layers
    a, b = L.Input((5, 3), name="a"), L.Input((4, 3), name="b")
    _, h, c = L.LSTM(4, return_state=True, name="encoder")(a)
    return keras.models.Model([a, b], L.LSTM(4, return_sequences=True, name="decoder")(b, initial_state=[h, c]))


@case
def attention(keras, tf):
    L = keras.layers
    a, b = L.Input((5, 4), name="a"), L.Input((6, 4), name="b")
    return keras.models.Model([a, b], L.Attention(use_scale=True)([a, b]))


@case
def mixed_precision(keras, tf):
    L = keras.layers
    x = L.Input((4,))
    policy = keras.mixed_precision.Policy("mixed_float16") if hasattr(keras, "mixed_precision") else "mixed_float16"
    return keras.models.Model(x, L.Dense(3, dtype="float32")(L.Dense(4, dtype=policy)(x)))


@case
def time_distributed_model(keras, tf):
    L = keras.layers
    x = L.Input((5, 4, 4, 1), name="clip")
    frame = keras.models.Sequential([L.Input((4, 4, 1)), L.Conv2D(2, 2), L.Flatten()], name="frame")
    return keras.models.Model(x, L.LSTM(3)(L.TimeDistributed(frame)(x)))


@case
def tensorflow_ops(keras, tf):
    x = keras.layers.Input((6,), name="x")
    h = keras.layers.Dense(4, name="h")(x)
    k = 1.0 - tf.concat([h, x], axis=-1) * 2.0
    part = k[:, 1:3] + tf.reduce_mean(k, axis=1, keepdims=True)
    more = tf.squeeze(tf.expand_dims(part, -1), -1) / 3.0 - part
    table = tf.transpose(tf.reshape(x, [-1, 2, 3]), [0, 2, 1])
    return keras.models.Model(
        x,
        [
            tf.nn.relu(more),
            tf.stack([h, h], axis=1)[..., 0],
            tf.matmul(table, tf.nn.softmax(table[:, :2])),
            tf.clip_by_value(x, -0.5, 0.5),
            tf.abs(-x) ** 2,
            tf.cast(tf.sqrt(tf.square(x)), "float32"),
            tf.sigmoid(tf.maximum(x, 0.1)),
            tf.math.exp(tf.tanh(x)),
            x[:, 0],
            tf.nn.l2_normalize(x, axis=-1),
            tf.reduce_sum(x, axis=-1),
            tf.reduce_max(table, axis=[1, 2]),
            tf.nn.leaky_relu(x, alpha=0.3),
            x[:, tf.newaxis, ::2],
            tf.nn.gelu(x),
        ],
    )


@case
def resized(keras, tf):
    x = keras.layers.Input((4, 6, 2), name="x")
    return keras.models.Model(x, tf.image.resize(x, [8, 9]))


def flat(tf, values):
    return [np.asarray(value, "float32") for value in tf.nest.flatten(values)]


def write(writer, name, keras, tf, folder):
    tf.random.set_seed(0)
    model = CASES[name](keras, tf)
    generator = np.random.RandomState(0)
    inputs = {}
    for tensor in model.inputs:
        shape = (2, *tensor.shape[1:])
        key = tensor.name.split(":")[0]
        inputs[key] = (
            generator.randint(0, 9, shape).astype("int32")
            if "int" in str(tensor.dtype)
            else generator.uniform(-2, 2, shape).astype("float32")
        )
    weights = {}
    for layer in model.layers:
        values = [
            generator.uniform(0.1 if "batch_norm" in layer.name else -1, 1, w.shape).astype("float32")
            for w in layer.get_weights()
        ]
        layer.set_weights(values)
        weights.update({f"weight|{layer.name}|{index:03}": value for index, value in enumerate(values)})
    given = list(inputs.values())
    outputs = flat(
        tf, model(inputs if isinstance(model.input, dict) else given if len(given) > 1 else given[0], training=False)
    )
    base = os.path.join(folder, f"{writer}-{name}")
    with open(f"{base}.json", "w") as file:
        data = {
            "class_name": type(model).__name__,
            "config": model.get_config(),
            "keras_version": "2.5.0",
        }  # its own to_json lacks a part in TensorFlow
        file.write(model.to_json() if writer == "tf_keras" else json.dumps(data, default=plain))
    np.savez(
        f"{base}.npz",
        **weights,
        **{f"input|{key}": value for key, value in inputs.items()},
        **{f"output|{i:03}": v for i, v in enumerate(outputs)},
    )


def plain(value):
    """What the JSON encoder of that Keras makes of numbers of NumPy and of policies."""
    if hasattr(value, "get_config"):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    if value is Ellipsis:
        return {"class_name": "__ellipsis__"}
    return value.tolist() if hasattr(value, "tolist") else getattr(value, "name", str(value))


def main(folder):
    import tensorflow as tf
    import tf_keras
    from tensorflow.python.keras import initializers, layers, models
    from tensorflow.python.keras.layers import recurrent

    class Inside:
        """Keras as it lies inside TensorFlow."""

    for name in ("LSTM", "GRU", "LSTMCell", "GRUCell", "RNN", "SimpleRNN"):
        setattr(layers, name, getattr(recurrent, name))
    Inside.initializers, Inside.layers, Inside.models = initializers, layers, models
    for writer, keras in (("tf_keras", tf_keras), ("inside", Inside)):
        for name in CASES:
            try:
                write(writer, name, keras, tf, folder)
            except Exception:
                with open(os.path.join(folder, f"{writer}-{name}.txt"), "w") as file:
                    file.write(traceback.format_exc())


if __name__ == "__main__":
    main(sys.argv[1])
