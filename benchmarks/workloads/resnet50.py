"""ResNet50, 224x224, batch 8.

Deep Residual Learning for Image Recognition, He et al. 2015, table 1, with projections where the shape changes; biases and epsilon as in Keras's.
"""

BATCH = 8
STEPS = 4
SIDE = 224
CLASSES = 1000
STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))  # filters, blocks, stride of the first block


def convolution(keras, x, filters, size, strides=1, padding="same", relu=True):
    """Convolution, batch normalization and, if asked for, ReLU."""
    layers = keras.layers
    x = layers.Conv2D(filters, size, strides=strides, padding=padding)(x)
    x = layers.BatchNormalization(epsilon=1.001e-5)(x)
    return layers.Activation("relu")(x) if relu else x


def bottleneck(keras, x, filters, strides, project):
    """1x1, 3x3, 1x1, added to the input or to a projection of it."""
    shortcut = convolution(keras, x, 4 * filters, 1, strides, relu=False) if project else x
    y = convolution(keras, x, filters, 1, strides)
    y = convolution(keras, y, filters, 3)
    y = convolution(keras, y, 4 * filters, 1, relu=False)
    return keras.layers.Activation("relu")(keras.layers.Add()([shortcut, y]))


def network(keras):
    layers = keras.layers
    pictures = keras.Input((SIDE, SIDE, 3))
    x = convolution(keras, layers.ZeroPadding2D(3)(pictures), 64, 7, 2, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for filters, blocks, strides in STAGES:
        for index in range(blocks):
            x = bottleneck(keras, x, filters, strides if index == 0 else 1, project=index == 0)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(pictures, layers.Dense(CLASSES, activation="softmax")(x))


def build(keras):
    model = network(keras)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def data(rng, samples):
    return rng.random((samples, SIDE, SIDE, 3), dtype="float32"), rng.integers(0, CLASSES, samples)
