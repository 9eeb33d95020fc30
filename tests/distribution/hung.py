"""A process hangs while `fit` trains, at a moment that a seed chooses; it is ended, and the others go on.

`hung.py FOLDER SEED`: it is stopped by a signal where the seed is even, and loops for ever where it is odd. What `fit`
gives goes to FOLDER/history.pickle, as of `killed.py`, and who hangs to FOLDER/hangs. Another process is slow before
the first step, for longer than the timeout: that is no hanging.
"""

import os
import pathlib
import pickle
import signal
import sys
import time

import numpy as np

import kerasish as keras
from kerasish.backend import ranks
from tests.distribution.killed import BATCHES, Dies, train


class Loops(Dies):
    def on_train_batch_end(self, batch, logs=None):
        while self.begun == self.batches:
            pass


class Loads(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        time.sleep(1.6 * float(os.environ["KERASISH_RANK_TIMEOUT"]))


def main(folder, seed):
    keras.distribution.initialize()
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    chance, world, odd = np.random.default_rng(seed), ranks.world(), []
    hangs = int(chance.integers(world.size))
    if world.rank == hangs:
        (folder / "hangs").write_text(f"{hangs} {os.getpid()}")
        odd = [(Loops if seed % 2 else Dies)(chance.integers(1, BATCHES), chance.uniform(0, 0.01), signal.SIGSTOP)]
    elif world.rank == (hangs + 1) % world.size:
        odd = [Loads()]
    found = train(folder, *odd)
    if ranks.world().rank == 0:
        (folder / "history.pickle").write_bytes(pickle.dumps({**found, "lost": ranks.world().generation}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
