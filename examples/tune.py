"""Search for the layers, the rate and the batch size with which a small network reads digits best.

    python examples/tune.py                    # 12 trials by two processes, in the folder `digits_search`
    python examples/tune.py --trials 24        # goes on: 12 more
    python -m kerasish trial --objective val_accuracy examples/tune.py --filters 24 --rate 0.003
    python -m kerasish trial --space examples/tune.py

The 1,797 images come with the package. Stop the search with Ctrl-C, or kill it: the next run goes on where it was. The
third line is how Katib, SageMaker, Vertex AI and others start a trial; docs/tuning.md says how to set them up. Needs
Optuna: `pip install "kerasish[tune]"` (in a clone `pip install ".[tune]"`).
"""

import argparse
import functools
import sys

import kerasish as keras
from kerasish import layers

EPOCHS = 6


@functools.cache
def load():
    """Images as (n, 8, 8, 1) floats from 0 to 1, and labels from 0 to 9; the last fifth is held out."""
    (x_train, y_train), (x_test, y_test) = keras.datasets.digits.load_data()
    return (x_train[..., None] / 16.0, y_train), (x_test[..., None] / 16.0, y_test)


def build(hp):
    """One or two convolutions, and a dense layer where it helps."""
    model = keras.Sequential([keras.Input((8, 8, 1))])
    filters = hp.Int("filters", 8, 32, step=8)
    for number in range(hp.Int("convolutions", 1, 2)):
        model.add(layers.Conv2D(filters * 2**number, 3, padding="same", activation=hp.Choice("act", ["relu", "silu"])))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    if hp.Boolean("dense"):
        model.add(layers.Dense(hp.Int("units", 16, 64, sampling="log"), "relu"))
    model.add(layers.Dropout(hp.Float("dropout", 0.0, 0.5)))
    model.add(layers.Dense(10, "softmax"))
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log", default=1e-3)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trial(hp, callbacks=()):
    """Train one network; what it reaches is among the logs."""
    (x, y), held_out = load()
    batch = hp.Choice("batch", [32, 64, 128], default=64)
    return build(hp).fit(
        x, y, batch_size=batch, epochs=EPOCHS, validation_data=held_out, verbose=0, callbacks=list(callbacks)
    )


def main():
    """Search, and look at what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="digits_search", help="where the study lies")
    parser.add_argument("--trials", type=int, default=12, help="how many it shall have")
    parser.add_argument("--processes", type=int, default=2, help="how many processes try them")
    options = parser.parse_args()

    load()  # once, for all processes
    try:
        study = keras.tuning.Study(trial, options.folder, objective="val_accuracy", seed=7)
    except ImportError as error:
        sys.exit(f"tune: {error}")
    study.search(options.trials, processes=options.processes)
    print("best:", ", ".join(f"{name}={value}" for name, value in study.best_values.items()))

    _, (x, y) = load()
    loss, accuracy = study.best_model().evaluate(x, y, verbose=0)
    print(f"held-out accuracy of {options.folder}/best.keras: {accuracy:.2%} (loss {loss:.4f})")


if __name__ == "__main__":
    main()
