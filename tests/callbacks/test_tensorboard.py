"""TensorBoard: what its own reader finds in the files."""

import io
import json
import os
import sys
import threading

import numpy as np
import pytest
from event_files import pictures, run, scalars
from PIL import Image

import kerasish as keras
from kerasish import callbacks, layers, ops
from kerasish.callbacks.tensorboard.weights import picture_of

X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
Y = X[:, :1] * 2


def dense(**arguments):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4, "relu", name="a"), layers.Dense(1, name="b")])
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"], **arguments)
    return model


def fit(folder, model=None, epochs=2, **arguments):
    model = model or dense()
    board = callbacks.TensorBoard(folder, **arguments)
    return model.fit(
        X, Y, batch_size=4, epochs=epochs, validation_data=(X, Y), verbose=0, callbacks=[board], shuffle=False
    )


# -- scalars ----------------------------------------------------------------------------------------------------------


def test_epochs_and_evaluations(tmp_path):
    history = fit(tmp_path).history
    train, validation = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    assert set(train) == {"epoch_loss", "epoch_mae", "epoch_learning_rate"}
    assert set(validation) == {f"epoch_{n}" for n in ("loss", "mae")} | {
        f"evaluation_{n}_vs_iterations" for n in ("loss", "mae")
    }
    for name in ("loss", "mae"):
        assert train[f"epoch_{name}"] == list(enumerate(np.float32(history[name])))
        assert validation[f"epoch_{name}"] == list(enumerate(np.float32(history[f"val_{name}"])))
    assert train["epoch_learning_rate"] == [(0, np.float32(0.01)), (1, np.float32(0.01))]
    steps = [step for step, _ in validation["evaluation_loss_vs_iterations"]]
    assert steps == [5, 10]


@pytest.mark.parametrize("update_freq, steps", [("batch", range(1, 11)), (1, range(1, 11)), (3, (3, 6, 9)), (11, ())])
def test_batches(tmp_path, update_freq, steps):
    seen = []
    watch = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
    board = callbacks.TensorBoard(tmp_path, update_freq=update_freq)
    dense().fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=[watch, board])
    found = scalars(tmp_path / "train").get("batch_loss", [])
    assert found == [(step, np.float32(seen[step - 1])) for step in steps]


def test_steps_a_second(tmp_path):
    fit(tmp_path, update_freq=2, write_steps_per_second=True)
    found = scalars(tmp_path / "train")
    assert [step for step, _ in found["epoch_steps_per_second"]] == [0, 1]
    assert all(value > 0 for _, value in found["batch_steps_per_second"] + found["epoch_steps_per_second"])


def test_evaluate_alone(tmp_path):
    model = dense()
    model.fit(X, Y, verbose=0)
    results = model.evaluate(X, Y, verbose=0, callbacks=[callbacks.TensorBoard(tmp_path)])
    assert scalars(tmp_path / "validation")["evaluation_loss_vs_iterations"] == [(1, np.float32(results[0]))]


def test_twice_into_one_folder(tmp_path):
    """Two files that are begun within a second."""
    board = callbacks.TensorBoard(tmp_path, update_freq="batch")
    model = dense()
    for _ in range(2):
        model.fit(X, Y, batch_size=10, verbose=0, callbacks=[board])
    assert len(scalars(tmp_path / "train")["batch_loss"]) == 4


# -- weights, activations, gradients ----------------------------------------------------------------------------------


def test_histograms(tmp_path):
    model = dense()
    fit(tmp_path, model, epochs=3, histogram_freq=2, write_activations=True, write_gradients=True)
    events = run(tmp_path / "train")
    sizes = {f"{w.path}/{kind}": w.numpy().size for w in model.weights for kind in ("histogram", "gradient")}
    sizes |= {"sequential/a/activation": 16, "sequential/b/activation": 4}
    found = {tag.replace(model.name, "sequential"): events.Histograms(tag) for tag in events.Tags()["histograms"]}
    assert set(found) == {tag.replace(model.name, "sequential") for tag in sizes}
    for tag, size in sizes.items():
        kept = found[tag.replace(model.name, "sequential")]
        assert [event.step for event in kept] == [0, 2]
        assert kept[-1].histogram_value.num == size
    kernel = model.layers[0].kernel
    last = events.Histograms(f"{kernel.path}/histogram")[-1].histogram_value
    np.testing.assert_allclose([last.min, last.max], [kernel.numpy().min(), kernel.numpy().max()], rtol=1e-6)


