"""Trainings that give the same numbers in one process and in several: run by `test_data_parallel.py`.

`python trainings.py FOLDER [CASE ...]` writes what each case gives to FOLDER/RANK.pickle. Under `mpiexec -n N` the two
added lines make it data-parallel; gradients of two processes lie in memory that both see, those of more go by messages.
"""

import pathlib
import pickle
import sys

import numpy as np

import kerasish as keras
from kerasish import layers, ops
from kerasish.backend import ranks

CASES = {}


def case(make):
    CASES[make.__name__] = make
    return make


def rng():
    return np.random.default_rng(0)


def trained(model, x, y=None, rounds=2, batch_size=8, **arguments):
    """The history, the metrics of an evaluation, and all weights."""
    history = model.fit(x, y, epochs=rounds, batch_size=batch_size, verbose=0, **arguments)
    weights = [v.numpy() for v in [*model.trainable_variables, *model.non_trainable_variables]]
    return {"history": history.history, "weights": [w for w in weights if w.dtype.kind == "f"]}


def numbers(rows, *shape):
    return rng().normal(size=(rows, *shape)).astype("float32")


@case
def dense_dropout_normalized():
    """Shuffled, ragged last batch (29 rows by 8, then one of 5), validation split."""
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, "relu", kernel_regularizer="l2", activity_regularizer="l1"),
            layers.BatchNormalization(synchronized=True),
            layers.Dropout(0.4),
            layers.GaussianNoise(0.1),
            layers.GaussianDropout(0.2),
            layers.Dropout(0.005),
            layers.Dense(3, "softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = numbers(36, 6), rng().integers(0, 3, 36)
    return {**trained(model, x, y, validation_split=0.2), "evaluated": model.evaluate(x, y, batch_size=7, verbose=0)}


@case
def tiny_last_batch():
    """A last batch of one row, which every rank computes whole."""
    model = keras.Sequential([keras.Input((6,)), layers.Dense(8), layers.Dropout(0.4), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae", keras.metrics.R2Score()])
    return trained(model, numbers(17, 6), numbers(17, 1))


@case
def convnet():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.RandomFlip(),
            layers.RandomTranslation(0.2, 0.2),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(synchronized=True),
            layers.SpatialDropout2D(0.3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9, global_clipnorm=0.5),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.AUC(from_logits=True), keras.metrics.TopKCategoricalAccuracy(1)],
    )
    return trained(model, numbers(24, 8, 8, 2), np.eye(2, dtype="float32")[rng().integers(0, 2, 24)])


@case
def masked_lstm():
    """Masked steps count nothing, in the loss and in the normalization; weights a sample and class weights."""
    inputs = keras.Input((5,), dtype="int32")
    x = layers.Embedding(20, 4, mask_zero=True)(inputs)
    x = layers.LSTM(6, return_sequences=True, dropout=0.2, recurrent_dropout=0.1)(x)
    x = layers.BatchNormalization(synchronized=True)(x)
    model = keras.Model(inputs, layers.Dense(3, "softmax")(x))
    model.compile(
        keras.optimizers.RMSprop(0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        weighted_metrics=["accuracy"],
    )
    draw = rng()
    words, labels = draw.integers(1, 20, (22, 5)), draw.integers(0, 3, (22, 5))
    for row, length in enumerate(draw.integers(1, 6, 22)):
        words[row, length:] = 0
    return trained(model, words, labels, sample_weight=draw.uniform(0.1, 2, 22).astype("float32"))


@case
def recommender():
    """Two tables, of which each batch touches few rows; two inputs."""
    users, items = keras.Input((), dtype="int32", name="user"), keras.Input((), dtype="int32", name="item")
    parts = [layers.Embedding(3000, 8, name="users")(users), layers.Embedding(2500, 8, name="items")(items)]
    x = layers.Dense(8, "relu")(layers.Concatenate()(parts))
    model = keras.Model([users, items], layers.Dense(1, "sigmoid")(x))
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy", keras.metrics.Precision()])
    draw = rng()
    data = {"user": draw.integers(0, 3000, 40), "item": draw.integers(0, 2500, 40)}
    return trained(model, data, draw.integers(0, 2, 40), batch_size=12)


@case
def several_outputs():
    inputs = keras.Input((6,))
    x = layers.Dense(5, "tanh")(inputs)
    outputs = {"class": layers.Dense(3, name="class")(x), "value": layers.Dense(1, name="value")(x)}
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.AdamW(0.01, gradient_accumulation_steps=2),
        loss={
            "class": keras.losses.SparseCategoricalCrossentropy(True, reduction="mean_with_sample_weight"),
            "value": keras.losses.MeanSquaredError(reduction="sum"),
        },
        loss_weights={"class": 1.0, "value": 0.3},
        metrics={"class": "accuracy", "value": "mae"},
    )
    draw = rng()
    y = {"class": draw.integers(0, 3, 30), "value": numbers(30, 1)}
    weights = {"class": draw.uniform(0.1, 2, 30), "value": draw.uniform(0.1, 2, 30)}
    return trained(model, numbers(30, 6), y, sample_weight=weights)


class Own(keras.Model):
    """A step of its own, with a metric of its own."""

    def __init__(self):
        super().__init__()
        self.dense, self.drop, self.out = layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(1)
        self.seen = keras.metrics.Mean(name="seen")
        self.largest = Largest(name="largest")

    def call(self, x, training=False):
        return self.out(self.drop(self.dense(x), training=training))

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(self(x, training=True) - y))
        weights = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        self.seen.update_state(loss)
        self.largest.update_state(x)
        return {"seen": self.seen.result(), "largest": self.largest.result()}


