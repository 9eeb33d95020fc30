"""Fourier transforms of a known length: products with matrices of cosines and sines."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.sizes import Size
from kerasish.export.onnx.forms.words import primitive


def _waves(rows, columns, dtype):
    angles = 2 * np.pi * (np.outer(np.arange(rows), np.arange(columns)) % max(rows, columns)) / max(rows, columns)
    return np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)


def _length(n):
    if type(n) is Size:
        raise ValueError(
            f"A Fourier transform of {n} points, which only the run knows, has no form in ONNX here: give the length "
            "(`fft_length`, or the size in `Input(shape=...)`)."
        )
    return n


def _product(g, x, matrix):
    return g.op("MatMul", x, g.constant(matrix), shape=(*x.shape[:-1], matrix.shape[1]))


@primitive("fft")
def fft(g: Any, real: Any, imag: Any, inverse: bool) -> Any:
    """(a + ib) times cos -+ i sin."""
    n = _length(real.shape[-1])
    cosines, sines = _waves(n, n, real.dtype)
    sines = sines if inverse else -sines
    first = g.elementwise("Sub", _product(g, real, cosines), _product(g, imag, sines))
    return first, g.elementwise("Add", _product(g, real, sines), _product(g, imag, cosines))


@primitive("rfft")
def rfft(g: Any, x: Any) -> Any:
    """The first half of the frequencies."""
    n = _length(x.shape[-1])
    cosines, sines = _waves(n, n, x.dtype)
    half = n // 2 + 1
    return _product(g, x, cosines[:, :half].copy()), _product(g, x, -sines[:, :half])


@primitive("irfft")
def irfft(g: Any, real: Any, imag: Any, length: int) -> Any:
    """Each frequency but the first and the middle one stands for two."""
    n = _length(length)
    cosines, sines = _waves(n, n, real.dtype)
    half = n // 2 + 1
    twice = np.full((half, 1), 2, real.dtype)
    twice[0] = 1
    if n % 2 == 0:
        twice[-1] = 1
    return g.elementwise("Sub", _product(g, real, cosines[:half] * twice), _product(g, imag, sines[:half] * twice))
