"""Small files of every format, ways to damage them, and what must hold of whatever is then loaded.

A campaign runs in child processes, so that a crash of HDF5 is found as well. `tests/attacks` has them.
"""

import contextlib
import copy
import functools
import json
import math
import os
import resource
import shutil
import signal
import tempfile
import warnings

import numpy as np

import kerasish as keras
from kerasish.files.tfjs.writing import export
from tests.files.bundles import write_checkpoint, write_saved_model

X = np.linspace(-1, 1, 10, dtype="float32").reshape(2, 5)
SECONDS = 30
GROWTH = 1_000_000  # kilobytes that loading 200 small files may add to the most memory that a process ever had


class Hang(BaseException):
    """An example took too long. No Exception, so that nothing catches it."""


@contextlib.contextmanager
def no_hang():
    def ring(*_):
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@functools.cache
def source():
    """A model with a branch, a nested model, running statistics, a bidirectional layer and an optimizer's state."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((5,), name="in")
    inner = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(3, "relu"), keras.layers.BatchNormalization()], name="inner"
    )
    sequence = keras.layers.Bidirectional(keras.layers.LSTM(2))(keras.layers.Reshape((5, 1))(inputs))
    outputs = keras.layers.Dense(2, kernel_regularizer="l2")(keras.layers.Concatenate()([inner(inputs), sequence]))
    model = keras.Model(inputs, outputs, name="fuzzed")
    model.compile("adam", "mse", metrics=["mae"])
    model.train_on_batch(X, X[:, :2])
    return model


@functools.cache
def small():
    """For weights alone: little data, so that most of the file says how it is made."""
    model = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(3), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
    )
    model.set_weights(
        [np.arange(math.prod(w.shape), dtype="float32").reshape(w.shape) + 1 for w in model.get_weights()]
    )
    return model


BLANK = -7.0


def blank():
    target = keras.models.clone_model(small())
    target.set_weights([np.full(w.shape, BLANK, "float32") for w in target.get_weights()])
    return target


class Format:
    """How a file of one format is written, and what holds after a damaged one was tried.

    Args:
        name: of the file; write: function of the path.
        attempt: function of the path that loads it and checks what came; it raises ValueError for a file that is
            refused.
    """

    def __init__(self, name, write, attempt):
        self.name, self.write, self.attempt = name, write, attempt

    @functools.cached_property
    def good(self):
        """Dict from file name to bytes: one file, or the index and the shards."""
        with tempfile.TemporaryDirectory() as folder:
            self.write(os.path.join(folder, self.name))
            return {name: open(os.path.join(folder, name), "rb").read() for name in files_below(folder)}

    def check(self, which, edits):
        """Damage the file numbered `which` by `edits`, load, and look. Returns whether it was refused."""
        files = dict(self.good)
        name = list(files)[which % len(files)]
        files[name] = damaged(files[name], edits)
        folder = tempfile.mkdtemp()
        try:
            for each, data in files.items():
                os.makedirs(os.path.dirname(os.path.join(folder, each)), exist_ok=True)
                with open(os.path.join(folder, each), "wb") as file:
                    file.write(data)
            with no_hang(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    self.attempt(os.path.join(folder, self.name), edits)
                except ValueError as error:
                    assert str(error), "an empty message"
                    return True
            assert files_below(folder) == sorted(files)
        finally:
            shutil.rmtree(folder)
        return False


def files_below(folder):
    found = (os.path.join(where, name) for where, _, names in os.walk(folder) for name in names)
    return sorted(os.path.relpath(path, folder) for path in found)


def damaged(data, edits):
    """`data` after a list of (kind, place from 0 to 1, value)."""
    data = bytearray(data)
    for kind, place, value in edits:
        spot = min(int(place * len(data)), max(0, len(data) - 1))
        if kind == "flip" and data:
            data[spot] ^= 1 << value % 8
        elif kind == "byte" and data:
            data[spot] = value % 256
        elif kind == "cut":
            del data[spot:]
        elif kind == "drop":
            del data[spot : spot + 1 + value % 64]
        elif kind == "double":
            data[spot:spot] = data[spot : spot + 1 + value % 64]
        elif kind == "number":
            data[spot : spot + 8] = NUMBERS[value % len(NUMBERS)]
    return bytes(data)


KINDS = ("flip", "byte", "cut", "drop", "double", "number")
NUMBERS = [
    n.to_bytes(8, "little", signed=n < 0) for n in (0, 1, -1, 2**31 - 1, 2**31, 2**32, 2**40, 2**62, 2**63 - 1, 96, 800)
]


def attempt_model(path, edits):
    """There are checksums in every format: what loads is the model that was saved."""
    model = keras.models.load_model(path)
    for ours, theirs in zip(model.get_weights(), source().get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(model.predict(X, verbose=0), source().predict(X, verbose=0))


def attempt_weights(path, edits):
    """Refused: no variable has changed. Loaded: all are as they were saved."""
    target = blank()
    before = target.get_weights()
    try:
        target.load_weights(path)
    except BaseException:
        assert all(np.array_equal(now, then) for now, then in zip(target.get_weights(), before)), "loaded by half"
        raise
    for ours, theirs in zip(target.get_weights(), small().get_weights(), strict=True):
        assert np.array_equal(ours, theirs)


def attempt_json(path, edits):
    with open(path, "rb") as file:
        text = file.read()
    model = keras.models.model_from_json(text.decode("utf-8"))
    assert isinstance(model.to_json(), str)


def attempt_saved_model(path, edits):
    """Its config has no checksum, so that another model may come of it: of the numbers that were saved alone."""
    model = keras.models.load_model(path, compile=False)
    for ours in model.get_weights():
        assert any(np.array_equal(ours, theirs) for theirs in small().get_weights()), "other numbers"


def attempt_tfjs(path, edits):
    """Nothing has a checksum in this format: any model may come of it that is one."""
    model = keras.models.load_model(path, compile=False)
    assert len(model.get_weights()) == len(model.weights)


def write_json(path):
    with open(path, "w") as file:
        file.write(source().to_json())


FORMATS = {
    each.name: each
    for each in (
        Format("m.keras", lambda path: source().save(path), attempt_model),
        Format("m.h5", lambda path: source().save(path), attempt_model),
        Format("w.weights.h5", lambda path: small().save_weights(path), attempt_weights),
        Format("w.h5", lambda path: small().save_weights(path), attempt_weights),
        Format("w.weights.json", lambda path: small().save_weights(path, max_shard_size=1e-7), attempt_weights),
        Format("w.safetensors", lambda path: small().save_weights(path), attempt_weights),
        Format("m.json", write_json, attempt_json),
        Format("ckpt", lambda path: write_checkpoint(small(), path), attempt_weights),
        Format("tfjs", lambda path: export(small(), path), attempt_tfjs),
        Format("saved_model", lambda path: write_saved_model(small(), path), attempt_saved_model),
    )
}

# -- configs whose structure is sound and whose values are not -------------------------------------------------------

VALUES = [
    None,
    True,
    False,
    0,
    1,
    -1,
    3,
    10**6,
    10**12,
    10**30,
    0.5,
    -1.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "relu",
    "float32",
    "in",
    [],
    [1],
    [None, 5],
    [[]],
    {},
    {"a": 1},
    {"class_name": "Dense", "config": {"units": 2}},
    {"class_name": "__tuple__", "config": {"value": 3}},
    {"class_name": "__lambda__", "config": {"value": ["", None, None]}},
]


def places(data, path=()):
    """Paths of all items of a nested structure."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def edited(config, edits):
    """`config` after a list of (place from 0 to 1, value): an item is replaced, removed, or moved to another place."""
    config = copy.deepcopy(config)
    for place, value in edits:
        spots = list(places(config))
        if not spots:
            break
        path = spots[min(int(place * len(spots)), len(spots) - 1)]
        holder = functools.reduce(lambda data, key: data[key], path[:-1], config)
        if value < len(VALUES):
            holder[path[-1]] = copy.deepcopy(VALUES[value])
        elif value % 2:
            del holder[path[-1]]
        else:
            other = spots[(int(place * 7919) + value) % len(spots)]
            holder[path[-1]] = copy.deepcopy(functools.reduce(lambda data, key: data[key], other, config))
    return config


