"""784-512-512-10 MLP with dropout, batch 128.

The network with which most people train their first digits.
"""

BATCH = 128
STEPS = 100


def build(keras):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def data(rng, samples):
    return rng.random((samples, 784), dtype="float32"), rng.integers(0, 10, samples)
