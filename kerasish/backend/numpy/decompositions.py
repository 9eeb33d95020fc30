"""NumPy kernels of `primitives/decompositions.py`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import TensorLike


@kernel("cholesky")
def cholesky(out: Any, x: TensorLike) -> None:
    out[...] = np.linalg.cholesky(x)


@kernel("solve")
def solve(out: Any, a: TensorLike, b: TensorLike) -> None:
    out[...] = np.linalg.solve(a, b)


@kernel("triangular_solve")
def triangular_solve(out: Any, a: TensorLike, b: TensorLike, lower: bool, transpose: Any) -> None:
    """NumPy has no solver for triangles; the general one finds their pivots on the diagonal."""
    a = np.tril(a) if lower else np.triu(a)
    out[...] = np.linalg.solve(np.swapaxes(a, -1, -2) if transpose else a, b)


@kernel("slogdet")
def slogdet(out: Any, x: TensorLike) -> None:
    out[0][...], out[1][...] = np.linalg.slogdet(x)


@kernel("qr")
def qr(out: Any, x: TensorLike, complete: Any) -> None:
    out[0][...], out[1][...] = np.linalg.qr(x, mode="complete" if complete else "reduced")


@kernel("eigh")
def eigh(out: Any, x: TensorLike) -> None:
    out[0][...], out[1][...] = np.linalg.eigh((x + np.conj(np.swapaxes(x, -1, -2))) / 2)


@kernel("eig")
def eig(out: Any, x: TensorLike) -> None:
    out[0][...], out[1][...] = np.linalg.eig(x)


@kernel("svd")
def svd(out: Any, x: TensorLike, full_matrices: bool) -> None:
    out[0][...], out[1][...], out[2][...] = np.linalg.svd(x, full_matrices=full_matrices)


@kernel("singular_values")
def singular_values(out: Any, x: TensorLike) -> None:
    out[...] = np.linalg.svd(x, compute_uv=False)


def _size_of_parts(x):
    """By which LAPACK chooses among complex pivots."""
    return np.abs(x.real) + np.abs(x.imag)


@kernel("lu")
def lu(out: Any, x: TensorLike) -> None:
    """Gaussian elimination with the largest element of each column as its pivot."""
    factors, pivots = out
    np.copyto(factors, x)
    rows, columns = factors.shape[-2:]
    count = math.prod(factors.shape[:-2])
    flat, chosen = factors.reshape(count, rows, columns), pivots.reshape(count, pivots.shape[-1])
    batch = np.arange(len(flat))
    size = _size_of_parts if np.iscomplexobj(flat) else np.abs
    for i in range(min(rows, columns)):
        best = i + np.argmax(size(flat[:, i:, i]), axis=1)
        chosen[:, i] = best
        swapped = flat[batch, best].copy()
        flat[batch, best] = flat[:, i]
        flat[:, i] = swapped
        pivot = flat[:, i, i, None]
        np.divide(flat[:, i + 1 :, i], pivot, out=flat[:, i + 1 :, i], where=pivot != 0)
        flat[:, i + 1 :, i + 1 :] -= flat[:, i + 1 :, i, None] * flat[:, i, None, i + 1 :]
    if not np.shares_memory(flat, factors):
        factors[...], pivots[...] = flat.reshape(factors.shape), chosen.reshape(pivots.shape)
