"""Windows of a given number of points: Kaiser, Hann, Hamming, Blackman, Bartlett."""

from __future__ import annotations

import math

from kerasish.backend.primitives import p
from kerasish.backend.settings import floatx
from kerasish.ops.convert import as_dtype, as_float
from kerasish.ops.numpy.creation import ones
from kerasish.ops.numpy.exponentials import i0
from kerasish.ops.numpy.helpers import at_once, iota, known_int
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def kaiser(x: TensorLike, beta: float) -> AnyTensor:
    """The Kaiser window of `x` points: i0(beta sqrt(1 - t^2)) / i0(beta) for t from -1 to 1.

    Args:
        x: int or int scalar: the number of points.
        beta: float; the larger, the narrower the window.

    Returns:
        Float vector of `x` points.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.kaiser(3, 0.0).tolist()
        [1.0, 1.0, 1.0]

    Reference:
        Kaiser and Schafer, "On the use of the I0-sinh window for spectrum analysis", 1980.
    """
    count = known_int(x, "x")
    half = (count - 1) / 2
    place = at_once(p.multiply, iota(count, floatx(), -half), 1 / half if half else 1.0)
    beta = as_dtype(as_float(beta), floatx())
    bulge = p.multiply(
        beta, at_once(p.sqrt, at_once(p.maximum, at_once(p.subtract, 1.0, at_once(p.square, place)), 0.0))
    )
    return p.divide(i0(bulge), i0(beta))


def _cosine_window(x, *weights):
    """Sum of w_k (-1)^k cos(2 pi k n / (count - 1)); a single point is 1."""
    count = known_int(x, "x")
    if count == 1:
        return ones((1,))
    angle = iota(count, "float64", 0.0, 2 * math.pi / max(count - 1, 1))
    total = 0.0
    for k, weight in enumerate(weights):
        total = at_once(
            p.add,
            at_once(p.multiply, at_once(p.cos, at_once(p.multiply, angle, float(k))), (-1.0) ** k * weight),
            total,
        )
    return at_once(p.cast, total, dtype=floatx())


def hanning(x: TensorLike) -> AnyTensor:
    """The Hann window of `x` points.

    Args:
        x: int or int scalar: the number of points.

    Returns:
        Float vector of `x` points.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.hanning(3).tolist()
        [0.0, 1.0, 0.0]
    """
    return _cosine_window(x, 0.5, 0.5)


def hamming(x: TensorLike) -> AnyTensor:
    """The Hamming window of `x` points.

    Args:
        x: int or int scalar: the number of points.

    Returns:
        Float vector of `x` points.

    Example:
        >>> import kerasish as keras
        >>> [round(v, 2) for v in keras.ops.hamming(3).tolist()]
        [0.08, 1.0, 0.08]
    """
    return _cosine_window(x, 0.54, 0.46)


def blackman(x: TensorLike) -> AnyTensor:
    """The Blackman window of `x` points.

    Args:
        x: int or int scalar: the number of points.

    Returns:
        Float vector of `x` points.

    Example:
        >>> import kerasish as keras
        >>> [round(v, 2) + 0.0 for v in keras.ops.abs(keras.ops.blackman(5)).tolist()]
        [0.0, 0.34, 1.0, 0.34, 0.0]
    """
    return _cosine_window(x, 0.42, 0.5, 0.08)


def bartlett(x: TensorLike) -> AnyTensor:
    """The triangular (Bartlett) window of `x` points.

    Args:
        x: int or int scalar: the number of points.

    Returns:
        Float vector of `x` points.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bartlett(3).tolist()
        [0.0, 1.0, 0.0]
    """
    count = known_int(x, "x")
    if count == 1:
        return ones((1,))
    place = at_once(p.absolute, iota(count, "float64", -1.0, 2 / max(count - 1, 1)))
    return at_once(p.cast, at_once(p.subtract, 1.0, place), dtype=floatx())
