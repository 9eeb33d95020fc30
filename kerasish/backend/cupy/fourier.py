"""CuPy kernels of `primitives/fourier.py`: cuFFT, whose results are copied into their places."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy.kernels import kernel


def _complex(real, imag):
    z = cupy.empty(real.shape, np.complex64 if real.dtype == np.float32 else np.complex128)
    z.real[...] = real
    z.imag[...] = imag
    return z


def _parts(out, z):
    cupy.copyto(out[0], z.real)
    cupy.copyto(out[1], z.imag)


@kernel("fft")
def fft(out: Any, real: Any, imag: Any, inverse: Any) -> None:
    transform = cupy.fft.ifft if inverse else cupy.fft.fft
    _parts(out, transform(_complex(real, imag), norm="forward" if inverse else "backward"))


@kernel("rfft")
def rfft(out: Any, x: Any) -> None:
    _parts(out, cupy.fft.rfft(x))


@kernel("irfft")
def irfft(out: Any, real: Any, imag: Any, length: int) -> None:
    cupy.copyto(out, cupy.fft.irfft(_complex(real, imag), n=length, norm="forward"))
