"""Transposed, depthwise and separable convolutions against real Keras, and what they refuse."""

import numpy as np
import pytest

import kerasish
from kerasish import layers
from tests.layers.parity import Case, check_layer

IMAGE = (2, 5, 4, 3)
TRANSPOSED = [
    Case("Conv1DTranspose", {"filters": 4, "kernel_size": 3}, (2, 5, 3)),
    Case(
        "Conv1DTranspose",
        {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"},
        (2, 5, 3),
    ),
    Case(
        "Conv1DTranspose",
        {"filters": 2, "kernel_size": 2, "strides": 3, "output_padding": 1, "use_bias": False},
        (2, 4, 3),
    ),
    Case(
        "Conv1DTranspose",
        {"filters": 2, "kernel_size": 3, "dilation_rate": 2, "kernel_regularizer": "l2", "bias_constraint": "non_neg"},
        (2, 4, 3),
    ),
    Case("Conv2DTranspose", {"filters": 4, "kernel_size": 3}, IMAGE),
    Case("Conv2DTranspose", {"filters": 4, "kernel_size": (3, 2), "strides": 2, "padding": "same"}, IMAGE),
    Case(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": (2, 3), "padding": "same", "output_padding": (1, 0)},
        IMAGE,
    ),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": 2, "strides": 3}, IMAGE),
    Case(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 2, "dilation_rate": (1, 2), "padding": "same", "activity_regularizer": "l2"},
        IMAGE,
    ),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "data_format": "channels_first"}, IMAGE),
    Case("Conv3DTranspose", {"filters": 2, "kernel_size": (1, 2, 3), "strides": 2}, (1, 2, 3, 2, 2)),
    Case(
        "Conv3DTranspose",
        {"filters": 2, "kernel_size": 2, "strides": (1, 2, 2), "padding": "same", "output_padding": (0, 1, 1)},
        (1, 2, 3, 2, 2),
    ),
]
DEPTHWISE = [
    Case("DepthwiseConv1D", {"kernel_size": 3}, (2, 7, 3)),
    Case(
        "DepthwiseConv1D",
        {"kernel_size": 3, "strides": 2, "padding": "same", "depth_multiplier": 2, "activation": "tanh"},
        (2, 7, 3),
    ),
    Case("DepthwiseConv1D", {"kernel_size": 2, "dilation_rate": 2, "use_bias": False}, (2, 7, 3)),
    Case(
        "DepthwiseConv2D", {"kernel_size": 3, "depthwise_regularizer": "l2", "depthwise_constraint": "max_norm"}, IMAGE
    ),
    Case("DepthwiseConv2D", {"kernel_size": (2, 3), "strides": 2, "padding": "same", "depth_multiplier": 2}, IMAGE),
    Case(
        "DepthwiseConv2D",
        {"kernel_size": 2, "dilation_rate": (2, 1), "depth_multiplier": 3, "depthwise_initializer": "he_normal"},
        IMAGE,
    ),
    Case(
        "DepthwiseConv2D",
        {"kernel_size": 3, "padding": "same", "depth_multiplier": 2, "data_format": "channels_first"},
        IMAGE,
    ),
]
SEPARABLE = [
    Case("SeparableConv1D", {"filters": 4, "kernel_size": 3}, (2, 7, 3)),
    Case(
        "SeparableConv1D",
        {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same", "depth_multiplier": 2, "activation": "relu"},
        (2, 7, 3),
    ),
    Case("SeparableConv2D", {"filters": 4, "kernel_size": 3, "use_bias": False}, IMAGE),
    Case(
        "SeparableConv2D",
        {"filters": 4, "kernel_size": (2, 3), "strides": 2, "padding": "same", "depth_multiplier": 2},
        IMAGE,
    ),
    Case(
        "SeparableConv2D",
        {
            "filters": 2,
            "kernel_size": 2,
            "dilation_rate": 2,
            "pointwise_regularizer": "l1",
            "pointwise_constraint": "unit_norm",
        },
        IMAGE,
    ),
    Case(
        "SeparableConv2D", {"filters": 2, "kernel_size": 3, "padding": "same", "data_format": "channels_first"}, IMAGE
    ),
]


@pytest.mark.parametrize("case", TRANSPOSED + DEPTHWISE + SEPARABLE, ids=repr)
def test_layer(case):
    check_layer(case)


REFUSED = [
    (lambda: layers.Conv2DTranspose(0, 3), "`filters` must be an int > 0, got 0"),
    (lambda: layers.Conv2DTranspose(2, (3, 3, 3)), r"`kernel_size`.*2 ints.*\(3, 3, 3\)"),
    (lambda: layers.Conv2DTranspose(2, 3, strides=2, dilation_rate=2), "`strides`.*`dilation_rate`"),
    (
        lambda: layers.Conv2DTranspose(2, 3, strides=2, output_padding=2),
        r"`output_padding` must be less than `strides`.*\(2, 2\)",
    ),
    (lambda: layers.Conv1DTranspose(2, 3, output_padding=-1), "`output_padding`.*-1"),
    (lambda: layers.Conv1DTranspose(2, 3, padding="causal"), "`padding`.*'causal'"),
    (lambda: layers.Conv3DTranspose(2, 3, data_format="first"), "first"),
    (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), "`depth_multiplier`.*0"),
    (lambda: layers.DepthwiseConv2D(3, padding="smae"), "`padding`.*'smae'.*'same'"),
    (lambda: layers.DepthwiseConv1D(3, depthwise_initializer="glorot"), "'glorot'"),
    (lambda: layers.SeparableConv2D(-1, 3), "`filters`.*-1"),
    (lambda: layers.SeparableConv1D(2, 3, depth_multiplier=1.5), "`depth_multiplier`.*1.5"),
]


@pytest.mark.parametrize("make, message", REFUSED, ids=[message for _, message in REFUSED])
def test_constructors_refuse(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [lambda: layers.Conv2DTranspose(2, 3), lambda: layers.DepthwiseConv2D(3), lambda: layers.SeparableConv2D(2, 3)],
)
def test_calls_refuse(make):
    with pytest.raises(ValueError, match="ndim=4, found ndim=3"):
        make()(np.ones((2, 4, 3), "float32"))
    with pytest.raises(ValueError, match="number of channels"):
        make()(kerasish.Input((4, 4, None)))
    layer = make()
    layer(np.ones((1, 4, 4, 3), "float32"))
    with pytest.raises(ValueError, match="axis -1 of input shape to have value 3"):
        layer(np.ones((1, 4, 4, 2), "float32"))


def test_old_names():
    assert layers.Deconvolution2D is layers.Conv2DTranspose and layers.Convolution2DTranspose is layers.Conv2DTranspose
    assert layers.SeparableConvolution2D is layers.SeparableConv2D
