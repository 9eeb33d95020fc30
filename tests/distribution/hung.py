"""A process hangs while `fit` trains: `hung.py FOLDER stops|loops`. It is ended, and the others go on.

What `fit` gives goes to FOLDER/history.pickle, as of `killed.py`. Another process is slow before the first step, for
longer than the timeout: that is no hanging.
"""

import os
import pathlib
import pickle
import signal
import sys
import time

import kerasish as keras
from kerasish.backend import ranks
from tests.distribution.killed import train


class Hangs(keras.callbacks.Callback):
    def __init__(self, how):
        super().__init__()
        self.how, self.begun = how, 0

    def on_train_batch_end(self, batch, logs=None):
        self.begun += 1
        if self.begun == 7:  # in the second epoch
            if self.how == "stops":
                os.kill(os.getpid(), signal.SIGSTOP)
            while True:
                pass


class Loads(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        time.sleep(1.6 * float(os.environ["KERASISH_RANK_TIMEOUT"]))


def main(folder, how):
    keras.distribution.initialize()
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    odd = {1: [Hangs(how)], 2: [Loads()]}.get(ranks.world().rank, [])
    (folder / f"process{ranks.world().rank}").write_text(str(os.getpid()))
    found = train(folder, *odd)
    if ranks.world().rank == 0:
        (folder / "history.pickle").write_bytes(pickle.dumps({**found, "lost": ranks.world().generation}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2])
