"""Factorisations and systems of equations. Matrices are the last two axes; integers become `floatx()`."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import as_dtype, as_float, dtype_of, promote, value_of
from kerasish.ops.numpy.complex_numbers import conjugated
from kerasish.ops.numpy.diagonals import eye
from kerasish.ops.numpy.helpers import matrices, narrowed, reshape_to, transpose_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike

EPSILONS = {"float32": 1.1920929e-07, "float64": 2.220446049250313e-16}  # of what is real in each type
EPSILONS |= {"complex64": EPSILONS["float32"], "complex128": EPSILONS["float64"]}


def transposed(x: TensorLike) -> AnyTensor:
    """The last two axes exchanged."""
    rank = len(x.shape)
    return transpose_to(x, (*range(rank - 2), rank - 1, rank - 2))


def adjoint(x: TensorLike) -> AnyTensor:
    """The last two axes exchanged, of complex matrices conjugated."""
    return transposed(conjugated(x))


@operation
def cholesky(x: TensorLike, upper: bool = False) -> AnyTensor:
    """The lower triangular L with x = L L^* of positive definite matrices that are their own adjoints.

    Args:
        x: float or complex tensor of square matrices (..., n, n), symmetric or Hermitian.
        upper: bool, whether to return L^* instead.

    Returns:
        Tensor of the shape of `x`.

    Raises:
        numpy.linalg.LinAlgError: when a matrix is not positive definite.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cholesky([[4.0, 0.0], [0.0, 9.0]]).tolist()
        [[2.0, 0.0], [0.0, 3.0]]
    """
    x, dtype = matrices("cholesky", x, square=True)
    factor = as_dtype(p.cholesky(x), dtype)
    return adjoint(factor) if upper else factor


def _identity_like(x):
    identity = eye(x.shape[-1], dtype=dtype_of(x))
    return identity if len(x.shape) == 2 else p.broadcast_to(identity, shape=tuple(x.shape))


@operation
def cholesky_inverse(x: TensorLike, upper: bool = False) -> AnyTensor:
    """The inverse of matrices that are given by their Cholesky factors.

    Args:
        x: float tensor of triangular factors (..., n, n), as `cholesky` gives them.
        upper: bool, whether the factors are upper triangular.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cholesky_inverse([[2.0, 0.0], [0.0, 1.0]]).tolist()
        [[0.25, 0.0], [0.0, 1.0]]
    """
    x, dtype = matrices("cholesky_inverse", x, square=True)
    half = p.triangular_solve(conjugated(x) if upper else x, _identity_like(x), lower=not upper, transpose=upper)
    return as_dtype(p.matmul(conjugated(half), half, transpose_x=True), dtype)


@operation
def inv(x: TensorLike) -> AnyTensor:
    """The inverse of square matrices.

    Args:
        x: float or complex tensor of square matrices (..., n, n).

    Returns:
        Tensor of the shape of `x`.

    Raises:
        numpy.linalg.LinAlgError: when a matrix is singular.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.inv([[2.0, 0.0], [0.0, 4.0]]).tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """
    x, dtype = matrices("inv", x, square=True)
    return as_dtype(p.solve(x, _identity_like(x)), dtype)


def _solved(name, a, b, solver):
    a, b = promote(as_float(a), as_float(b))
    a, dtype = matrices(name, a, square=True)
    b = as_dtype(b, dtype_of(a))
    vector = len(b.shape) == len(a.shape) - 1
    if vector:
        b = p.reshape(b, shape=(*b.shape, 1))
    if len(b.shape) != len(a.shape) or unlike(b.shape[-2], a.shape[-1]):
        raise ValueError(
            f"`b` must have shape (..., {a.shape[-1]}) or (..., {a.shape[-1]}, k), got "
            f"{tuple(b.shape[:-1] if vector else b.shape)}."
        )
    found = as_dtype(solver(a, b), dtype)
    return p.reshape(found, shape=tuple(found.shape[:-1])) if vector else found


@operation
def solve(a: TensorLike, b: TensorLike) -> AnyTensor:
    """The x with a x = b.

    Args:
        a: float tensor of square matrices (..., n, n).
        b: float tensor (n,) or (..., n, k).

    Returns:
        Tensor of the shape of `b`.

    Raises:
        numpy.linalg.LinAlgError: when a matrix is singular.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 4.0]).tolist()
        [1.0, 1.0]
    """
    return _solved("solve", a, b, p.solve)


@operation
def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = False) -> AnyTensor:
    """The x with a x = b for triangular matrices.

    Args:
        a: float tensor (..., n, n), of which only one triangle counts.
        b: float tensor (n,) or (..., n, k).
        lower: bool, whether it is the lower triangle that counts.

    Returns:
        Tensor of the shape of `b`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.solve_triangular([[2.0, 0.0], [1.0, 4.0]], [2.0, 5.0], lower=True).tolist()
        [1.0, 1.0]
    """
    return _solved("solve_triangular", a, b, lambda a, b: p.triangular_solve(a, b, lower=lower, transpose=False))


@operation
def det(x: TensorLike) -> AnyTensor:
    """The determinant of square matrices.

    Args:
        x: float or complex tensor of square matrices (..., n, n).

    Returns:
        Float tensor (...).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.det([[2.0, 0.0], [0.0, 4.0]])), 4)
        8.0
    """
    x, dtype = matrices("det", x, square=True)
    sign, logarithm = p.slogdet(x)
    return as_dtype(p.multiply(sign, as_dtype(p.exp(logarithm), dtype_of(sign))), dtype)


@operation
def qr(x: TensorLike, mode: str = "reduced") -> tuple[AnyTensor, AnyTensor]:
    """Matrices as x = q r with orthonormal columns in q and a triangular r.

    Args:
        x: float or complex tensor of matrices (..., m, n).
        mode: "reduced" (q has min(m, n) columns) or "complete" (m).

    Returns:
        (q, r).

    Raises:
        ValueError: for another `mode`.

    Example:
        >>> import kerasish as keras
        >>> [part.shape for part in keras.ops.qr(keras.ops.ones((3, 2)))]
        [(3, 2), (2, 2)]
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f"`mode` must be 'reduced' or 'complete', got {mode!r}.")
    x, dtype = matrices("qr", x)
    return tuple(as_dtype(part, dtype) for part in p.qr(x, complete=mode == "complete"))


