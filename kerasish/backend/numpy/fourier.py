"""NumPy kernels of `primitives/fourier.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import TensorLike


def _complex(real, imag):
    z = np.empty(real.shape, np.complex64 if real.dtype == np.float32 else np.complex128)
    z.real, z.imag = real, imag
    return z


@kernel("fft")
def fft(out: Any, real: TensorLike, imag: TensorLike, inverse: Any) -> None:
    transform = np.fft.ifft if inverse else np.fft.fft
    z = transform(_complex(real, imag), norm="forward" if inverse else "backward")
    out[0][...], out[1][...] = z.real, z.imag


@kernel("rfft")
def rfft(out: Any, x: TensorLike) -> None:
    z = np.fft.rfft(x)
    out[0][...], out[1][...] = z.real, z.imag


@kernel("irfft")
def irfft(out: Any, real: TensorLike, imag: TensorLike, length: int) -> None:
    out[...] = np.fft.irfft(_complex(real, imag), n=length, norm="forward")
