"""Every example and notebook runs; every example in a docstring gives what it says."""

import doctest
import importlib
import itertools
import os
import pathlib
import pkgutil
import runpy
import subprocess
import sys

import pytest

import kerasish

ROOT = pathlib.Path(__file__).parent.parent


def run_example(name, folder, *arguments):
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / name), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.slow
def test_digits(tmp_path):
    done = run_example("digits.py", tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "the loaded model predicts the same: True" in done.stdout
    assert (tmp_path / "digits.keras").stat().st_size > 10_000
    assert (tmp_path / "digits_learning_curve.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["functional_multi_io.py", "graph_basics.py"])
def test_example(name, tmp_path):
    done = run_example(name, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip()


@pytest.mark.slow
def test_custom_training_learns(tmp_path):
    done = run_example("custom_layer_callback_training.py", tmp_path)
    accuracy = float(done.stdout.rsplit("held-out accuracy: ", 1)[1].split("%")[0])
    assert accuracy > 90


@pytest.mark.slow
def test_the_iris_tutorial_of_estimators(tmp_path):
    done = run_example("iris_estimator.py", tmp_path)
    assert float(done.stdout.split("accuracy: ")[1].split()[0]) >= 0.966, done.stderr[-2000:]
    assert done.stdout.count("Prediction is") == 3


@pytest.mark.slow
def test_the_census_tutorial_of_estimators(tmp_path):
    done = run_example("census_wide_deep.py", tmp_path, "--train_epochs", "4")
    assert float(done.stdout.rsplit("accuracy: ", 1)[1]) >= 0.83, done.stdout + done.stderr[-2000:]


@pytest.mark.slow
def test_transfer_learning_takes_its_steps(tmp_path):
    done = run_example("transfer_learning.py", tmp_path, "--weights", "none", "--epochs", "1", "--samples", "40")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "the head: 6,147 weights learn" in done.stdout and "fine-tuning: 6,079,683 weights learn" in done.stdout


@pytest.mark.slow
def test_a_search_goes_on(tmp_path):
    for trials in ("3", "5"):
        done = run_example("tune.py", tmp_path, "--trials", trials)
        assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("Trial ") == 2
    assert float(done.stdout.rsplit("best.keras: ", 1)[1].split("%")[0]) > 80


@pytest.mark.slow
def test_questions_about_a_video_are_learned(tmp_path):
    done = run_example("video_qa.py", tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.rsplit("accuracy while training: ", 1)[1].split("%")[0]) > 70


def last_number(text, before):
    """The number in front of the last `before` of what was printed."""
    return float(text.rsplit(before, 1)[0].split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, arguments, before, least",
    [
        ("text_classification.py", (), "% of ", 70),
        ("text_classification.py", ("--network", "lstm"), "% of ", 70),
        ("gan.py", (), "% of 500", 90),
        ("siamese.py", (), "% are judged rightly", 95),
        ("image_augmentation.py", (), " boxes moved", 4),
        ("tabular_features.py", (), "% over ", 70),
        ("timeseries_forecast.py", (), "% below that of the last point", 40),
        ("variational_autoencoder.py", (), " nats less than the mean image", 1.5),
        ("transformer_text.py", ("--steps", "300"), " bits a word less than frequencies", 0.7),
    ],
)
def test_example_learns_and_draws(name, arguments, before, least, tmp_path):
    done = run_example(name, tmp_path, *arguments)
    assert done.returncode == 0, done.stderr[-2000:]
    assert last_number(done.stdout, before) > least
    assert (tmp_path / name).with_suffix(".png").read_bytes()[:4] == b"\x89PNG"


def recommender(monkeypatch, *arguments):
    """What `python examples/recommender ...` does, in this process."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setattr(sys, "argv", ["recommender", *map(str, arguments)])
    runpy.run_path(str(ROOT / "examples" / "recommender"), run_name="__main__")


def converted(monkeypatch, sample, ending, *flags):
    recommender(monkeypatch, "sample", sample, "data")
    for part in ("train", "validation"):
        recommender(monkeypatch, "convert", f"data/{part}.{ending}", f"records/{part}", *flags)


@pytest.mark.slow
def test_recommender_from_text_files_to_answers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    converted(monkeypatch, "clicks", "csv", "--label", "clicked")
    recommender(monkeypatch, "print", *tmp_path.glob("records/train*"), "--first", "2")
    assert capsys.readouterr().out.count("values: [1.") == 4

    recommender(monkeypatch, "train", "--model", "fm", "--steps", "400")
    recommender(monkeypatch, "train", "--steps", "200")
    printed = capsys.readouterr().out
    assert "goes on from run/checkpoints/00004.keras" in printed and "Epoch 6/6" in printed
    assert float(printed.rsplit("validation AUC: ", 1)[1].split(";")[0]) > 0.8
    assert (tmp_path / "run" / "training.png").read_bytes()[:4] == b"\x89PNG"

    recommender(monkeypatch, "convert", "data/train.csv", "arriving/today")
    recommender(monkeypatch, "online", "arriving", "--patience", "0")
    assert "Epoch 8/8" in capsys.readouterr().out  # as many epochs more as files came
    recommender(monkeypatch, "export", "fm.keras")
    recommender(monkeypatch, "inference", "records/validation*", "answers.csv", "--trained", "fm.keras")
    answers = (tmp_path / "answers.csv").read_text().splitlines()
    assert answers[0] == "record,probability,label" and len(answers) == 1 + 2400


@pytest.mark.slow
def test_recommender_takes_every_flag(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    converted(monkeypatch, "digits", "svm", "--features", 64)
    short = ("train_from_scratch", "--steps", "20", "--validate-every", "20", "--batch-size", "64")
    models = ("dcn", "deepfm", "dnn", "fm", "lr", "wide_and_deep")
    for model, decay in zip(models, itertools.cycle(("cosine", "exponential", "inverse_time", "polynomial"))):
        recommender(monkeypatch, *short, "--model", model, "--decay", decay, "--batch-normalization", "--dropout", 0.1)
        assert float(capsys.readouterr().out.rsplit("validation AUC: ", 1)[1].split(";")[0]) > 0.6, model
    names = "adadelta adafactor adagrad adam adamax adamw ftrl lamb lion muon nadam rmsprop schedulefreeadamw sgd"
    for optimizer in names.split():
        recommender(monkeypatch, *short, "--layers", "8", "--optimizer", optimizer)
        assert "validation AUC: " in capsys.readouterr().out, optimizer


@pytest.mark.slow
def test_recommender_says_what_it_lacks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="nothing is trained in run yet"):
        recommender(monkeypatch, "export", "never.keras")
    recommender(monkeypatch, "sample", "cancer", "data")
    with pytest.raises(SystemExit, match="no column is named 'malignant'"):
        recommender(monkeypatch, "convert", "data/train.csv", "records/train", "--label", "malignant")


@pytest.mark.slow
def test_notebook_runs_top_to_bottom(tmp_path, monkeypatch):
    import nbclient
    import nbformat

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(ROOT / "examples" / "notebooks" / "first_steps.ipynb", as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    printed = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("<table>" in output.get("data", {}).get("text/html", "") for output in printed)


NOT_HERE = (
    "kerasish.compat.keras",  # answers `import keras` from then on; `tests/compat` does that in processes of their own
)
PACKAGES = [(kerasish.__path__, "kerasish."), (kerasish.applications.__path__, "kerasish.applications.")]
MODULES = sorted(
    {
        module.name
        for path, prefix in PACKAGES
        for module in pkgutil.walk_packages(path, prefix)
        if not module.name.startswith(NOT_HERE)
    }
)


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    run = set()
    for test in doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name)):
        lines = tuple((example.source, example.want) for example in test.examples)
        if lines not in run:  # a family of models shares an example, which runs once
            run.add(lines)
            runner.run(test)
    assert runner.summarize().failed == 0


@pytest.mark.slow
def test_the_readme_example_runs(tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = text.split("```python\n", 1)[1].split("```", 1)[0]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
