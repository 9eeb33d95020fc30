"""Layers models of TensorFlow.js, read and written.

`tfjs_files` holds models that its converter (tensorflowjs 4.22, from HDF5 of tf_keras) and TensorFlow.js itself (4.22,
`model.save`) wrote, and what they computed. How TensorFlow.js names weights was seen there, too: by `originalName`.
"""

import json
import os
import pathlib
import shutil
import struct

import numpy as np
import pytest

import kerasish as keras
from kerasish import __main__, layers
from kerasish.files.tfjs.writing import export

HERE = pathlib.Path(__file__).parent / "tfjs_files"
ANSWERS = json.loads((HERE / "answers.json").read_text())


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.iterdir() if path.is_dir()))
def test_files_of_others(name):
    """Quantized ones are as near as their steps are small: 1/255, 1/65535 of a weight's range, 11 bits."""
    plain = next(key for key in ANSWERS if name.startswith(key))
    model = keras.models.load_model(HERE / name, compile=name == "converted_small")
    x, y = np.array(ANSWERS[plain]["x"], "float32"), np.array(ANSWERS[plain]["y"])
    atol = {"uint8": 2e-2, "uint16": 1e-4, "float16": 1e-2}.get(name.rpartition("_")[2], 1e-6)
    assert np.allclose(model.predict(x, verbose=0), y, rtol=0, atol=atol)
    assert model.compiled == (name == "converted_small")


def image_layers():
    return [
        layers.ZeroPadding2D(1), layers.Conv2D(3, 3, padding="same", strides=2), layers.DepthwiseConv2D(2, name="deep"),
        layers.SeparableConv2D(3, 2), layers.Conv2DTranspose(2, 2), layers.MaxPooling2D(2), layers.Flatten(),
    ]  # fmt: skip


def sequence_layers():
    return [
        layers.LSTM(3, return_sequences=True, name="lstm"),
        layers.TimeDistributed(layers.Dense(4), name="each"),
        layers.Bidirectional(layers.GRU(2, reset_after=False, return_sequences=True, name="gru"), name="both"),
        layers.RNN([layers.LSTMCell(2), layers.SimpleRNNCell(3)], name="cells"),
    ]


def branches():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2, "silu", name="in")], name="inner")
    i = keras.Input((3,))
    deep = keras.Model(i, layers.PReLU(name="slope")(layers.Dense(2, name="below")(i)), name="deep")
    return keras.Model([a, b], [layers.Add()([deep(a), inner(b)]), layers.Dot(1)([a, b])])


MODELS = {
    "dense": lambda: keras.Sequential(
        [keras.Input((5,)), layers.Dense(4, "relu"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(2)]
    ),
    "images": lambda: keras.Sequential([keras.Input((7, 6, 2)), *image_layers()]),
    "sequences": lambda: keras.Sequential([keras.Input((4, 3)), *sequence_layers()]),
    "branches": branches,
}


def drawn(model):
    """The model with other weights than initial ones, and inputs for it."""
    random = np.random.default_rng(0)
    for weight in model.weights:
        value = random.normal(size=weight.shape) * 0.5
        weight.assign(np.abs(value) + 0.1 if "variance" in weight.path else value)
    return model, [random.normal(size=(2, *x.shape[1:])).astype("float32") for x in model.inputs]


@pytest.mark.parametrize("quantization", [None, "float16", "uint16", "uint8"])
@pytest.mark.parametrize("name", MODELS)
def test_what_is_written_is_read(name, quantization, tmp_path):
    model, x = drawn(MODELS[name]())
    export(model, str(tmp_path / "model"), quantization=quantization)
    again = keras.models.load_model(tmp_path / "model" / "model.json", compile=False)
    for ours, theirs in zip(again.get_weights(), model.get_weights(), strict=True):
        step = {None: 0, "float16": 1e-3, "uint16": np.ptp(theirs) / 65535, "uint8": np.ptp(theirs) / 255}[quantization]
        assert np.abs(ours - theirs).max() <= step + 1e-7 * (quantization is not None)
    if quantization is None:
        for ours, theirs in zip(again.predict_on_batch(x), model.predict_on_batch(x), strict=True):
            assert np.array_equal(ours, theirs)
        weights = MODELS[name]()
        weights.load_weights(tmp_path / "model")
        assert all(np.array_equal(a, b) for a, b in zip(weights.get_weights(), model.get_weights(), strict=True))


def exported(model, folder):
    export(model, str(folder))
    return json.loads((folder / "model.json").read_text())


def test_model_export(tmp_path, capsys):
    model = MODELS["dense"]()
    model.export(tmp_path / "model", format="tfjs", quantization="uint16", verbose=True)
    assert "tfjs" in capsys.readouterr().out
    again = keras.models.load_model(tmp_path / "model", compile=False)
    assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(again.get_weights(), model.get_weights(), strict=True))


