"""Fourier transforms along the last axis, on the real and imaginary parts apart: values here are real.

The sums are not scaled; a caller that wants the inverse divides by the length. That makes each transform's gradient
another of them.
"""

from __future__ import annotations

from kerasish.backend.primitives.costs import TRANSFORM
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import same_dtype
from kerasish.backend.sizes import unlike, unlike_shapes


def _fft_shape(real, imag, inverse):
    if unlike_shapes(real.shape, imag.shape) or not real.shape:
        raise ValueError(
            f"The real and imaginary parts must have one shape with an axis, got {tuple(real.shape)} and "
            f"{tuple(imag.shape)}."
        )
    spec = Spec(tuple(real.shape), same_dtype("fft", real, imag))
    return spec, spec


fft: Primitive = computed("fft", _fft_shape, cost=TRANSFORM)


@gradient_of(fft)
def _fft(node, real, imag):
    """The adjoint of sum x exp(-i w) is sum g exp(+i w)."""
    return p.fft(real, imag, inverse=not node.attributes["inverse"])


def _half(n):
    return None if n is None else n // 2 + 1


def _rfft_shape(x):
    spec = Spec((*x.shape[:-1], _half(x.shape[-1])), x.dtype)
    return spec, spec


rfft: Primitive = computed("rfft", _rfft_shape, cost=TRANSFORM)


@gradient_of(rfft)
def _rfft(node, real, imag):
    """The real part of the inverse transform of the gradients, with zeros for the half that was not computed."""
    n = node.inputs[0].shape[-1]
    widths = ((0, 0),) * (len(real.shape) - 1) + ((0, n - real.shape[-1]),)
    found, _ = p.fft(p.pad(real, widths=widths, value=0.0), p.pad(imag, widths=widths, value=0.0), inverse=True)
    return [found]


def _irfft_shape(real, imag, length):
    if unlike(real.shape[-1], _half(length)):
        raise ValueError(
            f"The inverse transform to {length} points takes {_half(length)} frequencies, got {real.shape[-1]}."
        )
    return Spec((*real.shape[:-1], length), same_dtype("irfft", real, imag))


irfft: Primitive = computed("irfft", _irfft_shape, cost=TRANSFORM)


@gradient_of(irfft)
def _irfft(node, g):
    """Every frequency but the first (and the middle one of an even length) stands for two.

    Itself and its mirror image.
    """
    length = node.attributes["length"]
    real, imag = p.rfft(g)
    half, middle = real.shape[-1], length // 2 if length % 2 == 0 else -1
    index = p.arange(start=0, step=1, size=half, dtype="int32")
    single = p.logical_or(p.equal(index, 0), p.equal(index, middle))
    twice = p.where(
        single, p.full(shape=(half,), value=1.0, dtype=real.dtype), p.full(shape=(half,), value=2.0, dtype=real.dtype)
    )
    return [p.multiply(real, twice), p.multiply(imag, p.where(single, 0.0, twice))]
