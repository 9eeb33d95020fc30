"""Complex numbers and their parts. complex64 has parts of float32, complex128 of float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from kerasish.backend.dtypes import COMPLEX
from kerasish.backend.float_formats import HALVES
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, as_float, dtype_of, promote, value_of
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def is_complex(x: TensorLike) -> bool:
    """Whether a value holds complex numbers."""
    return dtype_of(x) in COMPLEX


def size_of(x: TensorLike) -> AnyTensor:
    """|x| of a value of any numbers."""
    return p.magnitude(x) if is_complex(x) else p.absolute(x)


def conjugated(x: TensorLike) -> AnyTensor:
    """The conjugate of complex numbers; real ones are their own."""
    return p.conj(x) if is_complex(x) else x


def refuse_complex(name: str, x: TensorLike) -> None:
    """Raise a TypeError for complex numbers, of which `name` makes no sense."""
    if is_complex(x):
        raise TypeError(f"`{name}` takes real numbers, got {dtype_of(x)}.")


def by_parts(function: Callable[[Any], Any], x: TensorLike) -> AnyTensor:
    """The complex numbers whose parts `function` makes of those of `x`."""
    return p.complex(function(p.real(x)), function(p.imag(x)))


def joined(real: AnyTensor, imag: AnyTensor) -> AnyTensor:
    """Complex numbers of float32 or float64 parts; half precision becomes float32."""
    real, imag = (as_dtype(x, "float32") if dtype_of(x) in HALVES else x for x in promote(real, imag))
    return p.complex(real, imag)


@operation
def real(x: TensorLike) -> AnyTensor:
    """The real part; of real numbers `x` itself.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`: of its dtype, float32 for complex64, float64 for complex128.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.real([1.0 + 2.0j, 3.0]).tolist()
        [1.0, 3.0]
    """
    x = value_of(x)
    return p.real(x) if is_complex(x) else x


@operation
def imag(x: TensorLike) -> AnyTensor:
    """The imaginary part; of real numbers zeros.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`: of its dtype, float32 for complex64, float64 for complex128.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.imag([1.0 + 2.0j, 3.0]).tolist()
        [2.0, 0.0]
    """
    x = value_of(x)
    return p.imag(x) if is_complex(x) else p.full(shape=tuple(x.shape), value=0, dtype=dtype_of(x))


@operation
def conj(x: TensorLike) -> AnyTensor:
    """The complex conjugate, with the opposite imaginary part; of real numbers `x` itself.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.conj([1.0 + 2.0j]).tolist()
        [(1-2j)]
    """
    x = value_of(x)
    return p.conj(x) if is_complex(x) else x


@operation
def conjugate(x: TensorLike) -> AnyTensor:
    """`conj` under its long name.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.conjugate([1.0 + 2.0j]).tolist()
        [(1-2j)]
    """
    return conj.body(x)


@operation
def angle(x: TensorLike) -> AnyTensor:
    """The angle in the complex plane; of real numbers 0 for positive ones, pi for negative ones.

    Args:
        x: tensor.

    Returns:
        Float tensor of angles in radians; NaN for NaN.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.angle([1.0, -1.0, 2.0j]).tolist()]
        ['0.0000', '3.1416', '1.5708']
    """
    x = as_float(x)
    if is_complex(x):
        return p.arctan2(p.imag(x), p.real(x))
    turned = p.multiply(as_dtype(p.less(x, 0), dtype_of(x)), math.pi)
    return p.where(p.isnan(x), x, turned)
