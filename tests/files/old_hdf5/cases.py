"""Small models, each built alike by kerasish, Keras 3 and tf_keras.

`CASES[name](keras)` gives (model, what `compile` takes, inputs, targets).
"""

import numpy as np

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def numbers(*shape, seed=0):
    return np.random.RandomState(seed).uniform(-1, 1, shape).astype("float32")


def classes(count, samples, seed=1):
    return np.random.RandomState(seed).randint(0, count, (samples,)).astype("int32")


def _optimizer_case(name, make):
    def build(keras):
        layers = keras.layers
        model = keras.Sequential(
            [keras.Input((5,)), layers.Dense(4, "tanh", name="hidden"), layers.Dense(2, name="out")], name=name
        )
        return model, {"optimizer": make(keras.optimizers), "loss": "mse"}, [numbers(6, 5)], [numbers(6, 2, seed=2)]

    CASES[name] = build


OPTIMIZERS = {
    "sgd": lambda o: o.SGD(0.1),
    "momentum": lambda o: o.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda o: o.RMSprop(0.01),
    "rmsprop_centered": lambda o: o.RMSprop(0.01, momentum=0.5, centered=True),
    "adam": lambda o: o.Adam(0.01),
    "amsgrad": lambda o: o.Adam(0.01, amsgrad=True),
    "adamax": lambda o: o.Adamax(0.01),
    "nadam": lambda o: o.Nadam(0.01),
    "adagrad": lambda o: o.Adagrad(0.05),
    "adadelta": lambda o: o.Adadelta(1.0),
    "ftrl": lambda o: o.Ftrl(0.05),
    "adamw": lambda o: o.AdamW(0.01, weight_decay=0.02),
    "schedule": lambda o: o.Adam(o.schedules.ExponentialDecay(0.01, decay_steps=2, decay_rate=0.5)),
}
for _name, _make in OPTIMIZERS.items():
    _optimizer_case(_name, _make)


@case
def classifier(keras):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(5, kernel_regularizer="l2", kernel_constraint="max_norm", name="a"),
            layers.LeakyReLU(name="leaky"),
            layers.Dropout(0.0, name="drop"),
            layers.Dense(3, "softmax", use_bias=False, name="b"),
        ],
        name="classifier",
    )
    return (
        model,
        {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
        [numbers(8, 6)],
        [classes(3, 8)],
    )


@case
def branches(keras):
    layers = keras.layers
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = layers.Dense(3, "relu", name="shared")
    a, b = shared(left), shared(right)
    joined = layers.Concatenate(name="joined")([a, layers.Subtract(name="less")([b, a])])
    one, two = (
        layers.Dense(1, "sigmoid", name="one")(joined),
        layers.Dense(2, name="two")(layers.Dense(4, "elu", name="before")(joined)),
    )
    model = keras.Model([left, right], [one, two], name="branches")
    compiled = {
        "optimizer": keras.optimizers.SGD(0.05, momentum=0.5),
        "loss": {"one": keras.losses.BinaryCrossentropy(), "two": "mse"},
        "loss_weights": {"one": 0.25, "two": 1.0},
        "metrics": {"two": ["mae"]},
    }
    return (
        model,
        compiled,
        [numbers(6, 4), numbers(6, 4, seed=3)],
        [classes(2, 6)[:, None].astype("float32"), numbers(6, 2, seed=2)],
    )


@case
def convolutions(keras):
    layers = keras.layers
    x = inputs = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", name="conv")(x)
    x = layers.BatchNormalization(momentum=0.8, name="norm")(x)
    x = layers.ReLU(max_value=6.0, name="relu")(x)
    x = layers.SeparableConv2D(5, 3, padding="same", depth_multiplier=2, name="separable")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.Conv2DTranspose(3, 2, strides=2, name="transpose")(x)
    x = layers.ZeroPadding2D(1, name="pad")(layers.PReLU(shared_axes=[1, 2], name="prelu")(x))
    x = layers.Dense(2, name="head")(layers.GlobalAveragePooling2D(name="average")(x))
    return (
        keras.Model(inputs, x, name="convolutions"),
        {"optimizer": "sgd", "loss": "mse"},
        [numbers(4, 8, 8, 3)],
        [numbers(4, 2, seed=2)],
    )


@case
def sequence(keras):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((7, 4)),
            layers.Conv1D(5, 3, padding="causal", name="conv"),
            layers.LSTM(4, return_sequences=True, name="lstm"),
            layers.GRU(4, return_sequences=True, name="gru"),
            layers.GRU(3, reset_after=False, return_sequences=True, name="gru_before"),
            layers.SimpleRNN(3, name="simple"),
            layers.Dense(1, name="out"),
        ],
        name="sequence",
    )
    return model, {"optimizer": "rmsprop", "loss": "mae"}, [numbers(4, 7, 4)], [numbers(4, 1, seed=2)]


