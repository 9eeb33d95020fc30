"""Rows of primitives/decompositions.py and fourier.py. What is unique up to signs is checked by what it is made of."""

import numpy as np

from kerasish.backend.primitives import p
from tests.backend.primitives.harness import Row, values


def _positive_definite(*shape):
    x = values(*shape)
    return x @ np.swapaxes(x, -1, -2) + 2.0 * np.eye(shape[-1])


def _symmetric(x):
    """Cholesky reads one triangle; its gradient is for matrices that stay symmetric."""
    rank = len(x.shape)
    return [p.multiply(p.add(x, p.transpose(x, axes=(*range(rank - 2), rank - 1, rank - 2))), 0.5)]


def _triangle(n, lower):
    x = values(n, n) + 3.0 * np.eye(n)
    return np.tril(x) if lower else np.triu(x)


def _tolerance(x):
    return 1e-10 if x.dtype == np.float64 else 1e-4


def _orthonormal(q, tolerance):
    np.testing.assert_allclose(
        np.swapaxes(q, -1, -2) @ q,
        np.broadcast_to(np.eye(q.shape[-1]), q.shape[:-2] + (q.shape[-1],) * 2),
        atol=tolerance,
    )


def _check_qr(inputs, outputs):
    (x,), (q, r) = inputs, outputs
    _orthonormal(q, _tolerance(x))
    np.testing.assert_allclose(q @ r, x, atol=_tolerance(x))
    np.testing.assert_allclose(np.tril(r, -1), 0, atol=_tolerance(x))


def _check_eigh(inputs, outputs):
    (x,), (w, v) = inputs, outputs
    symmetric = (x + np.swapaxes(x, -1, -2)) / 2
    _orthonormal(v, _tolerance(x))
    np.testing.assert_allclose(symmetric @ v, v * w[..., None, :], atol=10 * _tolerance(x))
    assert (np.diff(w) >= 0).all()


def _check_svd(inputs, outputs):
    (x,), (u, s, vt) = inputs, outputs
    k = s.shape[-1]
    _orthonormal(u, _tolerance(x))
    _orthonormal(np.swapaxes(vt, -1, -2), _tolerance(x))
    np.testing.assert_allclose(u[..., :k] * s[..., None, :] @ vt[..., :k, :], x, atol=_tolerance(x))
    assert (s >= 0).all() and (np.diff(s) <= 0).all()


def _check_lu(inputs, outputs):
    (x,), (factors, pivots) = inputs, outputs
    m, n = x.shape
    k = min(m, n)
    lower = np.tril(factors, -1)[:, :k] + np.eye(m, k)
    moved = x.copy()
    for i, j in enumerate(pivots):
        moved[[i, j]] = moved[[j, i]]
    np.testing.assert_allclose(lower @ np.triu(factors)[:k], moved, atol=_tolerance(x))
    assert (np.abs(lower) <= 1).all()


def _triangular(a, b, lower, transpose):
    a = np.tril(a) if lower else np.triu(a)
    return np.linalg.solve(np.swapaxes(a, -1, -2) if transpose else a, b)


def _parts(z):
    return z.real, z.imag


def _fft(real, imag, inverse):
    z = real + 1j * imag
    return _parts(np.fft.ifft(z, norm="forward") if inverse else np.fft.fft(z))


def _irfft(real, imag, length):
    return np.fft.irfft(real + 1j * imag, n=length, norm="forward")


ROWS = [
    *[Row("cholesky", _positive_definite(*shape), reference=np.linalg.cholesky, within=_symmetric) for shape in ((3, 3),
    (2, 2, 2))],
    Row("solve", _positive_definite(3, 3), values(3, 2), reference=np.linalg.solve),
    Row("solve", _positive_definite(2, 2, 2), values(2, 1), reference=np.linalg.solve),
    *[
        Row("triangular_solve", _triangle(3, lower), values(3, 2), lower=lower, transpose=transpose,
        reference=_triangular)
        for lower in (True, False) for transpose in (True, False)
    ],
    *[Row("slogdet", x, reference=lambda x: tuple(np.linalg.slogdet(x))) for x in (_positive_definite(3, 3),
    -_positive_definite(2, 3, 3))],
    Row("qr", values(4, 3), complete=False, check=_check_qr), Row("qr", values(2, 3, 3), complete=False,
    check=_check_qr, second=False),
    Row("qr", values(2, 4), complete=False, check=_check_qr, second=False), Row("qr", values(4, 2), complete=True,
    check=_check_qr, gradient=False),
    Row("eigh", _positive_definite(3, 3) + np.diag([0.0, 3.0, 7.0]), check=_check_eigh, slope_rtol=1e-5),
    Row("eigh", _positive_definite(2, 2, 2) + np.diag([0.0, 4.0]), check=_check_eigh, second=False),
    Row("svd", values(3, 3) + np.diag([1.0, 4.0, 8.0]), full_matrices=False, check=_check_svd, slope_rtol=1e-5),
    Row("svd", values(4, 2) + np.eye(4, 2) * [2.0, 5.0], full_matrices=False, check=_check_svd, second=False),
    Row("svd", values(2, 4) + np.eye(2, 4) * 3.0, full_matrices=False, check=_check_svd, second=False),
    Row("svd", values(3, 2), full_matrices=True, check=_check_svd, gradient=False),
    Row("singular_values", values(3, 2) + np.eye(3, 2) * [2.0, 5.0], reference=lambda x: np.linalg.svd(x,
    compute_uv=False), slope_rtol=1e-5),
    Row("lu", values(3, 3), check=_check_lu), Row("lu", values(4, 2), check=_check_lu), Row("lu", values(2, 4),
    check=_check_lu),
    *[Row("fft", values(2, 4), values(2, 4), inverse=inverse, reference=_fft) for inverse in (False, True)],
    *[Row("rfft", values(2, n), reference=lambda x: _parts(np.fft.rfft(x))) for n in (4, 5)],
    *[Row("irfft", values(2, n // 2 + 1), values(2, n // 2 + 1), length=n, reference=_irfft) for n in (4, 5)],
]  # fmt: skip
