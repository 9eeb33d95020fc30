"""Complex numbers as pairs of real ones, and pairs of real ones as complex numbers."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import as_float, value_of
from kerasish.ops.numpy.complex_numbers import imag, is_complex, joined, real
from kerasish.ops.numpy.helpers import reshape_to, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def view_as_complex(x: TensorLike) -> AnyTensor:
    """The complex numbers whose real and imaginary parts lie side by side.

    Args:
        x: tensor (..., 2) of numbers.

    Returns:
        Tensor (...) of complex64, or of complex128 for float64.

    Raises:
        ValueError: when the last axis has not two elements.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.view_as_complex([[1.0, 2.0], [3.0, 0.0]]).tolist()
        [(1+2j), (3+0j)]
    """
    x = value_of(x)
    if is_complex(x):
        x = p.real(x)
    if not x.shape or unlike(x.shape[-1], 2):
        raise ValueError(
            f"The last axis of `x` must have two elements, real and imaginary, got shape {tuple(x.shape)}."
        )
    x, last = as_float(x), len(x.shape) - 1
    return joined(*(reshape_to(window(x, last, i, i + 1), x.shape[:-1]) for i in range(2)))


@operation
def view_as_real(x: TensorLike) -> AnyTensor:
    """Real and imaginary parts side by side, on a new last axis.

    Args:
        x: tensor (...) of complex numbers; real ones have the imaginary part 0.

    Returns:
        Tensor (..., 2): of float32 for complex64, of float64 for complex128.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.view_as_real([1.0 + 2.0j]).tolist()
        [[1.0, 2.0]]
    """
    x = as_float(x)
    parts = [part.body(x) for part in (real, imag)]
    return p.concatenate(*(reshape_to(part, (*x.shape, 1)) for part in parts), axis=len(x.shape))
