"""Pictures of models: what they show, that nothing overlaps, and what is done with hostile names."""

import shutil
import sys
import xml.etree.ElementTree as ElementTree

import pytest

import kerasish as keras
from kerasish import layers
from kerasish.utils import model_plot
from kerasish.utils.drawing import frames
from kerasish.utils.drawing.diagram import Box, Group, Style, diagram_of
from kerasish.utils.drawing.frames import Padding, laid_out
from tests.utils.drawings import SVG, siamese


def arrows(model, **style):
    return sorted(
        (source.title.split()[0], target.title.split()[0]) for source, target in diagram_of(model, Style(**style)).edges
    )


def test_arrows_of_a_functional_model():
    assert arrows(siamese()) == sorted([
        ("left", "backbone"), ("right", "backbone"), ("backbone", "shared"), ("shared", "joined"), ("shared", "other"),
        ("joined", "head"), ("other", "head"),
        ("head", "total"), ("total", "chances"),
    ])  # fmt: skip


def test_arrows_into_unfolded_models():
    assert arrows(siamese(), expand_nested=True) == sorted([
        ("left", "image"), ("right", "image"), ("image", "conv"), ("conv", "norm"), ("norm", "mean"), ("norm",
        "largest"), ("mean", "shared"),
        ("largest", "shared"),
        ("shared", "joined"), ("shared", "other"), ("joined", "hidden"), ("other", "hidden"), ("hidden", "scores"),
        ("scores", "total"), ("total", "chances"),
    ])  # fmt: skip


def test_arrows_of_sequential_and_bare_ops():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="a"), layers.Dense(2, name="b")])
    assert arrows(model) == [("a", "b")]
    inner = keras.Sequential(
        [
            keras.Input((4,)),
            keras.Sequential([keras.Input((4,)), layers.Dense(4, name="deep")]),
            layers.Dense(3, name="top"),
        ]
    )
    x = keras.Input((4,), name="x")
    whole = keras.Model(x, keras.ops.exp(inner(x)) + 1)
    names = [pair for pair in arrows(whole, expand_nested=True)]
    assert ("x", "deep") in names and ("deep", "top") in names and len(names) == 4


def test_a_sequence_of_calls_of_one_layer():
    x = keras.Input((4,), name="x")
    again, between = layers.Dense(4, name="again"), layers.Dense(4, name="between")
    model = keras.Model(x, again(between(again(again(x)))))
    assert arrows(model) == sorted([("x", "again"), ("again", "again"), ("again", "between"), ("between", "again")])
    keras.utils.plot_model(model, None)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="mine")
        self.dense = layers.Dense(2)

    def call(self, x):
        return self.dense(x)


def test_a_subclassed_model_is_one_box():
    model = Subclassed()
    with pytest.raises(ValueError, match="not yet been built"):
        keras.utils.plot_model(model, None)
    model(keras.ops.ones((1, 3)))
    picture = keras.utils.plot_model(model, None, show_layer_names=True, show_shapes=True)
    assert "mine" in picture.svg and "Subclassed" in picture.svg


def texts(picture):
    return " ".join("".join(element.itertext()) for element in ElementTree.fromstring(picture.svg).iter(f"{SVG}text"))


def test_what_the_boxes_tell():
    model = siamese()
    plain = texts(keras.utils.plot_model(model, None))
    assert "shared" not in plain and "Dense" in plain and "None" not in plain
    model.get_layer("shared").trainable = False
    whole = texts(
        keras.utils.plot_model(
            model, None, True, True, True, expand_nested=True, show_layer_activations=True, show_trainable=True
        )
    )
    for word in (
        "shared",
        "(None, 8, 8, 3)",
        "2 × (None, 3)",
        "float32",
        "relu",
        "softmax",
        "trainable",
        "frozen",
        "backbone",
        "Functional",
        "Sequential",
    ):
        assert word in whole, word


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "a&b",
        "\"quoted\" 'x'",
        "]]>",
        "new\nline",
        "\x00\x1b[31mred",
        "\ud800",
        "日本語",
        "x" * 500,
        "--><!--",
        "\\N\\n",
    ],
)
def test_names_are_data(name):
    x = keras.Input((2,))
    inner = keras.Sequential([keras.Input((2,)), layers.Dense(2)], name="inner")
    inner.name = name
    model = keras.Model(x, layers.Dense(1, name="last")(inner(x)))
    model.get_layer("last").name = name + "2"
    for nested in (False, True):
        picture = keras.utils.plot_model(model, None, show_layer_names=True, expand_nested=nested, show_shapes=True)
        root = ElementTree.fromstring(picture.svg.encode("utf-8"))
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg",
            "title",
            "rect",
            "g",
            "path",
            "text",
            "tspan",
        }
        dot = keras.utils.model_to_dot(model, expand_nested=nested).to_string()
        assert "<script" not in dot and dot.count("n1") >= 1


