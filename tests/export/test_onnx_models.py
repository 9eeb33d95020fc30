"""Whole models as ONNX: structures, names, open axes, loops, dtypes, options."""

import os

import numpy as np
import onnx
import pytest

import kerasish as keras
from kerasish import layers, ops
from kerasish.export.onnx.api import as_onnx
from kerasish.export.signatures import signature_of
from tests.export.running import agree, check, host, kinds, session_of


def values(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype("float32")


def proto_of(model, **options):
    return as_onnx(model, signature_of(model), model.output_names, model.name, **options)


def convnet():
    image = keras.Input((None, None, 3), name="image")
    x = layers.Conv2D(4, 3, strides=2, padding="same", name="first")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU()(x)
    y = layers.DepthwiseConv2D(3, padding="same", activation="relu6")(x)
    x = layers.Concatenate()([layers.Add()([x, y]), layers.AveragePooling2D(2, 1, padding="same")(x)])
    x = layers.Conv2DTranspose(2, 3, strides=2, padding="same")(layers.UpSampling2D()(x))
    pooled = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = x * layers.Dense(2, "sigmoid")(pooled)
    return keras.Model(image, layers.Softmax(name="mask")(x), name="net")


def test_images_are_transposed_at_the_ends_alone():
    proto = check(convnet(), [values(2, 16, 20, 3)], [values(1, 11, 7, 3)], opened=(0, 1, 2))
    assert kinds(proto)["Transpose"] <= 4  # in, out, and around the Dense of the squeezed image
    assert {"Conv": 2, "BatchNormalization": 1, "ConvTranspose": 1, "AveragePool": 1, "Resize": 1}.items() <= kinds(
        proto
    ).items()


def test_weights_stand_once_and_biases_in_their_convolutions():
    x = keras.Input((8, 8, 2), name="x0")
    shared = layers.Conv2D(2, 3, padding="same", name="shared")
    model = keras.Model(x, layers.Conv2D(3, 3, name="last")(shared(shared(x))))
    proto = check(model, [values(2, 8, 8, 2)])
    shapes = {tensor.name: list(tensor.dims) for tensor in proto.graph.initializer}
    assert shapes == {
        "shared/kernel": [2, 2, 3, 3],
        "shared/bias": [1, 2, 1, 1],
        "last/kernel": [3, 2, 3, 3],
        "last/bias": [3],
    }
    assert kinds(proto) == {"Transpose": 2, "Conv": 3, "Add": 2, "Identity": 1}


def test_names_of_inputs_outputs_axes_layers_and_weights():
    proto = proto_of(convnet())
    (image,), (mask,) = proto.graph.input, proto.graph.output
    assert (image.name, mask.name) == ("image", "mask")
    axes = [d.dim_param or d.dim_value for d in image.type.tensor_type.shape.dim]
    assert axes == ["batch", "height", "width", 3]
    assert {"first/kernel", "norm/gamma", "norm/moving_mean"} <= {x.name for x in proto.graph.initializer}
    assert {"first/Conv", "norm/BatchNormalization"} <= {node.name for node in proto.graph.node}


def test_several_inputs_and_outputs_in_structures():
    a, b = keras.Input((None, 3), name="words"), keras.Input((4,), name="facts")
    x = layers.Bidirectional(layers.GRU(3))(a)
    both = layers.Concatenate()([x, b])
    outputs = {"yes": layers.Dense(1, name="yes")(both), "kind": layers.Dense(2, name="kind")(both)}
    model = keras.Model({"words": a, "facts": b}, outputs)
    proto = proto_of(model)
    session = session_of(proto)
    assert {i.name: i.shape for i in session.get_inputs()} == {
        "words": ["batch", "words_time", 3],
        "facts": ["batch", 4],
    }
    for steps in (2, 5):
        given = {"words": values(3, steps, 3), "facts": values(3, 4)}
        want = model(given)
        got = dict(zip([o.name for o in session.get_outputs()], session.run(None, given)))
        agree([got["yes"], got["kind"]], host([want["yes"], want["kind"]]))


def test_first_axes_that_are_not_one_batch():
    proto = check(
        lambda a, b: ops.matmul(ops.transpose(a), ops.ones_like(a)) + ops.sum(b), [values(2, 3), values(5, 3)]
    )
    assert kinds(proto)
    proto = check(lambda a, b: ops.concatenate([a, b], axis=0)[: a.shape[0] + 1], [values(3, 2), values(3, 2)])
    assert proto.graph.output[0].type.tensor_type.shape.dim[0].dim_param == "batch + 1"


def test_a_model_in_a_model_and_a_layer_that_is_shared():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4, "tanh"), layers.LayerNormalization()])
    x = keras.Input((4,), name="x0")
    check(keras.Model(x, inner(inner(x)) + x), [values(2, 4)], [values(5, 4)])