@operation
def eig(x: TensorLike) -> tuple[AnyTensor, AnyTensor]:
    """Eigenvalues and eigenvectors of square matrices, complex numbers both.

    The eigenvalues have gradients; the vectors, whose phases are a choice, have none.

    Args:
        x: tensor of square matrices (..., n, n), real or complex.

    Returns:
        (eigenvalues (..., n) in the order in which LAPACK finds them, eigenvectors (..., n, n), one a column of length
        1): complex64, or complex128 for float64 and complex128.

    Raises:
        ValueError: when `x` holds no square matrices.

    Example:
        >>> import kerasish as keras
        >>> values, vectors = keras.ops.eig([[0.0, -1.0], [1.0, 0.0]])
        >>> values.tolist()
        [1j, -1j]
    """
    x, _ = matrices("eig", x, square=True)
    return tuple(p.eig(x))


@operation
def eigh(x: TensorLike) -> tuple[AnyTensor, AnyTensor]:
    """The eigenvalues and eigenvectors of symmetric matrices, or Hermitian ones.

    Args:
        x: float or complex tensor of matrices (..., n, n) that are their own adjoints.

    Returns:
        (eigenvalues, eigenvectors): (..., n), rising and real, and (..., n, n), one a column.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.eigh([[2.0, 0.0], [0.0, 1.0]])[0].tolist()
        [1.0, 2.0]
    """
    x, dtype = matrices("eigh", x, square=True)
    return tuple(narrowed(part, dtype) for part in p.eigh(x))


@operation
def svd(
    x: TensorLike, full_matrices: bool = True, compute_uv: bool = True
) -> AnyTensor | tuple[AnyTensor, AnyTensor, AnyTensor]:
    """Matrices as x = u diag(s) vt with orthonormal u and vt and falling singular values s, which are real.

    Args:
        x: float or complex tensor of matrices (..., m, n).
        full_matrices: bool, whether u and vt are square.
        compute_uv: bool, whether to return u and vt too.

    Returns:
        (u, s, vt), or s alone.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.svd([[3.0, 0.0], [0.0, 2.0]], compute_uv=False).tolist()
        [3.0, 2.0]
    """
    x, dtype = matrices("svd", x)
    if not compute_uv:
        return narrowed(p.singular_values(x), dtype)
    return tuple(narrowed(part, dtype) for part in p.svd(x, full_matrices=full_matrices))


