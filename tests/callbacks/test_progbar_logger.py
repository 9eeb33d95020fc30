"""The progress bar: on a terminal, in a file, silent; and how seldom it reads the logs."""

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout

import pytest
from callback_driver import LazyLogs, Model, train

from kerasish import callbacks
from kerasish.callbacks import progress
from kerasish.utils import console


class Terminal(io.StringIO):
    encoding = "utf-8"

    def fileno(self):
        return 1

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of 120 columns: standard output goes there inside `with redirect_stdout(terminal)`."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return Terminal()


def progbar(verbose, epochs=1, steps=3, others=()):
    params = {"verbose": verbose, "epochs": epochs, "steps": steps}
    return callbacks.CallbackList(list(others), add_progbar=True, model=Model(), **params)


def run(verbose, epochs=2, steps=3, batches=3, others=(), logs=None, screen=None):
    many = progbar(verbose, epochs, steps, others)
    epoch_logs = [{"loss": 0.25, "accuracy": 0.0005}] * epochs
    with redirect_stdout(screen or sys.stdout):
        train(many, epoch_logs, batches=batches, batch_logs=lambda epoch, batch: logs or {"loss": 1.0})
    return many


@pytest.mark.parametrize("verbose", [1, 2, "auto"])
def test_a_line_an_epoch_in_a_file(verbose, capsys):
    run(verbose)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for epoch, line in enumerate(lines, 1):
        assert re.fullmatch(rf"Epoch {epoch}/2 - 3/3 - 0s - \d+[mu]?s/step - accuracy: 5.0000e-04 - loss: 0.2500", line)


def test_silence(capsys, terminal):
    run(0)
    run(0, screen=terminal)
    assert capsys.readouterr().out == "" and terminal.getvalue() == ""


def test_other_verbosity_prints_the_epoch_only(capsys):
    run(3)
    assert capsys.readouterr().out == "Epoch 1/2\nEpoch 2/2\n"


def test_a_bar_on_a_terminal(terminal):
    run(1, screen=terminal)
    text = terminal.getvalue()
    assert "Epoch 1/2\n" in text and "Epoch 2/2\n" in text
    last = text.rstrip("\n").split("\r")[-1]
    assert re.match(r"3/3 ━{20} 0s \d+[mu]?s/step - accuracy: 5.0000e-04 - loss: 0.2500", last)
    assert text.endswith("\n")


