"""EfficientNetV2: Smaller Models and Faster Training, Tan and Le 2021, https://arxiv.org/abs/2104.00298."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasish.applications.build import Options, application, build, channel_axis
from kerasish.applications.imagenet_utils import DEVIATION_RGB, MEAN_RGB, preprocessor
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
    residual,
    top,
)
from kerasish.applications.mbconv import normalized as _normalized
from kerasish.applications.mobile import divisible
from kerasish.applications.weights import Files

from kerasish import initializers, layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike, TensorLike

if TYPE_CHECKING:
    from kerasish.models import Model

DROPOUT, MOMENTUM, SQUEEZE = 0.2, 0.9, 0.25


class Stage(NamedTuple):
    """Blocks of one kind.

    `fused`: whether one 3x3 convolution stands for the 1x1 and the depthwise one; such blocks have no excitation.
    """

    fused: bool
    blocks: int
    channels: int
    filters: int
    expansion: int
    strides: int


_B = (
    Stage(True, 1, 32, 16, 1, 1), Stage(True, 2, 16, 32, 4, 2), Stage(True, 2, 32, 48, 4, 2), Stage(False, 3, 48, 96, 4,
    2), Stage(False, 5, 96, 112, 6, 1),
    Stage(False, 8, 112, 192, 6, 2),
)  # fmt: skip
_S = (
    Stage(True, 2, 24, 24, 1, 1), Stage(True, 4, 24, 48, 4, 2), Stage(True, 4, 48, 64, 4, 2), Stage(False, 6, 64, 128,
    4, 2), Stage(False, 9, 128, 160, 6, 1),
    Stage(False, 15, 160, 256, 6, 2),
)  # fmt: skip
_M = (
    Stage(True, 3, 24, 24, 1, 1), Stage(True, 5, 24, 48, 4, 2), Stage(True, 5, 48, 80, 4, 2), Stage(False, 7, 80, 160,
    4, 2), Stage(False, 14, 160, 176, 6, 1),
    Stage(False, 18, 176, 304, 6, 2), Stage(False, 5, 304, 512, 6, 1),
)  # fmt: skip
_L = (
    Stage(True, 4, 32, 32, 1, 1), Stage(True, 7, 32, 64, 4, 2), Stage(True, 7, 64, 96, 4, 2), Stage(False, 10, 96, 192,
    4, 2), Stage(False, 19, 192, 224, 6, 1),
    Stage(False, 25, 224, 384, 6, 2), Stage(False, 7, 384, 640, 6, 1),
)  # fmt: skip
VARIANTS = {  # stages, how much wider and deeper than they say, the side of the pictures
    "b0": (_B, 1.0, 1.0, 224), "b1": (_B, 1.0, 1.1, 240), "b2": (_B, 1.1, 1.2, 260), "b3": (_B, 1.2, 1.4, 300),
    "s": (_S, 1.0, 1.0, 384), "m": (_M, 1.0, 1.0, 480), "l": (_L, 1.0, 1.0, 480),
}  # fmt: skip

preprocess_input: Callable[..., Any] = preprocessor(None)


def normalized(x: TensorLike, name: str) -> AnyTensor:
    return _normalized(x, name, MOMENTUM)


def _block(inputs, stage, channels, filters, strides, drop, name):
    """More channels, a convolution of each and its excitation, fewer channels."""
    x = convolution(inputs, channels * stage.expansion, 1, f"{name}expand_conv")
    x = activated(normalized(x, f"{name}expand_bn"), f"{name}expand_activation")
    x = layers.DepthwiseConv2D(
        3, strides=strides, padding="same", use_bias=False, depthwise_initializer=KERNEL, name=f"{name}dwconv2"
    )(x)
    x = excited(activated(normalized(x, f"{name}bn"), f"{name}activation"), max(1, int(channels * SQUEEZE)), name)
    x = normalized(convolution(x, filters, 1, f"{name}project_conv"), f"{name}project_bn")
    return residual(x, inputs, drop, name) if strides == 1 and channels == filters else x


def _fused_block(inputs, stage, channels, filters, strides, drop, name):
    """More channels by a 3x3 convolution, and fewer channels; or, without expansion, one 3x3 convolution."""
    if stage.expansion != 1:
        x = convolution(inputs, channels * stage.expansion, 3, f"{name}expand_conv", strides)
        x = activated(normalized(x, f"{name}expand_bn"), f"{name}expand_activation")
        x = normalized(convolution(x, filters, 1, f"{name}project_conv"), f"{name}project_bn")
    else:
        x = normalized(convolution(inputs, filters, 3, f"{name}project_conv", strides), f"{name}project_bn")
        x = activated(x, f"{name}project_activation")
    return residual(x, inputs, drop, name) if strides == 1 and channels == filters else x


def _preprocessed(x, by_channel):
    if by_channel and x.shape[channel_axis()] == 3:
        x = layers.Rescaling(1.0 / 255)(x)
        return layers.Normalization(
            mean=list(MEAN_RGB), variance=[deviation**2 for deviation in DEVIATION_RGB], axis=channel_axis()
        )(x)
    return layers.Rescaling(1.0 / 128.0, offset=-1)(x)


def _body(stages, width, depth, include_preprocessing):
    def rounded(filters):
        return divisible(filters * width, near=False)

    def body(x):
        if include_preprocessing:
            x = _preprocessed(x, stages is _B)
        x = convolution(x, rounded(stages[0].channels), 3, "stem_conv", strides=2)
        x = activated(normalized(x, "stem_bn"), "stem_activation")
        total, done = (
            float(sum(stage.blocks for stage in stages)),
            0,
        )  # Keras counts before it deepens, so that the last blocks are left out more often
        for number, stage in enumerate(stages, 1):
            channels, filters = rounded(stage.channels), rounded(stage.filters)
            for index in range(math.ceil(depth * stage.blocks)):
                first = index == 0
                make = _fused_block if stage.fused else _block
                drop = DROP_CONNECT * done / total
                x = make(
                    x,
                    stage,
                    channels if first else filters,
                    filters,
                    stage.strides if first else 1,
                    drop,
                    block_name(number, index),
                )
                done += 1
        return activated(normalized(convolution(x, rounded(1280), 1, "top_conv"), "top_bn"), "top_activation")

    return body


def _efficientnet(variant, include_preprocessing, **common):
    stages, width, depth, size = VARIANTS[variant]
    stem = f"efficientnetv2-{variant}"
    files = Files("tensorflow/keras-applications/efficientnet_v2", f"{stem}.h5", f"{stem}_notop.h5")
    head = top(DROPOUT, bias_initializer=initializers.Constant(0.0))
    return build(
        Options(**common), _body(stages, width, depth, include_preprocessing), size, LEAST_SIZE, files, head, POOLS
    )


@application()
def EfficientNetV2B0(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-b0",
) -> Model:
    """EfficientNetV2B0: 21 inverted residual blocks, 7.2 million parameters.

    224x224 pixels by default, at least 32x32.

    Args:
        include_preprocessing: bool, whether pixels from 0 to 255 are rescaled inside the model; without it the model
            expects -1 to 1.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.EfficientNetV2B0(weights=None, include_top=False)
        >>> model.output_shape, model.count_params()
        ((None, None, None, 1280), 5919312)

    Reference:
        Tan & Le 2021, "EfficientNetV2: smaller models and faster training", arXiv:2104.00298.
    """
    return _efficientnet("b0", **locals())


@application(EfficientNetV2B0)
def EfficientNetV2B1(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-b1",
) -> Model:
    """EfficientNetV2B1: 27 inverted residual blocks, 8.2 million parameters.

    240x240 pixels by default, at least 32x32.
    """
    return _efficientnet("b1", **locals())


@application(EfficientNetV2B0)
def EfficientNetV2B2(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-b2",
) -> Model:
    """EfficientNetV2B2: 28 inverted residual blocks, 10 million parameters.

    260x260 pixels by default, at least 32x32.
    """
    return _efficientnet("b2", **locals())


@application(EfficientNetV2B0)
def EfficientNetV2B3(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-b3",
) -> Model:
    """EfficientNetV2B3: 32 inverted residual blocks, 15 million parameters.

    300x300 pixels by default, at least 32x32.
    """
    return _efficientnet("b3", **locals())


@application(EfficientNetV2B0)
def EfficientNetV2S(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-s",
) -> Model:
    """EfficientNetV2S: 40 inverted residual blocks, 22 million parameters.

    384x384 pixels by default, at least 32x32.
    """
    return _efficientnet("s", **locals())


@application(EfficientNetV2B0)
def EfficientNetV2M(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-m",
) -> Model:
    """EfficientNetV2M: 57 inverted residual blocks, 54 million parameters.

    480x480 pixels by default, at least 32x32.
    """
    return _efficientnet("m", **locals())


@application(EfficientNetV2B0)
def EfficientNetV2L(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-l",
) -> Model:
    """EfficientNetV2L: 79 inverted residual blocks, 119 million parameters.

    480x480 pixels by default, at least 32x32.
    """
    return _efficientnet("l", **locals())
