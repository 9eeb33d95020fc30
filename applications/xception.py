"""Xception: Deep Learning with Depthwise Separable Convolutions, Chollet 2016, https://arxiv.org/abs/1610.02357."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build, channel_axis
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.weights import tf_kernels

from kerasish import layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

preprocess_input: Callable[..., Any] = preprocessor("tf")

STEM = ((32, 2), (64, 1))  # filters and stride of the convolutions
BLOCKS = (  # block: filters of its separable convolutions, whether it begins with a ReLU, whether it halves the picture
    (2, (128, 128), False, True),
    (3, (256, 256), True, True),
    (4, (728, 728), True, True),
    *((block, (728, 728, 728), True, False) for block in range(5, 13)),
    (13, (728, 1024), True, True),
)
EXIT = (1536, 2048)  # filters of block 14, whose ReLUs come after


def _normalized(x, name=None):
    return layers.BatchNormalization(axis=channel_axis(-1), name=name)(x)


def _relu(x, name):
    return layers.Activation("relu", name=f"{name}_act")(x)


def _separable(x, filters, name):
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return _normalized(x, f"{name}_bn")


def _block(x, block, filters, relu_first, halve):
    """Separable convolutions, added to the input or, where the picture is halved, to a projection of it."""
    residual = x
    if halve:
        residual = _normalized(layers.Conv2D(filters[-1], 1, strides=2, padding="same", use_bias=False)(x))
    for index, width in enumerate(filters, 1):
        name = f"block{block}_sepconv{index}"
        if relu_first or index > 1:
            x = _relu(x, name)
        x = _separable(x, width, name)
    if halve:
        x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return layers.add([x, residual])


def _body(x):
    for index, (filters, strides) in enumerate(STEM, 1):
        name = f"block1_conv{index}"
        x = layers.Conv2D(filters, 3, strides=strides, use_bias=False, name=name)(x)
        x = _relu(_normalized(x, f"{name}_bn"), name)
    for row in BLOCKS:
        x = _block(x, *row)
    for index, filters in enumerate(EXIT, 1):
        name = f"block14_sepconv{index}"
        x = _relu(_separable(x, filters, name), name)
    return x


@application()
def Xception(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "xception",
) -> Model:
    """Xception: 36 convolutions, most of them depthwise separable, 23 million parameters.

    299x299 pixels by default, at least 71x71.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.Xception(weights=None, include_top=False, pooling="avg")
        >>> model.output_shape, model.count_params()
        ((None, 2048), 20861480)

    Reference:
        Chollet 2016, "Xception: deep learning with depthwise separable convolutions", arXiv:1610.02357.
    """
    return build(Options(**locals()), _body, 299, 71, tf_kernels("xception", "xception"))
