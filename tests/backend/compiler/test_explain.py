"""explain(): rows, totals, text, and a model that is as it was."""

import json

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, ops
from kerasish.backend.compiler.explanation import Explanation


def _model():
    return keras.Sequential([
        keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="first"), layers.BatchNormalization(name="norm"),
        layers.ReLU(name="act"), layers.Flatten(),
        layers.Dropout(0.5, name="drop"), layers.Dense(5, activation="softmax", name="head"),
    ])  # fmt: skip


def test_rows_of_a_function():
    f = backend.function(lambda x, w: ops.relu(ops.matmul(x, w)))
    found = f.explain(np.ones((16, 32), "float32"), np.ones((32, 8), "float32"), repeat=2)
    first = found.rows[0]
    assert (
        first["operation"].startswith("matmul")
        and first["shape"] == (16, 8)
        and first["dtype"] == "float32"
        and first["step"] == 0
    )
    assert first["matmul_flops"] == 2 * 16 * 32 * 8 and first["bytes"] == 4 * (
        16 * 32 + 32 * 8 + 16 * 8
    )  # the same with an epilogue
    assert all(row["seconds"] > 0 and row["gflops"] >= 0 for row in found.rows)
    assert sum(row["share"] for row in found.rows) == pytest.approx(1.0)
    assert found.flops == 2 * 16 * 32 * 8 + 16 * 8 and found.matmul_rate > 0 and found.conv_share is None
    assert found.run_seconds > 0 and found.intermediate_bytes >= found.arena_bytes > 0


@pytest.mark.parametrize("kind", ["predict", "test", "train"])
def test_a_model_stays_as_it_was(kind):
    model = _model()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = np.random.default_rng(0).standard_normal((4, 8, 8, 3)).astype("float32"), np.arange(4)
    model.train_on_batch(x, y)
    state = [*model.variables, *model.optimizer.variables, *(v for m in model.metrics for v in m.variables)]
    before = [v.numpy() for v in state]
    found = model.explain(x, y, kind=kind, repeat=2)
    for v, old in zip(state, before):
        np.testing.assert_array_equal(v.numpy(), old, err_msg=v.path)
    assert sum(row["conv_flops"] for row in found.rows) == (2 if kind == "train" else 1) * 2 * 4 * 36 * 4 * 27
    assert 0 < found.conv_share < 50


def test_layers_are_told_apart():
    model = _model()
    model.compile("sgd", "sparse_categorical_crossentropy")
    totals = {
        (row["layer"] or "").split("/")[-1]: row
        for row in model.explain(kind="train", batch_size=4, repeat=1).by_layer()
    }
    assert totals["first"]["parameter_bytes"] == 4 * (27 * 4 + 4) and totals["norm"]["parameter_bytes"] == 4 * 4 * 4
    assert (
        totals["head"]["parameter_bytes"] == 4 * (144 * 5 + 5) and totals["first"]["flops"] >= 2 * 2 * 4 * 36 * 4 * 27
    )
    assert sum(row["share"] for row in totals.values()) == pytest.approx(1.0)


def test_nested_models_show_paths():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="deep")], name="inner")
    model = keras.Sequential([keras.Input((4,)), inner, layers.Dense(2, name="top")])
    found = [row["layer"] for row in model.explain(repeat=1).by_layer()]
    assert [name.endswith(wanted) for name, wanted in zip(found, ("inner/deep", "top"))] == [True, True], found


def test_data_are_made_up_where_none_are_given():
    inputs = {"ids": keras.Input((6,), dtype="int32", name="ids"), "x": keras.Input((3,), name="x")}
    embedded = layers.Flatten()(layers.Embedding(10, 4)(inputs["ids"]))
    model = keras.Model(inputs, layers.Dense(2)(layers.Concatenate()([embedded, inputs["x"]])))
    model.compile("sgd", "mse")
    assert model.explain(batch_size=7, repeat=1).flops >= 7 * 2 * 27 * 2
    assert model.explain(kind="train", batch_size=7, repeat=1).flops > 0


def test_refusals():
    with pytest.raises(ValueError, match="`kind` must be one of 'predict', 'train', 'test', 'layers', got 'fit'"):
        _model().explain(kind="fit")
    with pytest.raises(ValueError, match="compile"):
        _model().explain(kind="train")
    with pytest.raises(ValueError, match="unknown sizes; pass `x`"):
        keras.Sequential([keras.Input((None, 3)), layers.Dense(2)]).explain()

    class Bare(keras.Model):
        def call(self, x):
            return x * 2.0

    with pytest.raises(ValueError, match="pass `x`"):
        Bare().explain()
    model = _model()
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.raises(ValueError, match="runs eagerly"):
        model.explain(kind="train")


def test_text_and_json():
    found = _model().explain(batch_size=2, repeat=1)
    text = str(found)
    for part in ("predict_step", "By primitive", "By layer", "first", "conv", "arena", "GFLOP/s", "matrix product"):
        assert part in text
    assert "slowest" in found.table(2) and "slowest" not in found.table(None)
    restored = json.loads(json.dumps(found.to_dict()))
    assert restored["flops"] == found.flops and len(restored["rows"]) == len(found.rows) and restored["by_layer"]
    assert "steps" in repr(found)


def test_numbers_of_nothing():
    empty = Explanation("none", [], 0.0, None, {"arena_bytes": 0, "intermediate_bytes": 0, "parameter_bytes": {}})
    assert empty.flops == 0 and "none: 0 steps" in str(empty)


def test_a_program_that_runs_loops():
    def body(x):
        final, ys = ops.scan(lambda c, x: (c * 0.5 + x, c), ops.zeros((4,)), x)
        return final + ops.sum(ys, axis=0)

    found = backend.function(body).explain(np.ones((6, 4), "float32"), repeat=1)
    loops = [row for row in found.rows if row["operation"] == "scan"]
    assert loops and loops[0]["inside"] and loops[0]["flops"] == 6 * 8


def test_a_function_of_placeholders():
    x, w = backend.placeholder((None, 3)), backend.variable(np.ones((3, 2)))
    f = backend.function([x], [ops.matmul(x, w)], updates=[(w, w + 1.0)])
    assert sum(row["matmul_flops"] for row in f.explain([np.ones((4, 3))], repeat=2).rows) == 2 * 4 * 3 * 2
    assert w.numpy().tolist() == np.ones((3, 2)).tolist()
    with pytest.raises(ValueError, match="takes 1 values"):
        f.explain(np.ones((4, 3)), np.ones((4, 3)))


@pytest.mark.skipif(not backend.device().fuses, reason="counts what a group moves")
def test_a_loop_moves_what_its_rounds_do():
    """As the passes leave them: the group of a round reads two vectors and writes one, however many its nodes are."""

    def body(x):
        return ops.scan(lambda c, x: (ops.tanh(c * 0.5 + x) * 2.0, None), ops.zeros((400,)), x)[0]

    found = backend.function(body).explain(np.ones((6, 400), "float32"), repeat=1)
    (loop,) = [row for row in found.rows if row["operation"] == "scan"]
    assert loop["calls"] >= 6 and loop["bytes"] == 6 * 3 * 4 * 400


def test_a_view_that_is_a_step_is_a_copy():
    f = backend.function(lambda x: ops.reshape(ops.transpose(x), (-1,)) + 0.0)
    moved = {row["operation"]: row["bytes"] for row in f.explain(np.ones((16, 32), "float32"), repeat=1).rows}
    assert moved["reshape"] == 2 * 4 * 16 * 32
