"""What the Inception models share: a block is a table of branches, and a table is walked here.

An entry of a branch is `(filters, height, width)`, a convolution of stride 1 that keeps the picture's size; with a
fourth number one of that stride without padding; MEAN or MAX, a pooling; or a Fork, which splits the branch once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from kerasish.applications.build import channel_axis

from kerasish import layers
from kerasish.typing import AnyTensor, TensorLike

MEAN, MAX = "mean", "max"
SIZE, LEAST_SIZE = 299, 75
STEM = [(32, 3, 3, 2), (32, 3, 3, 1), (64, 3, 3), MAX, (80, 1, 1, 1), (192, 3, 3, 1), MAX]  # to 35x35


class Fork(NamedTuple):
    """Branches within a branch; `name` of the layer that joins them, or None."""

    branches: tuple
    name: str | None = None


def convolution(
    x: TensorLike, filters: int, height: int, width: int, strides: int | None = None, name: str | None = None
) -> AnyTensor:
    """Convolution without a bias, batch normalization without a scale, ReLU."""
    padding = "valid" if strides else "same"
    x = layers.Conv2D(filters, (height, width), strides=strides or 1, padding=padding, use_bias=False, name=name)(x)
    x = layers.BatchNormalization(axis=channel_axis(), scale=False, name=name and f"{name}_bn")(x)
    return layers.Activation("relu", name=name and f"{name}_ac")(x)


def chain(x: TensorLike, entries: Sequence[Any]) -> AnyTensor:
    """The entries of one branch, one after another."""
    for entry in entries:
        if entry == MEAN:
            x = layers.AveragePooling2D(3, strides=1, padding="same")(x)
        elif entry == MAX:
            x = layers.MaxPooling2D(3, strides=2)(x)
        elif isinstance(entry, Fork):
            x = mixed(x, entry.branches, entry.name)
        else:
            x = convolution(x, *entry)
    return x


def mixed(x: TensorLike, branches: Sequence[Any], name: str | None = None) -> AnyTensor:
    """All branches of `x`, side by side in the channels."""
    return layers.Concatenate(axis=channel_axis(), name=name)([chain(x, entries) for entries in branches])
