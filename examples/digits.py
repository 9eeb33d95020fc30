"""Train a small convolutional network on real handwritten digits, save it, load it, and draw its learning curve.

    python examples/digits.py

The 1,797 images (8 x 8 pixels, UCI repository) come with the package; nothing is downloaded. Writes `digits.keras` and,
where matplotlib is installed (`pip install "kerasish[plot]"`; in a clone `pip install ".[plot]"`),
`digits_learning_curve.png` into the current folder.
"""

import numpy as np

import kerasish as keras
from kerasish import layers
from kerasish.datasets import digits

EPOCHS = 25


def load():
    """Images as (n, 8, 8, 1) floats from 0 to 1, and labels from 0 to 9; the last fifth is held out."""
    (x_train, y_train), (x_test, y_test) = digits.load_data()

    def scale(x):
        return np.expand_dims(x, -1).astype("float32") / 16.0

    return (scale(x_train), y_train), (scale(x_test), y_test)


def build():
    """Two convolutions, pooling, dropout and a softmax."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )


def draw(history, path):
    """The learning curve as a picture, where there is a library to draw it; says what came of it."""
    try:
        import matplotlib
    except ImportError:
        missing = 'matplotlib is not installed (pip install "kerasish[plot]", in a clone pip install ".[plot]")'
        return f"the learning curve is not drawn: {missing}"
    matplotlib.use("Agg")
    from matplotlib import pyplot

    epochs = [number + 1 for number in history.epoch]  # the log counts from 1
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    for axes, quantity in ((left, "loss"), (right, "accuracy")):
        axes.plot(epochs, history.history[quantity], label="training")
        axes.plot(epochs, history.history[f"val_{quantity}"], label="held out")
        axes.set(title=quantity, xlabel="epoch")
        axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    return f"wrote {path}"


def main():
    """Train, judge, save, load, compare, draw."""
    keras.utils.set_random_seed(7)
    (x_train, y_train), (x_test, y_test) = load()
    model = build()
    model.summary()
    model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    slower = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=2)
    history = model.fit(
        x_train, y_train, batch_size=32, epochs=EPOCHS, validation_data=(x_test, y_test), callbacks=[slower]
    )
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"held-out accuracy: {accuracy:.2%} (loss {loss:.4f})")

    model.save("digits.keras")
    loaded = keras.models.load_model("digits.keras")
    same = np.array_equal(model.predict(x_test, verbose=0), loaded.predict(x_test, verbose=0))
    print(f"the loaded model predicts the same: {same}")
    print("wrote digits.keras")
    print(draw(history, "digits_learning_curve.png"))
    if accuracy < 0.98 or not same:
        raise SystemExit("expected at least 98 % and equal predictions")


if __name__ == "__main__":
    main()
