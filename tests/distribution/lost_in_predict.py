"""A process is killed in the midst of a `predict`: the others give the whole answer. A generator can't begin anew."""

import os
import signal

import numpy as np

import kerasish as keras
from kerasish import layers
from kerasish.backend import ranks

keras.distribution.initialize()
keras.distribution.set_distribution(keras.distribution.DataParallel())
RANK = ranks.world().rank
X = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")


class Dies(keras.callbacks.Callback):
    """One process, at its fourth batch."""

    def __init__(self, rank):
        super().__init__()
        self.rank = rank

    def on_predict_batch_end(self, batch, logs=None):
        if batch == 3 and self.rank == RANK:
            os.kill(os.getpid(), signal.SIGKILL)


def main():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(2)])
    whole = model.predict(X, batch_size=7, verbose=0)
    found = model.predict(X, batch_size=7, verbose=0, callbacks=[Dies(1)])
    np.testing.assert_allclose(found, whole, rtol=1e-5, atol=1e-6)
    assert ranks.world().size == 2
    try:
        model.predict((X[at : at + 7] for at in range(0, 50, 7)), verbose=0, callbacks=[Dies(2)])
    except ranks.RankFault as error:
        print(error)
    np.testing.assert_allclose(model.predict(X, batch_size=7, verbose=0), whole, rtol=1e-5, atol=1e-6)


if __name__ == "__main__":
    main()
