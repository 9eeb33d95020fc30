"""What EfficientNet and EfficientNetV2 share."""

from __future__ import annotations

import functools
import string
from typing import Any

from kerasish.applications.build import channel_axis, classifier

from kerasish import layers
from kerasish.typing import TensorLike

KERNEL = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"},
}
DENSE_KERNEL = {
    "class_name": "VarianceScaling",
    "config": {"scale": 1.0 / 3.0, "mode": "fan_out", "distribution": "uniform"},
}
LEAST_SIZE = 32
POOLS = ("avg_pool", "max_pool")
DROP_CONNECT = 0.2  # how often the last block is left out in training; linearly less before it


def normalized(x: TensorLike, name: str, momentum: float = 0.99) -> Any:
    return layers.BatchNormalization(axis=channel_axis(), momentum=momentum, name=name)(x)


def activated(x: TensorLike, name: str) -> Any:
    return layers.Activation("swish", name=name)(x)


def convolution(x: TensorLike, filters: int, size: int, name: str, strides: int = 1, padding: str = "same") -> Any:
    """A convolution without bias."""
    return layers.Conv2D(
        filters, size, strides=strides, padding=padding, use_bias=False, kernel_initializer=KERNEL, name=name
    )(x)


def excited(x: TensorLike, filters: int, name: str) -> Any:
    """Each channel times a number from 0 to 1.

    The numbers are computed, by way of `filters` numbers, from the means of all channels.
    """
    axis = channel_axis()
    channels = x.shape[axis]
    means = layers.GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    means = layers.Reshape((channels, 1, 1) if axis == 1 else (1, 1, channels), name=f"{name}se_reshape")(means)
    few = layers.Conv2D(
        filters, 1, padding="same", activation="swish", kernel_initializer=KERNEL, name=f"{name}se_reduce"
    )(means)
    weights = layers.Conv2D(
        channels, 1, padding="same", activation="sigmoid", kernel_initializer=KERNEL, name=f"{name}se_expand"
    )(few)
    return layers.multiply([x, weights], name=f"{name}se_excite")


def residual(x: TensorLike, inputs: TensorLike, drop: Any, name: str) -> Any:
    """`inputs + x`, where x is left out for a part `drop` of the samples in training."""
    if drop > 0:
        x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x)
    return layers.add([x, inputs], name=f"{name}add")


def block_name(stage: Any, index: int) -> str:
    """The beginning of the layers' names of a block.

    Example:
        >>> block_name(1, 0), block_name(4, 2)
        ('block1a_', 'block4c_')
    """
    letters = string.ascii_lowercase + "{|}~"  # Keras goes on through ASCII after z
    return f"block{stage}{letters[index]}_"


def top(dropout: float, **dense: Any) -> Any:
    """The classifier, with its `dropout` and initializer."""
    return functools.partial(classifier, dropout=dropout, kernel_initializer=DENSE_KERNEL, **dense)
