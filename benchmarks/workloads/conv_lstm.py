"""ConvLSTM2D, 16 maps of 5x5, then 8 of 3x3, on 10 pictures of 32x32, batch 8.

Predicts the next picture of a film from those before it.
"""

BATCH = 8
STEPS = 4
TIMES, SIZE = 10, 32


def build(keras):
    layers = keras.layers
    film = keras.Input((TIMES, SIZE, SIZE, 1))
    x = layers.ConvLSTM2D(16, 5, padding="same", return_sequences=True)(film)
    x = layers.BatchNormalization()(x)
    x = layers.ConvLSTM2D(8, 3, padding="same")(x)
    model = keras.Model(film, layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x))
    model.compile("adam", "mse")
    return model


def data(rng, samples):
    films = rng.random((samples, TIMES + 1, SIZE, SIZE, 1), dtype="float32")
    return films[:, :-1], films[:, -1]
