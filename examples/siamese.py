"""Tell whether two handwritten digits are the same.

    python examples/siamese.py

Both images of a pair go through one network; it learns to put images of the same digit near each other and others
apart. Nobody tells it which digit an image shows, so that it also reads digits by comparing them with one example of
each. Writes `siamese.png`: pairs of held-out images with their distances. Needs matplotlib.

Reference: Hadsell, Chopra & LeCun 2006, "Dimensionality Reduction by Learning an Invariant Mapping".
"""

import numpy as np
from matplotlib import pyplot

import kerasish as keras
from kerasish import layers, ops
from kerasish.datasets import digits

MARGIN = 1.0


def pairs(images, kinds, count, seed):
    """`count` pairs of images, and for each 1.0 where both are of one kind; that is so for half of them."""
    rng = np.random.default_rng(seed)
    left = rng.integers(len(images), size=count)
    same = np.arange(count) % 2 == 0
    right = [rng.choice(np.flatnonzero((kinds == kinds[place]) == alike)) for place, alike in zip(left, same)]
    return [images[left], images[right]], same.astype("float32")


def build():
    """A model from two images to their distance, and the network that it uses for both."""
    network = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(32),
            layers.UnitNormalization(),
        ],
        name="network",
    )
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    distance = ops.norm(network(left) - network(right), axis=1)
    return keras.Model([left, right], distance, name="siamese"), network


def contrastive(same, distance):
    """Same digits shall be at distance 0, others at MARGIN or more."""
    return same * ops.square(distance) + (1 - same) * ops.square(ops.maximum(MARGIN - distance, 0))


def agreement(same, distance):
    """How often the distance says rightly whether both are the same."""
    return ops.mean(ops.equal(ops.cast(distance < MARGIN / 2, "float32"), same))


def draw(images, same, distances, path):
    """Left: some pairs. Right: how far apart pairs of equal and of different digits are."""
    figure = pyplot.figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subfigures(1, 2)
    for axes, first, second, alike, distance in zip(left.subplots(3, 4).flat, *images, same, distances):
        axes.imshow(np.hstack([first[..., 0], second[..., 0]]), cmap="gray")
        axes.set(xticks=[], yticks=[], title=f"{'same' if alike else 'different'}: {distance:.2f}")
    axes = right.subplots()
    for alike, label in ((1, "same digit"), (0, "different digits")):
        axes.hist(distances[same == alike], bins=np.linspace(0, 2, 41), alpha=0.6, label=label)
    axes.axvline(MARGIN / 2, color="black", linestyle=":")
    axes.set(title="distances of held-out pairs", xlabel="distance")
    axes.legend()
    figure.savefig(path)


def main():
    """Train, compare, and read by comparing."""
    keras.utils.set_random_seed(6)
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    x_train, x_test = (np.expand_dims(x, -1).astype("float32") / 16 for x in (x_train, x_test))
    model, network = build()
    model.compile(keras.optimizers.Adam(2e-3), contrastive, metrics=[agreement])
    x, same = pairs(x_train, y_train, 8000, seed=1)
    model.fit(x, same, batch_size=64, epochs=5, validation_split=0.1, verbose=2)

    x, same = pairs(x_test, y_test, 1000, seed=2)
    distances = model.predict(x, verbose=0)
    draw(x, same, distances, "siamese.png")
    judged = np.mean((distances < MARGIN / 2) == same)

    examples = network.predict(np.stack([x_train[y_train == digit][0] for digit in range(10)]), verbose=0)
    apart = np.linalg.norm(network.predict(x_test, verbose=0)[:, None] - examples, axis=-1)
    print(f"read by comparing with one example of each digit: {np.mean(apart.argmin(axis=1) == y_test):.1%}")
    print(f"of 1,000 held-out pairs {judged:.1%} are judged rightly; wrote siamese.png")


if __name__ == "__main__":
    main()
