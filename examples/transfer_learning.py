"""Teach InceptionV3, which knows ImageNet, to tell three kinds of drawn shapes apart.

First a new head, then the upper blocks at a low rate.

    python examples/transfer_learning.py
    python examples/transfer_learning.py --weights none --epochs 1   # nothing is fetched: shows the steps, learns
    little

The weights (84 MB) are fetched once, into Keras's own cache folder. Needs
`pip install -e ".[applications]"`.
"""

import argparse

import numpy as np

import kerasish as keras
from kerasish import layers
from kerasish.applications import inception_v3

SIZE = 96
NAMES = ("disc", "square", "cross")


def shapes(count, rng):
    """`count` pictures (SIZE, SIZE, 3) from 0 to 255: a disc, a square or a cross of some colour on noise.

    With each comes which of the three it is.
    """
    rows, columns = np.mgrid[:SIZE, :SIZE]
    pictures = rng.integers(0, 120, (count, SIZE, SIZE, 3)).astype("float32")
    kinds = rng.integers(0, len(NAMES), count)
    for picture, kind in zip(pictures, kinds):
        radius = rng.integers(14, 30)
        down, right = (
            np.abs(rows - rng.integers(radius, SIZE - radius)),
            np.abs(columns - rng.integers(radius, SIZE - radius)),
        )
        inside = (
            np.hypot(down, right) < radius,
            np.maximum(down, right) < radius * 0.9,
            (np.minimum(down, right) < radius * 0.3) & (np.maximum(down, right) < radius),
        )[kind]
        picture[inside] = rng.integers(80, 256, 3)
    return pictures, kinds


def build(weights):
    """The model, and the pretrained part inside it.

    `training=False` keeps BatchNormalization in inference mode, also when it is unfrozen.
    """
    base = inception_v3.InceptionV3(include_top=False, weights=weights, input_shape=(SIZE, SIZE, 3))
    base.trainable = False
    pictures = keras.Input((SIZE, SIZE, 3))
    x = inception_v3.preprocess_input(pictures)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(pictures, layers.Dense(len(NAMES), activation="softmax")(x)), base


def unfreeze_from(base, name):
    """Make the layers from the one called `name` on trainable."""
    base.trainable = True
    for layer in base.layers[: base.layers.index(base.get_layer(name))]:
        layer.trainable = False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", default="imagenet", help="'imagenet', 'none' or a file of weights")
    parser.add_argument("--epochs", type=int, default=3, help="of either phase")
    parser.add_argument("--samples", type=int, default=240)
    options = parser.parse_args()

    keras.utils.set_random_seed(3)
    x, y = shapes(options.samples, np.random.default_rng(3))
    model, base = build(None if options.weights == "none" else options.weights)
    arguments = {"batch_size": 16, "epochs": options.epochs, "validation_split": 0.2, "verbose": 2}

    print(f"the head: {sum(int(np.prod(w.shape)) for w in model.trainable_weights):,} weights learn")
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, **arguments)

    unfreeze_from(base, "mixed9")
    print(f"fine-tuning: {sum(int(np.prod(w.shape)) for w in model.trainable_weights):,} weights learn")
    model.compile(keras.optimizers.Adam(1e-5), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, **arguments)
    print(f"held-out accuracy: {history.history['val_accuracy'][-1]:.1%}")


if __name__ == "__main__":
    main()
