"""Augmentation, 64 pictures of 224x224: flip, rotation, zoom, contrast.

The layers by themselves, compiled where the library compiles them: the pictures of one training step.
"""

from benchmarks.workloads.layer_alone import LayerAlone

BATCH = 64
STEPS = 1
MEASURES = ("predict",)


def build(keras):
    layers = keras.layers
    pipeline = keras.Sequential(
        [
            keras.Input((224, 224, 3)),
            layers.RandomFlip("horizontal", seed=1),
            layers.RandomRotation(0.1, seed=2),
            layers.RandomZoom(0.1, seed=3),
            layers.RandomContrast(0.1, seed=4),
        ]
    )

    def change(pictures):
        return pipeline(pictures, training=True)

    if keras.__name__ == "kerasish":
        change = keras.backend.function(change)
    elif keras.backend.backend() == "tensorflow":
        import tensorflow

        change = tensorflow.function(change)
    return LayerAlone(change)


def data(rng, samples):
    return rng.random((samples, 224, 224, 3), dtype="float32"), None
