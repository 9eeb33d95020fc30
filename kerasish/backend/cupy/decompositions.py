"""CuPy kernels of `primitives/decompositions.py`: cuSOLVER's, and an LU whose pivots are NumPy's."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy.kernels import kernel


@kernel("cholesky")
def cholesky(out: Any, x: Any) -> None:
    cupy.copyto(out, cupy.linalg.cholesky(x))


@kernel("solve")
def solve(out: Any, a: Any, b: Any) -> None:
    cupy.copyto(out, cupy.linalg.solve(a, b))


@kernel("triangular_solve")
def triangular_solve(out: Any, a: Any, b: Any, lower: bool, transpose: Any) -> None:
    a = cupy.tril(a) if lower else cupy.triu(a)
    cupy.copyto(out, cupy.linalg.solve(a.swapaxes(-1, -2) if transpose else a, b))


def _several(out, results):
    for place, result in zip(out, results):
        cupy.copyto(place, result, casting="unsafe")


@kernel("slogdet")
def slogdet(out: Any, x: Any) -> None:
    _several(out, cupy.linalg.slogdet(x))


@kernel("qr")
def qr(out: Any, x: Any, complete: Any) -> None:
    _several(out, cupy.linalg.qr(x, mode="complete" if complete else "reduced"))


@kernel("eigh")
def eigh(out: Any, x: Any) -> None:
    _several(out, cupy.linalg.eigh(cupy.divide(cupy.add(x, cupy.conjugate(x.swapaxes(-1, -2))), 2)))


@kernel("eig")
def eig(out: Any, x: Any) -> None:
    _several(out, cupy.linalg.eig(x))


@kernel("svd")
def svd(out: Any, x: Any, full_matrices: bool) -> None:
    _several(out, cupy.linalg.svd(x, full_matrices=full_matrices))


@kernel("singular_values")
def singular_values(out: Any, x: Any) -> None:
    cupy.copyto(out, cupy.linalg.svd(x, compute_uv=False))


@kernel("lu")
def lu(out: Any, x: Any) -> None:
    """Gaussian elimination with the largest element of each column as its pivot."""
    factors, pivots = out
    rows, columns = factors.shape[-2:]
    flat = x.reshape(-1, rows, columns).copy()
    chosen = cupy.empty((flat.shape[0], pivots.shape[-1]), np.int64)
    batch = cupy.arange(flat.shape[0])
    for i in range(min(rows, columns)):
        best = cupy.add(cupy.argmax(cupy.absolute(flat[:, i:, i]), axis=1), i)
        chosen[:, i] = best
        swapped = flat[batch, best]
        flat[batch, best] = flat[:, i]
        flat[:, i] = swapped
        pivot = flat[:, i, i].reshape(-1, 1)
        below = flat[:, i + 1 :, i]
        cupy.copyto(below, cupy.divide(below, pivot), where=cupy.broadcast_to(cupy.not_equal(pivot, 0), below.shape))
        rest = flat[:, i + 1 :, i + 1 :]
        row = flat[:, i, i + 1 :].reshape(flat.shape[0], 1, -1)
        rest[...] = cupy.subtract(rest, cupy.multiply(below.reshape(*below.shape, 1), row))
    cupy.copyto(factors, flat.reshape(factors.shape))
    cupy.copyto(pivots, chosen.reshape(pivots.shape), casting="unsafe")