class Tower(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.head = layers.Dense(3, "gelu"), layers.Dense(2)

    def call(self, inputs, training=None):
        x = ops.where(ops.sum(inputs, axis=-1, keepdims=True) > 0.0, inputs, -inputs)
        return self.head(self.hidden(x))


def test_a_subclassed_model(tmp_path):
    model = Tower()
    with pytest.raises(ValueError, match="shapes that .* takes are not known: call it on data first"):
        model.export(tmp_path / "tower.onnx", format="onnx")
    check(model, [values(2, 4)], [values(3, 4)])
    model.export(tmp_path / "tower.onnx", format="onnx")
    session = session_of(onnx.load(tmp_path / "tower.onnx"))
    agree(session.run(None, {"inputs": values(3, 4)}), host(model(values(3, 4))))


def test_loops_and_branches():
    def scanned(x):
        total, sums = ops.scan(lambda c, row: (c + row, c * row), ops.zeros((3,)), x)
        return total, sums, ops.scan(lambda c, row: (c * 0.5 + row, c), ops.ones((3,)), x, reverse=True)

    check(scanned, [values(4, 3)], [values(7, 3)])
    check(lambda x: ops.while_loop(lambda v: ops.sum(v) < 50.0, lambda v: (v * 2.0,), (ops.abs(x),)), [values(2, 3)])
    check(lambda x: ops.fori_loop(0, 3, lambda i, v: v * 2.0 + ops.cast(i, "float32"), x), [values(2, 3)])
    check(lambda x: ops.cond(ops.sum(x) > 0.0, lambda: x * 2.0, lambda: x - 1.0), [values(2, 3)], [-abs(values(4, 3))])
    check(lambda x: ops.cumprod(x, axis=1), [values(2, 5)])


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_recurrent_operators_where_there_is_no_mask(kind):
    for options in ({}, {"return_sequences": True, "go_backwards": True}, {"return_state": True, "use_bias": False}):
        layer = getattr(layers, kind)(3, **options)
        proto = check(layer, [values(2, 4, 3)], [values(3, 6, 3)], opened=(0, 1))
        assert kinds(proto).get({"SimpleRNN": "RNN"}.get(kind, kind)) == 1 and "Scan" not in kinds(proto)


@pytest.mark.parametrize("policy, tolerance", [("mixed_float16", 2e-2), ("mixed_bfloat16", 5e-2), ("float64", 1e-6)])
def test_dtypes(policy, tolerance):
    x = keras.Input((5,), name="x0")
    h = layers.LayerNormalization(dtype=policy)(layers.Dense(4, "relu", dtype=policy)(x))
    model = keras.Model(x, layers.Dense(2, dtype="float32")(h))
    check(model, [values(3, 5)], [values(1, 5)], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("opset", [17, 18, 20, 23, 26])
def test_every_opset(opset):
    x = keras.Input((4, 6), name="x0")
    h = layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)
    h = layers.Dense(6, "gelu")(layers.RMSNormalization()(h))
    model = keras.Model(x, ops.max(h, axis=1) + ops.logsumexp(h, axis=1))
    proto = check(model, [values(2, 4, 6)], opset=opset)
    assert proto.opset_import[0].version == opset
    assert ("Gelu" in kinds(proto)) == (opset >= 20) and ("RMSNormalization" in kinds(proto)) == (opset >= 23)


def test_numbers_beside_the_file(tmp_path):
    model = keras.Sequential([keras.Input((40,), name="x0"), layers.Dense(60)])
    path = tmp_path / "folder" / "big.onnx"
    for _ in range(2):  # the second takes the place of the first
        model.export(path, format="onnx", external_data=True)
    assert sorted(os.listdir(path.parent)) == ["big.onnx", "big.onnx.data"]
    assert os.path.getsize(path) < 4000 < os.path.getsize(f"{path}.data") < 15000
    onnx.checker.check_model(str(path))
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    agree(session.run(None, {"x0": values(2, 40)}), host(model(values(2, 40))))


def test_numbers_go_beside_by_themselves_where_the_format_can_not_hold_them(tmp_path, monkeypatch):
    monkeypatch.setattr("kerasish.export.onnx.file._LARGEST_MESSAGE", 4000)
    keras.Sequential([keras.Input((40,)), layers.Dense(60)]).export(tmp_path / "big.onnx", format="onnx")
    assert sorted(os.listdir(tmp_path)) == ["big.onnx", "big.onnx.data"]


def test_a_failed_export_leaves_the_old_file(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"old")
    noisy = keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x + keras.random.normal((2,)))])
    with pytest.raises(ValueError, match="draws random numbers"):
        noisy.export(path, format="onnx")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["model.onnx"]