class Largest(keras.metrics.Metric):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.peak = self.add_variable((), "zeros", name="peak")

    def update_state(self, values):
        self.peak.assign(ops.maximum(self.peak, ops.max(values)))

    def result(self):
        return self.peak.value


@case
def own_step():
    model = Own()
    model.compile(keras.optimizers.Adam(0.01))
    return trained(model, numbers(24, 6), numbers(24, 1))


class Batches(keras.utils.PyDataset):
    """Noise is drawn where the batch is made: all processes draw the same."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        x = numbers(32, 6)[8 * index : 8 * index + 8 - index]
        return x + np.random.normal(size=x.shape), x.sum(axis=1, keepdims=True)


@case
def data_sets():
    """A PyDataset whose batches are shuffled, a generator with an epoch of so many steps, windows read one by one."""
    model = keras.Sequential([layers.Dense(4), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("adam", "mse")
    first = trained(model, Batches(), batch_size=None)
    batches = ((numbers(8, 6)[: 8 - count % 3], numbers(8, 1)[: 8 - count % 3]) for count in range(100))
    second = trained(model, batches, batch_size=None, steps_per_epoch=5, validation_data=Batches())
    windows = keras.utils.timeseries_dataset_from_array(
        numbers(34, 2), numbers(34, 1), 5, batch_size=7, shuffle=True, seed=1
    )
    third = keras.Sequential([keras.Input((5, 2)), layers.Flatten(), layers.Dropout(0.2), layers.Dense(1)])
    third.compile("adam", "mse")
    return [first, second, trained(third, windows, batch_size=None)]


@case
def half_precision():
    with HalfPrecision():
        model = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(1, dtype="float32")])
        model.compile("adam", "mse")
    return trained(model, numbers(16, 6), numbers(16, 1))


class HalfPrecision:
    def __enter__(self):
        keras.config.set_dtype_policy("mixed_float16")

    def __exit__(self, *exc):
        keras.config.set_dtype_policy("float32")


@case
def eager():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(8), layers.Dropout(0.4), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=True)
    return trained(model, numbers(19, 6), numbers(19, 1))


@case
def attention():
    """Not with Adam: the gradient of the keys' biases is 0 but for rounding, which Adam makes as large as any other."""
    inputs = keras.Input((4, 6))
    x = layers.MultiHeadAttention(2, 4, dropout=0.2)(inputs, inputs)
    x = layers.TimeDistributed(layers.Dropout(0.3))(layers.LayerNormalization()(x + inputs))
    x = layers.Bidirectional(layers.GRU(3, dropout=0.2, recurrent_dropout=0.2))(x)
    model = keras.Model(inputs, layers.Dense(1)(x))
    model.compile(keras.optimizers.SGD(0.1, global_clipnorm=1.0), "huber")
    return trained(model, numbers(22, 4, 6), numbers(22, 1))


@case
def text():
    """Words become numbers on the host, of the rows of each process; three steps between two calls of callbacks."""
    vectorize = layers.TextVectorization(output_sequence_length=4, vocabulary=["the", "cat", "sat", "dog", "ran"])
    inputs = keras.Input((), dtype="string")
    x = layers.GlobalAveragePooling1D()(layers.Embedding(8, 4, mask_zero=True)(vectorize(inputs)))
    model = keras.Model(inputs, layers.Dense(1, "sigmoid")(x))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], steps_per_execution=3)
    words = np.array(["the cat sat", "the dog ran", "a dog", "cat ran the dog sat"] * 6, dtype=object)
    return trained(model, words, rng().integers(0, 2, 24))


@case
def scaled_loss():
    """An optimizer around another one: gradients are averaged once."""
    halves = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(1)])
    halves.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)), "mse")
    return trained(halves, numbers(21, 6), numbers(21, 1))