@case
def both_ways(keras):
    layers = keras.layers
    x = inputs = keras.Input((6,), dtype="int32", name="words")
    x = layers.Embedding(9, 4, mask_zero=True, name="embedding")(x)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True, name="lstm"), name="first")(x)
    x = layers.Bidirectional(layers.GRU(3, name="gru"), merge_mode="sum", name="second")(x)
    x = layers.Dense(2, "softmax", name="out")(x)
    return (
        keras.Model(inputs, x, name="both_ways"),
        {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"},
        [classes(9, 24).reshape(4, 6)],
        [classes(2, 4)],
    )


@case
def over_time(keras):
    layers = keras.layers
    frame = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(3, 3, name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Conv2D(2, 1, name="mix"),
            layers.Flatten(name="flat"),
        ],
        name="frame",
    )
    model = keras.Sequential(
        [
            keras.Input((3, 6, 6, 2)),
            layers.TimeDistributed(frame, name="frames"),
            layers.TimeDistributed(layers.Dense(4, name="inner"), name="dense"),
            layers.LSTM(3, name="lstm"),
        ],
        name="over_time",
    )
    return model, {"optimizer": "sgd", "loss": "mse"}, [numbers(2, 3, 6, 6, 2)], [numbers(2, 3, seed=2)]


def _base(keras, name):
    layers = keras.layers
    x = inputs = keras.Input((6, 6, 2))
    x = layers.Conv2D(3, 3, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    x = layers.Conv2D(3, 3, name=f"{name}_last")(x)
    return keras.Model(inputs, x, name=name)


@case
def nested(keras):
    layers = keras.layers
    inner = keras.Sequential(
        [
            keras.Input((2, 2, 3)),
            layers.Flatten(name="flat"),
            layers.Dense(4, name="inside"),
            layers.BatchNormalization(name="inner_norm"),
        ],
        name="top",
    )
    frozen = _base(keras, "frozen")
    frozen.trainable = False
    open_ = _base(keras, "open")
    open_.get_layer("open_conv").trainable = False
    x = inputs = keras.Input((6, 6, 2), name="image")
    x = layers.Add(name="add")([frozen(x, training=False), open_(x)])
    outputs = layers.Dense(2, name="out")(inner(x))
    return (
        keras.Model(inputs, outputs, name="nested"),
        {"optimizer": "adam", "loss": "mse"},
        [numbers(4, 6, 6, 2)],
        [numbers(4, 2, seed=2)],
    )


@case
def attention(keras):
    layers = keras.layers
    x = inputs = keras.Input((5, 8), name="tokens")
    x = layers.LayerNormalization(name="norm")(x)
    attended = layers.MultiHeadAttention(2, 3, name="heads")(x, x)
    x = layers.Add(name="add")([x, attended])
    x = layers.Dense(2, name="out")(layers.GlobalAveragePooling1D(name="average")(x))
    return (
        keras.Model(inputs, x, name="attention"),
        {"optimizer": "adam", "loss": "mse"},
        [numbers(3, 5, 8)],
        [numbers(3, 2, seed=2)],
    )


@case
def cells(keras):
    layers = keras.layers
    stacked = layers.RNN([layers.LSTMCell(3, name="one"), layers.GRUCell(4, name="two")], name="stacked")
    model = keras.Sequential([keras.Input((5, 2)), stacked, layers.Dense(1, name="out")], name="cells")
    return model, {"optimizer": "sgd", "loss": "mse"}, [numbers(3, 5, 2)], [numbers(3, 1, seed=2)]


@case
def three_axes(keras):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4, 4, 4, 2)),
            layers.Conv3D(3, 2, name="conv"),
            layers.MaxPooling3D(2, padding="same", name="pool"),
            layers.UpSampling3D(2, name="up"),
            layers.Cropping3D(1, name="crop"),
            layers.Reshape((-1,), name="flat"),
            layers.Dense(2, name="out"),
        ],
        name="three_axes",
    )
    return model, {"optimizer": "sgd", "loss": "mse"}, [numbers(2, 4, 4, 4, 2)], [numbers(2, 2, seed=2)]


