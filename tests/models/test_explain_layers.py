"""`explain(kind="layers")`: FLOPs, parameters and bytes of each layer, against counts by hand."""

import json

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers


def product(*numbers):
    return int(np.prod(numbers))


def lstm(steps, size, units):
    """Products of input and state; their sum and the bias; 4 gates; 2 products and a sum for the cell.

    Its tanh and the product with the output gate.
    """
    return steps * (2 * 4 * units * (size + units) + 2 * 4 * units + 4 * units + 3 * units + 2 * units)


def gru(steps, size, units):
    """Products; two biases; two gates (a sum and a sigmoid each); the candidate (a product, a sum, a tanh).

    `new + z * (old - new)`.
    """
    return steps * (2 * 3 * units * (size + units) + 2 * 3 * units + 4 * units + 3 * units + 3 * units)


CASES = [  # layer, shape of a sample, FLOPs of a sample, shape of the output
    (lambda: layers.Dense(4), (8,), 2 * 8 * 4 + 4, (4,)),
    (lambda: layers.Dense(4, "relu", use_bias=False), (8,), 2 * 8 * 4 + 4, (4,)),
    (lambda: layers.Dense(4, use_bias=False), (5, 8), 5 * 2 * 8 * 4, (5, 4)),
    (lambda: layers.Conv2D(8, 3), (10, 10, 3), product(8, 8, 8) * (2 * 9 * 3 + 1), (8, 8, 8)),
    (
        lambda: layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
        (10, 10, 3),
        product(5, 5, 8) * 2 * 9 * 3,
        (5, 5, 8),
    ),
    (lambda: layers.Conv2D(8, 3, groups=2, use_bias=False), (10, 10, 4), product(8, 8, 8) * 2 * 9 * 2, (8, 8, 8)),
    (lambda: layers.Conv1D(6, 4, dilation_rate=2, use_bias=False), (20, 3), product(14, 6) * 2 * 4 * 3, (14, 6)),
    (lambda: layers.DepthwiseConv2D(3), (10, 10, 4), product(8, 8, 4) * (2 * 9 + 1), (8, 8, 4)),
    (
        lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False),
        (10, 10, 4),
        product(8, 8, 8) * 2 * 9,
        (8, 8, 8),
    ),
    (
        lambda: layers.SeparableConv2D(8, 3),
        (10, 10, 4),
        product(8, 8, 4) * 2 * 9 + product(8, 8, 8) * (2 * 4 + 1),
        (8, 8, 8),
    ),
    (lambda: layers.LSTM(5), (7, 3), lstm(7, 3, 5), (5,)),
    (lambda: layers.LSTM(5, return_sequences=True), (7, 3), lstm(7, 3, 5), (7, 5)),
    (lambda: layers.GRU(5), (7, 3), gru(7, 3, 5), (5,)),
    (lambda: layers.Bidirectional(layers.LSTM(5)), (7, 3), 2 * lstm(7, 3, 5), (10,)),
    (lambda: layers.TimeDistributed(layers.Dense(3)), (7, 2), 7 * (2 * 2 * 3 + 3), (7, 3)),
    (lambda: layers.MaxPooling2D(), (8, 8, 2), product(4, 4, 2) * 4, (4, 4, 2)),
    (lambda: layers.ReLU(), (8, 2), 16, (8, 2)),
    (lambda: layers.Flatten(), (8, 2), 0, (16,)),
    (lambda: layers.Dropout(0.5), (8,), 0, (8,)),
    (lambda: layers.Embedding(100, 8), (7,), 7, (7, 8)),  # the input is float32, and cast
]


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("number", range(len(CASES)))
def test_by_hand(number, batch):
    make, shape, flops, output = CASES[number]
    layer = make()
    explained = keras.Sequential([keras.Input(shape), layer]).explain(kind="layers", batch_size=batch)
    (row,) = explained.rows
    assert row["flops"] == explained.flops == batch * flops and explained.other_flops == 0
    assert row["output_shape"] == (batch, *output) and row[
        "activation_bytes"
    ] == explained.activation_bytes == 4 * batch * product(*output)
    assert (
        row["parameters"] == explained.parameters == layer.count_params()
        and row["parameter_bytes"] == 4 * layer.count_params()
    )
    assert (
        row["layer"] == layer.name and row["class"] == type(layer).__name__ and row["calls"] == 1 and row["depth"] == 0
    )


def nested():
    image = keras.Input((8, 8, 3))
    features = layers.Conv2D(4, 3, use_bias=False, name="conv")(image)
    backbone = keras.Model(
        image, layers.GlobalAveragePooling2D(name="mean")(layers.ReLU(name="relu")(features)), name="backbone"
    )
    head = keras.Sequential(
        [keras.Input((4,)), layers.Dense(6, name="hidden"), layers.Dense(2, name="scores")], name="head"
    )
    left, right = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    total = keras.ops.add(head(backbone(left)), head(backbone(right)))
    return keras.Model([left, right], [total, layers.Softmax(name="chances")(total)], name="whole")


