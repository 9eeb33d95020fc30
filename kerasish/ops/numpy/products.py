"""Products of matrices and vectors: each is one matmul with views around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis, product
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import as_dtype, dtype_of, is_number, promote, value_of
from kerasish.ops.numpy.complex_numbers import is_complex
from kerasish.ops.numpy.helpers import (
    flattened,
    matrices,
    moved_back,
    moved_last,
    narrowed,
    reshape_to,
    transpose_to,
    window,
)
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def values(*operands: TensorLike) -> list[AnyTensor]:
    """Promoted operands, none of them a bare number: those take the dtype of the others."""
    promoted = promote(*operands)
    dtype = next((dtype_of(x) for x in promoted if not is_number(x) and type(x) is not complex), None)
    return [value_of(x, dtype) for x in promoted]


@operation
def matmul(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The matrix product over the last two axes.

    Leading axes broadcast, vectors are rows on the left and columns on the right.

    Args:
        x1: tensor (..., m, k), or a vector (k,).
        x2: tensor (..., k, n), or a vector (k,).

    Returns:
        Tensor (..., m, n) in the promoted dtype of the operands, without the axis of a vector.

    Raises:
        ValueError: when the inner sizes differ or an operand is a scalar.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.matmul([[1, 2], [3, 4]], [1, 1]).tolist()
        [3, 7]
    """
    x, y = value_of(x1), value_of(x2)
    if dtype_of(x) == dtype_of(y) == "int8":
        x, y = as_dtype(x, "int32"), as_dtype(y, "int32")  # products of bytes are summed in 32 bits
    x, y = promote(x, y)
    if not x.shape or not y.shape:
        raise ValueError(
            f"`matmul` needs operands with axes, got shapes {tuple(x.shape)} and {tuple(y.shape)}. Use `multiply`."
        )
    row, column = len(x.shape) == 1, len(y.shape) == 1
    if row:
        x = p.reshape(x, shape=(1, *x.shape))
    if column:
        y = p.reshape(y, shape=(*y.shape, 1))
    z = p.matmul(x, y)
    if not row and not column:
        return z
    return p.reshape(z, shape=z.shape[:-2] + (() if row else z.shape[-2:-1]) + (() if column else z.shape[-1:]))


def contracted(x: TensorLike, y: TensorLike, x_axes: Sequence[int], y_axes: Sequence[int]) -> AnyTensor:
    """The sum of products over paired axes; the other axes of `x`, then those of `y`, remain."""
    for a, b in zip(x_axes, y_axes):
        if unlike(x.shape[a], y.shape[b]):
            raise ValueError(
                f"Can't sum products over axes of sizes {x.shape[a]} and {y.shape[b]}: shapes {tuple(x.shape)} and "
                f"{tuple(y.shape)}."
            )
    x_kept = [i for i in range(len(x.shape)) if i not in x_axes]
    y_kept = [i for i in range(len(y.shape)) if i not in y_axes]
    inner = product(x.shape[a] for a in x_axes)
    rows, columns = [x.shape[i] for i in x_kept], [y.shape[i] for i in y_kept]
    left = reshape_to(transpose_to(x, x_kept + list(x_axes)), (product(rows), inner))
    if y_kept + list(y_axes) == list(
        range(len(y.shape))
    ):  # the summed axes lie last: multiply by the transpose, nothing moves
        z = p.matmul(left, reshape_to(y, (product(columns), inner)), transpose_y=True)
    else:
        z = p.matmul(left, reshape_to(transpose_to(y, list(y_axes) + y_kept), (inner, product(columns))))
    return reshape_to(z, (*rows, *columns))


