"""Searches: by one process and several, stopped by errors, Ctrl-C and kills, and gone on with."""

import math
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import optuna
import pytest

import kerasish as keras
from kerasish import backend, tuning
from kerasish.tuning import processes as crew
from kerasish.tuning.file_lock import FileLock, is_held
from tests.attacks.sizes import chance, size
from tests.tuning import small_trials

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ON_THE_CPU = pytest.mark.skipif(
    backend.device().kind != "cpu", reason="the programs that are killed compute on the CPU"
)
FORKED = pytest.mark.skipif(
    backend.device().kind != "cpu", reason="no driver of a card bears a fork; a test's functions are in no module"
)
QUICK = {"seed": 3, "pruner": optuna.pruners.NopPruner()}


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def told(study):
    """(values, reached) of all trials that were not cut off, in order."""
    trials = [t for t in study.optuna.trials if not t.user_attrs.get("cut_off")]
    return [(t.params, t.value, t.intermediate_values) for t in trials if t.state.name == "COMPLETE"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A study of six trials, made in one go."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return tuning.Study(small_trials.trial, tmp_path_factory.mktemp("undisturbed"), **QUICK).search(6, verbose=0)


def test_the_best_is_kept(undisturbed):
    values = [min(logs.values()) for _, _, logs in told(undisturbed)]
    assert len(values) == 6 and undisturbed.best_value == min(values)
    model = undisturbed.best_model()
    split = len(small_trials.X) * 3 // 4
    loss = model.evaluate(small_trials.X[split:], small_trials.Y[split:], verbose=0)
    assert loss == pytest.approx(undisturbed.best_value, rel=1e-6)
    assert model.layers[0].units == undisturbed.best_values["units"]
    made = small_trials.build(tuning.HyperParameters(undisturbed.best_values))
    assert made.count_params() == model.count_params()
    assert sorted(os.listdir(undisturbed.folder + "/trials")) == os.listdir(undisturbed.folder + "/workers") == []


def test_a_search_in_parts_is_the_same_search(undisturbed, tmp_path):
    for trials in (2, 5, 6, 6):
        study = tuning.Study(small_trials.trial, tmp_path, **QUICK).search(trials, verbose=0)
    assert told(study) == told(undisturbed)


def test_ctrl_c_and_on(undisturbed, tmp_path):
    """Interrupted behind several epochs, the study ends as one that was never disturbed."""
    counter = {"epochs": 0}

    def interrupted(hp, callbacks):
        def interrupt(epoch, logs):
            counter["epochs"] += 1
            if counter["epochs"] in (1, 6, 12):
                signal.raise_signal(signal.SIGINT)

        return small_trials.trial(hp, [keras.callbacks.LambdaCallback(on_epoch_end=interrupt), *callbacks])

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            tuning.Study(interrupted, tmp_path, **QUICK).search(6, verbose=0)
    study = tuning.Study(interrupted, tmp_path, **QUICK).search(6, verbose=0)
    assert told(study) == told(undisturbed) and study.best_value == undisturbed.best_value
    assert len(study.optuna.trials) == 9
    assert counter["epochs"] == 24 + 3  # an epoch that was interrupted behind its end is trained again


def search_program(folder, processes=1, trials=6):
    code = (
        "import optuna, kerasish as keras; from tests.tuning import small_trials\n"
        f"keras.tuning.Study(small_trials.trial, {str(folder)!r}, seed=3, pruner=optuna.pruners.NopPruner())"
        f".search({trials}, processes={processes})"
    )
    environment = {**os.environ, "PYTHONPATH": ROOT, "PAUSE": "0.02"}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@ON_THE_CPU
@pytest.mark.slow
@pytest.mark.parametrize("number", range(size("killed searches")))
def test_killed_and_on(undisturbed, tmp_path, number):
    draw = chance("killed searches", number)
    while True:
        program = search_program(tmp_path)
        line = program.stdout.readline()  # a trial more is done
        time.sleep(draw.uniform(0.0, 0.15))
        program.kill()
        program.communicate()
        if not line:
            break  # all was done already
    study = tuning.Study(small_trials.trial, tmp_path, **QUICK).search(6, verbose=0)
    assert told(study) == told(undisturbed) and study.best_value == undisturbed.best_value
    assert os.listdir(tmp_path / "trials") == os.listdir(tmp_path / "workers") == []


@FORKED
@pytest.mark.slow
@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_two_processes_are_ended_and_started_anew(tmp_path, end):
    """Ctrl-C tells both; of a parent that is killed the children notice it before they begin a trial."""
    program = search_program(tmp_path, processes=2, trials=1000)
    for _ in range(2):
        assert program.stdout.readline().startswith("Trial ")
    program.send_signal(getattr(signal, end))
    program.wait(60)
    until = time.time() + 60
    while os.listdir(tmp_path / "workers") and time.time() < until:
        if all(not is_held(str(path)) for path in (tmp_path / "workers").iterdir()):
            break
        time.sleep(0.1)
    study = tuning.Study(small_trials.trial, tmp_path, **QUICK)
    done = len(told(study))
    assert 2 <= done < 1000
    study.search(done + 4, processes=2, verbose=0)
    assert len(told(study)) == done + 4
    assert not [t for t in study.optuna.trials if t.state.name in ("RUNNING", "WAITING")]


@FORKED
def test_processes_share_the_work(tmp_path):
    pids = tmp_path / "pids"
    pids.mkdir()

    def trial(hp, callbacks):
        (pids / str(os.getpid())).touch()
        time.sleep(0.05)
        return (hp.Float("x", -1, 1) - 0.5) ** 2

    study = tuning.Study(trial, tmp_path / "study", seed=0).search(12, processes=2, verbose=0)
    assert len(told(study)) == 12 and len({str(params) for params, _, _ in told(study)}) == 12
    assert len(os.listdir(pids)) == 2 and str(os.getpid()) not in os.listdir(pids)
    assert study.best_value < 0.1


@FORKED
def test_a_trial_that_kills_its_process_is_given_up(tmp_path):
    def trial(hp, callbacks):
        if hp.Int("x", 0, 9) >= 0 and not os.path.exists(tmp_path / "enough"):
            if len(os.listdir(tmp_path / "deaths")) == 2:
                (tmp_path / "enough").touch()
            (tmp_path / "deaths" / str(os.getpid())).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 1.0

    (tmp_path / "deaths").mkdir()
    study = tuning.Study(trial, tmp_path / "study").search(3, processes=2, verbose=0)
    states = [t.state.name for t in study.optuna.trials if not t.user_attrs.get("cut_off")]
    assert len(states) == 3 and set(states) <= {"COMPLETE", "FAIL"} and "COMPLETE" in states


@FORKED
def test_processes_start_anew_where_cards_compute(undisturbed, tmp_path, monkeypatch):
    """No driver of a card works in a forked process."""
    monkeypatch.setattr(backend.device(), "kind", "gpu")
    study = tuning.Study(small_trials.trial, tmp_path, **QUICK).search(4, processes=2, verbose=0)
    assert len(told(study)) == 4


@FORKED
def test_processes_that_can_not_begin_are_not_started_for_ever(tmp_path, monkeypatch):
    study = tuning.Study(small_trials.trial, tmp_path, **QUICK)
    monkeypatch.setattr(crew, "work", lambda *_: os._exit(3))
    with pytest.raises(RuntimeError, match="8 processes in a row died before they began a trial.*exit code 3"):
        study.search(3, processes=2, verbose=0)
    assert not told(study)


@FORKED
def test_what_stops_a_process_from_beginning_is_told(tmp_path, monkeypatch):
    def refuse(number):
        raise OSError("no such device")

    monkeypatch.setattr(crew, "set_backend", refuse)
    with pytest.raises(RuntimeError, match="no such device"):
        tuning.Study(small_trials.trial, tmp_path, **QUICK).search(3, processes=2, verbose=0)


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=FORKED)])
def test_an_error_of_the_trial_ends_the_search(tmp_path, processes):
    study = tuning.Study(small_trials.fails, tmp_path, direction="minimize", objective="score")
    with pytest.raises(ZeroDivisionError if processes == 1 else RuntimeError, match="a slip of the user's"):
        study.search(5, processes=processes, verbose=0)
    assert {t.state.name for t in study.optuna.trials} <= {"FAIL", "WAITING"}


