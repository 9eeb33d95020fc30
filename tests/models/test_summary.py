"""The table of `summary()`: cell for cell what real Keras prints."""

import re

import keras as real
import numpy as np
import pytest

import kerasish


def models(k):
    """Name -> (model, arguments of summary)."""
    L = k.layers

    class Sub(k.Model):
        def __init__(self):
            super().__init__(name="sub")
            self.a, self.b = L.Dense(4, name="a"), L.Dense(2, name="b")

        def call(self, x):
            return self.b(self.a(x))

    found = {}
    plain = k.Sequential(
        [k.Input((8,)), L.Dense(4, name="d1"), L.Dropout(0.5, name="dr"), L.Dense(2, name="d2")], name="seq"
    )
    found["sequential"] = plain, {}
    found["unbuilt"] = k.Sequential([L.Dense(4, name="u1"), L.Dense(2, name="u2")], name="unbuilt"), {}
    found["subclassed, unbuilt"] = Sub(), {}
    called = Sub()
    called(np.zeros((2, 3), "float32"))
    found["subclassed"] = called, {}
    x, y = k.Input((8,), name="x"), k.Input((8,), name="y")
    shared = L.Dense(4, name="sh")
    inner = k.Sequential([k.Input((4,)), L.Dense(3, name="i1"), L.BatchNormalization(name="bn")], name="inner")
    z = L.Dense(4, name="mid")(L.Concatenate(name="cat")([shared(x), shared(y)]))
    branched = k.Model([x, y], [inner(z), k.ops.exp(z)], name="fun")
    inner.layers[0].trainable = False
    found["functional"] = branched, {}
    found["unfolded"] = branched, {"expand_nested": True, "show_trainable": True}
    found["range"] = branched, {"layer_range": ["sh", "mid"]}
    found["range of patterns, reversed"] = branched, {"layer_range": ["mi.*", "c"]}
    compiled = k.Sequential(
        [k.Input((8,)), L.Dense(4, name="c1"), L.BatchNormalization(name="cbn"), L.Dense(2, name="c2")], name="com"
    )
    compiled.compile("adam", "mse")
    compiled.train_on_batch(np.zeros((2, 8), "float32"), np.zeros((2, 2), "float32"))
    found["compiled"] = compiled, {}
    a = k.Input((4,), name="lin")
    found["linear"] = k.Model(a, L.ReLU(name="r1")(L.Dense(3, name="l1")(a)), name="linear"), {}
    found["mixed precision"] = (
        k.Sequential(
            [k.Input((8,)), L.Dense(4, name="m1", dtype="mixed_float16"), L.Dense(4, name="m2", dtype="float16")],
            name="mix",
        ),
        {},
    )
    steps = k.Input((5, 3), name="steps")
    found["several outputs"] = k.Model(steps, L.LSTM(4, return_state=True, name="lstm")(steps), name="multi"), {}
    part = k.Input((8,), name="x1")
    view = k.Model(part, L.Dense(4, name="t1")(part), name="view")
    found["functional in sequential"] = (
        k.Sequential([k.Input((8,)), view, L.Dense(1, name="e")], name="outer"),
        {"expand_nested": True},
    )
    return found


OURS, THEIRS = models(kerasish), models(real)


def printed(model, **arguments):
    lines = []
    model.summary(print_fn=lambda text, **_: lines.append(str(text)), **arguments)
    return "\n".join(lines)


def cells(text):
    """Heading, rows of cells (several lines joined, blanks and commas left out) and the lines below the table."""
    rows, open_row = [], None
    around = [line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] not in "┏┃┡│├└"]
    for line in text.splitlines():
        if line[:1] in ("│", "┃"):
            parts = [part.strip() for part in re.split("[│┃]", line)[1:-1]]
            open_row = parts if open_row is None else [a + b for a, b in zip(open_row, parts)]
        elif open_row is not None:
            rows.append([re.sub(r"[\s,]", "", cell) for cell in open_row])
            open_row = None
    return around, rows


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize("name", OURS)
def test_like_keras(name):
    (ours, arguments), (theirs, _) = OURS[name], THEIRS[name]
    assert cells(printed(ours, line_length=140, **arguments)) == cells(printed(theirs, line_length=140, **arguments))
    assert cells(printed(ours, **arguments)) == cells(printed(theirs, line_length=140, **arguments)), (
        "as wide as the content"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"line_length": 70},
        {"line_length": 120},
        {"line_length": 80, "positions": [0.3, 0.6, 0.8, 1.0]},
        {"line_length": 90, "show_trainable": True},
    ],
    ids=str,
)
def test_line_length_is_filled(arguments):
    text = printed(OURS["functional"][0], **arguments)
    assert {len(line) for line in text.splitlines() if line[:1] in "┏┃┡│├└"} == {arguments["line_length"]}


def test_long_names_are_wrapped_and_kept():
    name = "a_very_long_name_" * 12
    model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1, name=name)])
    text = printed(model)
    assert max(map(len, text.splitlines())) <= 108
    assert f"{name}(Dense)" in cells(text)[1][1][0]


@pytest.mark.parametrize(
    "arguments",
    [
        {"positions": [0.5, 1.0], "line_length": 80},
        {"line_length": 12},
        {"layer_range": ["a"]},
        {"layer_range": ["nothing", "b"]},
    ],
    ids=str,
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="|".join(f"`{name}`" for name in arguments)):
        OURS["functional"][0].summary(**arguments)
