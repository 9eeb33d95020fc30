"""MobileNetV2, 224x224, batch 8.

MobileNetV2: Inverted Residuals and Linear Bottlenecks, Sandler et al. 2018, table 2: half of its layers are depthwise convolutions.
"""

BATCH = 8
STEPS = 4
SIDE = 224
CLASSES = 1000
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # expansion, filters, blocks, stride


def normalized(keras, x, relu=True):
    x = keras.layers.BatchNormalization(momentum=0.999)(x)
    return keras.layers.ReLU(6.0)(x) if relu else x


def inverted_residual(keras, x, expansion, filters, strides):
    """Widen by 1x1, filter each channel on its own, narrow by 1x1 without an activation; added to the input where shapes allow."""
    layers = keras.layers
    channels, y = x.shape[-1], x
    if expansion > 1:
        y = normalized(keras, layers.Conv2D(expansion * channels, 1, use_bias=False)(y))
    if strides == 2:
        y = layers.ZeroPadding2D(((0, 1), (0, 1)))(y)
    y = normalized(
        keras,
        layers.DepthwiseConv2D(3, strides=strides, padding="valid" if strides == 2 else "same", use_bias=False)(y),
    )
    y = normalized(keras, layers.Conv2D(filters, 1, use_bias=False)(y), relu=False)
    return layers.Add()([x, y]) if strides == 1 and channels == filters else y


def network(keras):
    layers = keras.layers
    pictures = keras.Input((SIDE, SIDE, 3))
    x = normalized(keras, layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(pictures))
    for expansion, filters, blocks, strides in STAGES:
        for index in range(blocks):
            x = inverted_residual(keras, x, expansion, filters, strides if index == 0 else 1)
    x = normalized(keras, layers.Conv2D(1280, 1, use_bias=False)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(pictures, layers.Dense(CLASSES, activation="softmax")(x))


def build(keras):
    model = network(keras)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def data(rng, samples):
    return rng.random((samples, SIDE, SIDE, 3), dtype="float32"), rng.integers(0, CLASSES, samples)
