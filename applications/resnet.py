"""ResNet: Deep Residual Learning for Image Recognition, He et al. 2015, https://arxiv.org/abs/1512.03385."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build, channel_axis
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.weights import tf_kernels

from kerasish import layers
from kerasish.typing import ActivationLike, AnyTensor, IntOrInts, ShapeLike, TensorLike

if TYPE_CHECKING:
    from kerasish.models import Model

FILTERS = (64, 128, 256, 512)  # of the stages conv2 ... conv5
BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}  # a stage, the paper's table 1
SIZE, LEAST_SIZE = 224, 32
POOLS = ("avg_pool", "max_pool")

preprocess_input: Callable[..., Any] = preprocessor("caffe")


def normalized(x: TensorLike, name: str, relu: str | None = None) -> AnyTensor:
    """Batch normalization called `name`, then a ReLU called `relu` if that is given."""
    x = layers.BatchNormalization(axis=channel_axis(), epsilon=1.001e-5, name=name)(x)
    return layers.Activation("relu", name=relu)(x) if relu else x


def padded(x: TensorLike, pixels: IntOrInts | tuple[tuple[int, int], tuple[int, int]], name: str) -> AnyTensor:
    """The picture with a black border."""
    return layers.ZeroPadding2D(((pixels, pixels), (pixels, pixels)), name=name)(x)


def _convolution(x, filters, size, name, strides=1, relu=True, padding="valid"):
    x = layers.Conv2D(filters, size, strides=strides, padding=padding, name=f"{name}_conv")(x)
    return normalized(x, f"{name}_bn", f"{name}_relu" if relu else None)


def _block(x, filters, strides, project, name):
    """1x1, 3x3, 1x1, added to the input or to a projection of it."""
    shortcut = _convolution(x, 4 * filters, 1, f"{name}_0", strides, relu=False) if project else x
    x = _convolution(x, filters, 1, f"{name}_1", strides)
    x = _convolution(x, filters, 3, f"{name}_2", padding="same")
    x = _convolution(x, 4 * filters, 1, f"{name}_3", relu=False)
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.Activation("relu", name=f"{name}_out")(x)


def _body(blocks):
    def body(x):
        x = _convolution(padded(x, 3, "conv1_pad"), 64, 7, "conv1", 2)
        x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(padded(x, 1, "pool1_pad"))
        for stage, (filters, count) in enumerate(zip(FILTERS, blocks), 2):
            for index in range(1, count + 1):
                strides = 2 if index == 1 and stage > 2 else 1
                x = _block(x, filters, strides, index == 1, f"conv{stage}_block{index}")
        return x

    return body


def _resnet(depth, options):
    return build(
        options, _body(BLOCKS[depth]), SIZE, LEAST_SIZE, tf_kernels("resnet", f"resnet{depth}"), pool_names=POOLS
    )


@application()
def ResNet50(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "resnet50",
) -> Model:
    """ResNet50: 16 residual blocks of three convolutions, 26 million parameters.

    224x224 pixels by default, at least 32x32.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.ResNet50(weights=None, include_top=False, pooling="avg")
        >>> model.output_shape, model.count_params()
        ((None, 2048), 23587712)

    Reference:
        He et al. 2015, "Deep residual learning for image recognition", arXiv:1512.03385.
    """
    return _resnet(50, Options(**locals()))


@application(ResNet50)
def ResNet101(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "resnet101",
) -> Model:
    """ResNet101: 33 residual blocks of three convolutions, 45 million parameters.

    224x224 pixels by default, at least 32x32.
    """
    return _resnet(101, Options(**locals()))


@application(ResNet50)
def ResNet152(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "resnet152",
) -> Model:
    """ResNet152: 50 residual blocks of three convolutions, 60 million parameters.

    224x224 pixels by default, at least 32x32.
    """
    return _resnet(152, Options(**locals()))