def test_gradients_are_those_of_the_loss(tmp_path):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    fit(tmp_path, model, epochs=1, histogram_freq=1, write_gradients=True)
    events, (kernel,) = run(tmp_path / "train"), model.get_weights()
    expected = 2 / 4 * X[-4:].T @ (X[-4:] @ kernel - Y[-4:])
    found = events.Histograms(f"{model.weights[0].path}/gradient")[0].histogram_value
    np.testing.assert_allclose(
        [found.min, found.max, found.sum], [expected.min(), expected.max(), expected.sum()], 1e-4
    )


def test_a_weight_that_is_not_finite(tmp_path):
    model = dense()
    model.layers[0].bias.assign([np.nan, np.inf, 1.0, 2.0])
    fit(tmp_path, model, epochs=1, histogram_freq=1, write_images=True)


@pytest.mark.parametrize(
    "shape, expected",
    [((5,), (1, 5)), ((3, 7), (3, 7)), ((7, 3), (3, 7)), ((3, 3, 2, 4), (8, 16)), ((3, 2, 4), (4, 16)), ((1,), None)],
)
def test_pictures_of_weights(shape, expected):
    picture = picture_of(np.random.default_rng(0).normal(size=shape))
    assert picture is None if expected is None else picture.shape == (*expected, 1)
    if picture is not None:
        assert picture.min() == 0 and picture.max() == 1


def test_pictures_are_png(tmp_path):
    model = dense()
    fit(tmp_path, model, histogram_freq=1, write_images=True)
    (packed,) = pictures(run(tmp_path / "train"), f"{model.layers[0].kernel.path}/image")
    picture = np.asarray(Image.open(io.BytesIO(packed)))
    kernel = model.layers[0].kernel.numpy()
    scaled = (kernel - kernel.min()) / (kernel.max() - kernel.min()) * 255
    np.testing.assert_allclose(picture, scaled, atol=0.51)


def test_nothing_of_it_changes_the_training(tmp_path):
    def trained(*boards):
        keras.utils.set_random_seed(3)
        body = [layers.Dense(8), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)]
        model = keras.Sequential([keras.Input((3,)), *body])
        model.compile("adam", "mse")
        history = model.fit(X, Y, batch_size=4, epochs=3, validation_split=0.2, verbose=0, callbacks=list(boards))
        return history.history, [w.tolist() for w in model.get_weights()]

    asked = {"histogram_freq": 1, "write_activations": True, "write_gradients": True, "profile_batch": (2, 3)}
    assert trained(callbacks.TensorBoard(tmp_path, update_freq="batch", **asked)) == trained()


# -- the graph --------------------------------------------------------------------------------------------------------


def graph(folder, model, x=X, y=Y):
    model.compile("sgd", "mse")
    model.fit(x, y, batch_size=10, verbose=0, callbacks=[callbacks.TensorBoard(folder)])
    return {node.name: (node.op, list(node.input)) for node in run(folder / "train").Graph().node}


def test_a_graph_of_layers(tmp_path):
    keras.utils.clear_session()  # the product below is the first of its name
    one, two = keras.Input((3,), name="one"), keras.Input((3,), name="two")
    inner_in = keras.Input((4,), name="inner_in")
    inner = keras.Model(inner_in, layers.Dense(2, name="deep")(inner_in), name="inner")
    shared = layers.Dense(4, name="shared")
    out = layers.Dense(1, name="out")(layers.Concatenate(name="join")([inner(shared(one)), shared(two)]) * 2.0)
    found = graph(tmp_path, keras.Model([one, two], out), [X, X])
    assert found.pop("multiply") == ("Multiply", ["join"])
    assert found == {
        "one": ("InputLayer", []),
        "two": ("InputLayer", []),
        "shared": ("Dense", ["one", "two"]),
        "inner/inner_in": ("InputLayer", ["shared"]),
        "inner/deep": ("Dense", ["inner/inner_in"]),
        "join": ("Concatenate", ["inner/deep", "shared"]),
        "out": ("Dense", ["multiply"]),
    }


