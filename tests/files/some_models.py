"""Models and optimizers whose weights the tests of weights files write and read, and what such a test compares."""

import h5py
import numpy as np

X = np.random.default_rng(0).standard_normal((8, 6)).astype("float32")
Y = X[:, :1] * 2.0
GIGABYTE = 1 << 30


def stacked(k):
    return k.Sequential(
        [
            k.Input((6,)),
            k.layers.Dense(5, "relu"),
            k.layers.BatchNormalization(),
            k.layers.Dropout(0.0),
            k.layers.Dense(1),
        ],
        name="stacked",
    )


def recurrent(k):
    x = inputs = k.Input((6,))
    x = k.layers.Reshape((3, 2))(x)
    x = k.layers.Bidirectional(k.layers.GRU(2, return_sequences=True))(x)
    x = k.layers.MultiHeadAttention(2, 2)(x, x)
    x = k.layers.RNN([k.layers.LSTMCell(2), k.layers.SimpleRNNCell(2)])(x)
    inner = k.Sequential([k.Input((2,)), k.layers.Dense(3), k.layers.Dense(2)], name="inner")
    return k.Model(inputs, k.layers.Dense(1)(inner(x)), name="recurrent")


def subclassed(k):
    class Parts(k.Model):
        def __init__(self):
            super().__init__()
            self.zed, self.first, self._hidden = k.layers.Dense(5), k.layers.Dense(4), k.layers.Dense(3)
            self.blocks = {"a": k.layers.Dense(3), "b": [k.layers.Dense(2), [k.layers.Dense(1)]]}
            self.seen = k.metrics.Mean(name="seen")

        @property
        def also(self):
            return self.zed

        def call(self, x):
            x = self._hidden(self.first(self.zed(x)))
            return self.blocks["b"][1][0](self.blocks["b"][0](self.blocks["a"](x)))

    model = Parts()
    model(X)
    return model


MODELS = [stacked, recurrent, subclassed]


def wrapped(k):
    return k.optimizers.LossScaleOptimizer(k.optimizers.Adam(0.01), initial_scale=4.0)


def several(k):
    chosen = k.optimizers.OptimizerMap(k.optimizers.SGD(0.1, momentum=0.9), {"bias": k.optimizers.Adam(0.01)})
    return k.optimizers.MultiOptimizer(chosen)


OPTIMIZERS = [lambda k: k.optimizers.Adam(0.01), wrapped, several]


def trained(k, build, make_optimizer=OPTIMIZERS[0]):
    model = build(k)
    model.compile(make_optimizer(k), "mse")
    model.train_on_batch(X, Y)
    return model


def values(model):
    return [np.asarray(weight) for weight in model.get_weights()]


def outputs(model):
    return np.asarray(model.predict(X, verbose=0))


def layout(path):
    found = []
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.append((name, getattr(item, "shape", None), str(getattr(item, "dtype", ""))))
        )
    return sorted(found)


def agree(a, b):
    for one, other in zip(values(a), values(b), strict=True):
        np.testing.assert_array_equal(one, other)
