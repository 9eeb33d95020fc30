"""Run as a program.

`kill_while_saving.py NAME FOLDER ROUNDS SEED` kills a process that saves to FOLDER/NAME over and over, and looks at
what is left.

Prints a JSON list: for each round the number of the save that was found whole. The model that is saved as number n has
the value n in every weight.
"""

import json
import os
import random
import signal
import sys
import time
import warnings

import numpy as np

import kerasish as keras

WIDTH = 160
NAMES = ["m.keras", "folder", "m.h5", "w.h5", "m.weights.h5", "m.weights.json", "m.safetensors"]  # one a way to save


def model():
    return keras.Sequential([keras.Input((WIDTH,)), *(keras.layers.Dense(WIDTH) for _ in range(6))])


def filled(target, number):
    target.set_weights([np.full(w.shape, number, "float32") for w in target.get_weights()])
    return target


def save(target, path):
    name = os.path.basename(path)
    if name == "folder":
        target.save(path, zipped=False)
    elif name in ("m.keras", "m.h5"):
        target.save(path)
    elif name.endswith(".json"):
        target.save_weights(path, max_shard_size=2e-4)
    else:
        target.save_weights(path)


def load(path, target):
    if os.path.basename(path) in ("m.keras", "m.h5", "folder"):
        return keras.models.load_model(path)
    target.load_weights(path)
    return target


def found(path, target):
    """The one number that all weights in the file have. Raises AssertionError for a mixture."""
    values = {float(v) for w in load(path, target).get_weights() for v in (w.min(), w.max())}
    assert len(values) == 1, f"a mixture: {sorted(values)}"
    return values.pop()


def main(name, folder, rounds, seed):
    warnings.simplefilter("ignore")
    path, source, target, chance = os.path.join(folder, name), model(), model(), random.Random(int(seed))
    number = 1
    save(filled(source, number), path)
    began = time.perf_counter()
    save(source, path)
    span = max(3 * (time.perf_counter() - began), 0.04)
    seen = []
    for _ in range(int(rounds)):
        child = os.fork()
        if child == 0:
            while True:
                number += 1
                save(filled(source, number), path)
        time.sleep(chance.random() * span)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        before, number = number, max(number, int(found(path, target)))
        span *= (
            1.5 if number == before else 0.9
        )  # near the time that one or two saves take, however busy the machine is
        seen.append(number)
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
