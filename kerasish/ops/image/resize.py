"""Images of another size: along each axis a product with a constant matrix of weights.

Output point i lies at (i + 1/2) d / n - 1/2 of the input's d points; a kernel around it says how much each of them
counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.float_formats import HALVES
from kerasish.backend.primitives import p
from kerasish.backend.sizes import is_open, largest, smallest
from kerasish.backend.variable import to_array
from kerasish.ops.convert import as_dtype, dtype_of, limits, value_of
from kerasish.ops.image.image_axes import ImageAxes
from kerasish.ops.nn.along import applied_along
from kerasish.ops.nn.space import sizes
from kerasish.ops.numpy.helpers import open_value, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _triangle(x):
    return max(0.0, 1.0 - x)


def _cubic(x):
    """Keys' kernel with slope -1/2 (Keys 1981, "Cubic convolution interpolation for digital image processing")."""
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0.0


def _lanczos(radius):
    def weight(x):
        if x >= radius:
            return 0.0
        angle = math.pi * x
        return radius * math.sin(angle) * math.sin(angle / radius) / (angle * angle) if x > 1e-3 else 1.0

    return weight


_KERNELS = {  # name: (weight at a distance, how far it reaches)
    "bilinear": (_triangle, 1), "bicubic": (_cubic, 2), "lanczos3": (_lanczos(3), 3), "lanczos5": (_lanczos(5), 5),
}  # fmt: skip
INTERPOLATIONS = ("nearest", *_KERNELS)


def kernel_named(name: str) -> tuple[Callable[[float], float], float]:
    """(weight, reach) of an interpolation. Raises ValueError for an unknown name."""
    if name not in _KERNELS:
        raise ValueError(f"`interpolation` must be one of {', '.join(map(repr, INTERPOLATIONS))}, got {name!r}.")
    return _KERNELS[name]


def weights(
    size: int, count: int, kernel: Any, antialias: bool, step: float | None = None, offset: float = 0.0
) -> list[list[float]]:
    """Rows of weights.

    One row of `size` for each of `count` points that lie `step` apart, the first at step / 2 + offset (in points of the
    input).
    """
    context.claim_table((count, size), "resize")
    weight, reach = kernel
    step = size / count if step is None else step
    spread = max(step, 1.0) if antialias else 1.0
    rows = []
    for i in range(count):
        at = (i + 0.5) * step + offset - 0.5
        row = [0.0] * size
        if -0.5 <= at <= size - 0.5:
            near = range(max(0, math.ceil(at - reach * spread)), min(size, math.floor(at + reach * spread) + 1))
            found = [weight(abs(at - j) / spread) for j in near]
            total = sum(found)
            for j, w in zip(near, found):
                row[j] = w / total if total else 0.0
        rows.append(row)
    return rows


@lru_cache(maxsize=64)
def _matrix(size, count, interpolation, antialias, dtype, _device_name):
    with context.escaped():
        return to_array(device(), weights(size, count, kernel_named(interpolation), antialias), dtype)


@lru_cache(maxsize=64)
def _nearest(size, count, _device_name):
    context.claim_table((count,), "resize")
    with context.escaped():
        return to_array(device(), [min(size - 1, int((i + 0.5) * size / count)) for i in range(count)], "int32")


def resized_along(x: TensorLike, axis: int, count: int, interpolation: str, antialias: bool) -> AnyTensor:
    """`x` with `count` points along `axis`."""
    size = x.shape[axis]
    if size == count:
        return x
    if is_open((size, count)):
        return open_value([count if i == axis else d for i, d in enumerate(x.shape)], dtype_of(x))
    if interpolation == "nearest":
        return p.take(x, _nearest(size, count, device().name), axis=axis)
    return applied_along(x, _matrix(size, count, interpolation, antialias, dtype_of(x), device().name), axis)


def computed_wide(x: TensorLike, compute: Callable[[AnyTensor], AnyTensor]) -> AnyTensor:
    """`compute` on float32 for integers and half precision.

    The result rounded into the dtype of x, and kept within its range.
    """
    dtype = dtype_of(x)
    if is_float_dtype(dtype):
        return as_dtype(compute(as_dtype(x, "float32") if dtype in HALVES else x), dtype)
    out = p.round(compute(as_dtype(x, "float32")))
    low, high = (0, 1) if dtype == "bool" else limits(dtype)
    return as_dtype(p.minimum(p.maximum(out, float(low)), float(high)), dtype)


