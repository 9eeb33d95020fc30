"""Factorisations of matrices (the last two axes) and systems of equations.

Of complex matrices a factorisation is not differentiable in the sense of complex numbers, as it holds conjugates. Its
gradients are those over both parts: the formulas of real matrices with adjoints in place of transposes, on the
conjugate of what comes back, conjugated (`_over_both_parts`).
"""

from __future__ import annotations

from kerasish.backend.dtypes import COMPLEX, INEXACT, complex_of, part_of
from kerasish.backend.primitives.arithmetic import unbroadcast
from kerasish.backend.primitives.costs import matrices, solution
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import broadcast, same_dtype
from kerasish.backend.sizes import smallest, unlike


def _matrices(name, x, square=False):
    if x.dtype not in INEXACT or len(x.shape) < 2:
        raise ValueError(
            f"`{name}` takes floating-point matrices (..., m, n), got shape {tuple(x.shape)} and {x.dtype}."
        )
    rows, columns = x.shape[-2:]
    if square and unlike(rows, columns):
        raise ValueError(f"`{name}` takes square matrices, got shape {tuple(x.shape)}.")
    return tuple(x.shape[:-2]), rows, columns


def _same(name):
    def shape(x):
        _matrices(name, x, square=True)
        return Spec(tuple(x.shape), x.dtype)

    return shape


def _solve_shape(a, b, **_attributes):
    lead, rows, _ = _matrices("solve", a, square=True)
    if len(b.shape) < 2 or unlike(b.shape[-2], rows):
        raise ValueError(
            f"The right side must have shape (..., {rows}, k) for matrices of shape {tuple(a.shape)}, got "
            f"{tuple(b.shape)}."
        )
    return Spec((*broadcast(lead, tuple(b.shape[:-2])), *b.shape[-2:]), same_dtype("solve", a, b))


def _slogdet_shape(x):
    lead, _, _ = _matrices("slogdet", x, square=True)
    return Spec(lead, x.dtype), Spec(lead, _size_dtype(x))


def _size_dtype(x):
    """Of what is real whatever the matrix holds: a size, a singular value, an eigenvalue of what is its own adjoint."""
    return part_of(x.dtype) if x.dtype in COMPLEX else x.dtype


def _least(m, n):
    return None if None in (m, n) else smallest(m, n)


def _qr_shape(x, complete):
    lead, m, n = _matrices("qr", x)
    k = m if complete else _least(m, n)
    return Spec((*lead, m, k), x.dtype), Spec((*lead, k, n), x.dtype)


def _eigh_shape(x):
    lead, n, _ = _matrices("eigh", x, square=True)
    return Spec((*lead, n), _size_dtype(x)), Spec(tuple(x.shape), x.dtype)


def _eig_shape(x):
    lead, n, _ = _matrices("eig", x, square=True)
    dtype = complex_of(x.dtype)
    return Spec((*lead, n), dtype), Spec(tuple(x.shape), dtype)


def _svd_shape(x, full_matrices):
    lead, m, n = _matrices("svd", x)
    k = _least(m, n)
    return (
        Spec((*lead, m, m if full_matrices else k), x.dtype),
        Spec((*lead, k), _size_dtype(x)),
        Spec((*lead, n if full_matrices else k, n), x.dtype),
    )


def _singular_values_shape(x):
    lead, m, n = _matrices("singular_values", x)
    return Spec((*lead, _least(m, n)), _size_dtype(x))


def _lu_shape(x):
    lead, m, n = _matrices("lu", x)
    return Spec(tuple(x.shape), x.dtype), Spec((*lead, _least(m, n)), "int32")


# the lower factor
cholesky: Primitive = computed("cholesky", _same("cholesky"), cost=matrices(lambda m, n: n**3 / 3), complex=True)
solve: Primitive = computed("solve", _solve_shape, cost=solution(lambda n: 2 * n**3 / 3, each=2), complex=True)
# lower: which triangle counts; transpose: solve with its transpose
triangular_solve: Primitive = computed(
    "triangular_solve", _solve_shape, cost=solution(lambda n: 0, each=1), complex=True
)
slogdet: Primitive = computed("slogdet", _slogdet_shape, cost=matrices(lambda m, n: 2 * n**3 / 3), complex=True)
qr: Primitive = computed("qr", _qr_shape, cost=matrices(lambda m, n: 2 * m * n * n), complex=True)
# of the part that is its own adjoint
eigh: Primitive = computed("eigh", _eigh_shape, cost=matrices(lambda m, n: 9 * n**3), complex=True)
# complex, in LAPACK's order; vectors are columns of length 1
eig: Primitive = computed("eig", _eig_shape, cost=matrices(lambda m, n: 25 * n**3), complex=True)
svd: Primitive = computed("svd", _svd_shape, cost=matrices(lambda m, n: 14 * max(m, n) * min(m, n) ** 2), complex=True)
singular_values: Primitive = computed(
    "singular_values", _singular_values_shape, cost=matrices(lambda m, n: 4 * max(m, n) * min(m, n) ** 2), complex=True
)
# both factors in one matrix, and row i was exchanged with row pivots[i]
lu: Primitive = computed("lu", _lu_shape, cost=matrices(lambda m, n: 2 * n**3 / 3), complex=True)