# -- files ------------------------------------------------------------------------------------------------------


def test_files(tmp_path, monkeypatch):
    model = siamese()
    picture = keras.utils.plot_model(model, tmp_path / "model.svg")
    assert (tmp_path / "model.svg").read_text(encoding="utf-8") == picture.svg == picture._repr_svg_()
    assert "siamese" in repr(picture)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    for name in ("model.png", "plain", "model.pdf"):
        with pytest.warns(UserWarning, match="Graphviz") as caught:
            keras.utils.plot_model(model, str(tmp_path / name))
        assert len(caught) == 1
        assert not (tmp_path / name).exists() and (tmp_path / name).with_suffix(".svg").exists()


def test_with_graphviz(tmp_path, monkeypatch):
    """The call of Graphviz, by a stand-in for its program."""
    import pydot

    called = {}

    def write(self, path, prog=None, format="raw", encoding=None):
        called["format"], called["text"] = format, self.to_string()
        with open(path, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n picture")
        return True

    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/dot")
    monkeypatch.setattr(pydot.Dot, "write", write)
    keras.utils.plot_model(
        siamese(),
        tmp_path / "model.png",
        show_shapes=True,
        rankdir="LR",
        dpi=96,
        splines="curved",
        show_layer_names=True,
    )
    assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG") and called["format"] == "png"
    assert (
        "rankdir=LR" in called["text"]
        and "dpi=96" in called["text"]
        and "splines=curved" in called["text"]
        and "(None, 8, 8, 3)" in called["text"]
    )


def test_model_to_dot():
    dot = keras.utils.model_to_dot(siamese(), expand_nested=True, show_shapes=True)
    assert (
        len(dot.get_edges()) == 15 and len(dot.get_subgraphs()) == 2 and len(dot.get_nodes()) == 7 + 1
    )  # and the defaults
    import pydot

    assert isinstance(keras.utils.model_to_dot(siamese(), subgraph=True), pydot.Cluster)


def test_without_pydot(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydot", None)
    with pytest.raises(ImportError, match=r'pip install "kerasish\[plot\]"'):
        keras.utils.model_to_dot(siamese())
    assert not model_plot._has_graphviz()


@pytest.mark.parametrize("function", ["plot_model", "model_to_dot"])
def test_bad_arguments(function):
    call = getattr(keras.utils, function)
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    for arguments, words in (
        ({"rankdir": "UP"}, "rankdir"),
        ({"layer_range": ["a", "b"]}, "layer_range"),
        ({"colour": 1}, "colour"),
    ):
        with pytest.raises(ValueError, match=words):
            call(model, **arguments)
    with pytest.raises(ValueError, match="built"):
        call(keras.Sequential([layers.Dense(1)]))
    with pytest.raises(ValueError, match="`model`"):
        call("model.h5")


def test_signatures():
    import inspect

    import keras as real

    for name in (
        "plot_model",
        "model_to_dot",
        "get_file",
        "load_img",
        "img_to_array",
        "array_to_img",
        "save_img",
        "Progbar",
    ):
        ours, theirs = (inspect.signature(getattr(library.utils, name)) for library in (keras, real))
        assert [(p.name, p.default, p.kind) for p in ours.parameters.values()] == [
            (p.name, p.default, p.kind) for p in theirs.parameters.values()
        ], name
    ours, theirs = (inspect.signature(library.preprocessing.image.smart_resize) for library in (keras, real))
    assert [(p.name, p.default, p.kind) for p in ours.parameters.values()] == [
        (p.name, p.default, p.kind) for p in theirs.parameters.values()
    ]


def test_a_graph_of_the_size_of_a_large_model():
    """300 boxes with many long links: thousands of dummies; the layout stays whole."""
    root = Group("large", "Model")
    boxes = [root.add(Box(str(i), "Conv2D", [], str(i))) for i in range(300)]
    root.edges = [
        (boxes[j], boxes[i]) for i in range(1, 300) for j in {i - 1, max(0, i - 7), i // 16 * 16 - 1 if i >= 16 else 0}
    ]
    frame = laid_out(root, lambda box: (80, 26), Padding(0, 0, 0, 0), lambda group: (0, 0))
    assert len(frame.placed) == 300 and frame.along > 300 * (26 + frames.BETWEEN_RANKS - 1)
