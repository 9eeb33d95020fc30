"""Complex numbers by their sizes and angles."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.ops.convert import as_float, dtype_of, promote
from kerasish.ops.numpy.complex_numbers import is_complex, joined
from kerasish.ops.numpy.helpers import broadcast_shape
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def polar(abs_: TensorLike, angle: TensorLike) -> AnyTensor:
    """The complex numbers of the given sizes and angles: abs_ (cos(angle) + i sin(angle)).

    Args:
        abs_: tensor of real numbers.
        angle: tensor of radians that broadcasts with `abs_`.

    Returns:
        Tensor of complex64, or of complex128 where an operand is float64.

    Raises:
        ValueError: when an operand holds complex numbers.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.polar([2.0, 3.0], [0.0, 0.0]).tolist()
        [(2+0j), (3+0j)]
    """
    size, turned = promote(as_float(abs_), as_float(angle))
    if is_complex(size):
        raise ValueError(f"`abs_` and `angle` must hold real numbers, got {dtype_of(abs_)} and {dtype_of(angle)}.")
    real, imag = p.multiply(size, p.cos(turned)), p.multiply(size, p.sin(turned))
    return joined(broadcast_shape(real, imag.shape), imag)
