"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.backend.sizes import is_open, largest, smallest
from kerasish.ops.convert import dtype_of, value_of
from kerasish.ops.numpy.helpers import (
    at_once,
    iota,
    known_int,
    open_value,
    reshape_to,
    transpose_to,
    window,
)
from kerasish.ops.numpy.reduction import sum
from kerasish.ops.numpy.shape import ravel
from kerasish.ops.operation import operation
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, TensorLike


def diagonal_mask(rows: Any, columns: Any, k: int, compare: Any) -> AnyTensor:
    """Compare column - row with k: the constant masks of eye, tri, tril and triu."""
    row = at_once(p.reshape, iota(rows, "int32", k), shape=(rows, 1))
    return at_once(compare, iota(columns), row)


@suggesting
def eye(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> AnyTensor:
    """Ones on the `k`-th diagonal of an N x M matrix (M defaults to N), zeros elsewhere.

    Args:
        N: int, the number of rows.
        M: int, the number of columns, by default `N`.
        k: int, which diagonal: 0 is the main one, positive ones lie above it, negative ones below.
        dtype: dtype of the result, by default `floatx()`.

    Returns:
        Matrix (N, M).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.eye(2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    N = known_int(N, "N")
    M = N if M is None else known_int(M, "M")
    return at_once(p.cast, diagonal_mask(N, M, known_int(k, "k"), p.equal), dtype=standardize_dtype(dtype))


@suggesting
def identity(n: int, dtype: DTypeLike | None = None) -> AnyTensor:
    """The n x n identity matrix.

    Args:
        n: int, the number of rows and columns.
        dtype: dtype of the result, by default `floatx()`.

    Returns:
        Matrix (n, n).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.identity(2, dtype="int32").tolist()
        [[1, 0], [0, 1]]
    """
    return eye(n, dtype=dtype)


@suggesting
def tri(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> AnyTensor:
    """Ones on and below the `k`-th diagonal, zeros above.

    Args:
        N: int, the number of rows.
        M: int, the number of columns, by default `N`.
        k: int, which diagonal: 0 is the main one, positive ones lie above it, negative ones below.
        dtype: dtype of the result, by default `floatx()`.

    Returns:
        Matrix (N, M).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tri(2, dtype="int32").tolist()
        [[1, 0], [1, 1]]
    """
    N = known_int(N, "N")
    M = N if M is None else known_int(M, "M")
    return at_once(p.cast, diagonal_mask(N, M, known_int(k, "k"), p.less_equal), dtype=standardize_dtype(dtype))


def _triangle(x, k, compare):
    x = value_of(x)
    if len(x.shape) < 2:
        raise ValueError(f"`x` must have two axes or more, got shape {tuple(x.shape)}.")
    return p.where(diagonal_mask(*x.shape[-2:], k, compare), x, 0)


@operation
def tril(x: TensorLike, k: int = 0) -> AnyTensor:
    """The lower triangle of the last two axes, zeros above the `k`-th diagonal.

    Args:
        x: tensor of two axes or more.
        k: int, which diagonal: 0 is the main one, positive ones lie above it, negative ones below.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tril([[1, 2], [3, 4]]).tolist()
        [[1, 0], [3, 4]]
    """
    return _triangle(x, k, p.less_equal)


@operation
def triu(x: TensorLike, k: int = 0) -> AnyTensor:
    """The upper triangle of the last two axes, zeros below the `k`-th diagonal.

    Args:
        x: tensor of two axes or more.
        k: int, which diagonal: 0 is the main one, positive ones lie above it, negative ones below.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.triu([[1, 2], [3, 4]]).tolist()
        [[1, 2], [0, 4]]
    """
    return _triangle(x, k, p.greater_equal)


@operation
def diagflat(x: TensorLike, k: int = 0) -> AnyTensor:
    """The flattened `x` on the `k`-th diagonal of a square matrix of zeros.

    Args:
        x: tensor of n elements.
        k: int, which diagonal: 0 is the main one, positive ones lie above it, negative ones below.

    Returns:
        Square matrix with n + |k| rows.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.diagflat([1, 2]).tolist()
        [[1, 0], [0, 2]]
    """
    return diag(ravel(x), k)


@operation
def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> AnyTensor:
    """The elements whose index along `axis2` is that along `axis1` plus `offset`, as a new last axis.

    Args:
        x: tensor of two axes or more.
        offset: int, which diagonal: 0 is the main one, positive ones lie above it, negative ones below.
        axis1: int, the axis of the rows.
        axis2: int, the axis of the columns.

    Returns:
        Tensor of the shape of `x` without the two axes, and with that of the diagonal at the end.

    Raises:
        ValueError: when `x` has fewer than two axes, or `axis1` is `axis2`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.diagonal([[1, 2], [3, 4]]).tolist()
        [1, 4]
    """
    x = value_of(x)
    rank = len(x.shape)
    if rank < 2:
        raise ValueError(f"`x` must have two axes or more, got shape {tuple(x.shape)}.")
    axis1, axis2 = normalize_axis(axis1, rank, "axis1"), normalize_axis(axis2, rank, "axis2")
    if axis1 == axis2:
        raise ValueError(f"`axis1` and `axis2` must differ, got {axis1} twice.")
    rest = [i for i in range(rank) if i not in (axis1, axis2)]
    rows, columns = x.shape[axis1], x.shape[axis2]
    flat = reshape_to(transpose_to(x, [*rest, axis1, axis2]), [*(x.shape[i] for i in rest), rows * columns])
    count = largest(0, smallest(rows, columns - offset) if offset >= 0 else smallest(rows + offset, columns))
    if is_open(count):
        return open_value([*(x.shape[i] for i in rest), count], dtype_of(x))
    if count == 0:
        return window(flat, len(rest), 0, 0)
    start = offset if offset >= 0 else -offset * columns
    return window(
        flat, len(rest), start, start + (count - 1) * (columns + 1) + 1, columns + 1
    )  # a diagonal is one stride


@operation
def diag(x: TensorLike, k: int = 0) -> AnyTensor:
    """A vector on the `k`-th diagonal of a square matrix of zeros, or the `k`-th diagonal of a matrix.

    Args:
        x: vector or matrix.
        k: int, which diagonal: 0 is the main one, positive ones lie above it, negative ones below.

    Returns:
        Matrix, or the vector of a diagonal.

    Raises:
        ValueError: when `x` has neither one axis nor two.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.diag([1, 2]).tolist()
        [[1, 0], [0, 2]]
    """
    x = value_of(x)
    if len(x.shape) == 2:
        return diagonal(x, k)
    if len(x.shape) != 1:
        raise ValueError(f"`x` must have one or two axes, got shape {tuple(x.shape)}.")
    size = x.shape[0] + abs(k)
    if k:
        x = p.pad(x, widths=((0, abs(k)),), value=0)
    line = p.reshape(x, shape=(size, 1) if k >= 0 else (1, size))
    return p.where(diagonal_mask(size, size, k, p.equal), line, 0)


@operation
def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> AnyTensor:
    """The sum of a diagonal; see `diagonal`.

    Args:
        x: tensor of two axes or more.
        offset: int, which diagonal: 0 is the main one, positive ones lie above it, negative ones below.
        axis1: int, the axis of the rows.
        axis2: int, the axis of the columns.

    Returns:
        Tensor of the shape of `x` without the two axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.trace([[1, 2], [3, 4]]).tolist()
        5
    """
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)