def _t(x):
    """The transpose of the last two axes."""
    rank = len(x.shape)
    return p.transpose(x, axes=(*range(rank - 2), rank - 1, rank - 2))


def _conj(x):
    return p.conj(x) if x.dtype in COMPLEX else x


def _adjoint(x):
    return _conj(_t(x))


def _as_matrix(x, matrix):
    """Real numbers as numbers of the matrix's type."""
    return x if x.dtype == matrix.dtype else p.cast(x, dtype=matrix.dtype)


def _over_both_parts(rule):
    """A gradient rule of adjoints, from and to gradients as the engine has them: dL/dRe - i dL/dIm."""

    def of_conjugates(node, *gradients):
        return [_conj(found) for found in rule(node, *map(_conj, gradients))]

    return of_conjugates


def _column(x):
    return p.reshape(x, shape=(*x.shape, 1))


def _row(x):
    return p.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))


def _positions(n):
    """Row and column numbers of an n x n matrix."""
    index = p.arange(start=0, step=1, size=n, dtype="int32")
    return p.reshape(index, shape=(n, 1)), index


def _below(x, strictly=False):
    rows, columns = _positions(x.shape[-1])
    return p.where((p.greater if strictly else p.greater_equal)(rows, columns), x, 0.0)


def _above(x):
    rows, columns = _positions(x.shape[-1])
    return p.where(p.less_equal(rows, columns), x, 0.0)


def _on_diagonal(x, otherwise):
    rows, columns = _positions(otherwise.shape[-1])
    return p.where(p.equal(rows, columns), x, otherwise)


def _differences(values):
    """1 / (values[j] - values[i]), and 0 on the diagonal."""
    rows, columns = _positions(values.shape[-1])
    same = p.equal(rows, columns)
    gap = p.subtract(_row(values), _column(values))
    return p.where(same, 0.0, p.reciprocal(p.where(same, 1.0, gap)))


def _own_adjoint(x):
    return p.multiply(p.add(x, _adjoint(x)), 0.5)


@gradient_of(cholesky)
@_over_both_parts
def _cholesky(node, g):
    """L^-* Phi(L^* g) L^-1, made its own adjoint; Phi halves the diagonal of the lower triangle (Murray 2016)."""
    factor = _conj(node.outputs[0])
    inner = _below(p.matmul(factor, g, transpose_x=True))
    inner = _on_diagonal(p.multiply(inner, 0.5), inner)
    half = triangular_solve(factor, inner, lower=True, transpose=True)
    return [_own_adjoint(_adjoint(triangular_solve(factor, _adjoint(half), lower=True, transpose=True)))]


def _sum_lead(found, x):
    return unbroadcast(found, x)


@gradient_of(solve)
def _solve(node, g):
    """With X = A^-1 B: dB = A^-T dX and dA = -dB X^T."""
    a, b = node.inputs
    to_b = solve(_t(a), g)
    to_a = p.negative(p.matmul(to_b, node.outputs[0], transpose_y=True))
    return [_sum_lead(to_a, a), _sum_lead(to_b, b)]


@gradient_of(triangular_solve)
def _triangular_solve(node, g):
    a, b = node.inputs
    lower, transpose = node.attributes["lower"], node.attributes["transpose"]
    to_b = triangular_solve(a, g, lower=lower, transpose=not transpose)
    x = node.outputs[0]
    to_a = p.matmul(x, to_b, transpose_y=True) if transpose else p.matmul(to_b, x, transpose_y=True)
    to_a = p.negative((_below if lower else _above)(to_a))
    return [_sum_lead(to_a, a), _sum_lead(to_b, b)]


@gradient_of(slogdet)
def _slogdet(node, to_sign, to_logarithm):
    """`d log|det A| = Re tr(A^-1 dA)`, and `d sign = i sign Im tr(A^-1 dA)`, which for real matrices is 0."""
    x = node.inputs[0]
    n = x.shape[-1]
    rows, columns = _positions(n)
    identity = p.broadcast_to(p.cast(p.equal(rows, columns), dtype=x.dtype), shape=tuple(x.shape))
    if x.dtype in COMPLEX:
        to_logarithm = p.complex(to_logarithm, p.imag(p.multiply(to_sign, node.outputs[0])))
    return [p.multiply(solve(_t(x), identity), _column(_column(to_logarithm)))]


@gradient_of(eigh)
@_over_both_parts
def _eigh(node, to_values, to_vectors):
    """V (diag(dw) + F * (V^* dV)) V^* with F_ij = 1 / (w_j - w_i) (Giles 2008)."""
    values, vectors = node.outputs
    back = _conj(vectors)
    inner = p.multiply(_as_matrix(_differences(values), vectors), p.matmul(back, to_vectors, transpose_x=True))
    inner = _on_diagonal(_column(_as_matrix(to_values, vectors)), inner)
    return [_own_adjoint(p.matmul(p.matmul(vectors, inner), back, transpose_y=True))]


