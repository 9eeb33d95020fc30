"""A process is killed while `fit` trains, by SIGKILL at a moment that a seed chooses; the others go on.

`killed.py FOLDER SEED`: what `fit` gives goes to FOLDER/history.pickle. Where too few are left they stop, with a backup
in FOLDER/backup, with which `killed.py FOLDER again` goes on. `killed.py FOLDER between`
kills the first process between two epochs.
"""

import os
import pathlib
import pickle
import signal
import sys
import threading

import numpy as np

import kerasish as keras
from kerasish import layers
from kerasish.backend import ranks

BATCHES = 15  # three epochs of five


def train(folder, *callbacks, save_freq=False):
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(64, "relu"),
            layers.BatchNormalization(synchronized=True),
            layers.Dropout(0.3),
            layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(76, 16)).astype("float32")
    backup = keras.callbacks.BackupAndRestore(str(folder / "backup"), save_freq=save_freq)
    arguments = {"epochs": 3, "batch_size": 13, "validation_split": 0.2, "verbose": 0}
    history = model.fit(x, x.sum(axis=1), callbacks=[*callbacks, backup], **arguments).history
    return {"history": history, "weights": [v.numpy() for v in model.variables if v.dtype == "float32"]}


class Dies(keras.callbacks.Callback):
    """So many batches on, and so many seconds later: in a step, or between two, but before the last of all.

    By a signal, which may be one that only stops the process.
    """

    def __init__(self, batches, seconds, by=signal.SIGKILL):
        super().__init__()
        self.batches, self.seconds, self.by, self.begun = batches, seconds, by, 0

    def on_train_batch_begin(self, batch, logs=None):
        self.begun += 1
        while self.begun == BATCHES:  # the timer is late
            signal.pause()

    def on_train_batch_end(self, batch, logs=None):
        if self.begun == self.batches:
            threading.Timer(self.seconds, os.kill, (os.getpid(), self.by)).start()


class DiesBetween(keras.callbacks.Callback):
    """Before the first step of the second epoch, when its order is drawn."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder, seed):
    keras.distribution.initialize()
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    chance, dying = np.random.default_rng(int(seed) if seed.isdigit() else 0), []
    if seed == "between" and ranks.world().rank == 0:
        dying = [DiesBetween()]
    elif seed.isdigit() and ranks.world().rank == chance.integers(ranks.world().size):
        dying = [Dies(chance.integers(1, BATCHES), chance.uniform(0, 0.01))]
    found = train(folder, *dying)
    if ranks.world().rank == 0:
        (folder / "history.pickle").write_bytes(pickle.dumps({**found, "lost": ranks.world().generation}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2])
