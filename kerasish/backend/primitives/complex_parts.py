"""Complex numbers: made of their parts, and taken apart.

Gradients follow JAX's convention: that of a real function f of z = x + iy is df/dx - i df/dy. So the rules of functions
that are differentiable in z need no conjugates, and read as those of real numbers; only these here are of their own.
"""

from __future__ import annotations

from kerasish.backend.dtypes import COMPLEX, complex_of, part_of
from kerasish.backend.primitives.costs import CHEAP, EXPENSIVE
from kerasish.backend.primitives.families import elementwise
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import same_dtype
from kerasish.backend.primitives.traits import NOTHING
from kerasish.backend.sizes import unlike_shapes


def _complex_shape(real, imag):
    dtype = same_dtype("complex", real, imag)
    if dtype not in ("float32", "float64"):
        raise TypeError(f"The parts of complex numbers are float32 or float64, got {dtype}.")
    if unlike_shapes(real.shape, imag.shape):
        raise ValueError(f"Both parts must have one shape, got {tuple(real.shape)} and {tuple(imag.shape)}.")
    return Spec(tuple(real.shape), complex_of(dtype))


def _of_complex(name, made):
    """A shape rule: of complex numbers alone; `made` gives the dtype of the result."""

    def shape(x):
        if x.dtype not in COMPLEX:
            raise TypeError(f"The primitive {name} takes complex numbers, got {x.dtype}.")
        return Spec(tuple(x.shape), made(x.dtype))

    return shape


def _row(name, made=part_of, cost=CHEAP):
    return elementwise(name, _of_complex(name, made), cost=cost, fuses=NOTHING, complex=True)


complex_: Primitive = elementwise("complex", _complex_shape, cost=CHEAP, fuses=NOTHING)
real: Primitive = _row("real")
imag: Primitive = _row("imag")
conj: Primitive = _row("conj", made=lambda dtype: dtype)
magnitude: Primitive = _row("magnitude", cost=EXPENSIVE)


def _zeros(like):
    return p.full(shape=tuple(like.shape), value=0.0, dtype=like.dtype)


@gradient_of(complex_)
def _complex(node, g):
    return [p.real(g), p.negative(p.imag(g))]


@gradient_of(real)
def _real(node, g):
    return [complex_(g, _zeros(g))]


@gradient_of(imag)
def _imag(node, g):
    return [complex_(_zeros(g), p.negative(g))]


@gradient_of(conj)
def _conj(node, g):
    return [conj(g)]


@gradient_of(magnitude)
def _magnitude(node, g):
    """conj(z) / |z|, and 0 at 0."""
    z, size = node.inputs[0], node.outputs[0]
    scale = p.divide(g, p.where(p.equal(size, 0.0), 1.0, size))
    return [p.multiply(complex_(scale, _zeros(scale)), conj(z))]
