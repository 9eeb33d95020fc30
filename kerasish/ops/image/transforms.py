"""Images turned, sheared, moved and seen from aside: each point of the result is read at a place of the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.primitives import p
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import as_dtype, as_float, dtype_of, promote
from kerasish.ops.image.coordinates import check_mode, order_named, sampled
from kerasish.ops.image.image_axes import ImageBatch
from kerasish.ops.numpy.helpers import broadcast_shape, iota, reshape_to, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _wide(x):
    x = as_float(x)
    return x if dtype_of(x) == "float64" else as_dtype(x, "float32")


def _for_each(x, name, count, rank):
    """`x` with an axis for the images in front."""
    if len(x.shape) == rank:
        return p.reshape(x, shape=(1, *x.shape))
    if unlike(x.shape[0], count) and unlike(x.shape[0], 1):
        raise ValueError(f"`{name}` must be one, or one for each of {count} images, got shape {tuple(x.shape)}.")
    return x


def read_through(images: AnyTensor, numbers: Sequence[Any], order: int, fill_mode: str, fill_value: float) -> AnyTensor:
    """Images (batch, height, width, channels) whose point (x, y) is read at a place of theirs.

    With the `numbers` a0, a1, a2, b0, b1, b2, c0, c1, each (batch or 1, 1, 1), that is the place
    ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) for k = c0 x + c1 y + 1.
    """
    batch, height, width, _ = images.shape
    dtype = dtype_of(numbers[0])
    x = reshape_to(iota(width, dtype), (1, 1, width))
    y = reshape_to(iota(height, dtype), (1, height, 1))

    def plane(of_x, of_y, constant):
        return p.add(p.add(p.multiply(of_x, x), p.multiply(of_y, y)), constant)

    a, b, c = numbers[:3], numbers[3:6], numbers[6:]
    depth = plane(*c, 1.0)
    shape = (batch, height, width)
    across, down = (broadcast_shape(p.divide(plane(*of), depth), shape) for of in (a, b))
    return sampled(images, (down, across), order, fill_mode, fill_value)


@operation
def affine_transform(
    images: TensorLike,
    transform: TensorLike,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> AnyTensor:
    """Images moved, turned, scaled and sheared, each by eight numbers.

    For [a0, a1, a2, b0, b1, b2, c0, c1] point (x, y) of the result is the image's at ((a0 x + a1 y + a2) / k,
    (b0 x + b1 y + b2) / k) with k = c0 x + c1 y + 1. Keras heeds c0 and c1 on TensorFlow only; here they count.

    Args:
        images: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        transform: tensor (8,), or (batch, 8) with eight numbers for each image.
        interpolation: "nearest" or "bilinear".
        fill_mode: what lies beyond the edges: "constant", "nearest", "wrap", "mirror" or "reflect", as
            `map_coordinates` draws them.
        fill_value: number that lies beyond the edges with "constant".
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the shape and dtype of `images`; integers are rounded.

    Raises:
        ValueError: for an unknown interpolation or mode, or shapes that do not fit.

    Example:
        >>> import kerasish as keras
        >>> row = keras.ops.reshape(keras.ops.arange(4.0), (1, 4, 1))
        >>> keras.ops.image.affine_transform(row, [1, 0, 1, 0, 1, 0, 0, 0]).ravel().tolist()
        [1.0, 2.0, 3.0, 0.0]
    """
    batch, transform, order = ImageBatch(images, data_format), _wide(transform), order_named(interpolation)
    check_mode(fill_mode)
    if len(transform.shape) not in (1, 2) or unlike(transform.shape[-1], 8):
        raise ValueError(f"`transform` must have shape (8,) or (images, 8), got {tuple(transform.shape)}.")
    transform = _for_each(transform, "transform", batch.images.shape[0], 1)
    numbers = [p.reshape(window(transform, 1, i, i + 1), shape=(transform.shape[0], 1, 1)) for i in range(8)]
    return batch.back(read_through(batch.images, numbers, order, fill_mode, fill_value))


@operation
def perspective_transform(
    images: TensorLike,
    start_points: TensorLike,
    end_points: TensorLike,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> AnyTensor:
    """Images seen in perspective: four of their points, as (x, y), come to lie at four others.

    Args:
        images: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        start_points: tensor (4, 2), or (batch, 4, 2) with points for each image: where the points are.
        end_points: tensor of the same shape: where they come to lie. No three of four points lie on a line.
        interpolation: "nearest" or "bilinear".
        fill_value: number that lies beyond the edges.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the shape and dtype of `images`; integers are rounded.

    Raises:
        ValueError: for an unknown interpolation, or shapes that do not fit.

    Example:
        >>> import kerasish as keras
        >>> row, corners = keras.ops.reshape(keras.ops.arange(4.0), (1, 4, 1)), [[0, 0], [3, 0], [0, 1], [3, 1]]
        >>> moved = keras.ops.image.perspective_transform(row, corners, [[1, 0], [4, 0], [1, 1], [4, 1]])
        >>> moved.ravel().round().tolist()
        [0.0, 0.0, 1.0, 2.0]
    """
    batch, order = ImageBatch(images, data_format), order_named(interpolation)
    start, end = promote(_wide(start_points), _wide(end_points))
    for name, points in (("start_points", start), ("end_points", end)):
        shape = tuple(points.shape)
        if len(shape) not in (2, 3) or unlike(shape[-2], 4) or unlike(shape[-1], 2):
            raise ValueError(f"`{name}` must have shape (4, 2) or (images, 4, 2), got {shape}.")
    if len(start.shape) != len(end.shape) or any(map(unlike, start.shape, end.shape)):
        raise ValueError(
            f"`start_points` and `end_points` must have the same shape, got {tuple(start.shape)} and "
            f"{tuple(end.shape)}."
        )
    start, end = (_for_each(points, "start_points", batch.images.shape[0], 2) for points in (start, end))
    numbers = homography(end, start)
    numbers = [p.reshape(window(numbers, 1, i, i + 1), shape=(numbers.shape[0], 1, 1)) for i in range(8)]
    return batch.back(read_through(batch.images, numbers, order, "constant", fill_value))


def homography(points: AnyTensor, places: AnyTensor) -> AnyTensor:
    """The eight numbers (batch, 8) that take `points` (batch, 4, 2) to `places` (batch, 4, 2), by eight equations.

    Reference:
        Hartley and Zisserman, "Multiple View Geometry in Computer Vision", 2003, example 2.12.
    """
    x, y = (window(points, 2, i, i + 1) for i in range(2))
    one, zero = (p.full(shape=tuple(x.shape), value=v, dtype=dtype_of(x)) for v in (1.0, 0.0))
    rows = []
    for i, lead in ((0, (x, y, one, zero, zero, zero)), (1, (zero, zero, zero, x, y, one))):
        place = p.negative(window(places, 2, i, i + 1))
        rows.append(p.concatenate(*lead, p.multiply(place, x), p.multiply(place, y), axis=2))
    wanted = p.concatenate(*(window(places, 2, i, i + 1) for i in range(2)), axis=1)
    found = p.solve(p.concatenate(*rows, axis=1), wanted)
    return p.reshape(found, shape=tuple(found.shape[:2]))
