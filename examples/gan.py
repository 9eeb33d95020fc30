"""Two networks that play against each other learn to write digits.

    python examples/gan.py

The generator draws a digit of a wanted kind from random numbers, the critic tells drawn digits from real ones; each
trains on the other's mistakes, in one `train_step`. Writes `gan.png`: ten digits of each kind while training goes on.
Needs matplotlib.

Reference: Goodfellow et al. 2014, "Generative Adversarial Networks"; Mirza & Osindero 2014 (with wanted kinds).
"""

import numpy as np
from matplotlib import pyplot

import kerasish as keras
from kerasish import layers, ops
from kerasish.datasets import digits

EPOCHS, CODE = 40, 32


def build_generator():
    """Random numbers and a kind to an image."""
    code, kind = keras.Input((CODE,)), keras.Input((), dtype="int32")
    x = layers.Concatenate()([code, layers.Embedding(10, 16)(kind)])
    x = layers.Dense(4 * 4 * 64)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(32, 4, strides=2, padding="same")(layers.Reshape((4, 4, 64))(x))
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return keras.Model([code, kind], layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x), name="generator")


def build_critic():
    """An image and a kind to a number: above 0 for real ones."""
    image, kind = keras.Input((8, 8, 1)), keras.Input((), dtype="int32")
    wanted = layers.Reshape((8, 8, 1))(layers.Embedding(10, 64)(kind))
    x = layers.Conv2D(32, 3, padding="same")(layers.Concatenate()([image, wanted]))
    x = layers.Conv2D(64, 3, strides=2, padding="same")(layers.LeakyReLU(0.2)(x))
    x = layers.Dropout(0.4)(layers.Flatten()(layers.LeakyReLU(0.2)(x)))
    return keras.Model([image, kind], layers.Dense(1)(x), name="critic")


class Game(keras.Model):
    """Both networks. A training step is a move of either."""

    def __init__(self):
        super().__init__(name="game")
        self.generator, self.critic = build_generator(), build_critic()
        self.seeds = keras.random.SeedGenerator(3)
        self.losses_shown = [keras.metrics.Mean(name="generator"), keras.metrics.Mean(name="critic")]

    @property
    def metrics(self):
        return self.losses_shown

    def compile(self, generator_optimizer, critic_optimizer):
        super().compile()
        self.generator_optimizer, self.critic_optimizer = generator_optimizer, critic_optimizer
        self.judged = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)

    def train_step(self, data):
        images, kinds = data
        code = keras.random.normal((ops.shape(images)[0], CODE), seed=self.seeds)
        with keras.backend.GradientTape() as tape:
            drawn = self.generator([code, kinds], training=True)
            real, false = (self.critic([pictures, kinds], training=True) for pictures in (images, drawn))
            critic_loss = self.judged(ops.ones_like(real), real) + self.judged(ops.zeros_like(false), false)
        move(tape, critic_loss, self.critic, self.critic_optimizer)
        with keras.backend.GradientTape() as tape:
            drawn = self.generator([code, kinds], training=True)
            judgement = self.critic([drawn, kinds], training=True)
            generator_loss = self.judged(ops.ones_like(judgement), judgement)
        move(tape, generator_loss, self.generator, self.generator_optimizer)
        for metric, loss in zip(self.metrics, (generator_loss, critic_loss)):
            metric.update_state(loss)
        return {metric.name: metric.result() for metric in self.metrics}


def move(tape, loss, network, optimizer):
    """One step of a network's own optimizer."""
    optimizer.apply_gradients(zip(tape.gradient(loss, network.trainable_weights), network.trainable_weights))


class Gallery(keras.callbacks.Callback):
    """Has the same ten digits drawn now and then."""

    def __init__(self, generator, epochs):
        super().__init__()
        self.generator, self.epochs, self.rows = generator, epochs, {}
        self.inputs = [np.random.default_rng(0).normal(size=(10, CODE)).astype("float32"), np.arange(10)]

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 in self.epochs:
            self.rows[epoch + 1] = self.generator.predict(self.inputs, verbose=0)[..., 0]

    def draw(self, path):
        """A row of digits for each of the epochs."""
        figure, places = pyplot.subplots(len(self.rows), 1, figsize=(8, len(self.rows)), layout="constrained")
        for axes, (epoch, images) in zip(places, self.rows.items()):
            axes.imshow(np.hstack(list(np.pad(images, [(0, 0), (1, 1), (1, 1)]))), cmap="gray")
            axes.set(xticks=[], yticks=[], ylabel=epoch)
        figure.savefig(path)


def main():
    """Play, draw, and ask somebody who knows digits what was drawn."""
    keras.utils.set_random_seed(4)
    (x_train, y_train), _ = digits.load_data()
    x_train = np.expand_dims(x_train, -1).astype("float32") / 16
    game = Game()
    gallery = Gallery(game.generator, (1, 5, 10, 20, 30, EPOCHS))
    game.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(5e-4, beta_1=0.5))
    game.fit(x_train, y_train, batch_size=64, epochs=EPOCHS, callbacks=[gallery], verbose=2)
    gallery.draw("gan.png")

    reader = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(10)])
    reader.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    reader.fit(x_train, y_train, epochs=20, verbose=0)
    kinds = np.arange(500) % 10
    codes = np.random.default_rng(1).normal(size=(500, CODE)).astype("float32")
    read = reader.predict(game.generator.predict([codes, kinds], verbose=0), verbose=0).argmax(axis=1)
    print(f"a network that reads digits sees the wanted one in {np.mean(read == kinds):.1%} of 500; wrote gan.png")


if __name__ == "__main__":
    main()
