"""BackupAndRestore: a training that was cut off goes on where it was, and only where it belongs.

`tests/attacks/test_killed_trainings.py` kills processes; here an error ends a training, which tells more.
"""

import itertools
import os

import numpy as np
import pytest

import kerasish as keras
from kerasish import callbacks, layers
from kerasish.callbacks.state_file import read_state, write_state
from kerasish.ops import convert_to_numpy

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = X[:, :1]


class Cut(Exception):
    pass


class At(callbacks.Callback):
    """Raises before a batch, and notes what it sees."""

    def __init__(self, epoch=None, batch=0):
        super().__init__()
        self.cut, self.seen = (epoch, batch), []

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append((self.epoch, batch))
        if self.seen[-1] == self.cut:
            raise Cut


def made(optimizer="adam", width=4, **arguments):
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(width), layers.Dropout(0.5), layers.Dense(1)])
    model.compile(optimizer, "mse", metrics=["mae"], **arguments)
    return model


def train(folder, at=None, model=None, save_freq=1, extra=(), keep=False, double=False, **arguments):
    at = at or At()
    model = model or made()
    backup = callbacks.BackupAndRestore(folder, save_freq, double_checkpoint=double, delete_checkpoint=not keep)
    arguments = {"x": X, "y": Y, "batch_size": 4, "epochs": 3, **arguments}
    try:
        model.fit(**arguments, verbose=0, callbacks=[backup, at, *extra])
    except Cut:
        pass
    return model, at.seen


def same(first, second):
    ours, theirs = ([*model.variables, *model.optimizer.variables] for model in (first, second))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(convert_to_numpy(a), convert_to_numpy(b))
    assert first.history.history == second.history.history and first.history.epoch == second.history.epoch


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("cut", list(itertools.product(range(3), range(3))))
def test_goes_on_at_the_batch(tmp_path, cut, eagerly):
    whole, _ = train(tmp_path / "a", model=made(run_eagerly=eagerly))
    train(tmp_path / "b", At(*cut), model=made(run_eagerly=eagerly))
    gone_on, seen = train(tmp_path / "b", model=made(run_eagerly=eagerly))
    same(whole, gone_on)
    places = list(itertools.product(range(3), range(3)))
    assert seen == places[places.index(cut) :]
    assert not os.listdir(tmp_path), "backups of what is done are removed"


@pytest.mark.parametrize("save_freq, first", [("epoch", (1, 0)), (2, (1, 1)), (3, (1, 0)), (False, (0, 0))])
def test_what_save_freq_means(tmp_path, save_freq, first):
    train(tmp_path, At(1, 2), save_freq=save_freq)
    _, seen = train(tmp_path, save_freq=save_freq)
    assert seen[0] == first


@pytest.mark.parametrize("save_freq", [0, -1, 1.5, True, "batch", None])
def test_other_frequencies_are_refused(save_freq):
    with pytest.raises(ValueError, match="save_freq"):
        callbacks.BackupAndRestore("folder", save_freq)


def test_an_empty_folder_is_refused():
    with pytest.raises(ValueError, match="backup_dir"):
        callbacks.BackupAndRestore("")


def test_in_the_same_process_with_the_same_model(tmp_path):
    """The example of Keras's documentation, but that the history is whole."""
    model = made()
    train(tmp_path, At(2), model, save_freq="epoch")
    history = train(tmp_path, None, model, save_freq="epoch")[0].history
    assert history.epoch == [0, 1, 2] and len(history.history["loss"]) == 3


def test_a_training_that_is_done_stays_done(tmp_path):
    whole, _ = train(tmp_path, keep=True, save_freq="epoch")
    assert os.listdir(tmp_path) == ["latest.backup"]
    again, seen = train(tmp_path, keep=True, save_freq="epoch")
    same(whole, again)
    assert seen == []
    longer, seen = train(tmp_path, epochs=4, save_freq="epoch")
    assert [epoch for epoch, _ in seen] == [3, 3, 3] and longer.history.epoch == [0, 1, 2, 3]


def test_one_that_had_stopped_early_stays_stopped(tmp_path):
    def stop():
        return callbacks.EarlyStopping("loss", patience=0, baseline=-1.0)

    _, seen = train(tmp_path, extra=[stop()], keep=True, epochs=9, save_freq="epoch")
    stopped = seen[-1][0]
    again, seen = train(tmp_path, extra=[stop()], keep=True, epochs=9, save_freq="epoch")
    assert stopped < 8 and seen == [] and again.history.epoch == list(range(stopped + 1))


def watching(folder):
    return [
        callbacks.EarlyStopping("loss", patience=5, restore_best_weights=True),
        callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=10, cooldown=1),
        callbacks.ModelCheckpoint(folder / "{epoch}.weights.h5", "loss", save_weights_only=True, save_best_only=True),
        callbacks.CSVLogger(folder / "log.csv"),
    ]


