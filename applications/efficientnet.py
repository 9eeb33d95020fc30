"""EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, Tan and Le 2019, https://arxiv.org/abs/1905.11946."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build, channel_axis, correct_pad
from kerasish.applications.imagenet_utils import DEVIATION_RGB, preprocessor
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.mbconv import (
    DROP_CONNECT,
    KERNEL,
    LEAST_SIZE,
    POOLS,
    activated,
    block_name,
    convolution,
    excited,
    normalized,
    residual,
    top,
)  # fmt: skip
from kerasish.applications.mobile import divisible
from kerasish.applications.weights import Files

from kerasish import layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

STAGES = (  # kernel, blocks, filters in and out, expansion, stride of the first block: the paper's table 1
    (3, 1, 32, 16, 1, 1), (3, 2, 16, 24, 6, 2), (5, 2, 24, 40, 6, 2), (3, 3, 40, 80, 6, 2), (5, 3, 80, 112, 6, 1), (5,
    4, 112, 192, 6, 2),
    (3, 1, 192, 320, 6, 1),
)  # fmt: skip
VARIANTS = {  # how much wider and deeper than B0, the side of the pictures, the dropout before the classifier
    "b0": (1.0, 1.0, 224, 0.2), "b1": (1.0, 1.1, 240, 0.2), "b2": (1.1, 1.2, 260, 0.3), "b3": (1.2, 1.4, 300, 0.3),
    "b4": (1.4, 1.8, 380, 0.4), "b5": (1.6, 2.2, 456, 0.4), "b6": (1.8, 2.6, 528, 0.5), "b7": (2.0, 3.1, 600, 0.5),
}  # fmt: skip
SQUEEZE = 0.25

preprocess_input: Callable[..., Any] = preprocessor(None)


def _block(inputs, kernel, channels, filters, expansion, strides, drop, name):
    """More channels, a convolution of each, their excitation, fewer channels."""
    x, padding = inputs, "same"
    if expansion != 1:
        x = activated(
            normalized(convolution(x, channels * expansion, 1, f"{name}expand_conv"), f"{name}expand_bn"),
            f"{name}expand_activation",
        )
    if strides == 2:
        x, padding = layers.ZeroPadding2D(correct_pad(x, kernel), name=f"{name}dwconv_pad")(x), "valid"
    x = layers.DepthwiseConv2D(
        kernel, strides=strides, padding=padding, use_bias=False, depthwise_initializer=KERNEL, name=f"{name}dwconv"
    )(x)
    x = excited(activated(normalized(x, f"{name}bn"), f"{name}activation"), max(1, int(channels * SQUEEZE)), name)
    x = normalized(convolution(x, filters, 1, f"{name}project_conv"), f"{name}project_bn")
    return residual(x, inputs, drop, name) if strides == 1 and channels == filters else x


def _body(width, depth, pretrained):
    def body(x):
        x = layers.Normalization(axis=channel_axis())(layers.Rescaling(1.0 / 255.0)(x))
        if pretrained:  # the official weights were trained with a deviation too large by its root
            x = layers.Rescaling([1.0 / math.sqrt(deviation) for deviation in DEVIATION_RGB])(x)
        x = layers.ZeroPadding2D(correct_pad(x, 3), name="stem_conv_pad")(x)
        x = convolution(x, divisible(32 * width), 3, "stem_conv", strides=2, padding="valid")
        x = activated(normalized(x, "stem_bn"), "stem_activation")
        counts = [math.ceil(depth * stage[1]) for stage in STAGES]
        done = 0
        for stage, (count, (kernel, _, channels, filters, expansion, strides)) in enumerate(zip(counts, STAGES), 1):
            channels, filters = divisible(channels * width), divisible(filters * width)
            for index in range(count):
                drop = DROP_CONNECT * done / float(sum(counts))
                x = _block(
                    x,
                    kernel,
                    filters if index else channels,
                    filters,
                    expansion,
                    1 if index else strides,
                    drop,
                    block_name(stage, index),
                )
                done += 1
        return activated(normalized(convolution(x, divisible(1280 * width), 1, "top_conv"), "top_bn"), "top_activation")

    return body


def _efficientnet(variant, **common):
    options = Options(**common)
    width, depth, size, dropout = VARIANTS[variant]
    files = Files("keras-applications", f"efficientnet{variant}.h5", f"efficientnet{variant}_notop.h5")
    return build(
        options, _body(width, depth, options.weights == "imagenet"), size, LEAST_SIZE, files, top(dropout), POOLS
    )


@application()
def EfficientNetB0(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnetb0",
) -> Model:
    """EfficientNetB0: 16 inverted residual blocks, 5.3 million parameters.

    224x224 pixels by default, at least 32x32. Pixels go from 0 to 255; the model rescales them itself.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.EfficientNetB0(weights=None, include_top=False)
        >>> model.output_shape, model.count_params()
        ((None, None, None, 1280), 4049571)

    Reference:
        Tan & Le 2019, "EfficientNet: rethinking model scaling for convolutional neural networks", arXiv:1905.11946.
    """
    return _efficientnet("b0", **locals())


@application(EfficientNetB0)
def EfficientNetB1(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnetb1",
) -> Model:
    """EfficientNetB1: 23 inverted residual blocks, 7.9 million parameters.

    240x240 pixels by default, at least 32x32.
    """
    return _efficientnet("b1", **locals())


@application(EfficientNetB0)
def EfficientNetB2(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnetb2",
) -> Model:
    """EfficientNetB2: 23 inverted residual blocks, 9.2 million parameters.

    260x260 pixels by default, at least 32x32.
    """
    return _efficientnet("b2", **locals())


@application(EfficientNetB0)
def EfficientNetB3(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnetb3",
) -> Model:
    """EfficientNetB3: 26 inverted residual blocks, 12 million parameters.

    300x300 pixels by default, at least 32x32.
    """
    return _efficientnet("b3", **locals())


@application(EfficientNetB0)
def EfficientNetB4(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnetb4",
) -> Model:
    """EfficientNetB4: 32 inverted residual blocks, 19 million parameters.

    380x380 pixels by default, at least 32x32.
    """
    return _efficientnet("b4", **locals())


@application(EfficientNetB0)
def EfficientNetB5(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnetb5",
) -> Model:
    """EfficientNetB5: 39 inverted residual blocks, 31 million parameters.

    456x456 pixels by default, at least 32x32.
    """
    return _efficientnet("b5", **locals())


@application(EfficientNetB0)
def EfficientNetB6(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnetb6",
) -> Model:
    """EfficientNetB6: 45 inverted residual blocks, 43 million parameters.

    528x528 pixels by default, at least 32x32.
    """
    return _efficientnet("b6", **locals())


@application(EfficientNetB0)
def EfficientNetB7(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnetb7",
) -> Model:
    """EfficientNetB7: 55 inverted residual blocks, 67 million parameters.

    600x600 pixels by default, at least 32x32.
    """
    return _efficientnet("b7", **locals())
