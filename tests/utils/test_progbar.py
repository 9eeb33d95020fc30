"""Progbar and the smaller helpers of keras.utils."""

import re

import keras as real
import pytest

import kerasish as keras


def test_one_line_where_nobody_watches(capsys):
    bar = keras.utils.Progbar(3, stateful_metrics=["acc"])
    for step in range(3):
        bar.update(step + 1, [("loss", float(step)), ("acc", step / 2)])
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and out.startswith("3/3 - 0s") and out.endswith("loss: 2.0000 - acc: 1.0000\n")


def test_averages_weigh_steps(capsys):
    bar = keras.utils.Progbar(11, verbose=2, stateless_metrics=["loss"])
    bar.add(8, [("loss", 1.0), ("rate", 0.5)])
    bar.add(2, [("loss", 6.0), ("rate", 0.25)])
    bar.add(1)
    assert capsys.readouterr().out.endswith("loss: 2.0000 - rate: 0.2500\n")


@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("arguments", [{}, {"stateful_metrics": ["loss"]}, {"stateless_metrics": ["loss"]}], ids=str)
def test_the_last_values_are_shown_as_keras_shows_them(arguments, verbose, capsys):
    shown = []
    for library in (keras, real):
        bar = library.utils.Progbar(3, verbose=verbose, **arguments)
        for loss in (1.0, 2.0, 0.0):
            bar.add(1, [("loss", loss), ("acc", loss / 8)])
        shown.append(capsys.readouterr().out.strip().rsplit(" - ", 2)[-2:])
    ours, theirs = shown
    assert ours[1] == theirs[1] == "acc: 0.0000e+00" and ours[0] == theirs[0].split("step ")[-1].removeprefix("- ")


def test_a_bar_that_moves(capsys, monkeypatch):
    monkeypatch.setattr("kerasish.utils.live_line.is_watched", lambda: True)
    bar = keras.utils.Progbar(4, interval=0, width=8)
    bar.update(2)
    bar.update(4, [("loss", 0.5)])
    out = capsys.readouterr().out
    assert "2/4 ━━━━──── " in out and re.search(r"4/4 ━━━━━━━━ 0s \d+[mu]?s/step - loss: 0.5000$", out.rstrip())
    assert out.endswith("\n")
    bar.update(5)
    assert capsys.readouterr().out.endswith("\n"), "Keras takes steps beyond the target"


@pytest.mark.parametrize("columns", [40, 60])
def test_a_narrow_terminal_keeps_the_loss(columns, capsys, monkeypatch):
    monkeypatch.setattr("kerasish.utils.live_line.is_watched", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    bar = keras.utils.Progbar(169, interval=0)
    bar.update(12, [("accuracy", 0.5), ("auc", 0.25), ("loss", 1.0), ("precision", 0.5)])
    drawn = capsys.readouterr().out.split("\r")[-1]
    assert len(drawn) < columns and "loss: 1.0000" in drawn and " 12/169" in drawn


def test_unknown_length_and_silence(capsys):
    bar = keras.utils.Progbar(None)
    bar.update(5)
    bar.update(7, finalize=True)
    assert "7/Unknown" in capsys.readouterr().out
    keras.utils.Progbar(1, verbose=0).update(1)
    keras.utils.Progbar(None, verbose=2).update(1, finalize=True)
    assert not capsys.readouterr().out
    with pytest.raises(ValueError, match="stateful_metrics"):
        keras.utils.Progbar(1, stateful_metrics=["a"], stateless_metrics=["b"])


def test_source_inputs():
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    y = keras.layers.Add()([keras.layers.Dense(2)(a), b, a])
    assert [t.name for t in keras.utils.get_source_inputs(y)] == ["a", "b"]
    assert keras.utils.get_source_inputs(3) == 3


MISSING = {  # they need data sets of TensorFlow, or whole subsystems
    "FeatureSpace", "audio_dataset_from_directory", "image_dataset_from_directory", "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "split_dataset", "bounding_boxes", "legacy", "Config",
}  # fmt: skip


def test_names_of_keras_utils():
    wanted = {name for name in dir(real.utils) if not name.startswith("_")}
    assert {name for name in wanted if not hasattr(keras.utils, name)} <= MISSING
    assert set(keras.utils.__all__) <= set(dir(keras.utils))
    with pytest.raises(AttributeError, match="nothing"):
        _ = keras.utils.nothing
