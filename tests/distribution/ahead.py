"""Processes are lost when one of the others is through with a call that another one is still in.

In each moment below the last rank dies behind a call of all ranks. Of the others one has missed the last message of
that call, so that it stands where it was before, and the others are on their way: in another method, or another model.

`ahead.py FOLDER`: what every rank has found goes to FOLDER/RANK.pickle.
"""

import os
import pathlib
import pickle
import signal
import sys
import time

import numpy as np

import kerasish as keras
from kerasish import layers
from kerasish.backend import ranks
from kerasish.backend.variable import assign_all
from kerasish.random.seed_generator import global_state, set_global_state

X = np.random.default_rng(0).normal(size=(39, 6)).astype("float32")
Y = X.sum(axis=1, keepdims=True)
MOMENTS = ["an evaluation", "within an epoch", "a prediction", "an epoch", "weights", "single batches", "own batches"]
struck = []  # what has happened so far
made = ranks.journal.made


def made_model(seed):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


def strike(moment, *models):
    """Have the next call of all ranks end as said above, the first time that this comes."""
    world = ranks.world()
    if world is None or moment in struck:
        return
    struck.append(moment)
    late, dies = len(struck) % (world.size - 1), world.rank == world.size - 1
    last_process = world.gather(os.getpid())[-1]

    def unlike(call, *arguments, **more):
        ranks.journal.made = made
        variables = [v for model in models for v in (*model.variables, *model.optimizer.variables)]
        metrics = [v for model in models for v in model.metrics_variables]

        def missed():
            ranks_before = [(v, v.numpy()) for v in (*variables, *metrics)], global_state()
            call()
            assign_all(ranks_before[0])
            set_global_state(ranks_before[1])
            while os.path.exists(f"/proc/{last_process}/stat") and not _is_dead(last_process):
                time.sleep(0.01)
            calls.append(1)
            raise ranks.RankLost("The last message did not come.")

        calls = []
        mine = (lambda: call() if calls else missed()) if world.rank == late else call
        found = made(mine, *arguments, **more)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    ranks.journal.made = unlike


def _is_dead(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


class Strikes(keras.callbacks.Callback):
    """At the last batch of an evaluation or a prediction."""

    def __init__(self, moment, *models):
        super().__init__()
        self.moment, self.models = moment, models

    def on_test_batch_begin(self, batch, logs=None):
        if batch == 3:
            strike(self.moment, *self.models)

    def on_predict_batch_end(self, batch, logs=None):
        if batch == 3:
            strike(self.moment, *self.models)


class Looks(keras.callbacks.Callback):
    """Evaluates and predicts while `fit` trains, by the model itself and by another one."""

    def __init__(self, other):
        super().__init__()
        self.other, self.found = other, []

    def on_train_batch_end(self, batch, logs=None):
        self.model.optimizer.learning_rate = 0.01 / (1 + batch)
        if batch == 1 and len(self.found) == 3:
            models = self.model, self.other
            result = self.other.evaluate(
                X, Y, batch_size=10, verbose=0, callbacks=[Strikes("within an epoch", *models)]
            )
            self.found.append(result)

    def on_epoch_end(self, epoch, logs=None):
        models = self.model, self.other
        if epoch == 0:
            result = self.model.evaluate(X, Y, batch_size=10, verbose=0, callbacks=[Strikes("an evaluation", *models)])
            self.found.append(result)
            whole = self.model.predict(X, batch_size=10, verbose=0, callbacks=[Strikes("a prediction", *models)])
            self.found += [whole, self.other.train_on_batch(X, Y)]
        if epoch == 1:
            strike("an epoch", *models)
        if epoch == 2:
            fresh = made_model(5)
            fresh.build((None, 6))
            strike("weights")
            self.found.append(fresh.evaluate(X, Y, batch_size=10, verbose=0))


def trained():
    """What all ranks find alike, and one process too."""
    model, other = made_model(1), made_model(2)
    looks = Looks(other)
    history = model.fit(X, Y, batch_size=10, epochs=4, validation_split=0.3, verbose=0, callbacks=[looks]).history
    singles = []
    for number in range(4):
        if number == 2:
            strike("single batches", other)
        singles.append(other.train_on_batch(X[number : number + 20], Y[number : number + 20]))
    weights = [v.numpy() for v in (*model.variables, *other.variables) if v.dtype == "float32"]
    return {"history": history, "found": looks.found, "singles": singles, "weights": weights}


def of_own_batches():
    """The losses of a training in which each brings its own rows."""
    model, rank = made_model(3), ranks.world().rank
    begun = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: batch == 1 and strike("own batches"))
    with keras.distribution.DataParallel(auto_shard_dataset=False).scope():
        own = slice(rank, 24 + rank)
        history = model.fit(X[own], Y[own], batch_size=6 + rank, epochs=2, verbose=0, callbacks=[begun]).history
    return {"history": history, "weights": [v.numpy() for v in model.variables if v.dtype == "float32"]}


def main(folder):
    keras.distribution.initialize()
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    rank, found = ranks.world().rank, trained()
    found["own"] = of_own_batches()
    assert sorted(struck) == sorted(MOMENTS) and ranks.world().generation == len(MOMENTS), struck
    (folder / f"{rank}.pickle").write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
