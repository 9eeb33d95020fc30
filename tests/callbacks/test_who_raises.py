"""Whoever raises, and whenever: the model goes on, threads are gone, `History` has what was, files are whole.

Ctrl-C at random times is in `tests/attacks/test_interrupted_trainings.py`.
"""

import csv
import multiprocessing
import os
import signal
import threading

import numpy as np
import pytest
from event_files import scalars

import kerasish as keras
from kerasish import callbacks, layers
from kerasish.callbacks.callback import HOOKS

X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = X[:, :1]
EPOCHS, BATCHES = 3, 4


class Raised(Exception):
    pass


class At:
    """Raises when it is asked for the so many-th time."""

    def __init__(self, number, error=Raised):
        self.left, self.error = number, error

    def __call__(self, *args, **kwargs):
        self.left -= 1
        if self.left == 0:
            if self.error is KeyboardInterrupt:
                signal.raise_signal(signal.SIGINT)
            else:
                raise self.error("on purpose")


class Pairs(keras.utils.PyDataset):
    def __init__(self, at, **kwargs):
        super().__init__(**kwargs)
        self.at = at

    def __len__(self):
        return BATCHES

    def __getitem__(self, index):
        if index == 2:
            self.at()
        return X[6 * index : 6 * index + 6], Y[6 * index : 6 * index + 6]


class Loss(keras.losses.Loss):
    def __init__(self, at):
        super().__init__()
        self.at = at

    def call(self, y_true, y_pred):
        self.at()
        return keras.ops.mean((y_true - y_pred) ** 2, axis=-1)


class Metric(keras.metrics.Mean):
    def __init__(self, at):
        super().__init__("own")
        self.at = at

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.at()
        return super().update_state(y_pred)


def generated(at):
    while True:
        for start in range(0, 24, 6):
            at()
            yield X[start : start + 6], Y[start : start + 6]


def made(loss="mse", metrics=(), **arguments):
    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dropout(0.2), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(use_ema=True), loss, metrics=list(metrics), **arguments)
    return model


def raising(who, at):
    """(model, arguments of fit, callbacks) where `who` asks `at`."""
    arrays = {"x": X, "y": Y, "batch_size": 6, "validation_data": (X, Y)}
    if who in HOOKS:
        return made(), arrays, [callbacks.LambdaCallback(**{who: at})]
    if who == "loss":
        return made(Loss(at), run_eagerly=True), arrays, []
    if who == "metric":
        return made(metrics=[Metric(at)], run_eagerly=True), arrays, []
    if who == "generator":
        return made(), {"x": generated(at), "steps_per_epoch": BATCHES, "validation_data": (X, Y)}, []
    if who == "validation":
        return made(), {**arrays, "validation_data": generated(at), "validation_steps": 4}, []
    workers = {"threads": {"workers": 2}, "processes": {"workers": 1, "use_multiprocessing": True}}.get(who, {})
    return made(), {"x": Pairs(at, **workers), "shuffle": False, "validation_data": (X, Y)}, []


ONCE = ("on_train_begin", "on_train_end")
TABLE = [
    *(
        (hook, number)
        for hook in HOOKS
        if "predict" not in hook
        for number in (1, 2)
        if number == 1 or hook not in ONCE
    ),
    *((who, number) for who in ("loss", "metric", "generator", "validation") for number in (1, 3, 6)),
    *((who, number) for who in ("data set", "threads") for number in (1, 2)),
    ("processes", 1),
]
CASES = [
    (who, number, error)
    for error in (Raised, KeyboardInterrupt)
    for who, number in TABLE
    if error is Raised or who not in ("threads", "processes")  # signals come to the main thread
]


def threads():
    return {t for t in threading.enumerate() if not t.name.startswith("kerasish-team")}


