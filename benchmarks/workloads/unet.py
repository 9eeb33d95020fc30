"""U-Net, 128x128, widths 32-256, batch 8.

Which pixels belong to the thing? Three halvings, three doublings by transposed convolutions, the finer picture joined
in at each.
"""

BATCH = 8
STEPS = 4
SIDE = 128


def two_convolutions(keras, x, filters):
    for _ in range(2):
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


def build(keras):
    layers = keras.layers
    pictures = keras.Input((SIDE, SIDE, 3))
    x, joined = pictures, []
    for filters in (32, 64, 128):
        x = two_convolutions(keras, x, filters)
        joined.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = two_convolutions(keras, x, 256)
    for filters in (128, 64, 32):
        x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = two_convolutions(keras, layers.Concatenate()([x, joined.pop()]), filters)
    model = keras.Model(pictures, layers.Conv2D(1, 1, activation="sigmoid")(x))
    model.compile("adam", "binary_crossentropy")
    return model


def data(rng, samples):
    return rng.random((samples, SIDE, SIDE, 3), dtype="float32"), rng.integers(0, 2, (samples, SIDE, SIDE, 1)).astype(
        "float32"
    )