@operation
def lu_factor(x: TensorLike) -> tuple[AnyTensor, AnyTensor]:
    """Matrices as x = P L U, with row exchanges P and triangular L and U.

    Args:
        x: float or complex tensor of matrices (..., m, n).

    Returns:
        (factors, exchanges): L (below the diagonal, whose ones are not stored) and U in one tensor of the shape of `x`,
        and the row that each row changes places with (int32).

    Example:
        >>> import kerasish as keras
        >>> [part.tolist() for part in keras.ops.lu_factor([[2.0, 4.0], [1.0, 5.0]])]
        [[[2.0, 4.0], [0.5, 3.0]], [0, 1]]
    """
    x, dtype = matrices("lu_factor", x)
    factors, pivots = p.lu(x)
    return as_dtype(factors, dtype), pivots


@operation
def pinv(x: TensorLike, rcond: float | None = None) -> AnyTensor:
    """The Moore-Penrose inverse.

    Args:
        x: float or complex tensor of matrices (..., m, n).
        rcond: number; singular values up to `rcond` times the largest count as 0. By default 10 max(m, n) machine
            epsilons.

    Returns:
        Tensor (..., n, m).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.pinv([[2.0], [0.0]]).tolist()
        [[0.5, 0.0]]
    """
    x, dtype = matrices("pinv", x)
    if rcond is None:
        rcond = 10 * max(x.shape[-2:]) * EPSILONS[dtype_of(x)]
    u, s, vt = p.svd(x, full_matrices=False)
    largest = p.max(s, axis=(len(s.shape) - 1,), keepdims=True)
    used = p.greater(s, p.multiply(largest, rcond))
    inverse = as_dtype(p.where(used, p.reciprocal(p.where(used, s, 1.0)), 0.0), dtype_of(u))
    scaled = p.multiply(u, reshape_to(inverse, (*inverse.shape[:-1], 1, inverse.shape[-1])))
    return as_dtype(adjoint(p.matmul(scaled, vt)), dtype)


@operation
def lstsq(a: TensorLike, b: TensorLike, rcond: float | None = None) -> AnyTensor:
    """The x of least norm that minimises |a x - b|.

    Args:
        a: float tensor (m, n).
        b: float tensor (m,) or (m, k).
        rcond: number; singular values up to `rcond` times the largest count as 0. By default max(m, n) machine
            epsilons.

    Returns:
        Tensor (n,) or (n, k).

    Raises:
        ValueError: when the shapes do not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.lstsq([[1.0], [1.0]], [1.0, 3.0]).round(4).tolist()
        [2.0]
    """
    a, b = promote(as_float(a), as_float(b))
    a, dtype = matrices("lstsq", a)
    b = as_dtype(b, dtype_of(a))
    if len(b.shape) not in (1, 2) or len(a.shape) != 2 or b.shape[0] != a.shape[0]:
        raise ValueError(
            f"`a` must have shape (m, n) and `b` (m,) or (m, k), got {tuple(a.shape)} and {tuple(b.shape)}."
        )
    if rcond is None or rcond < 0:
        rcond = max(a.shape) * EPSILONS[dtype_of(a)]
    vector = len(b.shape) == 1
    found = p.matmul(pinv(a, rcond), p.reshape(b, shape=(*b.shape, 1)) if vector else b)
    return as_dtype(p.reshape(found, shape=tuple(found.shape[:-1])) if vector else found, dtype)


@operation
def matrix_rank(x: TensorLike, tol: TensorLike | None = None) -> AnyTensor:
    """How many singular values exceed `tol`.

    Args:
        x: float or complex tensor of matrices (..., m, n).
        tol: number or tensor (...); by default the largest singular value times max(m, n) machine epsilons.

    Returns:
        Int32 tensor (...).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.matrix_rank([[1.0, 1.0], [1.0, 1.0]]).tolist()
        1
    """
    x, _ = matrices("matrix_rank", x)
    s = p.singular_values(x)
    last = len(s.shape) - 1
    if tol is None:
        tol = p.multiply(p.max(s, axis=(last,), keepdims=True), max(x.shape[-2:]) * EPSILONS[dtype_of(x)])
    elif hasattr(tol, "shape"):
        tol = as_dtype(value_of(tol), dtype_of(s))
        tol = p.reshape(tol, shape=(*tol.shape, 1))
    return p.sum(p.cast(p.greater(s, tol), dtype="int32"), axis=(last,), keepdims=False)


def two_axes_last(x: TensorLike, axes: Sequence[int]) -> AnyTensor:
    """`x` with two axes moved to the end."""
    rank = len(x.shape)
    first, second = (normalize_axis(a, rank) for a in axes)
    if first == second:
        raise ValueError(f"`axis`={tuple(axes)} names an axis twice.")
    return transpose_to(x, [i for i in range(rank) if i not in (first, second)] + [first, second])
