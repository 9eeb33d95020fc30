"""MobileNet: Efficient Convolutional Neural Networks for Mobile Vision Applications, Howard et al. 2017, https://arxiv.org/abs/1704.04861."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, channel_axis, check, finish, obtain_input_shape, three
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.mobile import LEAST_SIZE, check_alpha, fitting_size, pretrained_rows, sides
from kerasish.applications.weights import Files

from kerasish import layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

SIZES = (128, 160, 192, 224)  # with official weights
ALPHAS = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}  # with official weights, and how their files say it
BLOCKS = (  # filters, stride
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024,
    2), (1024, 1),
)  # fmt: skip

preprocess_input: Callable[..., Any] = preprocessor("tf")


def _activated(x, name):
    x = layers.BatchNormalization(axis=channel_axis(-1), name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _block(x, filters, strides, depth_multiplier, index):
    """A 3x3 convolution channel by channel, then a 1x1 convolution across them."""
    if strides > 1:
        x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{index}")(x)
    padding = "same" if strides == 1 else "valid"
    x = layers.DepthwiseConv2D(
        3, padding=padding, depth_multiplier=depth_multiplier, strides=strides, use_bias=False, name=f"conv_dw_{index}"
    )(x)
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"conv_pw_{index}")(
        _activated(x, f"conv_dw_{index}")
    )
    return _activated(x, f"conv_pw_{index}")


def _body(x, alpha, depth_multiplier):
    x = _activated(
        layers.Conv2D(int(32 * alpha), 3, padding="same", use_bias=False, strides=2, name="conv1")(x), "conv1"
    )
    for index, (filters, strides) in enumerate(BLOCKS, 1):
        x = _block(x, int(filters * alpha), strides, depth_multiplier, index)
    return x


def _classifier(dropout):
    def top(x, options):
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = layers.Dropout(dropout, name="dropout")(x)
        x = layers.Conv2D(options.classes, 1, padding="same", name="conv_preds")(x)
        x = layers.Reshape((options.classes,), name="reshape_2")(x)
        return layers.Activation(options.classifier_activation, name="predictions")(x)

    return top


def _mobilenet(alpha, depth_multiplier, dropout, **common):
    options = Options(**common)
    check(options)
    given = three(options.input_shape)
    shape = obtain_input_shape(given, fitting_size(given, SIZES), LEAST_SIZE, options.include_top, options.weights)
    rows, files = sides(shape)[0], None
    if options.weights == "imagenet":
        if depth_multiplier != 1:
            raise ValueError(
                f"`depth_multiplier` must be 1 with weights='imagenet', got {depth_multiplier!r}. Others need "
                "weights=None."
            )
        check_alpha(alpha, ALPHAS)
        rows = pretrained_rows(shape, SIZES)
        stem = f"mobilenet_{ALPHAS[alpha]}_{rows}_tf"
        files = Files("tensorflow/keras-applications/mobilenet", f"{stem}.h5", f"{stem}_no_top.h5")
    options = options._replace(name=f"mobilenet_{alpha:0.2f}_{rows}" if options.name is None else options.name)
    return finish(options, shape, lambda x: _body(x, alpha, depth_multiplier), files, _classifier(dropout))


@application()
def MobileNet(
    input_shape: ShapeLike | None = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 0.001,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """MobileNet: 13 pairs of a depthwise and a pointwise convolution, 4 million parameters.

    224x224 pixels by default, at least 32x32.

    Args:
        alpha: float, the width: all numbers of channels are multiplied by it. With weights="imagenet" 0.25, 0.5, 0.75
            or 1.
        depth_multiplier: int, the outputs a channel of the depthwise convolutions. With weights="imagenet" 1.
        dropout: float, the rate before the classifier.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.MobileNet(weights=None, alpha=0.25, input_shape=(128, 128, 3))
        >>> model.name, model.count_params()
        ('mobilenet_0.25_128', 475544)

    Reference:
        Howard et al. 2017, "MobileNets: efficient convolutional neural networks for mobile vision applications",
        arXiv:1704.04861.
    """
    return _mobilenet(**locals())