@pytest.mark.parametrize("cut", [(0, 2), (2, 0), (3, 1)])
def test_callbacks_go_on(tmp_path, cut):
    found = []
    for name, at in (("a", None), ("b", At(*cut)), ("b", None)):
        (tmp_path / name).mkdir(exist_ok=True)
        seen = watching(tmp_path / name)
        train(tmp_path / name / "backup", at, save_freq=1, extra=seen, epochs=5)
        stop, reduce, save, _ = seen
        facts = [stop.wait, stop.best, stop.best_epoch, reduce.wait, reduce.best, reduce.cooldown_counter, save.best]
        weights = [w.tolist() for w in stop.best_weights or []]
        found.append([facts, weights, (tmp_path / name / "log.csv").read_text()])
    whole, _, gone_on = found
    assert whole == gone_on


def test_a_callback_of_ones_own(tmp_path):
    class Count(callbacks.Callback):
        batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

        def state_dict(self):
            return {"batches": self.batches}

    count = Count()
    train(tmp_path, At(1, 1), extra=[Count()])
    train(tmp_path, extra=[count])
    assert count.batches == 9


def test_a_callback_that_is_gone_is_told_of(tmp_path):
    train(tmp_path, At(1, 1), extra=[callbacks.EarlyStopping("loss")])
    with pytest.warns(UserWarning, match="EarlyStopping 0 is lost"):
        train(tmp_path)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"model": {"width": 5}}, "of another model: sequential.*shape \\(3, 5\\)"),
        ({"model": {"optimizer": "sgd"}}, "the optimizer was Adam, is SGD"),
        ({"x": X + 1}, "other data.*rows was"),
        ({"x": X[:8], "y": Y[:8]}, "samples was 12, is 8"),
        ({"batch_size": 3}, "batch_size was 4, is 3"),
        ({"shuffle": False}, "shuffle was True, is False"),
        ({"validation_data": (X, Y)}, "validation_data"),
        ({"steps_per_epoch": 2}, "steps_per_epoch was None, is 2"),
        ({"x": zip([X], [Y]), "y": None, "batch_size": None}, "kind was 'ArrayData', is 'GeneratorData'"),
    ],
)
def test_other_models_and_data_are_refused(tmp_path, change, said):
    train(tmp_path, At(1, 1))
    arguments = {"optimizer": "adam", "width": 4}
    model = made(**{**arguments, **change.pop("model", {})})
    before = [w.copy() for w in model.get_weights()]
    with pytest.raises(ValueError, match=f"(?s)latest.backup can't be gone on with.*{said}.*remove the file"):
        train(tmp_path, model=model, **change)
    for a, b in zip(before, model.get_weights()):
        np.testing.assert_array_equal(a, b)
    _, seen = train(tmp_path)
    assert seen[0] == (1, 1), "and the backup is as it was"


def spoil(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_backup(tmp_path):
    train(tmp_path, At(1, 1))
    spoil(tmp_path / "latest.backup")
    with pytest.warns(UserWarning, match="is not used"), pytest.raises(ValueError, match="no whole backup"):
        train(tmp_path)


def test_the_backup_before_it(tmp_path):
    whole, _ = train(tmp_path / "whole")
    train(tmp_path / "cut", At(1, 1), double=True)
    assert sorted(os.listdir(tmp_path / "cut")) == ["latest.backup", "previous.backup"]
    spoil(tmp_path / "cut" / "latest.backup")
    with pytest.warns(UserWarning, match="is not used"):
        gone_on, seen = train(tmp_path / "cut", double=True)
    assert seen[0] == (1, 0)
    same(whole, gone_on)


def test_a_generator_that_is_too_short(tmp_path):
    def batches(count):
        return ((X[:4], Y[:4]) for _ in range(count))

    data = {"y": None, "batch_size": None, "steps_per_epoch": 3}
    train(tmp_path, At(1, 1), x=batches(9), **data)
    with pytest.raises(ValueError, match="ends after 2 batches"):
        train(tmp_path, x=batches(2), **data)


def test_a_file_of_state(tmp_path):
    import ml_dtypes

    arrays = [np.arange(6).reshape(2, 3).astype(kind) for kind in ("float16", "int8", "bool", ml_dtypes.bfloat16)]
    state = {"a": [1, 2.5, None, True, "text", float("nan"), float("-inf")], "b": {"c": arrays}, "d": np.float32(3)}
    write_state(tmp_path / "f", state)
    found = read_state(tmp_path / "f")
    assert repr(found["a"]) == repr(state["a"]) and found["d"].dtype == "float32" and found["d"] == 3
    for ours, theirs in zip(arrays, found["b"]["c"]):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("value", [object(), {1: 2}, np.array([object()])])
def test_what_no_file_of_state_can_hold(tmp_path, value):
    with pytest.raises(TypeError, match=r"state\['a'\].*can't be kept"):
        write_state(tmp_path / "f", {"a": value})
    assert not os.listdir(tmp_path)
