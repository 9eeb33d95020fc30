"""New values: constants, grids, powers."""

from __future__ import annotations

import math

from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.primitives import p
from kerasish.backend.sizes import exceeds
from kerasish.ops.convert import dtype_of, is_number, value_of
from kerasish.ops.core import convert_to_tensor
from kerasish.ops.numpy.helpers import broadcast_shape, iota, known_int, own, reshape_to
from kerasish.ops.operation import operation
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, ShapeLike, TensorLike


def _sizes(shape):
    """A shape argument (int, or sequence of ints) as a tuple. Raises ValueError for negative sizes."""
    sizes = (
        (known_int(shape, "shape"),)
        if is_number(shape) or not hasattr(shape, "__len__")
        else tuple(known_int(d, "shape") for d in shape)
    )
    if any(exceeds(0, d) for d in sizes):
        raise ValueError(f"`shape` must hold sizes of 0 or more, got {sizes}.")
    return sizes


@suggesting
def zeros(shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """Zeros of `shape`, in `dtype` (default `floatx()`).

    Args:
        shape: tuple of ints.
        dtype: dtype of the result, by default `floatx()`.

    Returns:
        Tensor of `shape`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.zeros((2,)).tolist()
        [0.0, 0.0]
    """
    return p.full(shape=_sizes(shape), value=0, dtype=standardize_dtype(dtype))


@suggesting
def ones(shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """Ones of `shape`, in `dtype` (default `floatx()`).

    Args:
        shape: tuple of ints.
        dtype: dtype of the result, by default `floatx()`.

    Returns:
        Tensor of `shape`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.ones((2,), dtype="int32").tolist()
        [1, 1]
    """
    return p.full(shape=_sizes(shape), value=1, dtype=standardize_dtype(dtype))


@suggesting
def empty(shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """An array of `shape` whose values do not matter; here they are zeros.

    Args:
        shape: tuple of ints.
        dtype: dtype of the result, by default `floatx()`.

    Returns:
        Tensor of `shape`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.empty((2, 3)).shape
        (2, 3)
    """
    return zeros(shape, dtype)


@operation
def full(shape: ShapeLike, fill_value: TensorLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """`fill_value` everywhere in `shape`.

    Args:
        shape: tuple of ints.
        fill_value: number, or tensor that broadcasts to `shape`.
        dtype: dtype of the result, by default `floatx()`.

    Returns:
        Tensor of `shape`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.full((2,), 7.0).tolist()
        [7.0, 7.0]
    """
    dtype = standardize_dtype(dtype)
    if is_number(fill_value):
        return p.full(shape=_sizes(shape), value=fill_value, dtype=dtype)
    return p.broadcast_to(value_of(fill_value, dtype), shape=_sizes(shape))


@operation
def zeros_like(x: TensorLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """Zeros with the shape, and by default the dtype, of `x`.

    Args:
        x: tensor.
        dtype: dtype of the result, by default that of `x`.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.zeros_like([5, 6]).tolist()
        [0, 0]
    """
    x = value_of(x)
    return p.full(shape=tuple(x.shape), value=0, dtype=dtype_of(x) if dtype is None else standardize_dtype(dtype))


@operation
def ones_like(x: TensorLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """Ones with the shape, and by default the dtype, of `x`.

    Args:
        x: tensor.
        dtype: dtype of the result, by default that of `x`.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.ones_like([5, 6]).tolist()
        [1, 1]
    """
    x = value_of(x)
    return p.full(shape=tuple(x.shape), value=1, dtype=dtype_of(x) if dtype is None else standardize_dtype(dtype))


@operation
def empty_like(x: TensorLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """An array like `x` whose values do not matter; here they are zeros.

    Args:
        x: tensor.
        dtype: dtype of the result, by default that of `x`.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.empty_like([5, 6]).shape
        (2,)
    """
    return zeros_like(x, dtype)


@operation
def full_like(x: TensorLike, fill_value: TensorLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """`fill_value` everywhere, with the shape, and by default the dtype, of `x`.

    Args:
        x: tensor.
        fill_value: number, or tensor that broadcasts to the shape of `x`.
        dtype: dtype of the result, by default that of `x`.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.full_like([5, 6], 9).tolist()
        [9, 9]
    """
    x = value_of(x)
    dtype = dtype_of(x) if dtype is None else standardize_dtype(dtype)
    if is_number(fill_value):
        return p.full(shape=tuple(x.shape), value=fill_value, dtype=dtype)
    return broadcast_shape(value_of(fill_value, dtype), tuple(x.shape))


@suggesting
def array(x: TensorLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """A tensor of its own, with the values of `x`: of an array always a copy, where `convert_to_tensor` gives itself.

    Args:
        x: array, number, nested lists, Variable or tensor.
        dtype: dtype of the result, by default that of `x`; int32 for Python ints, `floatx()` for Python floats.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.array([1, 2]).dtype.name
        'int32'
    """
    value = convert_to_tensor(x, dtype)
    return own(value) if value is x else value


@operation
def meshgrid(*x: TensorLike, indexing: str = "xy") -> list[AnyTensor]:
    """Coordinate grids from vectors: one tensor a vector, each varying along its own axis.

    Args:
        *x: tensors, read as vectors (scalars as one element).
        indexing: "xy" puts the first vector along the second axis (Cartesian), "ij" along the first.

    Returns:
        List of tensors, one a vector, all of one shape.

    Raises:
        ValueError: when `indexing` is neither "xy" nor "ij".

    Example:
        >>> import kerasish as keras
        >>> [g.tolist() for g in keras.ops.meshgrid([1, 2], [3, 4, 5], indexing="ij")]
        [[[1, 1, 1], [2, 2, 2]], [[3, 4, 5], [3, 4, 5]]]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"`indexing` must be 'xy' or 'ij', got {indexing!r}.")
    vectors = [reshape_to(v, (math.prod(v.shape),)) for v in map(value_of, x)]
    places = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        places[0], places[1] = 1, 0
    shape = [0] * len(vectors)
    for vector, place in zip(vectors, places):
        shape[place] = vector.shape[0]
    if len(vectors) == 1:
        return [own(vectors[0])]
    return [
        broadcast_shape(reshape_to(v, [v.shape[0] if i == place else 1 for i in range(len(shape))]), shape)
        for v, place in zip(vectors, places)
    ]


@operation
def vander(x: TensorLike, N: int | None = None, increasing: bool = False) -> AnyTensor:
    """The Vandermonde matrix: powers of the elements of a vector, a row each.

    Args:
        x: vector (n,).
        N: int, how many powers, from 0 to N - 1; by default n.
        increasing: bool, whether the powers rise from left to right; they fall by default.

    Returns:
        Matrix (n, N).

    Raises:
        ValueError: when `x` is no vector, or `N` is negative.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.vander([2, 3]).tolist()
        [[2, 1], [3, 1]]
    """
    x = value_of(x)
    if len(x.shape) != 1:
        raise ValueError(f"`x` must be a vector, got shape {tuple(x.shape)}.")
    count = x.shape[0] if N is None else known_int(N, "N")
    if exceeds(0, count):
        raise ValueError(f"`N` must be 0 or more, got {N}.")
    dtype = dtype_of(x)
    exponents = iota(count, dtype) if increasing else iota(count, dtype, count - 1, -1)
    return p.power(p.reshape(x, shape=(x.shape[0], 1)), exponents)
