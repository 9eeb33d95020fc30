"""Integers: common divisors and multiples, and their bits."""

from __future__ import annotations

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.ops.convert import dtype_of, is_number, promote, value_of
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _integers(name, x1, x2):
    x, y = promote(x1, x2)
    for v in (x, y):
        if isinstance(v, float) or (not is_number(v) and is_float_dtype(dtype_of(v))):
            raise TypeError(f"`{name}` takes integers, got {dtype_of(v)}.")
    return x, y


@operation
def gcd(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The greatest common divisor of integers.

    Args:
        x1: tensor of integers.
        x2: tensor of integers that broadcasts with `x1`.

    Returns:
        Integer tensor of the broadcast shape.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.gcd([12, 7], 8).tolist()
        [4, 1]
    """
    return p.gcd(*_integers("gcd", x1, x2))


@operation
def lcm(x1: TensorLike, x2: TensorLike) -> AnyTensor:
    """The least common multiple of integers.

    Args:
        x1: tensor of integers.
        x2: tensor of integers that broadcasts with `x1`.

    Returns:
        Integer tensor of the broadcast shape.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.lcm([4, 0], 6).tolist()
        [12, 0]
    """
    x, y = _integers("lcm", x1, x2)
    divisor = p.gcd(x, y)
    return p.absolute(p.multiply(p.floor_divide(x, p.where(p.equal(divisor, 0), 1, divisor)), y))


def _bits(name, x, y):
    return _integers(name, x, y)


def _shifted(name, x, y):
    """Bits to move, and by how many places; bools are moved as integers."""
    moved = _bits(name, x, y)
    return [value_of(v, "int32") for v in moved] if all(dtype_of(v) in ("bool", bool) for v in moved) else moved


@operation
def bitwise_and(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits set in both integers.

    Args:
        x: tensor of integers or bools.
        y: tensor of integers or bools that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_and([6, 5], 3).tolist()
        [2, 1]
    """
    return p.bitwise_and(*_bits("bitwise_and", x, y))


@operation
def bitwise_or(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits set in either integer.

    Args:
        x: tensor of integers or bools.
        y: tensor of integers or bools that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_or([6, 5], 3).tolist()
        [7, 7]
    """
    return p.bitwise_or(*_bits("bitwise_or", x, y))


@operation
def bitwise_xor(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits set in one integer but not the other.

    Args:
        x: tensor of integers or bools.
        y: tensor of integers or bools that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_xor([6, 5], 3).tolist()
        [5, 6]
    """
    return p.bitwise_xor(*_bits("bitwise_xor", x, y))


@operation
def bitwise_not(x: TensorLike) -> AnyTensor:
    """Every bit of an integer flipped; of a bool, its negation.

    Args:
        x: tensor of integers or bools.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: when `x` holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_not([0, 5]).tolist()
        [-1, -6]
    """
    x = value_of(x)
    if is_float_dtype(dtype_of(x)):
        raise TypeError(f"`bitwise_not` takes integers, got {dtype_of(x)}.")
    return p.bitwise_not(x)


@operation
def bitwise_invert(x: TensorLike) -> AnyTensor:
    """`bitwise_not` under another name.

    Args:
        x: tensor of integers or bools.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: when `x` holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_invert([0, 5]).tolist()
        [-1, -6]
    """
    return bitwise_not(x)


@operation
def bitwise_left_shift(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits of x moved y places up: x * 2**y.

    Args:
        x: tensor of integers.
        y: tensor of integers that broadcasts with `x`: by how many places.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_left_shift([1, 3], 2).tolist()
        [4, 12]
    """
    return p.left_shift(*_shifted("bitwise_left_shift", x, y))


@operation
def left_shift(x: TensorLike, y: TensorLike) -> AnyTensor:
    """`bitwise_left_shift` under its short name.

    Args:
        x: tensor of integers.
        y: tensor of integers that broadcasts with `x`: by how many places.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.left_shift([1, 3], 2).tolist()
        [4, 12]
    """
    return p.left_shift(*_shifted("left_shift", x, y))


@operation
def bitwise_right_shift(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The bits of x moved y places down; the sign stays.

    Args:
        x: tensor of integers.
        y: tensor of integers that broadcasts with `x`: by how many places.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bitwise_right_shift([8, -8], 2).tolist()
        [2, -2]
    """
    return p.right_shift(*_shifted("bitwise_right_shift", x, y))


@operation
def right_shift(x: TensorLike, y: TensorLike) -> AnyTensor:
    """`bitwise_right_shift` under its short name.

    Args:
        x: tensor of integers.
        y: tensor of integers that broadcasts with `x`: by how many places.

    Returns:
        Tensor of the broadcast shape, in the promoted dtype of the operands.

    Raises:
        TypeError: when an operand holds floats.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.right_shift([8, -8], 2).tolist()
        [2, -2]
    """
    return p.right_shift(*_shifted("right_shift", x, y))
