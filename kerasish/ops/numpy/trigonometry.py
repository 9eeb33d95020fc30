"""Angles and hyperbolic functions, element by element."""

from __future__ import annotations

import math

from kerasish.backend.primitives import p
from kerasish.ops.convert import as_float
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def sin(x: TensorLike) -> AnyTensor:
    """The sine of x radians.

    Args:
        x: tensor of angles in radians.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sin([0.0]).tolist()
        [0.0]
    """
    return p.sin(as_float(x))


@operation
def cos(x: TensorLike) -> AnyTensor:
    """The cosine of x radians.

    Args:
        x: tensor of angles in radians.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cos([0.0]).tolist()
        [1.0]
    """
    return p.cos(as_float(x))


@operation
def tan(x: TensorLike) -> AnyTensor:
    """The tangent of x radians.

    Args:
        x: tensor of angles in radians.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tan([0.0]).tolist()
        [0.0]
    """
    return p.tan(as_float(x))


@operation
def arcsin(x: TensorLike) -> AnyTensor:
    """The angle in [-pi/2, pi/2] whose sine is x.

    Args:
        x: tensor of numbers in [-1, 1]; others give NaN.

    Returns:
        Float tensor of angles in radians.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.arcsin([0.0, 1.0]).tolist()]
        ['0.0000', '1.5708']
    """
    return p.arcsin(as_float(x))


@operation
def arccos(x: TensorLike) -> AnyTensor:
    """The angle in [0, pi] whose cosine is x.

    Args:
        x: tensor of numbers in [-1, 1]; others give NaN.

    Returns:
        Float tensor of angles in radians.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.arccos([1.0, 0.0]).tolist()]
        ['0.0000', '1.5708']
    """
    return p.arccos(as_float(x))


@operation
def arctan(x: TensorLike) -> AnyTensor:
    """The angle in (-pi/2, pi/2) whose tangent is x.

    Args:
        x: tensor.

    Returns:
        Float tensor of angles in radians.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.arctan([0.0, 1.0]).tolist()]
        ['0.0000', '0.7854']
    """
    return p.arctan(as_float(x))


@operation
def sinh(x: TensorLike) -> AnyTensor:
    """The hyperbolic sine: (exp(x) - exp(-x)) / 2.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sinh([0.0]).tolist()
        [0.0]
    """
    return p.sinh(as_float(x))


@operation
def cosh(x: TensorLike) -> AnyTensor:
    """The hyperbolic cosine: (exp(x) + exp(-x)) / 2.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cosh([0.0]).tolist()
        [1.0]
    """
    return p.cosh(as_float(x))


@operation
def tanh(x: TensorLike) -> AnyTensor:
    """The hyperbolic tangent: sinh(x) / cosh(x).

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tanh([0.0]).tolist()
        [0.0]
    """
    return p.tanh(as_float(x))


@operation
def arcsinh(x: TensorLike) -> AnyTensor:
    """The inverse hyperbolic sine.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arcsinh([0.0]).tolist()
        [0.0]
    """
    return p.arcsinh(as_float(x))


@operation
def arccosh(x: TensorLike) -> AnyTensor:
    """The inverse hyperbolic cosine; NaN below 1.

    Args:
        x: tensor of numbers of 1 or more.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arccosh([1.0]).tolist()
        [0.0]
    """
    return p.arccosh(as_float(x))


@operation
def arctanh(x: TensorLike) -> AnyTensor:
    """The inverse hyperbolic tangent; NaN outside [-1, 1].

    Args:
        x: tensor of numbers in [-1, 1].

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arctanh([0.0]).tolist()
        [0.0]
    """
    return p.arctanh(as_float(x))


@operation
def deg2rad(x: TensorLike) -> AnyTensor:
    """Degrees to radians.

    Args:
        x: tensor of angles in degrees.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> [f"{angle:.4f}" for angle in keras.ops.deg2rad([0.0, 180.0]).tolist()]
        ['0.0000', '3.1416']
    """
    return p.multiply(as_float(x), math.pi / 180)


@operation
def rad2deg(x: TensorLike) -> AnyTensor:
    """Radians to degrees.

    Args:
        x: tensor of angles in radians.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.rad2deg([0.0]).tolist()
        [0.0]
    """
    return p.multiply(as_float(x), 180 / math.pi)


@operation
def sinc(x: TensorLike) -> AnyTensor:
    """sin(pi x) / (pi x), and 1 at 0.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sinc([0.0]).tolist()
        [1.0]
    """
    x = as_float(x)
    zero = p.equal(x, 0)
    angle_ = p.multiply(p.where(zero, 1, x), math.pi)
    return p.where(zero, 1, p.divide(p.sin(angle_), angle_))
