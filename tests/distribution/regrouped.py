"""A training whose processes come and go: `regrouped.py FOLDER WHAT`, started by `launch --elastic`.

`WHAT` is "asks" (the first process writes the number that it wants into FOLDER/ranks) or "dies" (a process is killed in
the first epoch, and mpiexec in the last). FOLDER/sizes says how many
processes trained each epoch.
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

ASKED = {0: "3", 1: "2"}  # behind which epoch for how many


class Course(keras.callbacks.Callback):
    """What happens, by the first or the last process."""

    def __init__(self, folder, what):
        super().__init__()
        self.folder, self.what, self.epoch = folder, what, None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        first = ranks.world().rank == 0
        if self.what == "dies" and batch == 2:
            if self.epoch == 0 and not first and self.once("a process"):
                os.kill(os.getpid(), signal.SIGKILL)
            if self.epoch == 2 and first and self.once("mpiexec"):
                os.kill(os.getppid(), signal.SIGKILL)
                time.sleep(60)  # else the rest may be trained before whoever started it all has ended this

    def once(self, what):
        mark = self.folder / what
        return not mark.exists() and not mark.touch()

    def on_epoch_end(self, epoch, logs=None):
        if ranks.world().rank == 0:
            with open(self.folder / "sizes", "a") as file:
                file.write(f"{epoch}:{ranks.world().size} ")
            if self.what == "asks" and epoch in ASKED:
                (self.folder / "ranks").write_text(ASKED[epoch])


def main(folder, what):
    keras.distribution.initialize()
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    found = train(folder, Course(folder, what), save_freq="epoch" if what == "dies" else False)
    if ranks.world().rank == 0:
        (folder / "history.pickle").write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2])