def _cropped_to(images, axes, target):
    """The middle of the images, in the proportions of `target`."""
    height, width = axes.size(images)
    rows, columns = (
        largest(smallest(height, width * target[0] // target[1]), 1),
        largest(smallest(width, height * target[1] // target[0]), 1),
    )
    top, left = (height - rows) // 2, (width - columns) // 2
    return window(window(images, axes.height, top, top + rows), axes.width, left, left + columns)


def _padded_to(images, axes, target, value):
    """The images in the middle of a larger one, in the proportions of `target`.

    Of an odd number of missing rows one is left out, as in Keras.
    """
    height, width = axes.size(images)
    down = (largest(height, width * target[0] // target[1]) - height) // 2
    across = (largest(width, height * target[1] // target[0]) - width) // 2
    widths = [(0, 0)] * len(images.shape)
    widths[axes.height], widths[axes.width] = (down, down), (across, across)
    return p.pad(images, widths=tuple(widths), value=value) if down or across else images


@operation
def resize(
    images: TensorLike,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> AnyTensor:
    """Images of another size.

    Args:
        images: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        size: (height, width).
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5".
        antialias: bool, whether a smaller image averages over all points that fall on one of its own.
        crop_to_aspect_ratio: bool, whether the images are first cropped to the proportions of `size`.
        pad_to_aspect_ratio: bool, whether they are first padded with `fill_value` to these proportions.
        fill_mode: "constant".
        fill_value: number that padding adds.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the dtype of `images`; integers are rounded.

    Raises:
        ValueError: for an unknown interpolation or mode, or both ways to keep the proportions.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.resize(keras.ops.reshape(keras.ops.arange(2.0), (1, 1, 2, 1)), (1, 4)).ravel().tolist()
        [0.0, 0.25, 0.75, 1.0]
    """
    images, target = value_of(images), sizes(size, 2, "size")
    axes = ImageAxes(images, data_format)
    if interpolation != "nearest":
        kernel_named(interpolation)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` can be true.")
    if fill_mode != "constant":
        raise ValueError(f"`fill_mode` must be 'constant', got {fill_mode!r}.")
    if crop_to_aspect_ratio:
        images = _cropped_to(images, axes, target)
    elif pad_to_aspect_ratio:
        images = _padded_to(images, axes, target, fill_value)
    if axes.size(images) == target:
        return images

    def both(x):
        x = resized_along(x, axes.height, target[0], interpolation, antialias)
        return resized_along(x, axes.width, target[1], interpolation, antialias)

    return both(images) if interpolation == "nearest" else computed_wide(images, both)


_METHODS = {"linear": "bilinear", "bilinear": "bilinear", "trilinear": "bilinear", "triangle": "bilinear",
"cubic": "bicubic", "bicubic": "bicubic",
            "tricubic": "bicubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5"}  # fmt: skip


@operation
def scale_and_translate(
    images: TensorLike,
    output_shape: Sequence[int],
    scale: Sequence[float],
    translation: Sequence[float],
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> AnyTensor:
    """Images stretched and moved: input point x goes to x * scale + translation.

    Points that come from outside are 0.

    Args:
        images: tensor of any rank.
        output_shape: tuple of ints, the shape of the result.
        scale: one known number for each of `spatial_dims`.
        translation: one known number for each of `spatial_dims`, in points of the result.
        spatial_dims: tuple of ints, the axes that are stretched.
        method: "linear", "cubic", "lanczos3" or "lanczos5".
        antialias: bool, whether a smaller image averages over all points that fall on one of its own.

    Returns:
        Tensor of `output_shape` in the dtype of `images`.

    Raises:
        ValueError: for an unknown method.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.scale_and_translate(keras.ops.ones((2, 2)), (2, 4), [2.0], [0.0], (1,), "linear").tolist()
        [[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    """
    if method not in _METHODS:
        raise ValueError(f"`method` must be one of {', '.join(map(repr, _METHODS))}, got {method!r}.")
    images = value_of(images)
    scale, translation = ([float(v) for v in numbers] for numbers in (scale, translation))
    axes = [d % len(images.shape) for d in spatial_dims]
    kernel = kernel_named(_METHODS[method])

    def moved(x):
        for axis, factor, shift in zip(axes, scale, translation):
            if is_open((x.shape[axis], output_shape[axis])):
                x = open_value([output_shape[axis] if i == axis else d for i, d in enumerate(x.shape)], dtype_of(x))
                continue
            rows = weights(x.shape[axis], output_shape[axis], kernel, antialias, 1 / factor, -shift / factor)
            x = applied_along(x, to_array(device(), rows, dtype_of(x)), axis)
        return x

    return computed_wide(images, moved)
