"""A training that is cut off in its third epoch, and one that goes on with it, in any number of processes."""

import numpy as np

import kerasish as keras
from kerasish import layers


class PowerCut(RuntimeError):
    pass


def train(folder, cut_off=False):
    """The history of three epochs of which a backup is kept in `folder`."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(6, "relu"), layers.Dropout(0.3), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(26, 4)).astype("float32")

    def fail(batch, logs):
        if cut_off and int(model.optimizer.iterations) == 7:
            raise PowerCut

    callbacks = [
        keras.callbacks.BackupAndRestore(folder, save_freq=3),
        keras.callbacks.LambdaCallback(on_train_batch_end=fail),
    ]
    return model.fit(
        x, x.sum(axis=1), epochs=3, batch_size=8, validation_split=0.2, callbacks=callbacks, verbose=0
    ).history


def cut_off(folder):
    """Leave a backup of a training that was cut off."""
    try:
        train(folder, cut_off=True)
    except PowerCut:
        return
    raise AssertionError("nothing was cut off")
