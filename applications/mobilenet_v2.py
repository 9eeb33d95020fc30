"""MobileNetV2: Inverted Residuals and Linear Bottlenecks, Sandler et al. 2018, https://arxiv.org/abs/1801.04381."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import (
    Options,
    application,
    channel_axis,
    check,
    finish,
    obtain_input_shape,
    predictions,
    three,
)
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.mobile import (
    LEAST_SIZE,
    check_alpha,
    check_tensor_width,
    depthwise,
    divisible,
    fitting_size,
    normalized,
    pointwise,
    pretrained_rows,
    sides,
)  # fmt: skip
from kerasish.applications.weights import Files

from kerasish import backend, layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

SIZES = (96, 128, 160, 192, 224)  # with official weights
ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)  # with official weights
STAGES = (
    (16, 1, 1),
    (24, 2, 2),
    (32, 3, 2),
    (64, 4, 2),
    (96, 3, 1),
    (160, 3, 2),
    (320, 1, 1),
)  # filters, blocks, stride of the first: the paper's table 2
EXPANSION = 6

preprocess_input: Callable[..., Any] = preprocessor("tf")


def _relu(x, name):
    return layers.ReLU(6.0, name=name)(x)


def _block(inputs, filters, strides, name, expand):
    """More channels, a 3x3 convolution of each, and fewer channels again.

    Added to the input where the shape is the same.
    """
    x, channels = inputs, inputs.shape[channel_axis(-1)]
    if expand:
        x = _relu(
            normalized(pointwise(x, EXPANSION * channels, f"{name}_expand"), f"{name}_expand_BN"), f"{name}_expand_relu"
        )
    x = depthwise(x, 3, strides, f"{name}_pad", f"{name}_depthwise")
    x = _relu(normalized(x, f"{name}_depthwise_BN"), f"{name}_depthwise_relu")
    x = normalized(pointwise(x, filters, f"{name}_project"), f"{name}_project_BN")
    return layers.Add(name=f"{name}_add")([inputs, x]) if strides == 1 and channels == filters else x


def _body(x, alpha):
    x = layers.Conv2D(divisible(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1")(x)
    x = _relu(normalized(x, "bn_Conv1"), "Conv1_relu")
    index = 0
    for filters, blocks, strides in STAGES:
        for number in range(blocks):
            name = f"block_{index}" if index else "expanded_conv"
            x = _block(x, divisible(int(filters * alpha)), strides if number == 0 else 1, name, expand=index > 0)
            index += 1
    last = divisible(1280 * alpha) if alpha > 1.0 else 1280
    return _relu(normalized(pointwise(x, last, "Conv_1", padding="valid"), "Conv_1_bn"), "out_relu")


def _classifier(x, options):
    return predictions(layers.GlobalAveragePooling2D()(x), options)


def _mobilenet(alpha, **common):
    options = Options(**common)
    check(options)
    shape, tensor = three(options.input_shape), options.input_tensor
    check_tensor_width(tensor, shape)
    seen = tensor.shape[1:] if shape is None and backend.is_keras_tensor(tensor) else shape
    shape = obtain_input_shape(shape, fitting_size(seen, SIZES), LEAST_SIZE, options.include_top, options.weights)
    rows, files = sides(shape)[0], None
    if options.weights == "imagenet":
        check_alpha(alpha, ALPHAS)
        rows = pretrained_rows(shape, SIZES)
        stem = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{rows}"
        files = Files("tensorflow/keras-applications/mobilenet_v2", f"{stem}.h5", f"{stem}_no_top.h5")
    options = options._replace(name=f"mobilenetv2_{alpha:0.2f}_{rows}" if options.name is None else options.name)
    return finish(options, shape, lambda x: _body(x, alpha), files, _classifier)


@application()
def MobileNetV2(
    input_shape: ShapeLike | None = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """MobileNetV2: 17 inverted residual blocks, 3.5 million parameters; 224x224 pixels by default, at least 32x32.

    Args:
        alpha: float, the width: all numbers of channels are multiplied by it. With weights="imagenet" 0.35, 0.5, 0.75,
            1, 1.3 or 1.4.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.MobileNetV2(weights=None, alpha=0.35, input_shape=(96, 96, 3))
        >>> model.name, model.count_params()
        ('mobilenetv2_0.35_96', 1691208)

    Reference:
        Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", arXiv:1801.04381.
    """
    return _mobilenet(**locals())
