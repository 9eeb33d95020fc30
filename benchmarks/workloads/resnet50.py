"""ResNet50, 224x224, batch 8."""

BATCH = 8
STEPS = 4
SIDE = 224
CLASSES = 1000


def build(keras):
    model = keras.applications.ResNet50(weights=None)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def data(rng, samples):
    return rng.random((samples, SIDE, SIDE, 3), dtype="float32"), rng.integers(0, CLASSES, samples)