def test_nested_and_shared_models():
    explained = nested().explain(kind="layers")
    conv, head = product(6, 6, 4) * 2 * 27, 2 * 4 * 6 + 6 + 2 * 6 * 2 + 2
    rows = {row["layer"]: row for row in explained.rows}
    assert [(row["layer"], row["depth"]) for row in explained.rows if row["class"] != "Add"] == [
        ("backbone", 0), ("conv", 1), ("relu", 1), ("mean", 1), ("head", 0), ("hidden", 1), ("scores", 1), ("chances",
        0),
    ]  # fmt: skip
    assert rows["conv"]["flops"] == 2 * conv and rows["conv"]["calls"] == 2 and rows["relu"]["flops"] == 2 * 144
    assert rows["backbone"]["flops"] == sum(rows[name]["flops"] for name in ("conv", "relu", "mean"))
    assert rows["head"]["flops"] == 2 * head and rows["head"]["parameters"] == 4 * 6 + 6 + 6 * 2 + 2
    (add,) = [row for row in explained.rows if row["class"] == "Add"]
    assert add["flops"] == 2 and add["depth"] == 0 and add["parameters"] == 0
    assert (
        explained.flops == sum(row["flops"] for row in explained.rows if not row["depth"])
        and explained.other_flops == 0
    )
    assert explained.parameters == nested().count_params()
    leaves = [row for row in explained.rows if row["layer"] not in ("backbone", "head")]
    assert explained.activation_bytes == sum(row["activation_bytes"] for row in leaves)
    assert abs(sum(row["share"] for row in explained.rows if not row["depth"]) - 1) < 1e-9


class Residual(keras.Model):
    def __init__(self):
        super().__init__(name="residual")
        self.first = layers.Dense(4, use_bias=False, name="first")
        self.inner = keras.Sequential([layers.Dense(4, use_bias=False, name="deep")], name="inner")

    def call(self, x, training=False):
        return x + self.inner(self.first(x))


def test_a_subclassed_model():
    model = Residual()
    with pytest.raises(ValueError, match="pass `x`"):
        model.explain(kind="layers")
    x = np.zeros((5, 4), "float32")
    explained = model.explain(x, kind="layers")
    assert [(row["layer"], row["depth"], row["flops"]) for row in explained.rows] == [
        ("first", 0, 160),
        ("inner", 0, 160),
        ("deep", 1, 160),
    ]
    assert explained.flops == 340 and explained.other_flops == 20 and explained.batch_size == 5
    assert "(outside of layers)" in str(explained)
    assert model.explain(kind="layers").flops == 340 / 5, "the shape is known by now"
    model.summary()


def test_a_loop_that_is_written_out():
    explained = keras.Sequential([keras.Input((7, 3)), layers.LSTM(5, unroll=True)]).explain(kind="layers")
    assert explained.rows[0]["flops"] == pytest.approx(lstm(7, 3, 5), rel=0.02)


def test_nothing_changes():
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(3, activity_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
        ]
    )
    model.compile("adam", "mse")
    before = [np.array(w) for w in model.get_weights()]
    model.explain(kind="layers")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights())) and not model.layers[0]._losses_added
    assert not any("call" in vars(layer) for layer in model.layers) and "run" not in vars(model._functional._graph)
    x = np.ones((2, 4), "float32")
    assert np.isfinite(model.train_on_batch(x, np.ones((2, 3)))) and model.predict(x, verbose=0).shape == (2, 3)


def test_an_error_within_leaves_the_model_as_it_was():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    with pytest.raises(ValueError):
        model.explain(np.zeros((2, 5), "float32"), kind="layers")
    assert "call" not in vars(model.layers[0]) and model.explain(kind="layers").flops == 27


def test_half_precision_halves_the_bytes():
    whole, half = (
        keras.Sequential([keras.Input((4,)), layers.Dense(3, dtype=dtype)]).explain(kind="layers")
        for dtype in ("float32", "mixed_float16")
    )
    assert whole.activation_bytes == 2 * half.activation_bytes and whole.parameter_bytes == half.parameter_bytes


def test_unknown_sizes_are_asked_for():
    model = keras.Sequential([keras.Input((None, 3)), layers.LSTM(5)])
    with pytest.raises(ValueError, match="pass `x`"):
        model.explain(kind="layers")
    assert model.explain(np.zeros((2, 9, 3), "float32"), kind="layers").flops == 2 * lstm(9, 3, 5)
    with pytest.raises(ValueError, match="`kind`"):
        model.explain(kind="layer")


def test_text_and_data():
    explained = nested().explain(kind="layers", batch_size=2)
    text = str(explained)
    for words in (
        "whole",
        "backbone (Functional) × 2",
        "└ conv (Conv2D) × 2",
        "(2, 6, 6, 4)",
        "of 2 samples",
        "Activations",
    ):
        assert words in text
    assert json.loads(json.dumps(explained.to_dict()))["flops"] == explained.flops
    assert "LayerExplanation" in repr(explained) and "<table>" in explained._repr_html_()
    x = keras.Input((2,))
    assert "&lt;b&gt;" in keras.Model(x, layers.Dense(1)(x), name="<b>").explain(kind="layers")._repr_html_()