@pytest.mark.parametrize(
    "columns, logs, kept, bar",
    [
        (120, {"accuracy": 0.5, "loss": 1.0}, "accuracy loss", 20),
        (60, {"accuracy": 0.5, "loss": 1.0}, "accuracy loss", 3),
        (40, {"accuracy": 0.5, "loss": 1.0}, "accuracy loss", 0),
        (30, {"accuracy": 0.5, "loss": 1.0}, "loss", 0),
        (20, {"accuracy": 0.5, "loss": 1.0}, "loss", 0),
        (40, {"auc": 0.25, "loss": 1.0, "precision": 0.5, "recall": 0.5}, "auc loss", 0),
        (40, {"a_loss": 1.0, "b_loss": 2.0, "c_loss": 1.0}, "a_loss b_loss", 0),
    ],
    ids=str,
)
def test_a_narrow_terminal(columns, logs, kept, bar, terminal, monkeypatch):
    """The bar gives way to the metrics, and those to the loss; the last line is whole."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(progress, "REDRAW_SECONDS", 0.0)
    run(1, epochs=1, logs=logs, screen=terminal)
    drawn = terminal.getvalue().rstrip("\n").split("\r")
    running = [line for line in drawn if "loss: 1.0000" in line]
    assert running and all(len(line) < columns for line in running)
    for line in running:
        assert [name for name in logs if f"{name}: {logs[name]:.4f}" in line] == kept.split()
        found = len(re.findall("[━─]", line))
        assert found == bar if bar in (0, 20) else bar <= found < 20
    assert "accuracy: 5.0000e-04 - loss: 0.2500" in drawn[-1]


def test_a_terminal_of_ascii(terminal, monkeypatch):
    monkeypatch.setattr(Terminal, "encoding", "cp1252")
    run(1, epochs=1, screen=terminal)
    assert re.search(r"3/3 ={20} 0s .*loss: 0.2500", terminal.getvalue())


@pytest.mark.parametrize("run_of", ["fit", "evaluate", "predict"])
def test_verbose_2_prints_one_line_on_a_terminal_too(run_of, terminal):
    many = progbar(2, epochs=1)
    with redirect_stdout(terminal):
        if run_of == "fit":
            train(many, [{"loss": 0.25}], batches=3, batch_logs=lambda epoch, batch: {"loss": 1.0})
        else:
            kind = {"evaluate": "test", "predict": "predict"}[run_of]
            getattr(many, f"on_{kind}_begin")()
            for batch in range(3):
                getattr(many, f"on_{kind}_batch_end")(batch, {"loss": 1.0})
            getattr(many, f"on_{kind}_end")({"loss": 0.25})
    logs = "" if run_of == "predict" else " - loss: 0.2500"
    assert re.fullmatch(rf"3/3 - 0s - \d+[mun]?s/step{logs}\n", terminal.getvalue())


def test_a_terminal_that_does_not_know_its_size(terminal, monkeypatch):
    monkeypatch.delenv("COLUMNS")
    monkeypatch.delenv("LINES", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((0, 0)))
    run(1, epochs=1, screen=terminal)
    assert re.search(r"3/3 ━{20} 0s .*loss: 0.2500", terminal.getvalue())


def test_lines_where_the_terminal_is_dumb(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    run(1, screen=terminal)
    assert "\r" not in terminal.getvalue() and terminal.getvalue().count("\n") == 2


def test_unknown_number_of_steps_is_found_out(terminal):
    many = run(1, steps=None, screen=terminal)
    text = terminal.getvalue()
    assert "0/Unknown" in text and "3/3" in text
    assert "0/3" in text.split("Epoch 2/2")[1], "the second epoch knows"
    assert many.callbacks[-1].target == 3


def test_logs_are_read_when_the_bar_is_drawn_and_not_more(terminal, monkeypatch):
    now = [100.0]

    def clock():
        now[0] += 0.001
        return now[0]

    monkeypatch.setattr(progress.time, "perf_counter", clock)
    logs = LazyLogs(loss=0.5)
    run(1, epochs=1, steps=1000, batches=1000, logs=logs, screen=terminal)
    assert 3 <= logs.fetched <= 5, "a second of 1000 batches is drawn five times at most"
    assert "loss: 0.5000" in terminal.getvalue()


def test_lines_do_not_read_the_logs_of_batches(capsys):
    logs = LazyLogs(loss=0.5)
    run(2, logs=logs)
    assert logs.fetched == 0


def test_a_message_does_not_tear_the_bar(terminal):
    run(1, epochs=1, others=[callbacks.ModelCheckpoint("a.keras", verbose=1)], screen=terminal)
    shown = [line.split("\r")[-1] for line in terminal.getvalue().split("\n")]
    assert "Epoch 1: saving model to a.keras" in shown and "Epoch 1: finished saving model to a.keras" in shown
    assert sum("3/3" in line for line in shown) == 1


def test_validation_in_fit_is_silent(capsys):
    many = progbar(1, steps=1)
    many.on_train_begin()
    many.on_epoch_begin(0)
    many.on_train_batch_end(0, {"loss": 1.0})
    many.on_test_begin()
    many.on_test_batch_end(7, {"loss": 9.0})
    many.on_test_end({"loss": 9.0})
    assert capsys.readouterr().out == ""
    many.on_epoch_end(0, {"loss": 1.0, "val_loss": 9.0})
    many.on_train_end()
    assert re.fullmatch(r"1/1 - 0s - \d+[mu]?s/step - loss: 1.0000 - val_loss: 9.0000\n", capsys.readouterr().out)


def test_validation_begins_with_a_full_bar(terminal):
    many = progbar(1, steps=4)
    with redirect_stdout(terminal):
        many.on_train_begin()
        many.on_epoch_begin(0)
        many.on_train_batch_end(3, {"loss": 1.0})
        assert "4/4" not in terminal.getvalue()
        many.on_test_begin()
        assert "4/4" in terminal.getvalue()
        many.on_test_end()
        many.on_epoch_end(0)


def test_evaluate_and_predict(capsys):
    many = progbar(1, steps=2)
    many.on_test_begin()
    many.on_test_batch_end(1, {"loss": 1.0})
    many.on_test_end({"loss": 1.5})
    outputs = LazyLogs(outputs=1)
    many.on_predict_begin()
    many.on_predict_batch_end(1, outputs)
    many.on_predict_end()
    evaluated, predicted = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"2/2 - 0s - \d+[mu]?s/step - loss: 1.5000", evaluated)
    assert re.fullmatch(r"2/2 - 0s - \d+[mu]?s/step", predicted) and outputs.fetched == 0


@pytest.mark.parametrize("seconds, text", [(0, "0s"), (3.2, "3s"), (0.0321, "32ms"), (0.0000321, "32us")])
def test_times(seconds, text):
    assert console.format_seconds(seconds) == text


def test_time_a_step_leaves_out_the_first(monkeypatch):
    times = iter([0.0, 10.0, 10.0 + 2e-3, 10.0 + 4e-3])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(times))
    shown = progress.Progress(3)
    shown.step(1)
    assert shown._clock.step() == "10s/step"
    shown.step(2)
    shown.step(3)
    assert shown._clock.step() == "2ms/step"


def test_tqdm_is_imported_only_for_a_bar():
    code = (
        "import sys, kerasish.callbacks as c; log = c.ProgbarLogger();"
        "log.set_params({'verbose': 1, 'epochs': 1, 'steps': 1}); log.on_epoch_begin(0); log.on_train_batch_end(0);"
        "log.on_epoch_end(0, {'loss': 1.0}); assert 'tqdm' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1/1 - 0s") and done.stderr == ""
