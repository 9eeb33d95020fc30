"""DenseNet: Densely Connected Convolutional Networks, Huang et al. 2016, https://arxiv.org/abs/1608.06993."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.resnet import normalized, padded
from kerasish.applications.weights import tf_kernels

from kerasish import backend, layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

BLOCKS = {
    121: (6, 12, 24, 16),
    169: (6, 12, 32, 32),
    201: (6, 12, 48, 32),
}  # layers of the dense blocks conv2 ... conv5, the paper's table 1
GROWTH = 32
SIZE, LEAST_SIZE = 224, 32
POOLS = ("avg_pool", "max_pool")

preprocess_input: Callable[..., Any] = preprocessor("torch")


def _convolution(x, filters, size, name, **arguments):
    return layers.Conv2D(filters, size, use_bias=False, name=name, **arguments)(x)


def _layer(x, name):
    """`GROWTH` channels more, computed from all there are."""
    new = _convolution(normalized(x, f"{name}_0_bn", f"{name}_0_relu"), 4 * GROWTH, 1, f"{name}_1_conv")
    new = _convolution(normalized(new, f"{name}_1_bn", f"{name}_1_relu"), GROWTH, 3, f"{name}_2_conv", padding="same")
    return layers.Concatenate(axis=3, name=f"{name}_concat")([x, new])


def _transition(x, name):
    """Half the channels, half the size."""
    x = _convolution(normalized(x, f"{name}_bn", f"{name}_relu"), x.shape[3] // 2, 1, f"{name}_conv")
    return layers.AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


def _body(blocks):
    def body(x):
        x = normalized(_convolution(padded(x, 3, None), 64, 7, "conv1_conv", strides=2), "conv1_bn", "conv1_relu")
        x = layers.MaxPooling2D(3, strides=2, name="pool1")(padded(x, 1, None))
        for stage, count in enumerate(blocks, 2):
            if stage > 2:
                x = _transition(x, f"pool{stage - 1}")
            for index in range(1, count + 1):
                x = _layer(x, f"conv{stage}_block{index}")
        return normalized(x, "bn", "relu")

    return body


def _densenet(depth, options):
    if backend.image_data_format() == "channels_first":
        raise ValueError(
            "DenseNet takes pictures with their channels last: call "
            "`keras.config.set_image_data_format('channels_last')` first."
        )
    return build(
        options, _body(BLOCKS[depth]), SIZE, LEAST_SIZE, tf_kernels("densenet", f"densenet{depth}"), pool_names=POOLS
    )


@application()
def DenseNet121(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "densenet121",
) -> Model:
    """DenseNet121: 58 layers of two convolutions in four dense blocks, 8 million parameters.

    224x224 pixels by default, at least 32x32.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.DenseNet121(weights=None, include_top=False, input_shape=(32, 32, 3))
        >>> model.output_shape, model.count_params()
        ((None, 1, 1, 1024), 7037504)

    Reference:
        Huang et al. 2016, "Densely connected convolutional networks", arXiv:1608.06993.
    """
    return _densenet(121, Options(**locals()))


@application(DenseNet121)
def DenseNet169(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "densenet169",
) -> Model:
    """DenseNet169: 82 layers of two convolutions in four dense blocks, 14 million parameters.

    224x224 pixels by default, at least 32x32.
    """
    return _densenet(169, Options(**locals()))


@application(DenseNet121)
def DenseNet201(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "densenet201",
) -> Model:
    """DenseNet201: 98 layers of two convolutions in four dense blocks, 20 million parameters.

    224x224 pixels by default, at least 32x32.
    """
    return _densenet(201, Options(**locals()))
