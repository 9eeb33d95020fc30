"""What one version computes: batches of every make-up give each request what `predict` gives it alone."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.serving.heart.servable import Servable
from kerasish.serving.heart.signature import signature_of
from kerasish.serving.heart.warming import warm_up
from kerasish.serving.heart.work import Work
from kerasish.serving.options import Batching
from kerasish.serving.refusals import BadRequest


def small():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(4, activation="tanh", name="y")])


def computed(servable, *sizes, shape=(3,)):
    draws = np.random.default_rng(0)
    works = [Work(servable, [draws.random((n, *shape), "float32")], 0.0, lambda _: None) for n in sizes]
    results, rows = servable.compute(works)
    for work, outputs in zip(works, results):
        expected = servable.model.predict(work.arrays[0], verbose=0)
        np.testing.assert_allclose(outputs[0], expected, rtol=1e-6, atol=1e-6)
    return rows


@pytest.mark.parametrize(("sizes", "rows"), [((1,), 1), ((1, 2), 4), ((2, 2), 4), ((3, 1, 1), 8), ((21,), 21)], ids=str)
def test_each_request_gets_its_own_rows(sizes, rows):
    assert computed(Servable("m", 1, small(), Batching(8)), *sizes) == rows


def test_batches_are_filled_up_to_the_allowed_sizes():
    servable = Servable("m", 1, small(), Batching(allowed_batch_sizes=(3, 10)))
    assert computed(servable, 1) == 3 and computed(servable, 2, 2) == 10 and servable.queue.max_rows == 10


def test_a_model_made_for_one_size_gets_that_size():
    x = keras.Input(batch_shape=(4, 3), name="x")
    servable = Servable("m", 1, keras.Model(x, keras.layers.Dense(2)(x)))
    warm_up(servable)
    assert servable.sizes == [4] and servable.signature.rows == 4
    work = Work(servable, [np.ones((2, 3), "float32")], 0.0, lambda _: None)
    results, rows = servable.compute([work])
    assert results[0][0].shape == (2, 2) and rows == 4


def test_what_has_no_batch_axis_is_computed_one_by_one():
    x = keras.Input((3,), name="x")
    servable = Servable("m", 1, keras.Model(x, keras.ops.sum(x)))
    warm_up(servable)
    works = [Work(servable, [np.full((2, 3), value, "float32")], 0.0, lambda _: None) for value in (1, 2)]
    assert [outputs[0].item() for outputs in servable.compute(works)[0]] == [6.0, 12.0]


def test_warming_up_finds_the_sizes_and_compiles_them():
    servable = Servable("m", 1, small())
    warm_up(servable)
    traces = servable.function.traces
    assert servable.sizes[0] == 1 and all(b == 2 * a for a, b in zip(servable.sizes, servable.sizes[1:]))
    computed(servable, *([1] * servable.sizes[-1]))
    computed(servable, 1)
    assert servable.function.traces == traces + (32 not in servable.sizes)  # `predict` beside it has batches of 32
    assert servable.bytes > 4 * 16


def test_open_axes_are_warmed_and_take_any_size():
    x = keras.Input((None, 2), name="x")
    servable = Servable("m", 1, keras.Model(x, keras.layers.GRU(3)(x)), Batching(2))
    warm_up(servable, [[np.ones((1, 5, 2), "float32")]])
    assert servable.warm_shapes == {((5, 2),)}
    assert computed(servable, 1, 1, shape=(7, 2)) == 2


def test_a_model_with_a_call_of_its_own_is_served_by_what_it_was_built_on():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(2)

        def call(self, x):
            return {"a": self.dense(x), "b": x}

    model = Own()
    with pytest.raises(ValueError, match="can't be told"):
        signature_of(model)
    model(np.ones((1, 3), "float32"))
    signature = signature_of(model)
    assert [info.shape for info in signature.inputs] == [(None, 3)]
    assert {info.name: info.shape for info in signature.outputs} == {"a": (None, 2), "b": (None, 3)}


def test_names_are_those_of_dicts_and_of_layers():
    a, b = keras.Input((2,), name="a"), keras.Input((3,), dtype="int32", name="b")
    total = keras.layers.Concatenate(name="both")([a, keras.ops.cast(b, "float32")])
    listed = signature_of(keras.Model([a, b], [total]))
    assert [(info.name, info.dtype, info.shape) for info in listed.inputs] == [
        ("a", "float32", (None, 2)),
        ("b", "int32", (None, 3)),
    ]
    assert [info.name for info in listed.outputs] == ["both"]
    named = signature_of(keras.Model({"left": a, "right": b}, {"sum": total}))
    assert [info.name for info in named.inputs] == ["left", "right"]
    assert [info.name for info in named.outputs] == ["sum"]
    packed = named.pack([1, 2])
    assert packed == {"left": 1, "right": 2}


X, ROWS = np.ones((2, 2), "float32"), np.ones((3, 2), "float32")


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({"a": X}, "'b' is missing"),
        ({"a": X, "c": X}, "no input 'c'"),
        ({"a": X, "b": X.astype("float64")}, "takes float32, got float64"),
        ({"a": X, "b": X[:, :1]}, r"takes shape \[-1, 2\], got \[2, 1\]"),
        ({"a": X, "b": X[0]}, r"got \[2\]"),
        ({"a": X, "b": ROWS}, "same number of rows"),
        ({"a": X[:0], "b": X[:0]}, "has no rows"),
        ({"a": X, "b": np.array([["w", "w"]])}, "got string"),
    ],
    ids=["missing", "unknown", "dtype", "shape", "rank", "rows", "empty", "text"],
)
def test_what_does_not_fit_is_refused_by_name(tensors, words):
    signature = signature_of(keras.Model([a := keras.Input((2,), name="a"), b := keras.Input((2,), name="b")], a + b))
    with pytest.raises(BadRequest, match=words):
        signature.ordered(tensors)
