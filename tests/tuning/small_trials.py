"""A small model, its trial, and the same as programs that searches are killed in."""

import os
import time

import numpy as np

import kerasish as keras

X = np.random.default_rng(0).standard_normal((48, 3)).astype("float32")
Y = X @ np.float32([[1.0], [-2.0], [0.5]])


def build(hp):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(hp.Int("units", 2, 8, step=2), "tanh")])
    if hp.Boolean("dropout"):
        model.add(keras.layers.Dropout(hp.Float("share", 0.1, 0.5)))
    model.add(keras.layers.Dense(1))
    rate = hp.Float("rate", 1e-3, 0.3, sampling="log")
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


def trial(hp, callbacks=()):
    """What the command line and the searches run; the environment says how long an epoch takes."""
    pause = float(os.environ.get("PAUSE", "0"))
    slow = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: time.sleep(pause))
    batch = hp.Choice("batch", [8, 16])
    return build(hp).fit(
        X, Y, batch_size=batch, epochs=4, validation_split=0.25, verbose=0, callbacks=[slow, *callbacks]
    )


def fails(hp, callbacks):
    hp.Int("units", 1, 2)
    raise ZeroDivisionError("a slip of the user's")
