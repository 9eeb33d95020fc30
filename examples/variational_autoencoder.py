"""A variational autoencoder draws handwritten digits that nobody wrote.

    python examples/variational_autoencoder.py

An encoder says where in a plane an image of a digit lies, and how surely; a decoder draws the image of a place. Both
learn at once: what is drawn must resemble the image, and the places must fill the plane as a bell curve does. Writes
`variational_autoencoder.png`: the plane with the held-out digits, and what the decoder draws all over it. Needs
matplotlib.

Reference: Kingma & Welling 2013, "Auto-Encoding Variational Bayes".
"""

import numpy as np
from matplotlib import pyplot

import kerasish as keras
from kerasish import layers, ops
from kerasish.datasets import digits

EPOCHS = 40


class Sample(layers.Layer):
    """A random place near `mean`; adds to the loss how far the bell curve it comes from is from the standard one."""

    def __init__(self, **options):
        super().__init__(**options)
        self.seeds = keras.random.SeedGenerator(1)

    def call(self, inputs):
        mean, log_variance = inputs
        divergence = 0.5 * ops.sum(ops.square(mean) + ops.exp(log_variance) - 1 - log_variance, axis=1)
        self.add_loss(ops.mean(divergence))
        return mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.seeds)


def build():
    """The autoencoder, and its two halves: image to place, place to image. They share their layers."""
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(image)
    x = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    mean, log_variance = layers.Dense(2, name="mean")(x), layers.Dense(2, name="log_variance")(x)

    place = keras.Input((2,))
    x = layers.Dense(64, activation="relu")(place)
    x = layers.Reshape((4, 4, 32))(layers.Dense(4 * 4 * 32, activation="relu")(x))
    x = layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu")(x)
    drawn = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x)

    encoder, decoder = keras.Model(image, mean, name="encoder"), keras.Model(place, drawn, name="decoder")
    autoencoder = keras.Model(image, decoder(Sample()([mean, log_variance])), name="autoencoder")
    return autoencoder, encoder, decoder


def resemblance(image, drawn):
    """Cross-entropy of the pixels, summed over the image: minus the log-likelihood of the image."""
    return ops.sum(keras.losses.binary_crossentropy(image, drawn), axis=(1, 2)) * image.shape[-1]


def draw(places, labels, decoder, path):
    """Left: where the held-out digits lie. Right: what the decoder draws, on a grid over the same plane."""
    grid = np.stack(np.meshgrid(np.linspace(-2.2, 2.2, 12), np.linspace(2.2, -2.2, 12)), axis=-1)
    images = decoder.predict(grid.reshape(-1, 2), verbose=0)[..., 0]
    images = np.pad(images, [(0, 0), (1, 1), (1, 1)]).reshape(12, 12, 10, 10)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 5), layout="constrained")
    dots = left.scatter(*places.T, c=labels, cmap="tab10", s=12)
    left.set(xlim=(-2.5, 2.5), ylim=(-2.5, 2.5), title="held-out digits in the plane")
    left.legend(*dots.legend_elements(), loc="upper right", fontsize=7)
    right.imshow(np.vstack([np.hstack(list(row)) for row in images]), cmap="gray")
    right.set(title="drawn from the plane", xticks=[], yticks=[])
    figure.savefig(path)


def main():
    """Train, judge, draw."""
    keras.utils.set_random_seed(2)
    (x_train, _), (x_test, y_test) = digits.load_data()
    x_train, x_test = (np.expand_dims(x, -1).astype("float32") / 16 for x in (x_train, x_test))
    autoencoder, encoder, decoder = build()
    autoencoder.compile(keras.optimizers.Adam(2e-3), loss=resemblance)
    autoencoder.fit(x_train, x_train, batch_size=64, epochs=EPOCHS, validation_data=(x_test, x_test), verbose=2)
    loss = autoencoder.evaluate(x_test, x_test, verbose=0)
    alike = np.broadcast_to(x_train.mean(axis=0), x_test.shape)
    gain = float(ops.mean(resemblance(x_test, alike))) - loss
    draw(encoder.predict(x_test, verbose=0), y_test, decoder, "variational_autoencoder.png")
    print(f"held out: {gain:.2f} nats less than the mean image of all; wrote variational_autoencoder.png")


if __name__ == "__main__":
    main()
