"""LocallyConnected1D and 2D beside tf_keras, the last Keras that has them."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import kerasish
from kerasish import backend, ops

CASES = [
    ("LocallyConnected1D", {"filters": 3, "kernel_size": 2}, (6, 4)),
    ("LocallyConnected1D", {"filters": 2, "kernel_size": 3, "strides": 2, "activation": "tanh"}, (7, 3)),
    ("LocallyConnected1D", {"filters": 2, "kernel_size": 3, "implementation": 2, "padding": "same"}, (5, 3)),
    ("LocallyConnected1D", {"filters": 2, "kernel_size": 3, "implementation": 3, "padding": "same"}, (5, 3)),
    ("LocallyConnected1D", {"filters": 2, "kernel_size": 2, "implementation": 3, "strides": 3}, (8, 3)),
    ("LocallyConnected1D", {"filters": 2, "kernel_size": 2, "data_format": "channels_first"}, (3, 6)),
    (
        "LocallyConnected1D",
        {"filters": 2, "kernel_size": 2, "data_format": "channels_first", "implementation": 2, "padding": "same"},
        (3, 6),
    ),
    (
        "LocallyConnected1D",
        {"filters": 2, "kernel_size": 3, "data_format": "channels_first", "implementation": 3, "padding": "same"},
        (3, 6),
    ),
    ("LocallyConnected2D", {"filters": 3, "kernel_size": 2, "use_bias": False}, (4, 5, 2)),
    (
        "LocallyConnected2D",
        {"filters": 2, "kernel_size": (2, 3), "strides": (2, 1), "bias_initializer": "ones"},
        (5, 6, 3),
    ),
    ("LocallyConnected2D", {"filters": 2, "kernel_size": (3, 2), "implementation": 2}, (4, 5, 2)),
    (
        "LocallyConnected2D",
        {"filters": 2, "kernel_size": 3, "implementation": 2, "padding": "same", "strides": 2},
        (4, 5, 2),
    ),
    ("LocallyConnected2D", {"filters": 2, "kernel_size": 3, "implementation": 3, "padding": "same"}, (4, 5, 2)),
    ("LocallyConnected2D", {"filters": 2, "kernel_size": (1, 2), "data_format": "channels_first"}, (2, 3, 4)),
    (
        "LocallyConnected2D",
        {"filters": 2, "kernel_size": (1, 2), "data_format": "channels_first", "implementation": 2},
        (2, 3, 4),
    ),
    (
        "LocallyConnected2D",
        {"filters": 2, "kernel_size": 2, "data_format": "channels_first", "implementation": 3, "padding": "same"},
        (2, 3, 4),
    ),
]


@pytest.mark.parametrize("name, arguments, shape", CASES, ids=str)
def test_as_tf_keras(name, arguments, shape):
    x = np.random.default_rng(0).standard_normal((2, *shape)).astype("float32")
    theirs, ours = getattr(tf_keras.layers, name)(**arguments, name="c"), getattr(kerasish.layers, name)(**arguments)
    theirs.build(x.shape), ours.build(x.shape)
    shapes = [
        [(w.name.rpartition("/")[2].partition(":")[0], tuple(w.shape)) for w in k.weights] for k in (ours, theirs)
    ]
    assert shapes[0] == shapes[1]
    rng = np.random.default_rng(1)
    weights = [rng.standard_normal(w.shape).astype("float32") for w in theirs.get_weights()]
    theirs.set_weights(weights), ours.set_weights(weights)
    given = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given)
        wanted = theirs(given)
        weigh = rng.standard_normal(wanted.shape).astype("float32")
        loss = tf.reduce_sum(wanted * weigh)
    slopes = tape.gradient(loss, [given, *theirs.trainable_variables])

    @backend.function
    def step(inputs):
        outputs = ours(inputs)
        return outputs, backend.gradients(ops.sum(outputs * weigh), [inputs, *ours.trainable_variables])

    found, ours_slopes = step(x)
    close = dict(rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(found), wanted.numpy(), **close)
    np.testing.assert_allclose(ops.convert_to_numpy(ours(x)), wanted.numpy(), **close)
    for ours_slope, slope in zip(ours_slopes, slopes, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(ours_slope), slope.numpy(), **close)
    assert ours(kerasish.Input(shape)).shape == (None, *wanted.shape[1:])
    old = {"class_name": name, "config": theirs.get_config(), "keras_version": "2.15.0"}
    again = kerasish.layers.deserialize(old)
    again.build(x.shape), again.set_weights(weights)
    np.testing.assert_allclose(ops.convert_to_numpy(again(x)), wanted.numpy(), **close)
    half = getattr(kerasish.layers, name)(**arguments, dtype="mixed_float16")
    half.build(x.shape), half.set_weights(weights)
    np.testing.assert_allclose(ops.convert_to_numpy(half(x)).astype("float32"), wanted.numpy(), rtol=3e-2, atol=5e-2)
