"""Weights are updated as soon as their gradients are there: neither these nor their operands wait for the end."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.backend.device import device
from kerasish.backend.numpy import native


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_updates_stand_between_the_gradients(optimizer):
    model = keras.Sequential([keras.Input((8,)), *[layers.Dense(16, "tanh", use_bias=False) for _ in range(5)]])
    model.compile(optimizer, "mse")
    rows = model.explain(kind="train", batch_size=64, repeat=1).rows
    if not device().fuses or device().updates_together or not native.enabled():
        pytest.skip(
            "A pass of devices that fuse; groups join products, and have rows of their own, as compiled kernels."
        )
    products = [i for i, row in enumerate(rows) if "matmul" in row["operation"]]
    updates = [i for i, row in enumerate(rows) if row["shape"] in [(8, 16), (16, 16)] and row["layer"] == optimizer]
    joined = [i for i in products if "fused" in rows[i]["operation"] and rows[i]["shape"] in [(8, 16), (16, 16)]]
    assert sum(i < products[-1] for i in updates + joined) >= 4


def test_what_updates_read_of_each_other_is_as_before():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(16, "tanh"), layers.Dense(16), layers.Dense(8)])
    tied = model.layers[1].kernel
    model.add_loss(lambda: 0.01 * keras.ops.sum(keras.ops.matmul(tied, tied) ** 2))
    model.compile(keras.optimizers.Adam(0.01, weight_decay=0.1, clipnorm=1.0, use_ema=True), "mse")
    x = np.random.default_rng(0).standard_normal((32, 8)).astype("float32")
    weights = [keras.ops.convert_to_numpy(v) for v in model.trainable_variables]
    compiled = [float(keras.ops.convert_to_numpy(model.train_on_batch(x, x))) for _ in range(4)]
    again = keras.models.clone_model(model)
    tied = again.layers[1].kernel
    again.add_loss(lambda: 0.01 * keras.ops.sum(keras.ops.matmul(tied, tied) ** 2))
    again.set_weights(weights)
    again.compile(keras.optimizers.Adam(0.01, weight_decay=0.1, clipnorm=1.0, use_ema=True), "mse", run_eagerly=True)
    eager = [float(keras.ops.convert_to_numpy(again.train_on_batch(x, x))) for _ in range(4)]
    np.testing.assert_allclose(compiled, eager, rtol=1e-5)
