"""MobileNetV3: Searching for MobileNetV3, Howard et al. 2019, https://arxiv.org/abs/1905.02244."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, channel_axis, check, finish, three
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.mobile import (
    LEAST_SIZE,
    check_alpha,
    check_tensor_width,
    depthwise,
    divisible,
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

POOLS = ("avg_pool", "max_pool")
# the paper's tables 1 and 2: expansion, filters, kernel (minimalistic: 3), stride, squeeze-and-excite, hard swish
# instead of ReLU
BLOCKS = {
    "small": (
        (1, 16, 3, 2, True, False), (72.0 / 16, 24, 3, 2, False, False), (88.0 / 24, 24, 3, 1, False, False), (4, 40, 5,
        2, True, True),
        (6, 40, 5, 1, True, True), (6, 40, 5, 1, True, True), (3, 48, 5, 1, True, True), (3, 48, 5, 1, True, True),
        (6, 96, 5, 2, True, True), (6, 96, 5, 1, True, True), (6, 96, 5, 1, True, True),
    ),
    "large": (
        (1, 16, 3, 1, False, False), (4, 24, 3, 2, False, False), (3, 24, 3, 1, False, False), (3, 40, 5, 2, True,
        False),
        (3, 40, 5, 1, True, False), (3, 40, 5, 1, True, False), (6, 80, 3, 2, False, True), (2.5, 80, 3, 1, False,
        True),
        (2.3, 80, 3, 1, False, True), (2.3, 80, 3, 1, False, True), (6, 112, 3, 1, True, True), (6, 112, 3, 1, True,
        True),
        (6, 160, 5, 2, True, True), (6, 160, 5, 1, True, True), (6, 160, 5, 1, True, True),
    ),
}  # fmt: skip
LAST_FILTERS = {"small": 1024, "large": 1280}
SQUEEZE = 0.25

preprocess_input: Callable[..., Any] = preprocessor(None)


def _activation(swish):
    return (lambda x: layers.Activation("hard_swish")(x)) if swish else (lambda x: layers.ReLU()(x))


def _excited(inputs, filters, name):
    """Each channel times a number from 0 to 1 that is computed from the means of all channels."""
    name = f"{name}squeeze_excite"
    x = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_avg_pool")(inputs)
    x = layers.Conv2D(divisible(filters * SQUEEZE), 1, padding="same", name=f"{name}_conv")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    x = layers.Conv2D(filters, 1, padding="same", name=f"{name}_conv_1")(x)
    x = layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)  # hard sigmoid
    return layers.Multiply(name=f"{name}_mul")([inputs, x])


def _block(inputs, index, expansion, filters, kernel, strides, excite, activation):
    """An inverted residual block: more channels, a convolution of each, their excitation, fewer channels."""
    x, channels, name = inputs, inputs.shape[channel_axis(-1)], f"expanded_conv_{index}_" if index else "expanded_conv_"
    if index:
        x = activation(normalized(pointwise(x, divisible(channels * expansion), f"{name}expand"), f"{name}expand_bn"))
    x = depthwise(x, kernel, strides, f"{name}depthwise_pad", f"{name}depthwise")
    x = activation(normalized(x, f"{name}depthwise_bn"))
    if excite:
        x = _excited(x, divisible(channels * expansion), name)
    x = normalized(pointwise(x, filters, f"{name}project"), f"{name}project_bn")
    return layers.Add(name=f"{name}add")([inputs, x]) if strides == 1 and channels == filters else x


def _body(x, size, alpha, minimalistic, include_preprocessing):
    if include_preprocessing:
        x = layers.Rescaling(1.0 / 127.5, offset=-1.0)(x)
    activation = _activation(not minimalistic)
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = activation(normalized(x, "conv_bn"))
    for index, (expansion, filters, kernel, strides, excite, swish) in enumerate(BLOCKS[size]):
        kernel, excite, swish = (3, False, False) if minimalistic else (kernel, excite, swish)
        x = _block(x, index, expansion, divisible(filters * alpha), kernel, strides, excite, _activation(swish))
    x = pointwise(x, divisible(x.shape[channel_axis(-1)] * 6), "conv_1")
    return activation(normalized(x, "conv_1_bn"))


def _classifier(size, alpha, minimalistic, dropout_rate):
    def top(x, options):
        filters = divisible(LAST_FILTERS[size] * alpha) if alpha > 1.0 else LAST_FILTERS[size]
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = layers.Conv2D(filters, 1, padding="same", name="conv_2")(x)
        x = _activation(not minimalistic)(x)
        if dropout_rate > 0:
            x = layers.Dropout(dropout_rate)(x)
        x = layers.Conv2D(options.classes, 1, padding="same", name="logits")(x)
        x = layers.Flatten()(x)
        return layers.Activation(options.classifier_activation, name="predictions")(x)

    return top


def _input_shape(input_shape, input_tensor):
    """The shape of the pictures: as given, or that of the tensor, or open."""
    shape = three(input_shape)
    check_tensor_width(input_tensor, shape)
    if shape is None and backend.is_keras_tensor(input_tensor):
        shape = three(input_tensor.shape[1:])
    elif shape is None:
        shape = (3, None, None) if backend.image_data_format() == "channels_first" else (None, None, 3)
    if all(sides(shape)) and min(sides(shape)) < LEAST_SIZE:
        raise ValueError(
            f"`input_shape` must be at least {LEAST_SIZE}x{LEAST_SIZE} pixels, got {shape}. Enlarge the pictures first."
        )
    return shape


def _mobilenet(size, alpha, minimalistic, dropout_rate, include_preprocessing, **common):
    options, files = Options(**common), None
    check(options)
    shape = _input_shape(options.input_shape, options.input_tensor)
    if options.weights == "imagenet":
        check_alpha(alpha, (1.0,) if minimalistic else (0.75, 1.0))
        pretrained_rows(shape, (224,))
        stem = f"weights_mobilenet_v3_{size}{'_minimalistic' if minimalistic else ''}_224_{float(alpha)}_float"
        files = Files("tensorflow/keras-applications/mobilenet_v3", f"{stem}.h5", f"{stem}_no_top_v2.h5")
    classifier = _classifier(size, alpha, minimalistic, dropout_rate)
    return finish(
        options, shape, lambda x: _body(x, size, alpha, minimalistic, include_preprocessing), files, classifier, POOLS
    )


@application()
def MobileNetV3Small(
    input_shape: ShapeLike | None = None,
    alpha: float = 1.0,
    minimalistic: bool = False,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    classes: int = 1000,
    pooling: str | None = None,
    dropout_rate: float = 0.2,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "MobileNetV3Small",
) -> Model:
    """MobileNetV3Small: 11 inverted residual blocks, 2.6 million parameters.

    Pictures of any size of at least 32x32 pixels.

    Args:
        alpha: float, the width: numbers of channels are multiplied by it. With weights="imagenet" 0.75 or 1.
        minimalistic: bool. Do without squeeze-and-excite, hard swish and 5x5 convolutions.
        dropout_rate: float, the rate before the classifier.
        include_preprocessing: bool, whether pixels from 0 to 255 are rescaled inside the model; without it the model
            expects -1 to 1.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.MobileNetV3Small(weights=None, minimalistic=True)
        >>> model.output_shape, model.count_params()
        ((None, 1000), 2056848)

    Reference:
        Howard et al. 2019, "Searching for MobileNetV3", arXiv:1905.02244.
    """
    return _mobilenet("small", **locals())


@application(MobileNetV3Small)
def MobileNetV3Large(
    input_shape: ShapeLike | None = None,
    alpha: float = 1.0,
    minimalistic: bool = False,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    classes: int = 1000,
    pooling: str | None = None,
    dropout_rate: float = 0.2,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str = "MobileNetV3Large",
) -> Model:
    """MobileNetV3Large: 15 inverted residual blocks, 5.5 million parameters.

    Pictures of any size of at least 32x32 pixels.
    """
    return _mobilenet("large", **locals())