def check_config(edits):
    """Load the config of `source` after `edits`. Returns whether it was refused."""
    text = json.dumps(edited(json.loads(source().to_json()), edits))
    with no_hang(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = keras.models.model_from_json(text)
        except ValueError as error:
            assert str(error), "an empty message"
            return True
    assert isinstance(model, keras.layers.Layer)
    return False


# -- a campaign --------------------------------------------------------------------------------------------------


def example(chance, name):
    """What is done to a file, or a config: drawn from a `random.Random`."""
    count = chance.choice((1, 1, 1, 2, 4))
    if name == "config":
        return [(chance.random(), chance.randrange(len(VALUES) + 12)) for _ in range(count)]
    if chance.random() < 0.2:
        return chance.randrange(64), [("cut", chance.random(), 0)]
    return chance.randrange(64), [(chance.choice(KINDS), chance.random(), chance.randrange(256)) for _ in range(count)]


def tried(name, case):
    """What came of a case: "refused", "loaded", or what went wrong."""
    try:
        return "refused" if (check_config(case) if name == "config" else FORMATS[name].check(*case)) else "loaded"
    except BaseException as error:
        return f"FAILED {type(error).__name__}: {str(error)[:300]!r}"


def campaign(name, cases):
    """(how many were refused, list of what failed), in child processes: one that dies is found, and what it died of.

    Args:
        name: of a format, or "config".
        cases: list of (what reproduces it, example).
    """
    refused, failures = 0, []
    FORMATS[name].good if name in FORMATS else source()
    for start in range(0, len(cases), 200):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            with os.fdopen(write, "w") as out:
                for which, case in cases[start : start + 200]:
                    print("try", which, file=out, flush=True)
                    print(tried(name, case), file=out, flush=True)
                grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
                if grown > GROWTH:
                    print(f"FAILED small files took {grown:,} kilobytes", file=out, flush=True)
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as lines:
            last = None
            for line in map(str.strip, lines):
                refused += line == "refused"
                if line.startswith("FAILED"):
                    failures.append(f"{name}, {last}: {line}")
                last = line if line.startswith("try") else last
        status = os.waitpid(child, 0)[1]
        if status:
            failures.append(f"{name}, {last}: the process died ({status})")
    return refused, failures
