"""The part of `keras.ops` beyond NumPy's vocabulary: segments, top-k, special functions and Fourier transforms."""

from kerasish.ops.math.complex_views import view_as_complex, view_as_real
from kerasish.ops.math.fourier import extract_sequences, fft, fft2, ifft2, irfft, istft, rfft, stft
from kerasish.ops.math.segments import segment_max, segment_min, segment_prod, segment_sum
from kerasish.ops.math.special import cdist, erf, erfc, erfinv, in_top_k, logdet, logsumexp, rsqrt, top_k

__all__ = [
    "cdist",
    "erf",
    "erfc",
    "erfinv",
    "extract_sequences",
    "fft",
    "fft2",
    "ifft2",
    "in_top_k",
    "irfft",
    "istft",
    "logdet",
    "logsumexp",
    "rfft",
    "rsqrt",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "stft",
    "top_k",
    "view_as_complex",
    "view_as_real",
]