def test_trials_that_lie_behind_are_pruned(tmp_path):
    epochs = []

    def trial(hp, callbacks):
        rate = [0.05, 0.05, 0.05, 1e-5, 1e-5][len(epochs)]
        model = small_trials.build(tuning.HyperParameters({"rate": 0.001}))
        model.compile(keras.optimizers.SGD(rate), "mse")
        epochs.append(0)
        count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.__setitem__(-1, epoch + 1))
        data = (small_trials.X, small_trials.Y)
        return model.fit(*data, validation_split=0.25, epochs=5, verbose=0, callbacks=[count, *callbacks])

    pruner = optuna.pruners.MedianPruner(n_startup_trials=3)
    study = tuning.Study(trial, tmp_path, pruner=pruner, seed=0).search(5, verbose=0)
    assert epochs[:3] == [5, 5, 5] and max(epochs[3:]) < 5
    assert [t.state.name for t in study.optuna.trials] == ["COMPLETE"] * 3 + ["PRUNED"] * 2
    assert os.listdir(tmp_path / "trials") == []


def test_a_training_without_numbers_is_pruned(tmp_path):
    def trial(hp, callbacks):
        model = small_trials.build(hp)
        model.compile(keras.optimizers.SGD(1e30), "mse")
        return model.fit(small_trials.X, small_trials.Y, epochs=3, verbose=0, callbacks=callbacks)

    study = tuning.Study(trial, tmp_path, objective="loss").search(2, verbose=0)
    assert [t.state.name for t in study.optuna.trials] == ["PRUNED"] * 2
    with pytest.raises(FileNotFoundError, match="no trial is done"):
        study.best_model()


