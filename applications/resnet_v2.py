"""ResNet V2: Identity Mappings in Deep Residual Networks, He et al. 2016, https://arxiv.org/abs/1603.05027.

Normalization and ReLU come before a convolution.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.resnet import BLOCKS, FILTERS, LEAST_SIZE, POOLS, SIZE, normalized, padded
from kerasish.applications.weights import tf_kernels

from kerasish import layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

preprocess_input: Callable[..., Any] = preprocessor("tf")


def _block(x, filters, strides, project, name):
    """1x1, 3x3, 1x1 of the normalized input, with a way around them.

    They are added to the input, to a projection of it, or to every second pixel of it.
    """
    ready = normalized(x, f"{name}_preact_bn", f"{name}_preact_relu")
    if project:
        shortcut = layers.Conv2D(4 * filters, 1, strides=strides, name=f"{name}_0_conv")(ready)
    else:
        shortcut = layers.MaxPooling2D(1, strides=strides)(x) if strides > 1 else x
    x = layers.Conv2D(filters, 1, strides=1, use_bias=False, name=f"{name}_1_conv")(ready)
    x = padded(normalized(x, f"{name}_1_bn", f"{name}_1_relu"), 1, f"{name}_2_pad")
    x = layers.Conv2D(filters, 3, strides=strides, use_bias=False, name=f"{name}_2_conv")(x)
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(normalized(x, f"{name}_2_bn", f"{name}_2_relu"))
    return layers.Add(name=f"{name}_out")([shortcut, x])


def _body(blocks):
    def body(x):
        x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(padded(x, 3, "conv1_pad"))
        x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(padded(x, 1, "pool1_pad"))
        for stage, (filters, count) in enumerate(zip(FILTERS, blocks), 2):
            for index in range(1, count + 1):
                strides = 2 if index == count and stage < 5 else 1
                x = _block(x, filters, strides, index == 1, f"conv{stage}_block{index}")
        return normalized(x, "post_bn", "post_relu")

    return body


def _resnet(depth, options):
    return build(
        options, _body(BLOCKS[depth]), SIZE, LEAST_SIZE, tf_kernels("resnet", f"resnet{depth}v2"), pool_names=POOLS
    )


@application()
def ResNet50V2(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "resnet50v2",
) -> Model:
    """ResNet50V2: 16 residual blocks of three convolutions, 26 million parameters.

    224x224 pixels by default, at least 32x32.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.ResNet50V2(weights=None, include_top=False, pooling="max")
        >>> model.output_shape, model.count_params()
        ((None, 2048), 23564800)

    Reference:
        He et al. 2016, "Identity mappings in deep residual networks", arXiv:1603.05027.
    """
    return _resnet(50, Options(**locals()))


@application(ResNet50V2)
def ResNet101V2(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "resnet101v2",
) -> Model:
    """ResNet101V2: 33 residual blocks of three convolutions, 45 million parameters.

    224x224 pixels by default, at least 32x32.
    """
    return _resnet(101, Options(**locals()))


@application(ResNet50V2)
def ResNet152V2(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "resnet152v2",
) -> Model:
    """ResNet152V2: 50 residual blocks of three convolutions, 60 million parameters.

    224x224 pixels by default, at least 32x32.
    """
    return _resnet(152, Options(**locals()))