@gradient_of(eig)
def _eig(node, to_values, to_vectors):
    """V^-T diag(dw) V^T, as dw_i is row i of V^-1 times dA times column i of V."""
    if to_vectors is not None:
        raise ValueError(
            "The eigenvectors of `eig` have no gradient: their lengths and phases are a choice. Take the gradient of "
            "the eigenvalues, or use `eigh` for symmetric matrices."
        )
    x, vectors = node.inputs[0], node.outputs[1]
    turned = _t(vectors)
    found = solve(turned, p.multiply(_column(to_values), turned))
    return [found if x.dtype == found.dtype else p.cast(p.real(found), dtype=x.dtype)]


_eig.takes_none = True


@gradient_of(singular_values)
@_over_both_parts
def _singular_values(node, g):
    u, _, vt = svd(node.inputs[0], full_matrices=False)
    return [p.matmul(p.multiply(u, _row(_as_matrix(g, u))), vt)]


def _first(x, axis, count):
    """The first `count` rows (axis -2) or columns (axis -1)."""
    stop = list(x.shape)
    stop[axis] = count
    return p.slice(x, start=(0,) * len(stop), stop=tuple(stop), strides=(1,) * len(stop))


@gradient_of(svd)
@_over_both_parts
def _svd(node, to_u, to_s, to_vt):
    """Townsend (2016), "Differentiating the singular value decomposition".

    Of full matrices, the part that the thin ones have. Pairs of complex vectors may turn together: they are held where
    the columns of v have no turn of their own.
    """
    u, s, vt = node.outputs
    k = s.shape[-1]
    u, to_u, vt, to_vt = _first(u, -1, k), _first(to_u, -1, k), _first(vt, -2, k), _first(to_vt, -2, k)
    gaps, inverse = _as_matrix(_differences(p.square(s)), u), _as_matrix(p.reciprocal(s), u)
    s, to_s = _as_matrix(s, u), _as_matrix(to_s, u)
    to_own = p.matmul(_conj(u), to_u, transpose_x=True)
    v_part = p.matmul(vt, _conj(to_vt), transpose_y=True)
    u_part = p.multiply(p.multiply(gaps, p.subtract(to_own, _adjoint(to_own))), _row(s))
    v_part = p.multiply(_column(s), p.multiply(gaps, p.subtract(v_part, _adjoint(v_part))))
    core = p.add(u_part, v_part)
    along = _column(to_s)
    if u.dtype in COMPLEX:
        turned = p.multiply(p.subtract(to_own, _adjoint(to_own)), 0.5)
        along = p.add(along, p.multiply(turned, _row(inverse)))
    core = p.add(core, _on_diagonal(along, p.full(shape=tuple(core.shape), value=0.0, dtype=core.dtype)))
    found = p.matmul(p.matmul(u, core), vt)
    m, n = node.inputs[0].shape[-2:]
    if m > k:
        outside = p.subtract(to_u, p.matmul(u, to_own))
        found = p.add(found, p.matmul(p.multiply(outside, _row(inverse)), vt))
    if n > k:
        outside = p.subtract(to_vt, p.matmul(p.matmul(to_vt, _conj(vt), transpose_y=True), vt))
        found = p.add(found, p.matmul(u, p.multiply(_column(inverse), outside)))
    return [found]


def _mirrored(x):
    """The lower triangle of `x`, and its adjoint above the diagonal, which is real."""
    below = _below(x, strictly=True)
    found = p.add(_below(x), _adjoint(below))
    return _on_diagonal(_as_matrix(p.real(found), found), found) if x.dtype in COMPLEX else found


@gradient_of(qr)
@_over_both_parts
def _qr(node, to_q, to_r):
    """(dQ + Q copyltu(M)) R^-* with M = R dR^* - dQ^* Q (Walter and Lehmann 2018; Roberts and Roberts 2020).

    Columns beyond the square part are Q R.
    """
    if node.attributes["complete"] and node.inputs[0].shape[-2] != node.outputs[1].shape[-1]:
        raise ValueError(
            "`qr` with mode='complete' has no gradient for matrices that are not square. Use mode='reduced'."
        )
    x = node.inputs[0]
    q, r = node.outputs
    m, n = x.shape[-2:]
    rest = None
    if n > m:
        start, lead = (0,) * (len(x.shape) - 1) + (m,), (1,) * len(x.shape)
        beyond = p.slice(x, start=start, stop=tuple(x.shape), strides=lead)
        to_beyond = p.slice(to_r, start=start, stop=tuple(to_r.shape), strides=lead)
        to_q = p.add(to_q, p.matmul(beyond, _conj(to_beyond), transpose_y=True))
        rest = p.matmul(q, to_beyond)
        r, to_r = _first(r, -1, m), _first(to_r, -1, m)
    inner = p.subtract(p.matmul(r, _conj(to_r), transpose_y=True), p.matmul(_conj(to_q), q, transpose_x=True))
    right = p.add(to_q, p.matmul(q, _mirrored(inner)))
    found = _adjoint(triangular_solve(r, _adjoint(right), lower=False, transpose=False))
    return [found if rest is None else p.concatenate(found, rest, axis=len(x.shape) - 1)]