RESULTS = [
    ({"acc": [0.1, 0.9, 0.5]}, 0.9),
    ({"acc": 0.25}, 0.25),
    (0.5, 0.5),
    (np.float32(0.5), 0.5),
    ({"acc": [math.nan, 0.25]}, 0.25),
]


@pytest.mark.parametrize("result, value", RESULTS)
def test_what_a_trial_returns(tmp_path, result, value):
    study = tuning.Study(lambda hp, callbacks: result, tmp_path, objective="acc").search(1, verbose=0)
    assert study.best_value == value


@pytest.mark.parametrize(
    "result, error, message",
    [
        (None, TypeError, "A trial must return what `fit` returned, .* got NoneType"),
        ({"accuracy": 1.0}, ValueError, "'acc' was not logged in a trial"),
    ],
)
def test_what_a_trial_may_not_return(tmp_path, result, error, message):
    with pytest.raises(error, match=message):
        tuning.Study(lambda hp, callbacks: result, tmp_path, objective="acc").search(1, verbose=0)


def test_wrong_arguments(tmp_path):
    with pytest.raises(ValueError, match="`direction` must be 'minimize' or 'maximize', got None"):
        tuning.Study(small_trials.trial, tmp_path, objective="quality")
    with pytest.raises(ValueError, match="got 'up'"):
        tuning.Study(small_trials.trial, tmp_path, direction="up")
    with pytest.raises(TypeError, match="`trial` must be a `Fit` or a function"):
        tuning.Study("trial", tmp_path)
    study = tuning.Study(lambda hp, callbacks: 1.0, tmp_path)
    for arguments in ({"trials": 0}, {"trials": True}, {"trials": 1, "processes": 0}):
        with pytest.raises(ValueError, match="must be an int above 0"):
            study.search(**arguments)
    study.search(1, verbose=0)
    with pytest.raises(
        ValueError, match="holds a study that is to minimize val_loss, and not to maximize val_accuracy"
    ):
        tuning.Study(small_trials.trial, tmp_path, objective="val_accuracy").search(1)
    with pytest.raises(ValueError, match="`interval` of `OptunaPruning` must be an int above 0"):
        tuning.OptunaPruning(None, interval=0)


def test_no_trial_begins_after_the_timeout(tmp_path):
    def trial(hp, callbacks):
        time.sleep(0.05)
        return hp.Float("x", 0, 1)

    study = tuning.Study(trial, tmp_path).search(1000, timeout=0.3, verbose=0)
    assert 1 <= len(told(study)) < 20


def test_a_line_that_was_half_written_is_taken_off(tmp_path):
    study = tuning.Study(lambda hp, callbacks: hp.Float("x", 0, 1), tmp_path, seed=0).search(2, verbose=0)
    before = told(study)
    with open(tmp_path / "study.journal", "ab") as file:
        file.write(b'{"op_code":4,"work')
    assert told(study.search(3, verbose=0))[:2] == before and len(told(study)) == 3


def test_a_lock_is_one_processes(tmp_path):
    path = str(tmp_path / "lock")
    assert not is_held(path)
    with FileLock(path):
        assert is_held(path) and not FileLock(path).acquire(wait=False)
        waited = []
        thread = threading.Thread(target=lambda: waited.append(FileLock(path).acquire()))
        thread.start()
        time.sleep(0.05)
        assert not waited
        if hasattr(os, "fork"):
            child = os.fork()  # has no part in the lock
            if not child:
                time.sleep(0.5)
                os._exit(0)
    thread.join(0.4)
    assert waited == [True]
    if hasattr(os, "fork"):
        os.waitpid(child, 0)
