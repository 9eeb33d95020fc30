"""Run as a program: `train_with_backups.py NAME FOLDER KILLS SEED` kills a training over and over until it is through.

Each time it is started anew on the backups in FOLDER. Prints JSON: how often it was killed, how many trainings came to
an end, how many of these differ from one that was left alone, and from how many different places it went on.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
import warnings

import numpy as np

import kerasish as keras
from kerasish import callbacks, layers

ROWS, WIDTH = 40, 6


def numbers(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


X, Y = numbers(ROWS, WIDTH), numbers(ROWS, 1)


class Noise(layers.Layer):
    """Draws without a seed of its own."""

    def call(self, x):
        return x + 0.1 * keras.random.normal((WIDTH,))


def dense(optimizer, **arguments):
    body = [layers.Dense(8, "gelu"), layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(1)]
    model = keras.Sequential([keras.Input((WIDTH,)), Noise(), *body])
    model.compile(optimizer, "mse", metrics=["mae", keras.metrics.RootMeanSquaredError()], **arguments)
    return model


def arrays(folder, backup):
    watching = [
        callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True),
        callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=0.05),
        callbacks.CSVLogger(f"{folder}/log.csv"),
        callbacks.ModelCheckpoint(f"{folder}/best.weights.h5", save_best_only=True, save_weights_only=True),
    ]
    return dense("adam"), dict(x=X, y=Y, epochs=6, batch_size=5, validation_split=0.25), [*watching, backup(3)]


def in_batches(folder, backup):
    model = dense(keras.optimizers.SGD(0.05, momentum=0.9, use_ema=True))
    model.steps_per_execution = 2
    arguments = dict(x=X, y=Y, epochs=9, batch_size=6, shuffle="batch", steps_per_epoch=3, validation_data=(X, Y))
    return model, arguments, [backup(2), callbacks.SwapEMAWeights(swap_on_epoch=True)]


class Pairs(keras.utils.PyDataset):
    def __init__(self):
        super().__init__()
        self.rows = np.arange(ROWS)

    def __len__(self):
        return ROWS // 5

    def __getitem__(self, index):
        rows = self.rows[5 * index : 5 * index + 5]
        return X[rows] + np.random.normal(size=(5, WIDTH)), Y[rows]

    def on_epoch_end(self):
        np.random.default_rng(int(self.rows.sum() + self.rows[0])).shuffle(self.rows)


def data_set(folder, backup):
    return dense("rmsprop"), dict(x=Pairs(), epochs=5, validation_data=Pairs()), [backup(1)]


def generated():
    while True:
        rows = np.random.permutation(ROWS)[:5]
        yield X[rows], Y[rows] * random.random()


def generator(folder, backup):
    falling = callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    arguments = dict(x=generated(), epochs=5, steps_per_epoch=7, validation_data=generated(), validation_steps=2)
    return dense("nadam"), arguments, [backup(2, double_checkpoint=True), falling]


class Loader:
    def __iter__(self):
        for rows in np.random.permutation(ROWS).reshape(8, 5):
            yield X[rows].reshape(5, 2, WIDTH // 2), Y[rows]


def stateful(folder, backup):
    inputs = keras.Input(batch_shape=(5, 2, WIDTH // 2))
    outputs = layers.Dense(1)(layers.GRU(4, stateful=True, dropout=0.2)(inputs))
    model = keras.Model(inputs, outputs)
    model.compile("lion", "mae", run_eagerly=True)
    return model, dict(x=Loader(), epochs=4), [backup("epoch")]


class Rivals(keras.Model):
    """Two optimizers, steps of its own."""

    def __init__(self):
        super().__init__()
        self.left, self.right = layers.Dense(1), layers.Dense(1)
        self.seen = keras.metrics.Mean("seen")

    def compile(self, **arguments):
        super().compile(**arguments)
        self.left_optimizer, self.right_optimizer = keras.optimizers.Adam(0.01), keras.optimizers.SGD(0.01, 0.9)

    def train_step(self, data):
        x, y = data
        with keras.backend.GradientTape(persistent=True) as tape:
            near = keras.ops.mean((self.left(x) - y) ** 2)
            far = keras.ops.mean((self.right(x) - self.left(x)) ** 2)
        for loss, layer, optimizer in (
            (near, self.left, self.left_optimizer),
            (far, self.right, self.right_optimizer),
        ):
            optimizer.apply(tape.gradient(loss, layer.trainable_weights), layer.trainable_weights)
        self.seen.update_state(near + far)
        return {"seen": self.seen.result()}

    @property
    def metrics(self):
        return [self.seen]


def own_steps(folder, backup, **arguments):
    model = Rivals()
    model.compile(**arguments)
    return model, dict(x=Shuffled(), epochs=4, steps_per_epoch=5), [backup(2)]


def own_steps_eagerly(folder, backup):
    return own_steps(folder, backup, run_eagerly=True)


class Shuffled:
    def __iter__(self):
        return ((X[rows], Y[rows]) for rows in np.random.permutation(ROWS).reshape(8, 5))


TRAININGS = {
    made.__name__: made for made in (arrays, in_batches, data_set, generator, stateful, own_steps, own_steps_eagerly)
}


def train(name, folder, pause=0.0):
    """A training in `folder`; returns a checksum of all that is left of it."""
    keras.utils.set_random_seed(3)
    epoch, batches = [], []

    def backup(save_freq, **arguments):
        return callbacks.BackupAndRestore(f"{folder}/backup", save_freq, **arguments)

    def at_batch(batch, logs):
        batches.append((epoch[-1], batch))
        if len(batches) == 2:  # the first one waits for the compiler
            with open(f"{folder}/../places", "a") as file:
                print(*batches[0], file=file)
        time.sleep(pause)

    wait = callbacks.LambdaCallback(
        on_epoch_begin=lambda number, logs: epoch.append(number), on_train_batch_begin=at_batch
    )
    model, arguments, watching = TRAININGS[name](folder, backup)
    history = model.fit(**arguments, verbose=0, callbacks=[*watching, wait])
    facts = [history.epoch, history.history, random.random(), np.random.random()]
    optimizers = [each for each in vars(model).values() if isinstance(each, keras.optimizers.Optimizer)]
    kept = [*model.variables, *(v for optimizer in optimizers for v in optimizer.variables)]
    facts += [v.numpy().tolist() for v in kept]
    for file in sorted(os.listdir(folder)):
        if file == "log.csv":
            facts.append(open(f"{folder}/{file}").read())
        elif file == "best.weights.h5":
            model.load_weights(f"{folder}/{file}")
            facts += [w.tolist() for w in model.get_weights()]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def in_a_child(name, folder, pause):
    child = os.fork()
    if child == 0:
        try:
            sys.stderr = open(f"{folder}/errors", "w")
            warnings.simplefilter("ignore")
            with open(f"{folder}/done.part", "w") as file:
                file.write(train(name, folder, pause))
            os.replace(f"{folder}/done.part", f"{folder}/done")
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    return child


def wait_for_a_batch(child, places, before):
    """Until a child trains; returns its status where it has ended by then, else None."""
    while os.path.getsize(places) == before:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return status
        time.sleep(0.002)
    return None


def main(name, folder, kills, seed):
    chance, kills, pause = random.Random(f"{seed} {name}"), int(kills), 0.004
    whole, places = os.path.join(folder, "whole"), os.path.join(folder, "places")
    os.makedirs(whole)
    open(places, "w").close()
    child = in_a_child(name, whole, pause)
    wait_for_a_batch(child, places, 0)
    began = time.perf_counter()
    _, status = os.waitpid(child, 0)
    assert status == 0, open(f"{whole}/errors").read()
    seconds, expected = time.perf_counter() - began, open(f"{whole}/done").read()
    killed = ended = differ = 0
    while killed < kills:
        broken = os.path.join(folder, str(ended))
        os.makedirs(broken)
        while not os.path.exists(f"{broken}/done"):
            before = os.path.getsize(places)
            child = in_a_child(name, broken, pause)
            if chance.random() < 0.1:  # while it is being prepared
                time.sleep(chance.random() * 0.5)
                status = None
            else:
                status = wait_for_a_batch(child, places, before)
                time.sleep(chance.random() * seconds * 0.4)
            found = 0 if status is None else child
            if not found:
                found, status = os.waitpid(child, os.WNOHANG)
            if not found and killed < kills:
                os.kill(child, signal.SIGKILL)
                killed += 1
            if not found:
                _, status = os.waitpid(child, 0)
            assert os.WIFSIGNALED(status) or status == 0, open(f"{broken}/errors").read()
        ended += 1
        differ += open(f"{broken}/done").read() != expected
        shutil.rmtree(broken)
    seen = len(set(open(places).read().splitlines()))
    print(json.dumps({"kills": killed, "trainings": ended, "differ": differ, "places": seen}))


if __name__ == "__main__":
    main(*sys.argv[1:])
