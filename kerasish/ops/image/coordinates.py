"""Values of arrays between their points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.float_formats import HALVES
from kerasish.backend.primitives import p
from kerasish.backend.primitives.sampling import MODES
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import as_dtype, as_float, dtype_of, limits, value_of
from kerasish.ops.numpy.helpers import reshape_to, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike

_ORDERS = {"nearest": 0, "bilinear": 1}


def order_named(interpolation: str) -> int:
    """The order of an interpolation.

    Raises:
        ValueError: for an unknown one.
    """
    if interpolation not in _ORDERS:
        raise ValueError(f"`interpolation` must be 'nearest' or 'bilinear', got {interpolation!r}.")
    return _ORDERS[interpolation]


def check_mode(fill_mode: str) -> None:
    """Raise ValueError for an unknown mode."""
    if fill_mode not in MODES:
        raise ValueError(f"`fill_mode` must be one of {', '.join(map(repr, MODES))}, got {fill_mode!r}.")


def sampled(x: TensorLike, points: Sequence[Any], order: int, mode: str, fill: float) -> AnyTensor:
    """`x` (batch, *space, channels) at points (batch, places...), one tensor for each axis of space.

    Halves and integers are weighed in float32; integers are rounded, halves away from 0, and kept within their range.
    """
    dtype = dtype_of(x)
    wide = dtype if dtype == "float64" else "float32"
    points = [as_dtype(place, wide) for place in points]
    if order == 0 and dtype not in HALVES and dtype != "bool":
        return p.sample(x, *points, order=order, mode=mode, fill=fill)
    fill = fill if is_float_dtype(dtype) else int(fill)
    out = p.sample(as_dtype(x, wide), *points, order=order, mode=mode, fill=fill)
    if is_float_dtype(dtype):
        return as_dtype(out, dtype)
    low, high = (0, 1) if dtype == "bool" else limits(dtype)
    out = p.multiply(p.sign(out), p.floor(p.add(p.absolute(out), 0.5)))
    return as_dtype(p.minimum(p.maximum(out, float(low)), float(high)), dtype)


@operation
def map_coordinates(
    inputs: TensorLike, coordinates: TensorLike, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> AnyTensor:
    """The values of an array at any coordinates, those between its points interpolated.

    Args:
        inputs: tensor (n_1, ..., n_k).
        coordinates: tensor (k, ...): for each axis of `inputs` where along it to look, 0 being its first point.
        order: 0 for the value of the nearest point (halves away from 0), 1 for the weighted mean of the neighbours.
        fill_mode: what lies beyond the edges: "constant" (k k k | a b c d | k k k), "nearest" (a a a | a b c d |
            d d d), "wrap" (b c d | a b c d | a b c), "mirror" (d c b | a b c d | c b a) or "reflect" (c b a | a b c d |
            d c b).
        fill_value: number that lies beyond the edges with "constant".

    Returns:
        Tensor of the shape of `coordinates` without its first axis and the dtype of `inputs`; integers are rounded.

    Raises:
        ValueError: for another order or mode, or coordinates that do not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.map_coordinates(keras.ops.array([1.0, 2.0, 4.0]), [[0.5, 1.5, 2.0]], order=1).tolist()
        [1.5, 3.0, 4.0]
    """
    x, at = value_of(inputs), as_float(coordinates)
    if len(at.shape) < 2:
        raise ValueError(f"`coordinates` must have at least two axes, got shape {tuple(at.shape)}.")
    rank = len(x.shape)
    if unlike(at.shape[0], rank):
        raise ValueError(
            f"The first axis of `coordinates` must have one place for each axis of `inputs`, {rank} of shape "
            f"{tuple(x.shape)}, got shape {tuple(at.shape)}."
        )
    if order not in (0, 1):
        raise ValueError(f"`order` must be 0 or 1, got {order!r}.")
    check_mode(fill_mode)
    places = tuple(at.shape[1:])
    points = [reshape_to(window(at, 0, i, i + 1), (1, *places)) for i in range(rank)]
    found = sampled(p.reshape(x, shape=(1, *x.shape, 1)), points, int(order), fill_mode, fill_value)
    return reshape_to(found, places)
