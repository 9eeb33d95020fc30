"""Random trainings: the same way gives the same bits, also with a file between; other ways come to the same place."""

import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.backend.numpy.native.available import use
from tests.attacks.sizes import chance, size

pytestmark = pytest.mark.slow

# `epsilon` is well above rounding errors: of a weight without gradient (a bias before BatchNormalization) the default
# makes steps in the direction of the error, and two ways of computing part there.
_ABOVE_ERRORS = {"epsilon": (1e-3,)}

OPTIMIZERS = {
    "SGD": {"momentum": (0.0, 0.9), "nesterov": (False, True)},
    "Adam": {"amsgrad": (False, True), "clipnorm": (None, 1.0), **_ABOVE_ERRORS},
    "AdamW": {"weight_decay": (0.0, 0.01), **_ABOVE_ERRORS},
    "RMSprop": {"momentum": (0.0, 0.5), "centered": (False, True), **_ABOVE_ERRORS},
    "Adagrad": _ABOVE_ERRORS,
    "Adadelta": _ABOVE_ERRORS,
    "Adamax": _ABOVE_ERRORS,
    "Nadam": _ABOVE_ERRORS,
    "Lion": {},
    "Ftrl": {},
}


def dense_part(draw, x):
    for _ in range(draw.randint(1, 3)):
        activation = draw.choice(("relu", "tanh", "gelu", "selu", "silu", None))
        x = layers.Dense(draw.choice((3, 8, 17)), activation, kernel_regularizer=draw.choice((None, "l2")))(x)
        x = draw.choice((lambda y: y, layers.BatchNormalization(), layers.LayerNormalization(), layers.Dropout(0.3)))(x)
    return x


def table(draw):
    inputs = keras.Input((draw.choice((4, 9, 16)),))
    return inputs, dense_part(draw, inputs)


def pictures(draw):
    inputs = keras.Input((9, 8, draw.choice((1, 3))))
    x = layers.Conv2D(draw.choice((4, 8)), 3, padding=draw.choice(("same", "valid")), activation="relu")(inputs)
    x = draw.choice((layers.BatchNormalization(), layers.SpatialDropout2D(0.2), layers.MaxPooling2D(2)))(x)
    x = draw.choice((layers.DepthwiseConv2D(3), layers.SeparableConv2D(6, 3), layers.Conv2D(5, 2, strides=2)))(x)
    return inputs, dense_part(draw, draw.choice((layers.Flatten, layers.GlobalAveragePooling2D))()(x))


def words(draw):
    inputs = keras.Input((7,), dtype="int32")
    x = layers.Embedding(20, 6, mask_zero=draw.random() < 0.5)(inputs)
    x = draw.choice(
        (
            layers.LSTM(5),
            layers.GRU(4, dropout=draw.choice((0.0, 0.2))),
            layers.Bidirectional(layers.SimpleRNN(3)),
            lambda y: layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(2, 3)(y, y)),
        )
    )(x)
    return inputs, dense_part(draw, x)


def residual(draw):
    inputs = keras.Input((8,))
    x = layers.Dense(8, "tanh")(inputs)
    x = draw.choice((layers.Add, layers.Multiply, layers.Concatenate, layers.Maximum))()([x, inputs])
    return inputs, dense_part(draw, x)


class Training:
    """A model, its data and how it is trained, all drawn from one number."""

    def __init__(self, number):
        draw = chance("random trainings", number)
        self.number, self.body = number, draw.choice((table, pictures, words, residual))
        self.rows, self.batch = draw.choice((16, 23, 40)), draw.choice((8, 16))
        name = draw.choice(sorted(OPTIMIZERS))
        options = {key: draw.choice(values) for key, values in OPTIMIZERS[name].items()}
        self.optimizer, self.options = name, {"learning_rate": 0.01, **options}
        self.head = draw.choice(("mse", "huber", "binary_crossentropy", "sparse_categorical_crossentropy"))
        self.weighted, self.seed = draw.random() < 0.3, draw.randrange(1 << 30)

    def model(self, **options):
        keras.utils.set_random_seed(self.seed % 1000)
        inputs, x = self.body(chance("random trainings, model", self.number))
        classes = self.head == "sparse_categorical_crossentropy"
        activation = "softmax" if classes else "sigmoid" if self.head == "binary_crossentropy" else None
        model = keras.Model(inputs, layers.Dense(3 if classes else 1, activation)(x))
        model.compile(getattr(keras.optimizers, self.optimizer)(**self.options), self.head, metrics=["mae"], **options)
        return model

    def data(self, model):
        random = np.random.default_rng(self.seed)
        shape = (self.rows, *model.input_shape[1:])
        x = random.integers(0, 20, shape) if self.body is words else random.normal(size=shape).astype("float32")
        y = random.integers(0, 3 if "sparse" in self.head else 2, (self.rows, 1)).astype("float32")
        weights = random.uniform(0.2, 2, self.rows).astype("float32") if self.weighted else None
        return x, y, weights

    def fit(self, model, epochs=2, first=0):
        x, y, weights = self.data(model)
        options = {"batch_size": self.batch, "shuffle": False, "verbose": 0, "sample_weight": weights}
        model.fit(x, y, epochs=epochs, initial_epoch=first, **options)
        return [np.array(v) for v in (*model.weights, *model.optimizer.variables)]

    def __repr__(self):
        return f"{self.number}: {self.body.__name__}, {self.optimizer}{self.options}, {self.head}, {self.rows} rows"


def draw_on(model, other):
    """Let the random layers of a model go on where those of an equal one are: as with Keras, no file holds that."""
    mine, theirs = ([v for layer in each._flatten_layers() for v in layer.variables] for each in (model, other))
    for variable, value in zip(mine, theirs, strict=True):
        if variable.path.endswith("seed_generator_state"):
            variable.assign(value)


def far_apart(found, right):
    """Whether two trainings took other ways: a rounding error is made larger by every step."""
    return any(not np.allclose(x, y, rtol=2e-2, atol=2e-3) for x, y in zip(found, right, strict=True))


def bits_differ(found, right):
    return any(not np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in zip(found, right, strict=True))


def other_ways(training, right):
    """Names of the ways of computing that end elsewhere."""
    bad = ["eagerly"] if far_apart(training.fit(training.model(run_eagerly=True)), right) else []
    before = use(False)
    try:
        return [*bad, "without kernels"] if far_apart(training.fit(training.model()), right) else bad
    finally:
        use(before)


def test_random_trainings(strikes, tmp_path):
    failures, trainings = [], size("random trainings")
    for number in range(trainings):
        training = Training(number)
        path = str(tmp_path / "m.keras")
        right = training.fit(training.model())
        bad = []
        if not all(np.all(np.isfinite(x)) for x in right if x.dtype.kind == "f"):
            bad.append("not finite")
        if bits_differ(training.fit(training.model()), right):
            bad.append("again")
        half = training.model()
        training.fit(half, epochs=1)
        half.save(path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            loaded = keras.models.load_model(path)
            draw_on(loaded, half)
            if bits_differ(training.fit(loaded, first=1), right):
                bad.append("a file between")
        if training.optimizer != "Lion":  # whose step is the sign of a sum: an error decides it wherever that is 0
            bad.extend(other_ways(training, right))
        if bad:
            failures.append((training, bad))
    strikes("random trainings", trainings=trainings, wrong=len(failures))
    assert not failures, failures[:5]
