"""Decisions of the callbacks against those of real Keras: a table of settings, random courses of a training."""

import inspect
import random
import warnings

import keras
import numpy as np
import pytest
from callback_driver import Model, Optimizer, train

import kerasish
from kerasish import callbacks

NAMES = [
    "BackupAndRestore",
    "Callback",
    "CallbackList",
    "CSVLogger",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]

ADDED = {  # which Keras has not
    "ModelCheckpoint": ("max_to_keep", "background"),
    "TensorBoard": ("write_activations", "write_gradients", "hparams"),
}

SETTINGS = [
    ("EarlyStopping", dict()),
    ("EarlyStopping", dict(patience=2)),
    ("EarlyStopping", dict(patience=3, min_delta=0.1)),
    ("EarlyStopping", dict(patience=3, min_delta=-0.1, mode="max")),
    ("EarlyStopping", dict(patience=2, baseline=0.4)),
    ("EarlyStopping", dict(patience=4, baseline=0.2, restore_best_weights=True)),
    ("EarlyStopping", dict(patience=1, restore_best_weights=True, start_from_epoch=3)),
    ("EarlyStopping", dict(patience=2, mode="max", restore_best_weights=True, baseline=0.7, verbose=1)),
    ("EarlyStopping", dict(monitor="loss", patience=5, min_delta=0.1, restore_best_weights=True, verbose=1)),
    ("ReduceLROnPlateau", dict(patience=1)),
    ("ReduceLROnPlateau", dict(patience=2, factor=0.5, min_delta=0.1, verbose=1)),
    ("ReduceLROnPlateau", dict(patience=1, factor=0.3, cooldown=2, min_lr=0.01, verbose=1)),
    ("ReduceLROnPlateau", dict(patience=0, factor=0.5, mode="max", min_delta=0, min_lr=0.05)),
    ("ReduceLROnPlateau", dict(monitor="loss", patience=3, cooldown=1, factor=0.9)),
    ("ModelCheckpoint", dict(filepath="{epoch:02d}-{val_loss:.2f}.keras", verbose=1)),
    ("ModelCheckpoint", dict(filepath="best.keras", save_best_only=True, verbose=1)),
    ("ModelCheckpoint", dict(filepath="best.weights.h5", save_best_only=True, save_weights_only=True, mode="max")),
    ("ModelCheckpoint", dict(filepath="b.h5", save_best_only=True, initial_value_threshold=0.3, verbose=1)),
    ("ModelCheckpoint", dict(filepath="{epoch}-{batch}-{loss:.1f}.keras", save_freq=3, verbose=1)),
    ("ModelCheckpoint", dict(filepath="{epoch}.weights.h5", save_freq=7, save_weights_only=True)),
]


STATE = ("wait", "best", "best_epoch", "stopped_epoch", "best_weights", "cooldown_counter")


def course(seed):
    """Logs of 12 epochs. Values have one digit, so that there are ties, and changes of exactly `min_delta`."""
    draw = random.Random(seed)
    return [{"loss": draw.randint(0, 9) / 10, "val_loss": draw.randint(0, 9) / 10} for _ in range(12)]


def run(module, name, settings, logs, capsys):
    """What is decided: everything of the model and the callback that shows."""
    model = Model(optimizer=Optimizer())
    seen = []
    callback = getattr(module, name)(**settings)

    class Observe(module.Callback):
        def on_epoch_end(self, epoch, logs=None):
            state = {key: getattr(callback, key, None) for key in STATE}
            seen.append((state, logs, model.stop_training, model.optimizer.learning_rate))

    batch_logs = lambda epoch, batch: {"loss": epoch + batch / 10}  # noqa: E731
    train(module.CallbackList([callback, Observe()], model=model), logs, batches=5, batch_logs=batch_logs)
    said = [line for line in capsys.readouterr().out.splitlines() if line]
    return seen, model.weights, model.saved, said


@pytest.mark.parametrize("name, settings", SETTINGS, ids=lambda value: str(value))
def test_decides_like_keras(name, settings, capsys):
    for seed in range(12):
        ours = run(callbacks, name, settings, course(seed), capsys)
        theirs = run(keras.callbacks, name, settings, course(seed), capsys)
        assert ours == theirs, f"course {seed}"


def test_courses_do_differ():
    """The table above would be empty if all courses ended alike."""
    ends = set()
    for seed in range(12):
        model = Model()
        train(callbacks.CallbackList([callbacks.EarlyStopping(patience=2)], model=model), course(seed))
        ends.add(model.weights)
    assert len(ends) > 3


@pytest.mark.parametrize("name", NAMES)
def test_signatures(name):
    """Old spellings may add **kwargs."""

    def parameters(function):
        found = [(p.name, p.default) for p in inspect.signature(function).parameters.values()]
        return [pair for pair in found if pair[0] not in ("kwargs", *ADDED.get(name, ()))]

    ours, theirs = getattr(callbacks, name), getattr(keras.callbacks, name)
    assert parameters(ours.__init__) == parameters(theirs.__init__)
    for method, function in vars(theirs).items():
        if callable(function) and not method.startswith("_"):
            assert parameters(getattr(ours, method)) == parameters(function), method


