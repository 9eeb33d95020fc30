"""What is misspelled, missing or mistaken is answered with what was probably meant."""

import configparser
import importlib
import importlib.util
import inspect
import pathlib
import re
import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

X, Y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")


def model():
    made = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


class Own(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)

    def call(self, x):
        return keras.ops.matmul(x, np.ones((7, 2), "float32"))


MISSPELLED = {
    "layer": (lambda: layers.Dense(3, activaton="relu"), "activation"),
    "layer, of all": (lambda: layers.Dense(3, trainabel=False), "trainable"),
    "layer of one's own": (lambda: Own(3, nmae="a"), "name"),
    "fit": (lambda: model().fit(X, Y, epohcs=2), "epochs"),
    "evaluate": (lambda: model().evaluate(X, Y, batchsize=2), "batch_size"),
    "predict": (lambda: model().predict(X, batchsize=2), "batch_size"),
    "compile": (lambda: model().compile(optimzer="sgd"), "optimizer"),
    "optimizer": (lambda: keras.optimizers.Adam(learning_rat=1), "learning_rate"),
    "loss": (lambda: keras.losses.Huber(delt=1), "delta"),
    "loss, of all": (lambda: keras.losses.MeanSquaredError(reducton="sum"), "reduction"),
    "metric": (lambda: keras.metrics.AUC(num_threshold=1), "num_thresholds"),
    "callback": (lambda: keras.callbacks.EarlyStopping(pateince=3), "patience"),
    "checkpoint": (lambda: keras.callbacks.ModelCheckpoint("a.keras", monitr="loss"), "monitor"),
    "initializer": (lambda: keras.initializers.RandomNormal(sttdev=3), "stddev"),
    "application": (lambda: keras.applications.MobileNet(weigths=None), "weights"),
    "op": (lambda: keras.ops.softmax(X, axsi=0), "axis"),
    "op, symbolic": (lambda: keras.ops.softmax(keras.Input((3,)), axsi=0), "axis"),
    "a required one": (lambda: layers.Dense(unit=3), "units"),
    "two required ones": (lambda: layers.Conv2D(filter=3, kernelsize=2), "filters`\\? Did you mean `kernel_size"),
}


@pytest.mark.parametrize("call, meant", MISSPELLED.values(), ids=MISSPELLED)
def test_a_misspelled_argument_names_the_nearest(call, meant):
    with pytest.raises((TypeError, ValueError), match=f"Did you mean `{meant}`"):
        call()


WITHOUT_SUGGESTIONS = {  # arguments that go on to something of the user's, and what has one argument
    "get", "serialize", "deserialize", "CallbackList", "MultiOptimizer", "Optimizer", "Operation", "KerasTensor",
    "StatelessScope", "name_scope", "clear_session", "standardize_dtype",
    "LossFunctionWrapper", "MeanMetricWrapper", "save_img", "Bidirectional", "RNN", "SpectralNormalization",
    "GaussianDropout", "get_source_inputs", "set_random_seed", "get_uid", "trace",
    "Function", "Graph", "Tensor",
    "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper",  # ask for their frameworks first
}  # fmt: skip
PACKAGES = (
    "activations applications callbacks datasets initializers layers losses metrics models ops optimizers "
    "backend config optimizers.schedules random saving tree utils"
).split()


def optional_arguments():
    """A row for each public function and class: what to call, and the last of its arguments that may be left out."""
    for package in PACKAGES:
        module = importlib.import_module(f"kerasish.{package}")
        for name in set(module.__all__) - WITHOUT_SUGGESTIONS:
            called = getattr(module, name)
            parameters = inspect.signature(called).parameters.values() if callable(called) else ()
            named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
            required = {p.name: 1 for p in named if p.default is p.empty}
            optional = [p.name for p in named if p.name not in required and len(p.name) > 3]
            if optional:
                yield package, name, called, required, optional[-1]


def test_every_public_call_names_the_nearest():
    silent, rows = [], list(optional_arguments())
    for package, name, called, required, argument in rows:
        wrong = f"{argument[:-2]}{argument[-1]}{argument[-2]}x"
        try:
            called(**required, **{wrong: None})
            silent.append(f"{package}.{name}({wrong}=None) passes")
        except (TypeError, ValueError) as error:
            if f"Did you mean `{argument}`" not in str(error):
                silent.append(f"{package}.{name}({wrong}=None): {error}")
    assert not silent, "\n".join(sorted(silent))
    assert len(rows) > 400


@pytest.mark.parametrize(
    "package, name",
    [("layers", "SomeLayerOfTomorrow"), ("losses", "Dices"), ("ops", "matmull"), ("", "visualizationn")],
)
def test_a_name_of_keras_that_is_not_there(package, name):
    module = getattr(keras, package) if package else keras
    with pytest.raises(
        AttributeError, match="Keras may have `keras.*` and kerasish not yet: docs/coming-from-keras.md"
    ):
        getattr(module, name)
    assert not hasattr(module, name) and not hasattr(module, "__nothing__")
    assert getattr(module, name, "mine") == "mine"


