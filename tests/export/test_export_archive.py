"""ExportArchive: endpoints, collections of variables, and what it refuses."""

import os

import numpy as np
import onnx
import pytest

import kerasish as keras
from kerasish import layers, ops
from tests.export.running import agree, host, session_of

SPEC = [keras.InputSpec(shape=(None, 3), dtype="float32")]
X = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")


def model():
    keras.utils.clear_session()
    return keras.Sequential([keras.Input((3,)), layers.Dropout(0.5), layers.Dense(2), layers.BatchNormalization()])


def archive_of(trained, **options):
    archive = keras.export.ExportArchive(format="onnx", **options)
    archive.track(trained)
    return archive


def test_several_endpoints_and_a_collection(tmp_path, capsys):
    trained = model()
    trained.compile("adam", "mse")
    trained.fit(X, X[:, :2], verbose=0)
    archive = archive_of(trained, opset_version=17)
    assert archive.add_endpoint("serve", trained.call, SPEC) == trained.call
    archive.add_endpoint(
        "scaled", lambda x, by: {"out": trained(x) * by}, [*SPEC, keras.InputSpec(shape=(), name="by")]
    )
    archive.add_variable_collection("optimizer", trained.optimizer.variables)
    archive.write_out(tmp_path / "out")
    assert sorted(os.listdir(tmp_path / "out")) == ["optimizer.npz", "scaled.onnx", "serve.onnx"]
    assert "Endpoint 'serve' (inputs: float32[None, 3])" in capsys.readouterr().out
    want = host(trained(X))
    serve, scaled = (onnx.load(tmp_path / "out" / f"{name}.onnx") for name in ("serve", "scaled"))
    assert serve.opset_import[0].version == 17 and scaled.graph.output[0].name == "out"
    agree(session_of(serve).run(None, {"inputs": X}), want)
    agree(session_of(scaled).run(None, {"inputs": X, "by": np.array(2, "float32")}), [2 * want[0]])
    with np.load(tmp_path / "out" / "optimizer.npz") as found:
        assert set(found) == {v.path for v in trained.optimizer.variables}


def test_one_endpoint_may_be_one_file(tmp_path):
    trained, archive = model(), keras.export.ExportArchive(format="onnx")
    assert archive.track_and_add_endpoint("serve", trained) is trained
    assert [v.path for v in archive.variables] == [v.path for v in trained.variables]
    assert len(archive.trainable_variables) == 4 and len(archive.non_trainable_variables) == len(trained.variables) - 4
    archive.write_out(tmp_path / "model.onnx", verbose=False)
    assert os.listdir(tmp_path) == ["model.onnx"]


def test_dicts_and_lists_of_tensors(tmp_path):
    archive = keras.export.ExportArchive(format="onnx")
    signature = [
        {"a": keras.InputSpec(shape=(None, 3)), "b": [np.zeros((2, 3), "float32"), keras.InputSpec(shape=(3,))]}
    ]
    archive.add_endpoint("sum", lambda x: x["a"] + ops.sum(x["b"][0]) * x["b"][1], signature)
    archive.write_out(tmp_path / "sum.onnx", verbose=False)
    session = session_of(onnx.load(tmp_path / "sum.onnx"))
    assert [i.name for i in session.get_inputs()] == ["a", "b", "b_1"]


@pytest.mark.parametrize(
    "act, message",
    [
        (lambda a: keras.export.ExportArchive(), "writes no format='saved_model'. A SavedModel holds functions"),
        (lambda a: keras.export.ExportArchive("onxx"), "`format` must be 'onnx', got 'onxx'"),
        (lambda a: a.track(3), "`resource` must be a layer or a model, got 3"),
        (lambda a: a.track(layers.Dense(2)), "has no weights yet"),
        (lambda a: a.add_endpoint("serve", len), "not known: call it on data first, or give `input_signature`"),
        (lambda a: a.add_endpoint("serve", 3, SPEC), "`fn` must be a function, a layer or a model, got 3"),
        (lambda a: [a.add_endpoint("serve", model(), SPEC) for _ in range(2)], "There is an endpoint 'serve' already"),
        (lambda a: a.add_variable_collection("kept", [1]), "must be a list, tuple or set of Variables"),
        (lambda a: [a.add_variable_collection("kept", []) for _ in range(2)], "There is a collection 'kept' already"),
        (lambda a: a.write_out("nowhere"), "no endpoint to write. Add one with `add_endpoint`"),
        (lambda a: [a.add_endpoint(n, model()) for n in "ab"] and a.write_out("x.onnx"), "A file holds one endpoint"),
        (lambda a: a.write_out("x", options=object()), "`options` speaks of SavedModels"),
    ],
)
def test_bad_calls(act, message):
    with pytest.raises(ValueError, match=message):
        act(archive_of(model()))