class Block(layers.Layer):
    def __init__(self):
        super().__init__(name="block")
        self.dense = layers.Dense(3, name="dense")

    def call(self, x):
        return x + ops.tanh(self.dense(x))


class Net(keras.Model):
    def __init__(self):
        super().__init__(name="net")
        self.block, self.out = Block(), layers.Dense(1, name="out")

    def call(self, x):
        return self.out(self.block(x * 2.0))


def test_the_graph_of_a_model_of_ones_own(tmp_path):
    assert graph(tmp_path, Net()) == {
        "input_0": ("InputLayer", []),
        "net": ("Net", ["input_0"]),
        "block/dense": ("Dense", ["net"]),
        "block/block": ("Block", ["block/dense", "net"]),
        "out": ("Dense", ["block/block"]),
    }


def test_no_graph(tmp_path):
    fit(tmp_path, write_graph=False)
    assert not run(tmp_path / "train").Tags()["graph"]


# -- the other pages --------------------------------------------------------------------------------------------------


def embedded(folder, metadata=None):
    model = keras.Sequential(
        [keras.Input((2,)), layers.Embedding(5, 3, name="words"), layers.Flatten(), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    board = callbacks.TensorBoard(folder, embeddings_freq=2, embeddings_metadata=metadata)
    model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0, callbacks=[board])
    return model


@pytest.mark.parametrize("metadata", [None, "names.tsv", {"words": "names.tsv"}])
def test_embeddings(tmp_path, metadata):
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    model = embedded(tmp_path, metadata)
    (shown,) = text_format.Parse((tmp_path / "projector_config.pbtxt").read_text(), ProjectorConfig()).embeddings
    assert shown.tensor_name == "words (epoch 2)" and shown.metadata_path == ("names.tsv" if metadata else "")
    np.testing.assert_allclose(np.loadtxt(tmp_path / shown.tensor_path), model.get_weights()[0], rtol=1e-5)


def test_metadata_of_no_layer(tmp_path):
    with pytest.raises(ValueError, match=r"Unrecognized.*\['wards'\].*\['words'\]"):
        embedded(tmp_path, {"wards": "names.tsv"})


def hyperparameters(folder):
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    events = run(folder)
    tags = events.PluginTagToContent("hparams")
    return {tag: HParamsPluginData.FromString(content) for tag, content in tags.items()}


def test_hyperparameters(tmp_path):
    fit(tmp_path, hparams={"depth": 2, "kind": "small", "wide": False, "rate": np.float32(0.5)})
    found = hyperparameters(tmp_path)
    assert found["_hparams_/session_end_info"].session_end_info.status == 1
    values = found["_hparams_/session_start_info"].session_start_info.hparams
    assert values["depth"].number_value == 2 and values["kind"].string_value == "small"
    assert values["rate"].number_value == 0.5 and values["optimizer"].string_value == "Adam"
    assert values["learning_rate"].number_value == pytest.approx(0.01) and values["epochs"].number_value == 2


def test_no_page_of_hyperparameters(tmp_path):
    fit(tmp_path, hparams=False)
    assert sorted(os.listdir(tmp_path)) == ["train", "validation"]


def test_what_is_no_hyperparameter(tmp_path):
    with pytest.raises(TypeError, match="'layers'"):
        fit(tmp_path, hparams={"layers": [1, 2]})


@pytest.mark.parametrize("batches, first, count", [(3, 3, 1), ((2, 6), 2, 5), ([1, 2], 1, 2)])
def test_a_trace_of_a_step(tmp_path, batches, first, count):
    fit(tmp_path, profile_batch=batches)
    trace = json.loads((tmp_path / "train" / "profile" / f"batch_{first}.trace.json").read_text())["traceEvents"]
    rows = {tid: [e for e in trace if e["ph"] == "X" and e["tid"] == tid] for tid in (1, 2)}
    assert [e["name"] for e in rows[1]] == [f"batch {number}" for number in range(first, first + count)]
    assert any("a" == e["args"].get("layer", "").rpartition("/")[2] for e in rows[2])
    assert all(
        before["ts"] + before["dur"] == pytest.approx(after["ts"]) for before, after in zip(rows[2], rows[2][1:])
    )
    assert "profile/text_summary" in run(tmp_path / "train").Tags()["tensors"]


# -- refusals, ends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"update_freq": "step"},
        {"update_freq": 0},
        {"profile_batch": -1},
        {"profile_batch": (5, 3)},
        {"profile_batch": "3,5"},
        {"profile_batch": (1, 2, 3)},
    ],
)
def test_refused(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        callbacks.TensorBoard(**arguments)


def test_a_missing_package(monkeypatch):
    monkeypatch.delitem(sys.modules, "kerasish.summary.events", raising=False)
    monkeypatch.delattr(sys.modules["kerasish.summary"], "events", raising=False)
    for name in ("tensorboardX", "tensorboardX.event_file_writer"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"kerasish\[tensorboard\]"):
        callbacks.TensorBoard()


def test_no_thread_is_left(tmp_path):
    before = threading.active_count()
    fit(tmp_path, update_freq="batch")
    assert threading.active_count() <= max(before, 2)


@pytest.mark.parametrize("save_freq", [1, "epoch"])
def test_a_training_that_goes_on(tmp_path, save_freq):
    class Cut(Exception):
        pass

    def train(folder, cut=None):
        def at(batch, logs):
            seen.append(batch)
            if len(seen) == cut:
                raise Cut

        seen, model = [], dense()
        watch = callbacks.LambdaCallback(on_train_batch_begin=at)
        board = callbacks.TensorBoard(tmp_path / folder, update_freq="batch")
        backup = callbacks.BackupAndRestore(tmp_path / f"{folder}.backup", save_freq)
        model.fit(X, Y, batch_size=4, epochs=3, verbose=0, callbacks=[board, watch, backup])

    train("whole")
    with pytest.raises(Cut):
        train("cut", 8)
    train("cut")
    assert scalars(tmp_path / "cut" / "train") == scalars(tmp_path / "whole" / "train")


def test_a_model_of_text(tmp_path):
    """What is compiled for numbers leaves text out; the rest is there, and the training goes on after a cut."""
    texts = np.array(["one two", "two three", "three one", "one one"] * 3)

    def train(cut=None):
        keras.utils.set_random_seed(4)
        words = layers.TextVectorization(vocabulary=["one", "two", "three"], output_sequence_length=2)
        body = [keras.Input((), dtype="string"), words, layers.Embedding(6, 2), layers.Flatten(), layers.Dense(1)]
        model = keras.Sequential(body)
        model.compile("adam", "mse")
        board = callbacks.TensorBoard(tmp_path / "logs", histogram_freq=1, write_activations=True, write_gradients=True)

        def at(batch, logs):
            seen.append(batch)
            if len(seen) == cut:
                raise KeyError

        seen, watch = [], callbacks.LambdaCallback(on_train_batch_begin=at)
        backup = callbacks.BackupAndRestore(tmp_path / f"backup{cut or gone_on}", 1)
        model.fit(texts, np.ones(12), batch_size=4, epochs=3, verbose=0, callbacks=[board, watch, backup])
        return [w.tolist() for w in model.get_weights()], len(seen)

    gone_on = "whole"
    whole, _ = train()
    with pytest.raises(KeyError):
        train(5)
    gone_on = 5
    assert train() == (whole, 5)
    assert "epoch_loss" in scalars(tmp_path / "logs" / "train")