@operation
def dot(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The product of vectors or matrices; with a scalar, `multiply`.

    Of operands with more axes: the sum of products over the last axis of `x1` and the last but one of `x2`.

    Args:
        x1: tensor (..., k).
        x2: tensor (..., k, n), or a vector (k,).

    Returns:
        Tensor in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.dot([1, 2], [3, 4]).tolist()
        11
    """
    x, y = values(x1, x2)
    if not x.shape or not y.shape:
        return p.multiply(x, y)
    return contracted(x, y, [len(x.shape) - 1], [max(len(y.shape) - 2, 0)])


@operation
def tensordot(x1: TensorLike, x2: TensorLike, axes: int | Sequence[Any] = 2) -> AnyTensor:
    """The sum of products over several axes at once.

    Args:
        x1: tensor.
        x2: tensor.
        axes: int n, for the last n axes of `x1` with the first n of `x2`; or a pair of axes (or lists of axes) to be
            matched.

    Returns:
        Tensor with the other axes of `x1`, then those of `x2`.

    Raises:
        ValueError: when there are fewer axes than `axes` says, or the sizes of matched axes differ.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tensordot([[1, 2], [3, 4]], [[1, 0], [0, 1]], axes=2).tolist()
        5
    """
    x, y = values(x1, x2)
    if isinstance(axes, int):
        if not 0 <= axes <= min(len(x.shape), len(y.shape)):
            raise ValueError(f"`axes`={axes} is more than the operands have: {tuple(x.shape)} and {tuple(y.shape)}.")
        first, second = list(range(len(x.shape) - axes, len(x.shape))), list(range(axes))
    else:
        pair = [(a,) if isinstance(a, int) else tuple(a) for a in axes]
        if len(pair) != 2 or len(pair[0]) != len(pair[1]):
            raise ValueError(f"`axes` must be an int or two lists of one length, got {axes}.")
        first, second = ([normalize_axis(a, len(v.shape), "axes") for a in names] for v, names in zip((x, y), pair))
    return contracted(x, y, first, second)


@operation
def inner(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The sum of products over the last axis of both; of scalars, their product.

    Args:
        x1: tensor (..., k).
        x2: tensor (..., k).

    Returns:
        Tensor with the leading axes of `x1`, then those of `x2`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.inner([1, 2], [3, 4]).tolist()
        11
    """
    x, y = values(x1, x2)
    if not x.shape or not y.shape:
        return p.multiply(x, y)
    return contracted(x, y, [len(x.shape) - 1], [len(y.shape) - 1])


@operation
def vdot(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The sum of products of all elements of the two flattened operands, those of `x1` conjugate.

    Args:
        x1: tensor of n elements.
        x2: tensor of as many elements.

    Returns:
        Scalar in the promoted dtype of the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.vdot([[1, 2], [3, 4]], [[1, 0], [0, 1]]).tolist()
        5
    """
    x, y = values(x1, x2)
    return contracted(flattened(p.conj(x) if is_complex(x) else x), flattened(y), [0], [0])


@operation
def outer(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """All products of an element of `x1` with one of `x2`, as a matrix; the operands are flattened.

    Args:
        x1: tensor of m elements.
        x2: tensor of n elements.

    Returns:
        Matrix (m, n).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.outer([1, 2], [3, 4]).tolist()
        [[3, 4], [6, 8]]
    """
    x, y = values(x1, x2)
    return p.multiply(reshape_to(x, (product(x.shape), 1)), flattened(y))


@operation
def cross(
    x1: TensorLike, x2: TensorLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> AnyTensor:
    """The vector product of vectors of 3 components.

    Of vectors of 2 components: the third component of the product, a scalar each.

    Args:
        x1: tensor of vectors.
        x2: tensor of vectors, which broadcasts with `x1` in its other axes.
        axisa: int, the axis of the components in `x1`.
        axisb: int, the axis of the components in `x2`.
        axisc: int, the axis of the components in the result.
        axis: int, all three at once; None to go by the others.

    Returns:
        Tensor in the promoted dtype of the operands.

    Raises:
        ValueError: when there are neither 2 nor 3 components.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cross([1, 0, 0], [0, 1, 0]).tolist()
        [0, 0, 1]
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = values(x1, x2)
    x, y = moved_last(x, axisa), moved_last(y, axisb)
    counts = (x.shape[-1], y.shape[-1])
    if any(n not in (2, 3) for n in counts):
        raise ValueError(f"`cross` takes vectors of 2 or 3 components, got {counts[0]} and {counts[1]}.")
    xs, ys = ([window(v, len(v.shape) - 1, i, i + 1) for i in range(v.shape[-1])] for v in (x, y))

    def component(i, j):
        """x_i y_j - x_j y_i; a missing third component is 0."""
        terms = [p.multiply(xs[a], ys[b]) if a < len(xs) and b < len(ys) else None for a, b in ((i, j), (j, i))]
        if terms[1] is None:
            return terms[0]
        return p.negative(terms[1]) if terms[0] is None else p.subtract(*terms)

    last = component(0, 1)
    if counts == (2, 2):
        return p.reshape(last, shape=tuple(last.shape[:-1]))
    return moved_back(p.concatenate(component(1, 2), component(2, 0), last, axis=len(last.shape) - 1), axisc)


@operation
def kron(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The Kronecker product: `x2` scaled by each element of `x1`, in blocks.

    Args:
        x1: tensor.
        x2: tensor.

    Returns:
        Tensor whose sizes are the products of those of `x1` and `x2`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.kron([[1, 2]], [[1, 1]]).tolist()
        [[1, 1, 2, 2]]
    """
    x, y = values(x1, x2)
    rank = max(len(x.shape), len(y.shape))
    a, b = ((1,) * (rank - len(v.shape)) + tuple(v.shape) for v in (x, y))
    left = reshape_to(x, [d for n in a for d in (n, 1)])
    right = reshape_to(y, [d for n in b for d in (1, n)])
    return reshape_to(p.multiply(left, right), [n * m for n, m in zip(a, b)])


@operation
def slogdet(x: TensorLike) -> tuple[AnyTensor, AnyTensor]:
    """The sign, and the logarithm of the magnitude, of the determinant.

    Args:
        x: float or complex tensor of square matrices (..., n, n).

    Returns:
        (sign, logarithm), each of shape (...); of complex matrices the sign is a complex number of size 1.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 4) for v in keras.ops.slogdet([[2.0, 0.0], [0.0, -0.5]])]
        [-1.0, 0.0]
    """
    x, dtype = matrices("slogdet", x, square=True)
    return tuple(narrowed(part, dtype) for part in p.slogdet(x))
