"""`python -m kerasish trial`: flags in, metric out."""

import json
import math
import pathlib

import pytest

import kerasish as keras
from kerasish.__main__ import main

PROGRAM = str(pathlib.Path(__file__).with_name("small_trials.py"))


def run(*arguments):
    return main(["trial", "--seed", "1", *map(str, arguments)])


def numbers(text):
    return [
        {name: float(value) for name, value in (pair.split("=") for pair in line.split())} for line in text.splitlines()
    ]


def test_flags_in_metric_out(tmp_path, capsys):
    files = ("--metrics-file", tmp_path / "logs" / "m.json", "--model", tmp_path / "best.keras")
    assert run(*files, PROGRAM, "--units", "4.0", "--rate=0.1", "--dropout", "--share", "0.2", "--batch", "16") == 0
    *epochs, last = numbers(capsys.readouterr().out)
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3, 4] and set(epochs[0]) == {"epoch", "loss", "val_loss"}
    assert last == {"best_val_loss": min(epoch["val_loss"] for epoch in epochs)}
    written = [json.loads(line) for line in (tmp_path / "logs" / "m.json").read_text().splitlines()]
    assert all(math.isclose(a["val_loss"], b["val_loss"], rel_tol=1e-8) for a, b in zip(written, epochs))
    assert keras.saving.load_model(tmp_path / "best.keras").layers[0].units == 4


def test_the_same_seed_gives_the_same_numbers(capsys):
    for _ in range(2):
        assert run(PROGRAM, "--rate", "0.01") == 0
    first, second = capsys.readouterr().out.split("best_val_loss=")[1:]
    assert first.splitlines()[0] == second.splitlines()[0]


def test_as_vertex_ai_wants_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLOUD_ML_HP_METRIC_FILE", str(tmp_path / "hypertune" / "output.metrics"))
    monkeypatch.setenv("CLOUD_ML_TRIAL_ID", "7")
    assert run("--objective", "loss", PROGRAM) == 0
    lines = (tmp_path / "hypertune" / "output.metrics").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert [(record["trial"], record["global_step"]) for record in records] == [("7", str(n)) for n in (1, 2, 3, 4)]
    assert math.isclose(float(records[-1]["loss"]), numbers(capsys.readouterr().out)[3]["loss"], rel_tol=1e-8)


def test_the_space_as_json(capsys):
    assert run("--space", PROGRAM) == 0
    assert [entry["name"] for entry in json.loads(capsys.readouterr().out)] == ["batch", "units", "dropout", "rate"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((PROGRAM, "--unit", "4"), "No hyperparameter is called 'unit'. Did you mean 'units'?"),
        ((PROGRAM, "--share", "0.2"), "No hyperparameter is called 'share'. Known: batch, units, dropout, rate."),
        ((PROGRAM, "--units", "5"), "`units` must be an int from 2 to 8 in steps of 2, got '5'."),
        ((PROGRAM, "--rate"), "`rate` must be a float from 0.001 to 0.3, got 'true'."),
        ((PROGRAM, "units", "4"), "Expected --NAME VALUE behind the program, got 'units'."),
        ((PROGRAM + ":buid",), "has no function 'buid' of (hp, callbacks). Did you mean 'build'?"),
        (("nowhere.py",), "There is no file 'nowhere.py'."),
        (("no.such.module",), "There is no module 'no.such.module'; a file's name ends in .py."),
        (("--objective", "quality", PROGRAM), "'quality' does not say which is better"),
        (("--model", "m.pickle", PROGRAM), "must end in `.keras`"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said_in_one_line(arguments, message, capsys):
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("kerasish trial: ") and message in error and error.count("\n") == 1


def test_flags_of_the_services_own(capsys):
    assert run("--ignore-unknown", PROGRAM, "--job-dir", "gs://bucket/7", "--rate", "0.1") == 0
    assert run("tests.tuning.small_trials:trial", "--rate", "0.1") == 0