@case
def single_batches():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(8), layers.Dropout(0.4), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    x, y = numbers(9, 6), numbers(9, 1)
    return [
        model.predict_on_batch(x),
        model.train_on_batch(x, y),
        model.train_on_batch(x, y),
        model.test_on_batch(x, y),
        model.predict_on_batch(x),
    ]


@case
def predictions():
    """Batches of arrays whose last is ragged, or has fewer rows than there are processes; a generator; two outputs."""
    inputs = keras.Input((5,), dtype="int32")
    x = layers.LSTM(4, return_sequences=True)(layers.Embedding(20, 4, mask_zero=True)(inputs))
    outputs = {"steps": layers.Dense(3, "softmax")(x), "mean": layers.GlobalAveragePooling1D()(x)}
    model, words = keras.Model(inputs, outputs), rng().integers(0, 20, (29, 5))
    found = [model.predict(words, batch_size=size, verbose=0) for size in (8, 9, 50)]
    return [*found, model.predict((words[at : at + 6] for at in range(0, 29, 6)), verbose=0)]


@case
def random_numbers():
    """Every distribution, drawn in a step for the samples of a batch."""

    class Noisy(layers.Layer):
        def call(self, x):
            shape, draw = x.shape, keras.random
            made = [
                draw.uniform(shape, seed=1),
                draw.normal(shape, seed=2),
                draw.truncated_normal(shape, seed=3),
                ops.cast(draw.randint(shape, 0, 1000, seed=4), "float32"),
                draw.gamma(shape, 2.0, seed=5),
                draw.beta(shape, 2.0, 3.0, seed=6),
                draw.binomial(shape, 10.0, 0.5, seed=7),
                ops.cast(draw.categorical(x, 3, seed=8), "float32"),
                draw.dropout(ops.ones_like(x), 0.5, seed=9),
                draw.dropout(ops.ones_like(x), 0.5, noise_shape=(None, 1), seed=10),
            ]
            return x + ops.concatenate(made, axis=-1)[:, :3] + ops.sum(ops.concatenate(made, axis=-1), axis=-1)[:, None]

    model = keras.Sequential([keras.Input((3,)), Noisy(), layers.Dense(1, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(1e-6), "mae")
    return trained(model, numbers(14, 3), numbers(14, 1), rounds=1)


@case
def cut_tables():
    """The recommender, with all tables over all processes; a vocabulary that they do not divide."""
    x, y = numbers(40, 3), rng().integers(0, 2, 40)
    words, one = rng().integers(0, 51, (40, 3)), keras.Input((3,), dtype="int32")
    tags = layers.Flatten()(layers.Embedding(51, 4, embeddings_initializer="glorot_uniform", name="tags")(one))
    two = keras.Input((3,))
    outputs = layers.Dense(1, "sigmoid")(layers.Dropout(0.2)(layers.Concatenate()([tags, two])))
    model = keras.Model([one, two], outputs)
    model.compile(keras.optimizers.AdamW(0.02, clipvalue=0.5), "binary_crossentropy", metrics=["accuracy"])
    first = trained(model, [words, x], y, batch_size=11, validation_split=0.2)  # ends with fewer rows than processes
    predicted = model.predict([words, x], verbose=0)
    state = [v.numpy() for v in model.optimizer.variables]
    return [recommender(), first, predicted, [value for value in state if value.dtype.kind == "f"]]


@case
def cut_slots():
    """Each process has the slots of some rows of each variable, and updates these."""
    first, second = several_outputs(), convnet()
    model = keras.Sequential([keras.Input((6,)), layers.Dense(7), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01, amsgrad=True, use_ema=True, ema_overwrite_frequency=3), "mse")
    third = trained(model, numbers(17, 6), numbers(17, 1), batch_size=8)
    state = [v.numpy() for v in model.optimizer.variables]
    return [first, second, third, [value for value in state if value.dtype.kind == "f"]]


def distribution_for(name):
    """Data-parallel; tables or slots cut by rows where the case says so."""
    if not name.startswith("cut"):
        return keras.distribution.DataParallel()
    layouts = keras.distribution.LayoutMap(
        keras.distribution.DeviceMesh((1, keras.distribution.get_device_count()), ["batch", "model"])
    )
    layouts[".*/embeddings" if name == "cut_tables" else "(adam|sgd).*/.*"] = ("model",)
    return keras.distribution.ModelParallel(layout_map=layouts)


def main(folder, names):
    keras.distribution.initialize()
    if keras.distribution.get_device_count() > 2:
        ranks.world().common = None
    found = {}
    for name in names or CASES:
        keras.distribution.set_distribution(distribution_for(name))
        rank = keras.distribution.distribution().data_shard_id
        keras.utils.set_random_seed(3 + rank)  # the first rank's seed is the one that counts
        found[name] = CASES[name]()
    pathlib.Path(folder, f"{rank}.pickle").write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
