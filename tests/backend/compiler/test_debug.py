"""KERASISH_DEBUG."""

import pytest

from kerasish.backend.compiler import debug
from kerasish.backend.compiler.passes import PASSES, SWITCHES, WALK
from kerasish.backend.compiler.simplify import simplify
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import plain, traced


@pytest.fixture
def graph():
    return traced(lambda x: p.sum(p.multiply(p.multiply(x, 2.0), 4.0), axis=(0,), keepdims=False), plain(3, 4))


def test_silent_by_default(graph, capsys, monkeypatch):
    monkeypatch.delenv("KERASISH_DEBUG", raising=False)
    simplify(graph)
    assert capsys.readouterr().err == ""


def test_a_pass_by_name(graph, capsys, monkeypatch):
    monkeypatch.setenv("KERASISH_DEBUG", "simplify")
    simplify(graph)
    assert capsys.readouterr().err.splitlines() == [
        "-- after simplify: 2 nodes", "%0 = multiply(input[3,4], 8) : (3, 4) float32",
        "%1 = sum(%0) axis=(0,) keepdims=False : (4,) float32",
    ]  # fmt: skip


def test_a_rule_table_is_shown_with_those_before_it(graph, capsys, monkeypatch):
    monkeypatch.setenv("KERASISH_DEBUG", "movement,scalars")
    simplify(graph)
    text = capsys.readouterr().err
    assert "-- after movement: 3 nodes" in text and "-- after scalars: 2 nodes" in text and "simplify" not in text


def test_all(graph, capsys, monkeypatch):
    monkeypatch.setenv("KERASISH_DEBUG", "all")
    simplify(graph, PASSES)
    text = capsys.readouterr().err
    for name in (*WALK, *SWITCHES, "simplify", "fold"):
        assert f"-- after {name}: " in text


def test_the_layer_and_long_attributes(capsys, monkeypatch):
    import kerasish as keras

    layer = keras.layers.Dense(2, name="head")
    layer.build((None, 4))
    monkeypatch.setenv("KERASISH_DEBUG", "simplify")
    simplify(traced(lambda x: p.take(layer(x), p.arange(start=0, step=1, size=2, dtype="int32"), axis=0), plain(3, 4)))
    text = capsys.readouterr().err
    assert "matmul(input[3,4], head/kernel[4,2])" in text and text.count("head\n") == 2
    assert debug._short("x" * 100) == "x" * 37 + "..."


def test_unknown_names_are_refused(graph, monkeypatch):
    monkeypatch.setenv("KERASISH_DEBUG", "simplify,fuze")
    with pytest.raises(ValueError, match="KERASISH_DEBUG must hold names of passes, got 'fuze'. Known are all, .*fuse"):
        simplify(graph)


@pytest.mark.parametrize("name", [*PASSES, "simplify", "sparse_rows", "fuse", "all"])
def test_all_names_are_known(graph, capsys, monkeypatch, name):
    monkeypatch.setenv("KERASISH_DEBUG", name)
    simplify(graph, PASSES)


def test_passes_have_one_name_each():
    assert len(set(PASSES)) == len(PASSES)