@pytest.mark.parametrize("who, number, error", CASES)
def test_who_raises(tmp_path, who, number, error):
    ended, before = [], threads()
    model, arguments, raiser = raising(who, At(number, error))
    written = [
        callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ended.append(epoch)),
        callbacks.CSVLogger(tmp_path / "log.csv"),
        callbacks.ModelCheckpoint(tmp_path / "model.keras"),
        callbacks.SwapEMAWeights(),
        callbacks.TensorBoard(tmp_path / "logs", update_freq="batch"),
    ]
    with pytest.raises(error):
        model.fit(**arguments, epochs=EPOCHS, verbose=0, callbacks=[*written, *raiser])

    assert threads() == before and not multiprocessing.active_children()
    history = getattr(model, "history", None) or callbacks.History()  # none before the first batch is looked at
    assert history.epoch == (ended[:-1] if who == "on_epoch_end" else ended)
    assert {len(values) for values in history.history.values()} <= {len(history.epoch)}
    rows = list(csv.reader(open(tmp_path / "log.csv"))) if hasattr(model, "history") else []
    assert len(rows) == (len(ended) + 1 if ended else 0) and len({len(row) for row in rows}) <= 1
    if ended:
        assert len(keras.saving.load_model(tmp_path / "model.keras", compile=False).get_weights()) == 4
        assert [step for step, _ in scalars(tmp_path / "logs" / "train")["epoch_loss"]] == ended
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]
    assert model._course is None

    # It goes on, and from the weights that were trained, not from averages that stood in for them.
    again = model.fit(X, Y, batch_size=6, epochs=2, validation_data=(X, Y), verbose=0, callbacks=written)
    assert again.epoch == [0, 1] and np.isfinite(again.history["val_loss"]).all()
    assert np.isfinite(model.evaluate(X, Y, verbose=0)).all() and model.predict(X, verbose=0).shape == (24, 1)


@pytest.mark.parametrize("batch", [1, 4, 5])
def test_the_weights_are_those_of_the_steps_that_were(batch):
    """Averages stand in while the model is validated; an error there gives the trained ones back."""

    def trained(callback, steps):
        model = made()
        try:
            model.fit(
                X, Y, batch_size=6, epochs=2, shuffle=False, validation_data=(X, Y), verbose=0, callbacks=callback
            )
        except Raised:
            pass
        assert int(model.optimizer.iterations) == steps
        return model.get_weights()

    cut = callbacks.LambdaCallback(on_test_batch_end=At(batch))
    steps = 4 if batch <= 4 else 8
    found = trained([callbacks.SwapEMAWeights(), cut], steps)
    expected = trained([callbacks.LambdaCallback(on_test_batch_end=At(batch))], steps)
    for a, b in zip(found, expected):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", ["evaluate", "predict"])
@pytest.mark.parametrize("moment", ["begin", "batch_begin", "batch_end", "end"])
def test_evaluate_and_predict(kind, moment):
    model, before = made(), threads()
    model.fit(X, Y, verbose=0)
    weights = model.get_weights()
    hook = f"on_{'test' if kind == 'evaluate' else kind}_{moment}"
    watching = [callbacks.SwapEMAWeights(), callbacks.LambdaCallback(**{hook: At(1)})]
    arguments = (X, Y) if kind == "evaluate" else (X,)
    with pytest.raises(Raised):
        getattr(model, kind)(*arguments, verbose=0, callbacks=watching)
    for a, b in zip(weights, model.get_weights()):
        np.testing.assert_array_equal(a, b)
    getattr(model, kind)(*arguments, verbose=0, callbacks=watching)
    assert threads() == before


def test_a_callback_that_cannot_clean_up():
    class Clumsy(callbacks.Callback):
        def _abandon(self):
            raise OSError("no")

    with pytest.raises(Raised), pytest.warns(UserWarning, match="Clumsy could not clean up"):
        made().fit(X, Y, verbose=0, callbacks=[Clumsy(), callbacks.LambdaCallback(on_epoch_end=At(1))])
