"""8-16-1 MLP, batch 32.

A step so small that only the cost of running it is measured.
"""

BATCH = 32
STEPS = 500


def build(keras):
    layers = keras.layers
    model = keras.Sequential([keras.Input((8,)), layers.Dense(16, activation="relu"), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def data(rng, samples):
    return rng.standard_normal((samples, 8), dtype="float32"), rng.standard_normal((samples, 1), dtype="float32")