@pytest.mark.parametrize(
    "line, hint",
    [
        ("from kerasish.layers import SomeLayerOfTomorrow", "Keras may have `keras.layers.SomeLayer"),
        ("from kerasish.layers import Dense, Dens", "Did you mean 'Dense'"),
        ("from kerasish.losses import Dices", "Did you mean 'Dice' or 'dice'"),
        ("from kerasish import quantizers as q", "no attribute 'quantizers'. Quantization comes with a later release"),
        ("from kerasish.applications import VGG17", "Did you mean 'VGG19' or 'VGG16'"),
    ],
)
def test_a_name_that_is_not_there_says_so_in_a_from_import_too(line, hint):
    """Python puts a text of its own in the place of an AttributeError's."""
    with pytest.raises(ImportError, match=hint) as caught:
        exec(line)
    assert caught.value.name == line.split()[1]
    with pytest.raises(ImportError, match=hint):
        exec(f"def inside():\n    {line}\ninside()")
    assert importlib.util.find_spec("kerasish.layers.SomeLayerOfTomorrow") is None


def test_what_to_install_is_right_for_a_clone_too():
    """No package index has kerasish: its name alone works where it is installed already."""
    root = pathlib.Path(__file__).parent.parent
    setup = configparser.ConfigParser()
    setup.read(root / "setup.cfg")
    texts = [
        *root.glob("*.md"),
        *root.glob("docs/**/*.md"),
        *root.glob("examples/**/*.py"),
        *root.glob("kerasish/**/*.py"),
    ]
    seen = set()
    for path in texts:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"pip install [^\n]*?(kerasish|\.)\[([\w,]+)\]", text)
        if any(whose == "kerasish" for whose, _ in named):
            assert any(whose == "." for whose, _ in named), f"{path} does not say what to type in a clone"
        seen.update(extra for _, extras in named for extra in extras.split(","))
    assert {"plot", "applications", "test", "docs"} <= seen <= set(setup["options.extras_require"])


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")
def test_an_error_in_a_layer_names_it_and_what_it_was_called_on():
    for x in (X, keras.Input((3,))):
        with pytest.raises(ValueError) as caught:
            Own(3, name="mine")(x)
        (note,) = caught.value.__notes__
        assert note.startswith("In the `call` of the layer 'mine' (Own), called on x: float32[")


def test_rows_that_are_no_array():
    for rows in ([[1.0, 2.0, 3.0]] * 96, [np.ones(3)] * 96):
        with pytest.raises(ValueError, match="If these are the rows of one input, make them an array"):
            model()(rows)


def test_a_picture_in_place_of_another_writes_no_file_over(tmp_path, monkeypatch):
    monkeypatch.setattr("kerasish.utils.model_plot._has_graphviz", lambda: False)
    (tmp_path / "a.svg").write_text("mine")
    for _ in range(2):
        with pytest.warns(UserWarning, match="a.png.svg"):
            keras.utils.plot_model(model(), tmp_path / "a.png")
    assert (tmp_path / "a.svg").read_text() == "mine" and (tmp_path / "a.png.svg").exists()


POLICY = {
    "module": "keras.dtype_policies",
    "class_name": "QuantizedDTypePolicy",
    "config": {"mode": "int8", "source_name": "float32"},
    "registered_name": None,
}


@pytest.mark.parametrize(
    "use, error",
    [
        (lambda: keras.quantizers, AttributeError),
        (lambda: keras.dtype_policies.Int4DTypePolicy, AttributeError),
        (lambda: keras.Sequential([keras.layers.Dense(3)]).quantize("int8"), AttributeError),
        (lambda: keras.layers.Dense(3).quantize("int8"), AttributeError),
        (lambda: keras.DTypePolicy("int8_from_float32"), ValueError),
        (lambda: keras.layers.Dense(3, dtype="float8_from_mixed_bfloat16"), ValueError),
        (lambda: keras.dtype_policies.deserialize(POLICY), ValueError),
        (
            lambda: keras.layers.deserialize({"class_name": "Dense", "config": {"units": 3, "dtype": POLICY}}),
            ValueError,
        ),
    ],
)
def test_what_comes_later_is_named(use, error):
    with pytest.raises(error, match=r"Quantization comes with a later release of kerasish \(docs/coming-from-keras.md"):
        use()


def test_what_comes_later_is_not_there():
    layer = keras.layers.Dense(3)
    assert not hasattr(layer, "quantize") and not hasattr(keras, "quantizers")
    with pytest.raises(AttributeError, match="'Dense' object has no attribute 'enable_lora'. LoRA comes with a later"):
        layer.enable_lora(4)