FLAT, STEPS, IMAGE, VOLUME = (6,), (6, 4), (6, 6, 4), (4, 4, 4, 2)
EVERY = {  # layers that no other case has: what they are called on ("two": a pair of STEPS), and their arguments
    "ActivityRegularization": (FLAT, {"l2": 0.01}),
    "AdditiveAttention": ("two", {}),
    "AlphaDropout": (FLAT, {"rate": 0.0}),
    "Attention": ("two", {}),
    "Activation": (FLAT, {"activation": "gelu"}),
    "AveragePooling1D": (STEPS, {"pool_size": 2}),
    "AveragePooling2D": (IMAGE, {"pool_size": 2}),
    "AveragePooling3D": (VOLUME, {"pool_size": 2}),
    "Conv1DTranspose": (STEPS, {"filters": 2, "kernel_size": 2, "strides": 2}),
    "Conv2D": (
        IMAGE,
        {"filters": 4, "kernel_size": 2, "groups": 2, "kernel_initializer": "he_normal", "activation": "leaky_relu"},
    ),
    "Conv3DTranspose": (VOLUME, {"filters": 2, "kernel_size": 2}),
    "Cropping1D": (STEPS, {}),
    "Cropping2D": (IMAGE, {}),
    "Dense": (
        FLAT,
        {"units": 2, "kernel_initializer": "orthogonal", "bias_regularizer": "l1", "kernel_constraint": "non_neg"},
    ),
    "DepthwiseConv1D": (STEPS, {"kernel_size": 2}),
    "Dot": ("two", {"axes": 2}),
    "ELU": (FLAT, {}),
    "EinsumDense": (STEPS, {"equation": "abc,cd->abd", "output_shape": (6, 3), "bias_axes": "d"}),
    "GaussianDropout": (FLAT, {"rate": 0.0}),
    "GaussianNoise": (FLAT, {"stddev": 0.0}),
    "GlobalAveragePooling3D": (VOLUME, {}),
    "GlobalMaxPooling1D": (STEPS, {"keepdims": True}),
    "GlobalMaxPooling2D": (IMAGE, {}),
    "GlobalMaxPooling3D": (VOLUME, {}),
    "GroupNormalization": (IMAGE, {"groups": 2}),
    "Maximum": ("two", {}),
    "MaxPooling1D": (STEPS, {}),
    "Minimum": ("two", {}),
    "Multiply": ("two", {}),
    "Permute": (STEPS, {"dims": (2, 1)}),
    "RepeatVector": (FLAT, {"n": 2}),
    "SeparableConv1D": (STEPS, {"filters": 2, "kernel_size": 2}),
    "Softmax": (STEPS, {"axis": 1}),
    "SpatialDropout1D": (STEPS, {"rate": 0.0}),
    "SpatialDropout2D": (IMAGE, {"rate": 0.0}),
    "SpatialDropout3D": (VOLUME, {"rate": 0.0}),
    "UnitNormalization": (STEPS, {}),
    "UpSampling1D": (STEPS, {}),
    "UpSampling2D": (IMAGE, {"interpolation": "bilinear"}),
    "ZeroPadding1D": (STEPS, {}),
    "ZeroPadding3D": (VOLUME, {}),
}


@case
def every_layer(keras):
    layers = keras.layers
    entries = {shape: keras.Input(shape, name=f"input{len(shape)}") for shape in (FLAT, STEPS, IMAGE, VOLUME)}
    parts = []
    for name, (shape, arguments) in EVERY.items():
        inputs = (
            [entries[STEPS], layers.Dense(4, name=f"beside_{name}")(entries[STEPS])]
            if shape == "two"
            else entries[shape]
        )
        parts.append(
            layers.Flatten(name=f"flat_{name}")(getattr(layers, name)(**arguments, name=f"the_{name}")(inputs))
        )
    outputs = layers.Dense(2, name="out")(layers.Concatenate(name="joined")(parts))
    inputs = [numbers(2, *shape, seed=index) for index, shape in enumerate(entries)]
    return (
        keras.Model(list(entries.values()), outputs, name="every_layer"),
        {"optimizer": "sgd", "loss": "mse"},
        inputs,
        [numbers(2, 2, seed=9)],
    )


def train(model, inputs, targets, steps):
    """The losses of `steps` updates on one batch."""
    found = []
    for _ in range(steps):
        logs = model.train_on_batch(
            inputs if len(inputs) > 1 else inputs[0], targets if len(targets) > 1 else targets[0]
        )
        found.append(float(np.ravel(logs)[0]))
    return found


def outputs_of(model, inputs):
    """{"output_0": array, ...}."""
    found = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return {
        f"output_{index}": np.asarray(value)
        for index, value in enumerate(found if isinstance(found, (list, tuple)) else [found])
    }


def record(path, model, inputs, targets, **more):
    """Write the outputs, and the losses of three further steps."""
    outputs = outputs_of(model, inputs)
    np.savez(path, losses=train(model, inputs, targets, 3), **outputs, **more)
