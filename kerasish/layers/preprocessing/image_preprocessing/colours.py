"""Colours taken apart and put together, for layers that change one of their coordinates."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.typing import AnyTensor


def hsv_channels(images: AnyTensor, axis: int, data_format: str) -> Sequence[AnyTensor]:
    """(hue, saturation, value) of pictures with values from 0 to 1."""
    return ops.split(ops.image.rgb_to_hsv(images, data_format=data_format), 3, axis=axis)


def rgb_of(hue: AnyTensor, saturation: AnyTensor, value: AnyTensor, axis: int, data_format: str) -> AnyTensor:
    """The pictures of `hsv_channels`."""
    return ops.image.hsv_to_rgb(ops.concatenate([hue, saturation, value], axis=axis), data_format=data_format)
