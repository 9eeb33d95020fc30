"""What the files of this package share.

Constants computed at once, and moves of axes that are free when nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import COMPLEX
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, normalize_axis, product
from kerasish.backend.sizes import OPEN, Size, is_open, unlike
from kerasish.ops.convert import as_dtype, dtype_of, is_traced, value_of, widened
from kerasish.typing import AnyTensor, Axis, DTypeLike, ShapeLike, TensorLike

_UNKNOWN = (Tensor, *OPEN)
SUM_DTYPES = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


def at_once(primitive: Callable[..., Any], *inputs: Any, **attributes: Any) -> AnyTensor:
    """Call a primitive on known values even inside a trace, where its result is then a constant.

    Where an open size is among its arguments the trace writes the call down.
    """
    if any(isinstance(x, _UNKNOWN) for x in inputs) or any(map(is_open, attributes.values())):
        return primitive(*inputs, **attributes)
    with context.escaped():
        return primitive(*inputs, **attributes)


def caller_for(x: TensorLike) -> Callable[..., Any]:
    """A function that calls a primitive on `x`.

    At once where `x` is a plain array, so that the result is a constant of a trace.
    """
    return (lambda function, *args, **kwargs: function(*args, **kwargs)) if isinstance(x, Tensor) else at_once


def iota(size: int, dtype: DTypeLike = "int32", start: float = 0, step: float = 1) -> AnyTensor:
    """The constant `start, start + step, ...` of `size` elements."""
    return at_once(p.arange, start=start, step=step, size=size, dtype=dtype)


def own(x: TensorLike) -> AnyTensor:
    """`x`, copied where it is an array at hand.

    It may be the caller's, or a Variable's, which changes when that is assigned to.
    """
    return x if isinstance(x, Tensor) else p.identity(x)


def reshape_to(x: TensorLike, shape: ShapeLike) -> AnyTensor:
    """`x` in another shape; itself when it has that shape."""
    shape = tuple(shape)
    return x if tuple(x.shape) == shape else p.reshape(x, shape=shape)


def transpose_to(x: TensorLike, axes: Sequence[int]) -> AnyTensor:
    """`x` with its axes permuted; itself when they stay."""
    axes = tuple(axes)
    return x if axes == tuple(range(len(axes))) else p.transpose(x, axes=axes)


def broadcast_shape(x: TensorLike, shape: ShapeLike) -> AnyTensor:
    """`x` broadcast to `shape`; itself when it has that shape."""
    return x if tuple(x.shape) == tuple(shape) else p.broadcast_to(x, shape=tuple(shape))


def flattened(x: TensorLike) -> AnyTensor:
    """`x` as a vector."""
    return reshape_to(x, (product(x.shape),))


def moved_last(x: TensorLike, axis: int) -> AnyTensor:
    """`x` with one axis moved to the end."""
    rank = len(x.shape)
    axis = normalize_axis(axis, rank)
    return transpose_to(x, [i for i in range(rank) if i != axis] + [axis])


def moved_back(x: TensorLike, axis: int) -> AnyTensor:
    """`x` with its last axis moved to place `axis` (counted in the result)."""
    rank = len(x.shape)
    axis = normalize_axis(axis, rank)
    order = list(range(rank - 1))
    order.insert(axis, rank - 1)
    return transpose_to(x, order)


def merged_last(x: TensorLike, axes: Axis) -> AnyTensor:
    """`x` with `axes` (None: all) flattened into one last axis."""
    rank = len(x.shape)
    axes = normalize_axes(axes, rank)
    kept = [i for i in range(rank) if i not in axes]
    moved = transpose_to(x, kept + list(axes))
    return reshape_to(moved, [x.shape[i] for i in kept] + [product(x.shape[i] for i in axes)])


def window(x: TensorLike, axis: int, start: int, stop: int | None, stride: int = 1) -> AnyTensor:
    """Elements `start` to `stop` along one axis; `x` itself when that is all of it. A stop of None: to the end."""
    size = x.shape[axis]
    if start == 0 and stride == 1 and (stop is None or stop == size):
        return x
    lower, upper, strides = [0] * len(x.shape), list(x.shape), [1] * len(x.shape)
    lower[axis], upper[axis], strides[axis] = start, size if stop is None else stop, stride
    return p.slice(x, start=tuple(lower), stop=tuple(upper), strides=tuple(strides))


def open_value(shape: ShapeLike, dtype: DTypeLike) -> AnyTensor:
    """A value of `shape`, which holds open sizes, for what can't be written down before they are known."""
    stand_in = p.full(shape=tuple(shape), value=0, dtype=dtype)
    stand_in.stands_for_open = True
    return stand_in


def known_int(x: Any, name: str) -> int:
    """A static integer argument, or an open size.

    Raises: ValueError when it is no whole number that is known now.
    """
    x = getattr(x, "open_size", x)
    if type(x) is Size:
        return x
    if is_traced(x):
        raise TypeError(f"`{name}` must be known while the computation is built; got {x!r}. Pass a Python int.")
    if isinstance(x, float) and not x.is_integer():
        raise ValueError(f"`{name}` must be an integer, got {x}.")
    return int(device().to_host(x) if device().is_array(x) else x)


def last_int(x: TensorLike) -> int:
    """The last element of a vector of known ints, as an int; 0 of an empty one."""
    size = x.shape[0]
    return int(reshape_to(window(x, 0, size - 1, size), ())) if size else 0


def as_bool(x: TensorLike) -> AnyTensor:
    """`x` as a condition: nonzero is true."""
    x = value_of(x)
    return as_dtype(x, "bool")


def is_bool(x: TensorLike) -> bool:
    """Whether a value's dtype is bool."""
    return dtype_of(x) == "bool"


def narrowed(part: TensorLike, dtype: str) -> AnyTensor:
    """A factor of matrices of `dtype` in that type; what is real of complex matrices stays real."""
    return part if dtype in COMPLEX else as_dtype(part, dtype)


def matrices(name: str, x: TensorLike, square: bool = False) -> tuple[AnyTensor, str]:
    """(x as float32 or float64 matrices, dtype of the result). Raises ValueError when it is none."""
    x, dtype = widened(x)
    if len(x.shape) < 2:
        raise ValueError(f"`{name}` takes matrices (..., m, n), got shape {tuple(x.shape)}.")
    if square and unlike(x.shape[-1], x.shape[-2]):
        raise ValueError(f"`{name}` takes square matrices, got shape {tuple(x.shape)}.")
    return x, dtype
