"""InceptionV3, 299x299, batch 8.

Rethinking the Inception Architecture for Computer Vision, Szegedy et al. 2015. A block is a table of branches, a branch a chain of entries:
`(filters, height, width)` is a convolution of stride 1 that keeps the picture's size, a further `2` makes it one of stride 2 without padding,
`"mean"` and `"max"` are poolings, and a list of branches splits the chain once more.
"""

BATCH = 8
STEPS = 4
SIDE = 299
CLASSES = 1000
MEAN, MAX = "mean", "max"


def block_35(pooled):
    """Branches at 35x35; `pooled` filters behind the pooling."""
    return [[(64, 1, 1)], [(48, 1, 1), (64, 5, 5)], [(64, 1, 1), (96, 3, 3), (96, 3, 3)], [MEAN, (pooled, 1, 1)]]


def block_17(width):
    """Branches at 17x17, where 7x7 is done as 1x7 and 7x1; `width` filters in between."""
    return [
        [(192, 1, 1)],
        [(width, 1, 1), (width, 1, 7), (192, 7, 1)],
        [(width, 1, 1), (width, 7, 1), (width, 1, 7), (width, 7, 1), (192, 1, 7)],
        [MEAN, (192, 1, 1)],
    ]


FORK = [[(384, 1, 3)], [(384, 3, 1)]]
BLOCK_8 = [[(320, 1, 1)], [(384, 1, 1), FORK], [(448, 1, 1), (384, 3, 3), FORK], [MEAN, (192, 1, 1)]]
TO_17 = [[(384, 3, 3, 2)], [(64, 1, 1), (96, 3, 3), (96, 3, 3, 2)], [MAX]]
TO_8 = [[(192, 1, 1), (320, 3, 3, 2)], [(192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3, 2)], [MAX]]
BLOCKS = [
    block_35(32),
    block_35(64),
    block_35(64),
    TO_17,
    *(block_17(width) for width in (128, 160, 160, 192)),
    TO_8,
    BLOCK_8,
    BLOCK_8,
]


def convolution(keras, x, filters, height, width, strides=1, padding="same"):
    """Convolution without a bias, batch normalization without a scale, ReLU."""
    layers = keras.layers
    x = layers.Conv2D(filters, (height, width), strides=strides, padding=padding, use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization(scale=False)(x))


def chain(keras, x, entries):
    """The entries of one branch, one after another."""
    layers = keras.layers
    for entry in entries:
        if entry == MEAN:
            x = layers.AveragePooling2D(3, strides=1, padding="same")(x)
        elif entry == MAX:
            x = layers.MaxPooling2D(3, strides=2)(x)
        elif isinstance(entry, list):
            x = block(keras, x, entry)
        else:
            x = convolution(keras, x, *entry, padding="valid" if len(entry) == 4 else "same")
    return x


def block(keras, x, branches):
    """All branches of `x`, side by side in the channels."""
    return keras.layers.Concatenate()([chain(keras, x, entries) for entries in branches])


def network(keras):
    layers = keras.layers
    pictures = keras.Input((SIDE, SIDE, 3))
    x = convolution(keras, pictures, 32, 3, 3, 2, "valid")
    x = convolution(keras, x, 32, 3, 3, 1, "valid")
    x = layers.MaxPooling2D(3, strides=2)(convolution(keras, x, 64, 3, 3))
    x = convolution(keras, x, 80, 1, 1, 1, "valid")
    x = layers.MaxPooling2D(3, strides=2)(convolution(keras, x, 192, 3, 3, 1, "valid"))
    for branches in BLOCKS:
        x = block(keras, x, branches)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(pictures, layers.Dense(CLASSES, activation="softmax")(x))


def build(keras):
    model = network(keras)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def data(rng, samples):
    return rng.random((samples, SIDE, SIDE, 3), dtype="float32"), rng.integers(0, CLASSES, samples)