def test_names_are_those_of_tensorflow_js(tmp_path):
    said = exported(MODELS["sequences"](), tmp_path / "model")
    assert [weight["name"] for weight in said["weightsManifest"][0]["weights"]] == [
        *(f"lstm/{leaf}" for leaf in ("kernel", "recurrent_kernel", "bias")),
        *(f"each/{leaf}" for leaf in ("kernel", "bias")),
        *(f"both/forward_forward_gru/{leaf}" for leaf in ("kernel", "recurrent_kernel", "bias")),
        *(f"both/backward_forward_gru/{leaf}" for leaf in ("kernel", "recurrent_kernel", "bias")),
        *(f"cells/RNNCell_{cell}/{leaf}" for cell in (0, 1) for leaf in ("kernel", "recurrent_kernel", "bias")),
    ]
    said = exported(MODELS["images"](), tmp_path / "images")
    assert "deep/depthwise_kernel" in [weight["name"] for weight in said["weightsManifest"][0]["weights"]]


def test_models_within_models_are_counted_as_keras_2_did(tmp_path):
    config = exported(branches(), tmp_path / "model")["modelTopology"]["model_config"]["config"]
    add = next(layer for layer in config["layers"] if layer["class_name"] == "Add")
    assert [tensor[:3] for tensor in add["inbound_nodes"][0]] == [["deep", 1, 0], ["inner", 1, 0]]
    assert '"activation": "swish"' in json.dumps(config)


def test_large_models_are_in_shards(tmp_path):
    model = keras.Sequential([keras.Input((1500,)), layers.Dense(1000)])
    said = exported(model, tmp_path / "model")
    paths = said["weightsManifest"][0]["paths"]
    assert (
        paths == ["group1-shard1of2.bin", "group1-shard2of2.bin"]
        and sorted(os.listdir(tmp_path / "model"))[:2] == paths
    )
    again = keras.models.load_model(tmp_path / "model", compile=False)
    assert all(np.array_equal(a, b) for a, b in zip(again.get_weights(), model.get_weights()))


@pytest.mark.parametrize(
    "make, what",
    [
        (lambda: [layers.GRU(2, name="g")], "'g'.*reset_after"),
        (lambda: [layers.GroupNormalization(1, name="n"), layers.Flatten()], "no layer for 'n' .GroupNormalization"),
        (lambda: [layers.TimeDistributed(layers.UnitNormalization(name="u"))], "'u' .UnitNormalization"),
    ],
    ids=["gates", "a layer", "inside"],
)
def test_what_tensorflow_js_has_not(make, what, tmp_path):
    with pytest.raises(ValueError, match=what):
        export(keras.Sequential([keras.Input((3, 2)), *make()]), str(tmp_path / "model"))
    assert not os.listdir(tmp_path)


