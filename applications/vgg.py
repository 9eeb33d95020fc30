"""VGG: Very Deep Convolutional Networks for Large-Scale Image Recognition, Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build, predictions
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.weights import tf_kernels

from kerasish import layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

FILTERS = (64, 128, 256, 512, 512)
CONVOLUTIONS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}  # a block, columns D and E of the paper's table 1

preprocess_input: Callable[..., Any] = preprocessor("caffe")


def _body(convolutions):
    def body(x):
        for block, (filters, count) in enumerate(zip(FILTERS, convolutions), 1):
            for index in range(1, count + 1):
                x = layers.Conv2D(filters, 3, activation="relu", padding="same", name=f"block{block}_conv{index}")(x)
            x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
        return x

    return body


def _top(x, options):
    x = layers.Flatten(name="flatten")(x)
    for name in ("fc1", "fc2"):
        x = layers.Dense(4096, activation="relu", name=name)(x)
    return predictions(x, options)


def _vgg(variant, options):
    return build(options, _body(CONVOLUTIONS[variant]), 224, 32, tf_kernels(variant, variant), _top)


@application()
def VGG16(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "vgg16",
) -> Model:
    """VGG16: 13 convolutions and 3 dense layers, 138 million parameters; 224x224 pixels by default, at least 32x32.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
        >>> model.output_shape, model.count_params()
        ((None, 1, 1, 512), 14714688)

    Reference:
        Simonyan & Zisserman 2014, "Very deep convolutional networks for large-scale image recognition",
        arXiv:1409.1556.
    """
    return _vgg("vgg16", Options(**locals()))


@application(VGG16)
def VGG19(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "vgg19",
) -> Model:
    """VGG19: 16 convolutions and 3 dense layers, 144 million parameters; 224x224 pixels by default, at least 32x32."""
    return _vgg("vgg19", Options(**locals()))
