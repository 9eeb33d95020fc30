"""Operands of an op: from whatever a user passes to arrays or Tensors of one dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import (
    BOOL,
    COMPLEX,
    FLOATS,
    SIGNED,
    UNSIGNED,
    bits,
    is_inexact_dtype,
    result_type,
    standardize_dtype,
)
from kerasish.backend.float_formats import HALVES, LARGEST
from kerasish.backend.graph import Tensor
from kerasish.backend.lowbits.widening import WIDE
from kerasish.backend.primitives import p
from kerasish.backend.sizes import OPEN, Size
from kerasish.backend.texts import holds_text, is_text
from kerasish.backend.variable import Variable, host_copy, to_array
from kerasish.typing import AnyTensor, DTypeLike, TensorLike

_NUMBERS, _UNKNOWN = (bool, int, float, *OPEN), (Tensor, Variable, *OPEN)


def is_number(x: Any) -> bool:
    """Whether `x` is a Python number (or NumPy's float64, which is one) or an open size: weak in promotions."""
    return isinstance(x, _NUMBERS)


def value_of(x: TensorLike, dtype: DTypeLike | None = None) -> AnyTensor:
    """`x` as a Tensor or device array.

    Variables are read (and cast to the layer's compute dtype), numbers and lists converted. Text of digits becomes
    numbers on the host: no device has text.
    """
    if isinstance(x, Variable):
        wanted = x.dtype
        x = x.read()
        if wanted != dtype_of(x):
            x = p.cast(x, dtype=wanted)
    elif not isinstance(x, Tensor):
        if isinstance(x, (list, tuple)) and holds_tensor(x):
            x = _stacked(x)
        elif type(x) in OPEN:
            x = context.interpreter().constant(x, None if dtype is None else standardize_dtype(dtype))
        else:
            at_once = dtype is not None and (is_number(x) or type(x) is complex or is_text(x) or holds_text(x))
            x = to_array(device(), x, standardize_dtype(dtype) if at_once else None)
    return x if dtype is None else as_dtype(x, standardize_dtype(dtype))


def holds_tensor(items: Any) -> bool:
    """Whether nested lists hold a Tensor, Variable or open size, and so are no constant."""
    return any(isinstance(x, _UNKNOWN) or (isinstance(x, (list, tuple)) and holds_tensor(x)) for x in items)


def _stacked(items):
    """Nested lists with tensors in them as one tensor."""
    parts = promote(*[value_of(x) for x in items])
    rows = [p.reshape(x, shape=(1, *x.shape)) for x in parts]
    return p.concatenate(*rows, axis=0) if len(rows) > 1 else rows[0]


def dtype_of(x: TensorLike) -> Any:
    """The dtype of a Tensor, Variable or array as a string; of a Python number its type."""
    if isinstance(x, (Tensor, Variable)):
        return x.dtype
    if type(x) is complex:
        return complex
    if is_number(x):
        return type(x) if type(x) in (bool, int, float) else int if type(x) is Size else float
    return device().dtype_name(x) if device().is_array(x) else standardize_dtype(x.dtype)


def as_dtype(x: TensorLike, dtype: DTypeLike) -> AnyTensor:
    """`x` cast to `dtype`, itself when it has that dtype."""
    own = dtype_of(x)
    if own == dtype:
        return x
    if own in COMPLEX and dtype not in COMPLEX:
        x = p.not_equal(x, 0) if dtype == "bool" else p.real(x)
        return x if dtype_of(x) == dtype else p.cast(x, dtype=dtype)
    return p.cast(x, dtype=dtype)


def promote(*operands: TensorLike, dtype: DTypeLike | None = None) -> Sequence[Any]:
    """The operands as values of one dtype, by the promotion rules (or `dtype`, when given).

    Python numbers stay numbers where another operand is an array: a primitive takes them as they are.
    """
    if len(operands) == 2 and dtype is None and _agree(*operands):
        return operands
    operands = [x if is_number(x) or type(x) is complex else value_of(x) for x in operands]
    wanted = dtype or result_type(*[dtype_of(x) for x in operands])
    all_numbers = all(is_number(x) for x in operands)
    return [value_of(x, wanted) if all_numbers or not is_number(x) else x for x in operands]


def _agree(x, y):
    """The common cases, made light: two arrays or two tensors of one dtype, or a floating-point one and a number."""
    if type(x) is type(y):
        return hasattr(x, "dtype") and not isinstance(x, (Variable, float)) and x.dtype == y.dtype
    if type(y) not in (int, float):
        x, y = y, x
    return (
        type(y) in (int, float)
        and hasattr(x, "dtype")
        and not isinstance(x, (Variable, float))
        and dtype_of(x) in FLOATS
    )


def as_float(x: TensorLike) -> AnyTensor:
    """`x` as a floating-point value: integers and bools become `floatx()`."""
    x = value_of(x)
    dtype = dtype_of(x)
    return x if is_inexact_dtype(dtype) else as_dtype(x, result_type(dtype, float))


def widened(x: TensorLike) -> tuple[AnyTensor, str]:
    """(`x` as a floating-point value, in float32 where it is of half precision; the dtype of the result).

    For what takes several steps: sums of squares overflow in half precision, and every step would round.
    """
    x = as_float(x)
    dtype = dtype_of(x)
    return as_dtype(x, WIDE) if dtype in HALVES else x, dtype


def shape_of(x: TensorLike) -> tuple[Any, ...]:
    """The shape as a tuple."""
    return tuple(x.shape)


def is_traced(x: Any) -> bool:
    """Whether `x` has no value now."""
    return isinstance(x, Tensor) and not x.has_value


def running_eagerly() -> bool:
    """Whether values are at hand: no trace is active, or only a tape, which computes as it records."""
    interpreter = context.interpreter()
    return interpreter is None or interpreter.computes


def convert_to_numpy(x: TensorLike) -> AnyTensor:
    """A NumPy copy of the values of `x`.

    Args:
        x: tensor, Variable, array, number or nested lists.

    Returns:
        NumPy array.

    Raises:
        TypeError: for a symbolic tensor, which has no values.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.convert_to_numpy(keras.Variable([1.0, 2.0])).tolist()
        [1.0, 2.0]
    """
    if isinstance(x, Variable):
        return x.numpy()
    if isinstance(x, Tensor):
        return x.numpy()
    with context.escaped():
        return host_copy(device(), x)


def limits(dtype: DTypeLike) -> tuple[int | float, int | float]:
    """(smallest, largest) value of a number type."""
    if dtype in BOOL:
        return 0, 1
    if dtype in UNSIGNED:
        return 0, 2 ** bits(dtype) - 1
    if dtype in SIGNED:
        return -(2 ** (bits(dtype) - 1)), 2 ** (bits(dtype) - 1) - 1
    if dtype not in LARGEST:
        raise ValueError(f"Expected a dtype of real numbers, got {dtype!r}.")
    return -LARGEST[dtype], LARGEST[dtype]
