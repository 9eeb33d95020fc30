"""Dense autoencoder 784-256-64-256-784, batch 128.

Learns to give back the picture that it was shown.
"""

BATCH = 128
STEPS = 100


def build(keras):
    layers = keras.layers
    pictures = keras.Input((784,))
    code = layers.Dense(64, activation="relu")(layers.Dense(256, activation="relu")(pictures))
    decoded = layers.Dense(784, activation="sigmoid")(layers.Dense(256, activation="relu")(code))
    model = keras.Model(pictures, decoded)
    model.compile("adam", "binary_crossentropy")
    return model


def data(rng, samples):
    pictures = rng.random((samples, 784), dtype="float32")
    return pictures, pictures
