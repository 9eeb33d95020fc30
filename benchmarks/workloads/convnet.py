"""MNIST convnet, 32-64 of 3x3, batch 128.

Two convolutions, each with a pooling, and a softmax over ten digits.
"""

BATCH = 128
STEPS = 20


def build(keras):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def data(rng, samples):
    return rng.random((samples, 28, 28, 1), dtype="float32"), rng.integers(0, 10, samples)
