"""Batch normalisation folded into the weights before it."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers
from kerasish.backend.compiler import pipeline
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import PASSES, evaluated, plain, simplify, traced

WITHOUT = tuple(name for name in PASSES if name != "fold")


def _shaken(model, seed=0):
    """The model with random weights and statistics."""
    rng = np.random.default_rng(seed)
    for v in model.variables:
        if "seed" in v.name:
            continue
        v.assign(
            rng.uniform(0.5, 2.0, v.shape)
            if "variance" in v.name or "gamma" in v.name
            else rng.standard_normal(v.shape) * 0.5
        )
    return model


def _graph(model, x, training=False):
    return traced(lambda x: model(x, training=training), x)


def _agree(graph, x, folds):
    """Folded and unfolded agree; returns the folded nodes.

    `folds`: how many convolutions and products have their weights multiplied.
    """
    plainly, alias, constants = simplify(graph, WITHOUT)
    wanted = evaluated(plainly, constants, graph, [x], alias)
    nodes, alias, constants = simplify(graph, PASSES)
    for a, b in zip(wanted, evaluated(nodes, constants, graph, [x], alias)):
        np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5 * max(1, np.abs(a).max()))
    assert _scaled_weights(nodes) == folds, [node.operation.name for node in nodes]
    return nodes


def _scaled_weights(nodes):
    made = {t: node.operation.name for node in nodes for t in node.outputs}
    return sum(
        node.operation.name in ("conv", "conv_input_gradient", "matmul") and made.get(node.inputs[1]) == "multiply"
        for node in nodes
    )


def _count(nodes, shape, *names):
    """How many nodes of these names make a tensor of `shape`."""
    return sum(node.operation.name in names and node.outputs[0].shape == shape for node in nodes)


@pytest.mark.parametrize("use_bias", [False, True])
@pytest.mark.parametrize("scale, center", [(True, True), (False, True), (True, False), (False, False)])
def test_convolution(use_bias, scale, center):
    model = _shaken(keras.Sequential([
        keras.Input((16, 16, 3)), layers.Conv2D(8, 3, use_bias=use_bias), layers.BatchNormalization(scale=scale,
        center=center), layers.ReLU(),
    ]))  # fmt: skip
    x = plain(4, 16, 16, 3)
    nodes = _agree(_graph(model, x), x, folds=1)
    assert _count(nodes, (4, 14, 14, 8), "multiply") == 0 and _count(nodes, (4, 14, 14, 8), "add", "subtract") == 1


@pytest.mark.parametrize("layer", [
    lambda: layers.Conv1D(4, 3), lambda: layers.DepthwiseConv1D(3), lambda: layers.SeparableConv1D(4, 3),
    lambda: layers.Conv1D(4, 3, groups=2, strides=2),
    lambda: layers.Conv1DTranspose(4, 3, strides=2), lambda: layers.Dense(4),
])  # fmt: skip
def test_other_linear_layers(layer):
    model = _shaken(keras.Sequential([keras.Input((64, 4)), layer(), layers.BatchNormalization()]))
    x = plain(4, 64, 4)
    _agree(_graph(model, x), x, folds=1)


def test_a_small_convnet_with_branches():
    inputs = keras.Input((12, 12, 3))
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(inputs))
    x = layers.ReLU()(x)
    y = layers.BatchNormalization()(layers.Conv2D(4, 1)(x))
    z = layers.Conv2D(4, 3, padding="same")(x)
    both = layers.Add()([y, layers.BatchNormalization()(z), z])  # z is used twice: not folded
    model = _shaken(keras.Model(inputs, layers.Dense(5)(layers.GlobalAveragePooling2D()(both))))
    x = plain(4, 12, 12, 3)
    _agree(_graph(model, x), x, folds=2)


def test_large_weights_are_kept_and_the_additions_joined():
    model = _shaken(keras.Sequential([keras.Input((4, 4, 16)), layers.Conv2D(32, 3), layers.BatchNormalization()]))
    x = plain(1, 4, 4, 16)
    nodes = _agree(_graph(model, x), x, folds=0)
    assert _count(nodes, (1, 2, 2, 32), "multiply") == 1 and _count(nodes, (1, 2, 2, 32), "add") == 1


def test_nothing_is_folded_where_statistics_or_weights_are_trained():
    model = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(8, 3), layers.BatchNormalization()])
    x = plain(4, 16, 16, 3)
    assert _agree(_graph(_shaken(model), x, training=True), x, folds=0)
    model.layers[1].trainable = False  # uses its moving averages, but the kernel before it is trained

    def step(x):
        outputs = model(x, training=True)
        model.layers[0].kernel.assign(model.layers[0].kernel * 0.9)
        return outputs

    graph = traced(step, x)
    assert _scaled_weights(simplify(graph, PASSES)[0]) == 0


def test_a_scale_that_depends_on_the_input_stays():
    kernel = keras.Variable(plain(3, 3, 3, 8))
    where = {"strides": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}

    def body(x):
        other = p.sum(p.conv(x, p.square(kernel), **where), axis=(0, 1, 2), keepdims=False)
        return p.multiply(p.conv(x, kernel, **where), p.sum(x, axis=(0, 1, 2, 3), keepdims=True)), p.multiply(
            p.conv(x, p.negative(kernel), **where), other
        )

    x = plain(2, 10, 10, 3)
    _agree(traced(body, x), x, folds=0)


def test_only_devices_without_epilogues_fold():
    class Device:
        fuses, updates_together, replays = True, False, True

    assert "fold" not in [step.name for step in pipeline.passes_for(Device)]
    Device.fuses = False
    fused = "push_slices leading_ones fuse make_again scalars_first follow_products updates_together".split()
    assert pipeline.passes_for(Device) == tuple(step for step in pipeline.PIPELINE if step.name not in fused)


def test_weights_may_be_set_between_runs(monkeypatch):
    everywhere = tuple(step._replace(on=lambda device: True) for step in pipeline.PIPELINE)
    monkeypatch.setattr(pipeline, "PIPELINE", everywhere)
    model = _shaken(keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(8, 3), layers.BatchNormalization()]))
    x = plain(4, 16, 16, 3)
    for seed in range(3):
        _shaken(model, seed)
        np.testing.assert_allclose(
            model.predict(x, verbose=0), backend.convert_to_numpy(model(x)), rtol=1e-4, atol=1e-4
        )


def test_an_output_before_the_normalization_is_not_lost():
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 3)(inputs)
    model = _shaken(keras.Model(inputs, [x, layers.BatchNormalization()(x)]))
    data = plain(4, 16, 16, 3)
    _agree(_graph(model, data), data, folds=0)