def test_what_is_not_written(tmp_path):
    model = MODELS["dense"]()
    with pytest.raises(ValueError, match="`quantization`.*'int4'"):
        export(model, str(tmp_path / "m"), quantization="int4")
    with pytest.raises(ValueError, match="built"):
        export(keras.Sequential([layers.Dense(2)]), str(tmp_path / "m"))
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(3, name="in")])
    x = keras.Input((3,))
    with pytest.raises(ValueError, match="Two weights would be called 'in/bias'"):
        export(keras.Model(x, keras.Sequential([keras.Input((3,)), inner])(inner(x))), str(tmp_path / "m"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    with pytest.raises(ValueError, match="'diary.txt'"):
        export(model, str(tmp_path / "mine"))
    export(model, str(tmp_path / "m"))
    export(model, str(tmp_path / "m"), quantization="uint8")  # its own kind takes its place


def test_inspect(capsys):
    assert __main__.main(["inspect", str(HERE / "converted_small_uint8")]) == 0
    out = capsys.readouterr().out
    assert "TensorFlow.js layers model" in out and "Converter v4.22.0" in out and "50 parameters, 50 B" in out
    assert __main__.main(["inspect", str(HERE / "converted_small"), "--tensor", "dense_1/bias"]) == 0
    assert "shape (2,)" in capsys.readouterr().out


# -- hostile ones --------------------------------------------------------------------------------------------------


def changed(tmp_path, change):
    folder = tmp_path / "model"
    shutil.copytree(HERE / "converted_small", folder)
    said = json.loads((folder / "model.json").read_text())
    change(said, folder)
    (folder / "model.json").write_text(json.dumps(said))
    return folder


def _weight(**changes):
    return lambda said, folder: said["weightsManifest"][0]["weights"][0].update(changes)


def _paths(*names):
    return lambda said, folder: said["weightsManifest"][0].update(paths=list(names))


def _link(said, folder):
    shard = folder / "group1-shard1of1.bin"
    shard.rename(folder.parent / "elsewhere")
    os.symlink(folder.parent / "elsewhere", shard)


def _topology(**changes):
    return lambda said, folder: said["modelTopology"]["model_config"].update(changes)


@pytest.mark.parametrize(
    "change, what",
    [
        (_weight(shape=[1 << 40, 1 << 40]), "should have"),
        (_weight(shape=[-4]), "says"),
        (_weight(shape="x"), "says"),
        (_weight(dtype="string"), "'string'"),
        (_weight(quantization={"dtype": "uint8", "min": 0}), "quantized"),
        (_weight(quantization={"dtype": "object", "min": 0, "scale": 1}), "quantized"),
        (_weight(name="batch_normalization_1/beta"), "lists the weight .* twice"),
        (_paths("../secret"), "no file beside it"),
        (_paths("/etc/passwd"), "no file beside it"),
        (_paths("group1-shard1of1.bin", "group1-shard1of1.bin"), "twice"),
        (_paths("missing.bin"), "File not found"),
        (_link, "is a link"),
        (_topology(class_name="os.system"), "Can't find the class"),
        (_topology(class_name="Sequential", config={"name": "m", "layers": 7}), "."),
        (lambda said, folder: said.update(format="graph-model"), "graph-model"),
        (lambda said, folder: said.update(modelTopology=[]), "no config"),
        (lambda said, folder: said.update(weightsManifest={}), "must be a list"),
        (lambda said, folder: (folder / "group1-shard1of1.bin").write_bytes(b"12"), "should have"),
    ],
    ids=[
        "a bomb", "a shape below zero", "no shape", "texts", "half quantized", "quantized objects", "a name twice",
        "outside", "the root", "a file twice", "no file", "a link", "a program", "no layers", "a graph model",
        "no topology", "no manifest", "cut off",
    ],
)  # fmt: skip
def test_files_that_lie(tmp_path, change, what):
    with pytest.raises(ValueError, match=what):
        keras.models.load_model(changed(tmp_path, change))


def test_a_config_that_asks_for_more_than_there_is(tmp_path):
    def widen(said, folder):
        said["modelTopology"]["model_config"]["config"]["layers"][1]["config"]["units"] = 10**9

    with pytest.raises(ValueError, match="damaged or hostile"):
        keras.models.load_model(changed(tmp_path, widen))


def test_numbers_out_of_order_of_bytes(tmp_path):
    """The lowest byte is first, on every machine."""
    export(keras.Sequential([keras.Input((1,)), layers.Dense(1, bias_initializer="ones")]), str(tmp_path / "m"))
    assert struct.unpack("<f", (tmp_path / "m" / "group1-shard1of1.bin").read_bytes()[4:]) == (1.0,)
