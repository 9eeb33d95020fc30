"""The base Layer: weights, sublayers, freezing, losses, masks, `training`.

Where real Keras does the same, it is asked.
"""

import re

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, layers, ops

BOTH = pytest.mark.parametrize("k", [kerasish, oracle], ids=["kerasish", "keras"])
ONES = np.ones((2, 3), "float32")


def block(k):
    """A layer with weights of its own and sublayers in attributes, lists and dicts.

    They are made in an order that differs from their use.
    """

    class Block(k.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.late = k.layers.Dense(2, name="late")
            self.steps = [k.layers.Dense(3, name="a"), k.layers.BatchNormalization(name="b")]
            self.named = {"x": k.layers.Dense(3, name="x"), "y": [k.layers.Dropout(0.5, seed=1, name="drop")]}

        def build(self, input_shape):
            self.counter = self.add_weight(
                shape=(), initializer="zeros", dtype="int32", trainable=False, name="counter"
            )
            self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

        def call(self, inputs, training=None):
            x = inputs * self.scale
            for layer in [*self.steps, self.named["x"], *self.named["y"], self.late]:
                x = layer(x)
            return x

    return Block


def described(layer):
    properties = (
        "weights",
        "trainable_weights",
        "non_trainable_weights",
        "variables",
        "trainable_variables",
        "non_trainable_variables",
    )
    return {
        name: [(re.sub(r"generator_\d+", "generator", v.path), tuple(v.shape), v.dtype) for v in getattr(layer, name)]
        for name in properties
    }


@pytest.mark.parametrize("freeze", [None, "all", "list", "late", "first"])
def test_variables_are_listed_as_in_keras(freeze):
    found = []
    for k in (kerasish, oracle):
        layer = block(k)(name="block", trainable=freeze != "first")
        if freeze == "late":
            layer.late.trainable = False
        layer(ONES)
        if freeze == "all":
            layer.trainable = False
        if freeze == "list":
            layer.steps[1].trainable = False
        found.append(
            (described(layer), [sub.trainable for sub in (layer, layer.late, *layer.steps)], layer.count_params())
        )
    assert found[0] == found[1]


@BOTH
def test_thawing_trains_again_what_was_trainable(k):
    layer = block(k)()
    layer(ONES)
    before = len(layer.trainable_variables)
    layer.trainable = False
    assert not layer.trainable_variables and not layer.late.trainable
    layer.trainable = True
    assert len(layer.trainable_variables) == before and not layer.counter.trainable


@BOTH
def test_a_shared_layer_counts_once(k):
    class Twice(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.first = k.layers.Dense(3)
            self.again = self.first

        def call(self, inputs):
            return self.again(self.first(inputs))

    layer = Twice()
    assert layer(ONES).shape == (2, 3)
    assert len(layer.weights) == 2 and layer.count_params() == 12


@BOTH
def test_variables_kept_as_attributes_belong_to_the_layer(k):
    class Own(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.v = k.Variable([1.0, 2.0])
            self.fixed = [k.Variable([3.0], trainable=False)]

    layer = Own()
    assert [v.shape for v in layer.trainable_variables] == [(2,)] and [
        v.shape for v in layer.non_trainable_variables
    ] == [(1,)]


@BOTH
def test_get_and_set_weights(k):
    layer = k.layers.Dense(2)
    layer.build((None, 3))
    new = [np.arange(6, dtype="float32").reshape(3, 2), np.ones(2, "float32")]
    layer.set_weights(new)
    for value, want in zip(layer.get_weights(), new, strict=True):
        assert isinstance(value, np.ndarray) and np.array_equal(value, want)
    for bad in ([], new[:1], [new[0].T, new[1]], [new[1], new[0]]):
        with pytest.raises(ValueError, match="weight"):
            layer.set_weights(bad)
    assert np.array_equal(layer.get_weights()[0], new[0])  # nothing changed


def test_weights_are_not_set_by_halves():
    layer = layers.Dense(2)
    layer.build((None, 3))
    before = layer.get_weights()
    with pytest.raises(ValueError, match="bias"):
        layer.set_weights([np.ones((3, 2)), np.ones(3)])
    assert np.array_equal(layer.get_weights()[0], before[0])


@BOTH
def test_add_weight(k):
    layer = k.layers.Layer(name="mine")
    w = layer.add_weight(shape=(2, 3), initializer="ones", regularizer="l2", constraint="non_neg", name="w")
    count = layer.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False)
    assert (tuple(w.shape), w.dtype, w.name, w.trainable, count.dtype, count.trainable) == (
        (2, 3),
        "float32",
        "w",
        True,
        "int32",
        False,
    )
    assert len(layer.losses) == 1 and float(layer.losses[0]) == pytest.approx(0.06)
    assert (
        w.constraint is not None
        and layer.weights == [w, count]
        or [v is u for v, u in zip(layer.weights, [w, count])] == [True, True]
    )


def test_add_weight_refuses_what_is_no_shape():
    layer = layers.Layer()
    with pytest.raises(TypeError, match="shape first"):
        layer.add_weight("kernel", (2, 3))
    with pytest.raises(ValueError, match="glorot_uniform"):
        layer.add_weight((2,), "glorot_unifrom")
    assert not layer.weights


@BOTH
def test_forgetting_super_init_is_told(k):
    class Forgetful(k.layers.Layer):
        def __init__(self):
            pass

    with pytest.raises(RuntimeError, match="super"):
        Forgetful()(ONES)


@BOTH
def test_losses(k):
    class Penalised(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = k.layers.Dense(
                2, kernel_initializer="ones", kernel_regularizer="l2", activity_regularizer="l1"
            )

        def call(self, inputs):
            self.add_loss(k.ops.sum(inputs))
            return self.inner(inputs)

    layer = Penalised()
    layer(ONES)
    layer(ONES)  # those of the last call only
    assert sorted(float(loss) for loss in layer.losses) == pytest.approx(sorted([6.0, 0.01 * 12 / 2, 0.01 * 6]))
    layer.inner.trainable = False
    assert len(layer.losses) == 2
    with pytest.raises(ValueError, match="add_loss"):
        layer.add_loss("big")


def test_losses_of_a_traced_call_belong_to_the_trace():
    layer = layers.Dense(2, kernel_initializer="ones", activity_regularizer="l2")
    layer(ONES)

    def step(x):
        layer(x)
        return backend.gradients(sum(layer.losses), layer.trainable_variables)[0]

    got = backend.function(step)(ONES)
    np.testing.assert_allclose(got, np.full((3, 2), 0.01 * 2 * 3), rtol=1e-6)


def test_add_metric_reports_a_mean():
    class Watched(layers.Layer):
        def call(self, inputs):
            self.add_metric(ops.sum(inputs), name="total")
            return inputs

    layer = Watched()
    layer(ONES)
    layer(2 * ONES)
    assert [m.name for m in layer.metrics] == ["total"] and float(layer.metrics[0].result()) == 9.0
    assert not layer.weights
    with pytest.raises(ValueError, match="name"):
        layer.add_metric(1.0)


@BOTH
def test_metrics_kept_as_attributes(k):
    class Watched(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.mean = k.metrics.Mean(name="m")
            self.dense = k.layers.Dense(2)

    layer = Watched()
    layer.dense.build((None, 3))
    assert len(layer.weights) == 2 and len(layer.metrics_variables) == len(layer.mean.variables) == 2


# -- training -----------------------------------------------------------------------------------------------------


def nested(k, seen):
    class Inner(k.layers.Layer):
        def call(self, inputs, training=None):
            seen.append(training)
            return inputs

    class Middle(k.layers.Layer):  # does not take `training`, but hands it on
        def __init__(self):
            super().__init__()
            self.inner = Inner()

        def call(self, inputs):
            return self.inner(inputs)

    class Outer(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.middle, self.inner = Middle(), Inner()

        def call(self, inputs, training=False):
            return self.inner(self.middle(inputs), training=False)

    return Outer


@pytest.mark.parametrize("call", [{}, {"training": True}, {"training": False}, {"training": None}], ids=str)
def test_training_reaches_the_layers_within(call):
    seen = {k: [] for k in (kerasish, oracle)}
    for k in seen:
        layer = nested(k, seen[k])()
        layer(ONES, **call)
        layer(ONES, **call)
    assert [bool(t) for t in seen[kerasish][-2:]] == [bool(t) for t in seen[oracle][-2:]]


@BOTH
def test_training_given_to_a_layer_that_takes_none_reaches_its_sublayers(k):
    seen = []
    layer = nested(k, seen)().middle
    layer(ONES, training=True)
    assert seen[-1] is True


@BOTH
def test_training_is_left_behind_after_the_call(k):
    seen = []
    layer = nested(k, seen)()
    layer(ONES, training=True)
    layer.inner(ONES)
    assert not seen[-1]
    with pytest.raises(ZeroDivisionError):
        k.layers.Lambda(lambda x: 1 / 0)(ONES, training=True)
    layer.inner(ONES)
    assert not seen[-1]


# -- masks --------------------------------------------------------------------------------------------------------


def masked(k):
    ids = np.array([[1, 2, 0], [3, 0, 0]])
    return k.layers.Embedding(4, 2, mask_zero=True)(ids)


@BOTH
def test_masks_reach_call_and_travel_on(k):
    seen = {}

    class Reader(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def call(self, inputs, mask=None):
            seen["mask"] = mask
            return inputs * 2.0

    outputs = Reader()(k.layers.Dense(2)(masked(k)))
    assert np.array_equal(np.asarray(seen["mask"]), [[True, True, False], [True, False, False]])
    assert np.array_equal(
        np.asarray(outputs._keras_mask if k is oracle else backend.get_keras_mask(outputs)), np.asarray(seen["mask"])
    )


@BOTH
def test_named_masks_of_several_arguments(k):
    seen = {}

    class Attends(k.layers.Layer):
        def call(self, query, value, query_mask=None, value_mask=None, mask=None):
            seen.update(query=query_mask, value=value_mask, mask=mask)
            return query

    layer = Attends()
    layer.supports_masking = True
    layer(masked(k), k.ops.ones((2, 3, 2)))
    assert seen["query"] is not None and seen["value"] is None and seen["mask"] is None


@BOTH
def test_a_layer_that_computes_a_mask_supports_masking(k):
    class Computes(k.layers.Layer):
        def call(self, inputs):
            return inputs * 1.0

        def compute_mask(self, inputs, previous_mask):
            return k.ops.greater(inputs[:, :, 0], 0)

    outputs = Computes()(np.array([[[1.0], [-1.0]]], "float32"))
    mask = outputs._keras_mask if k is oracle else backend.get_keras_mask(outputs)
    assert np.asarray(mask).tolist() == [[True, False]]


@BOTH
def test_a_lost_mask_is_told(k):
    class Plain(k.layers.Layer):
        def call(self, inputs):
            return inputs * 2.0

    with pytest.warns(UserWarning, match="destroy the mask"):
        outputs = Plain()(masked(k))
    assert backend.get_keras_mask(outputs) is None if k is kerasish else getattr(outputs, "_keras_mask", None) is None


def test_masks_in_a_functional_model_equal_those_of_keras():
    found = []
    for k in (kerasish, oracle):
        inputs = k.Input((3,), dtype="int32")
        x = k.layers.Embedding(5, 4, mask_zero=True, embeddings_initializer="ones", name="e")(inputs)
        x = k.layers.Concatenate()([x, k.layers.Dense(2, kernel_initializer="ones")(x)])
        x = k.layers.Softmax()(
            k.layers.Lambda(lambda x, k=k: k.ops.sum(x, axis=-1), name="s", mask=lambda inputs, mask: mask)(x)
        )
        found.append(k.Model(inputs, x)(np.array([[1, 2, 0], [3, 0, 0]])))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)
