"""Running sums and products, and differences of neighbours."""

from __future__ import annotations

from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.ops.convert import as_dtype, dtype_of, value_of
from kerasish.ops.numpy.helpers import flattened, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, DTypeLike, TensorLike


def _cumulative(primitive, x, axis, dtype):
    x = value_of(x)
    wanted = standardize_dtype(dtype) if dtype is not None else "int32" if dtype_of(x) == "bool" else dtype_of(x)
    x = as_dtype(x, wanted)
    if axis is None:
        return primitive(flattened(x), axis=0, reverse=False)
    return primitive(x, axis=normalize_axis(axis, len(x.shape)), reverse=False)


@operation
def cumsum(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> AnyTensor:
    """The running sum along an axis.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.
        dtype: dtype of the result, by default that of `x` (int32 for bools).

    Returns:
        Tensor of the shape of `x`, or a vector where `axis` is None.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cumsum([1, 2, 3]).tolist()
        [1, 3, 6]
    """
    return _cumulative(p.cumsum, x, axis, dtype)


@operation
def cumprod(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> AnyTensor:
    """The running product along an axis.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.
        dtype: dtype of the result, by default that of `x` (int32 for bools).

    Returns:
        Tensor of the shape of `x`, or a vector where `axis` is None.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cumprod([1, 2, 3]).tolist()
        [1, 2, 6]
    """
    return _cumulative(p.cumprod, x, axis, dtype)


@operation
def diff(a: TensorLike, n: int = 1, axis: int = -1) -> AnyTensor:
    """Differences of neighbours along an axis, taken `n` times.

    Args:
        a: tensor with at least one axis.
        n: int of 0 or more: how many times differences are taken.
        axis: int.

    Returns:
        Tensor with `n` elements less along `axis`.

    Raises:
        ValueError: when `n` is negative or `a` a scalar.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.diff([1, 4, 9]).tolist()
        [3, 5]
    """
    if n < 0:
        raise ValueError(f"`n` must be 0 or more, got {n}.")
    a = value_of(a)
    if not a.shape:
        raise ValueError("`a` must have an axis to take differences along, got a scalar.")
    axis = normalize_axis(axis, len(a.shape))
    for _ in range(n):
        later, earlier = window(a, axis, 1, None), window(a, axis, 0, a.shape[axis] - 1)
        a = p.logical_xor(later, earlier) if dtype_of(a) == "bool" else p.subtract(later, earlier)
    return a