@pytest.mark.parametrize("schedule", [lambda epoch, rate: rate * 0.5, lambda epoch: 1.0 / (epoch + 1)])
def test_learning_rate_scheduler(schedule, capsys):
    results = []
    for module in (callbacks, keras.callbacks):
        model, history = Model(), module.History()
        scheduler = module.LearningRateScheduler(schedule, verbose=1)
        train(module.CallbackList([scheduler, history], model=model), course(0)[:4])
        said = [line for line in capsys.readouterr().out.splitlines() if line]
        results.append((history.history, history.epoch, model.optimizer.learning_rate, said))
    assert results[0] == results[1]
    assert list(results[0][0]) == list(results[1][0]) and len(results[0][3]) == 4


SCHEDULES = [
    ("LearningRateScheduler", {"schedule": lambda epoch, rate: rate / 2}),
    ("ReduceLROnPlateau", {"patience": 0}),
]


@pytest.mark.parametrize("name, settings", SCHEDULES)
def test_several_optimizers(name, settings, capsys):
    results = []
    for module in (callbacks, keras.callbacks):
        model, history = Model(), module.History()
        model.optimizer.optimizers = [Optimizer(0.5, "a"), Optimizer(0.25, "b")]
        callback = getattr(module, name)(verbose=1, **settings)
        train(module.CallbackList([callback, history], model=model), course(1)[:4])
        results.append((history.history, [line for line in capsys.readouterr().out.splitlines() if line]))
    assert results[0] == results[1]
    assert {"learning_rate_a", "learning_rate_b"} <= set(results[0][0])


CSV_COURSES = {
    "plain": [{"loss": 0.5, "accuracy": 1.0}, {"loss": 0.25, "accuracy": 0.5}],
    "validated": [{"val_loss": 0.5, "loss": 1.0}, {"loss": 0.25, "val_loss": 2.0}],
    "validated later": [{"loss": 0.5}, {"loss": 0.25, "val_loss": 0.75}],
    "strings": [{"loss": 0.5, "note": "a, b"}],
    "empty": [{}],
}


@pytest.mark.parametrize("append", [False, True])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("case", CSV_COURSES)
def test_csv_logger(case, separator, append, tmp_path):
    texts = []
    for module in (callbacks, keras.callbacks):
        path = tmp_path / f"{module.__name__}.csv"
        for _ in range(2):
            logger = module.CSVLogger(path, separator=separator, append=append)
            train(module.CallbackList([logger], model=Model()), CSV_COURSES[case])
        train(module.CallbackList([logger], model=Model()), CSV_COURSES[case])
        texts.append(path.read_bytes())
    assert texts[0] == texts[1]
    assert texts[0].startswith(b"epoch")


def test_hooks_are_called_in_the_same_order():
    calls = []
    for module in (callbacks, keras.callbacks):
        seen = []
        names = [name for name in dir(module.Callback) if name.startswith("on_")]

        def record(name, seen=seen):
            return lambda *args, **kwargs: seen.append((name, args, kwargs))

        class Old(module.Callback):
            events = seen

            def on_batch_end(self, batch, logs=None):
                self.events.append(("old", batch, logs))

        every = module.LambdaCallback(**{name: record(name) for name in names})
        many = module.CallbackList([every, Old()], model=Model())
        train(many, [{"loss": 1, "b": {"c": 2}}], batches=2)
        for name in names:
            getattr(many, name)(*([3] if "batch" in name or "epoch" in name else []), logs={"z": 1.0, "a": 2.0})
        calls.append(seen)
    assert calls[0] == calls[1]
    assert len(calls[0]) > 20


def test_directions_that_keras_knows():
    """Metrics that tell their direction in Keras have names by which "auto" finds the same here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in dir(keras.metrics):
            kind = getattr(keras.metrics, name)
            if not inspect.isclass(kind) or not issubclass(kind, keras.metrics.Metric):
                continue
            try:
                metric = kind()
            except TypeError:
                continue  # It wants arguments; its kin are here.
            direction = getattr(metric, "_direction", None)
            if direction is not None:
                monitor = callbacks.EarlyStopping(f"val_{metric.name}")
                monitor.set_model(Model())
                assert monitor._is_improvement(1.0, 0.0) == (direction == "up"), metric.name


def test_keras_reads_checkpoints_of_orbax(tmp_path):
    def made(library):
        model = library.Sequential([library.Input((3,)), library.layers.Dense(2, name="dense")], name="model")
        model.compile("adam", "mse")
        return model

    ours, theirs = made(kerasish), made(keras)
    save = callbacks.OrbaxCheckpoint(tmp_path)
    ours.fit(np.ones((4, 3)), np.ones((4, 2)), epochs=2, verbose=0, callbacks=[save])
    theirs.load_weights(tmp_path)
    for mine, read in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, read)
