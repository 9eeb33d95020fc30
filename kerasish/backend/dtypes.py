"""Names of number types and how they combine: the promotion table of Keras 3, with weak Python scalars."""

from __future__ import annotations

from functools import lru_cache

from kerasish.backend.settings import floatx
from kerasish.typing import DTypeLike

BOOL = ("bool",)
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
SIGNED = ("int8", "int16", "int32", "int64")
FLOATS = ("float16", "bfloat16", "float32", "float64")
STORAGE = ("float8_e4m3fn", "float8_e5m2")  # what values can be cast to and from, and nothing is computed in
COMPLEX = ("complex64", "complex128")
INEXACT = FLOATS + COMPLEX
ALLOWED = BOOL + UNSIGNED + SIGNED + STORAGE + INEXACT + ("string",)
_BITS = {name: int("".join(c for c in name if c.isdigit())) for name in UNSIGNED + SIGNED + INEXACT}
_BITS.update(dict.fromkeys(STORAGE, 8))


def standardize_dtype(dtype: DTypeLike | None) -> str:
    """The name of a dtype.

    Args:
        dtype: string, NumPy dtype or scalar type, Python type, or None for `floatx()`.

    Returns:
        String.

    Raises:
        ValueError: when it is no number type that kerasish knows.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.standardize_dtype(float), keras.backend.standardize_dtype("int8")
        ('float32', 'int8')
    """
    if type(dtype) is str and dtype in _BITS:
        return dtype
    if dtype is None:
        return floatx()
    return _standardize(dtype)


@lru_cache(maxsize=256)
def _standardize(dtype):
    python_types = {float: floatx(), int: "int32", bool: "bool", str: "string", complex: complex_of(floatx())}
    if isinstance(dtype, type) and dtype in python_types:
        return python_types[dtype]
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", None) or getattr(dtype, "__name__", str(dtype))
    name = {
        "bool_": "bool",
        "str": "string",
        "float": floatx(),
        "int": "int32",
        "half": "float16",
        "double": "float64",
    }.get(name, name)
    if name.startswith(("str", "<U", "bytes")):
        name = "string"
    if name not in ALLOWED:
        raise ValueError(f"`dtype` must be one of {', '.join(ALLOWED)}, got {dtype!r}.")
    return name


def is_float_dtype(dtype: DTypeLike) -> bool:
    """Whether a dtype is a floating-point type.

    Args:
        dtype: string, NumPy dtype or scalar type, or Python type.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.is_float_dtype("float16"), keras.backend.is_float_dtype("int32")
        (True, False)
    """
    return standardize_dtype(dtype) in FLOATS + STORAGE


def is_inexact_dtype(dtype: DTypeLike) -> bool:
    """Whether a dtype is one of floating-point or complex numbers: those that have gradients."""
    return standardize_dtype(dtype) in INEXACT + STORAGE


def complex_of(dtype: str) -> str:
    """The complex type whose parts hold numbers of `dtype`."""
    return "complex128" if dtype in ("float64", "complex128") else "complex64"


def part_of(dtype: str) -> str:
    """The type of the parts of a complex type."""
    return "float64" if dtype == "complex128" else "float32"


def is_int_dtype(dtype: DTypeLike) -> bool:
    """Whether a dtype is a signed or unsigned integer type.

    Args:
        dtype: string, NumPy dtype or scalar type, or Python type.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.is_int_dtype("uint8"), keras.backend.is_int_dtype("bool")
        (True, False)
    """
    name = standardize_dtype(dtype)
    return name in SIGNED or name in UNSIGNED


def bits(dtype: DTypeLike) -> int:
    """Width of one element in bits; a bool takes 8."""
    return _BITS.get(dtype, 8)


def result_type(*dtypes: DTypeLike) -> str:
    """The dtype that operands combine to.

    Python's own `int`, `float`, `complex` and `bool` are weak: they adopt the kind but not the width of the others.
    Follows the lattice that Keras 3 uses (JAX's, in which two integers that do not fit in one make a 64-bit one, and
    integers with a float take the float's type).

    Args:
        *dtypes: dtypes of the operands; Python types for Python numbers.

    Returns:
        String.

    Raises:
        ValueError: for a float8 type, which is storage: cast it first.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.result_type("int32", "float16"), keras.backend.result_type("uint8", int)
        ('float16', 'uint8')
    """
    return _result_type(frozenset(d if d in _WEAK else standardize_dtype(d) for d in dtypes))


_WEAK = (int, float, bool, complex)


@lru_cache(maxsize=1024)
def _result_type(dtypes):
    if complex in dtypes:
        others = dtypes - {complex, float, int, bool}
        return complex_of(_combine(others - {"string"}) if others else floatx())
    strong = {d for d in dtypes if isinstance(d, str)}
    weak = dtypes - strong
    if strong.intersection(STORAGE):
        shown = ", ".join(sorted(strong.intersection(STORAGE)))
        raise ValueError(f"Nothing combines with values of dtype {shown} by itself. Cast them to another dtype first.")
    if not strong:
        return floatx() if float in weak else "int32" if int in weak else "bool"
    strong.discard("string")
    result = _combine(strong) if strong else "string"
    if float in weak and result not in INEXACT:
        return floatx()
    if int in weak and result == "bool":
        return "int32"
    return result


def _combine(names):
    floats = [n for n in names if n in FLOATS]
    if any(n in COMPLEX for n in names):
        return "complex128" if "complex128" in names or "float64" in floats else "complex64"
    if floats:
        if "float16" in floats and "bfloat16" in floats:
            floats.append("float32")
        return max(floats, key=lambda n: (_BITS[n], n))
    signed, unsigned = [n for n in names if n in SIGNED], [n for n in names if n in UNSIGNED]
    if signed and unsigned:
        width = max(max(_BITS[n] for n in signed), 2 * max(_BITS[n] for n in unsigned))
        return f"int{width}" if width <= 64 else _float_for_unsigned_64()
    if signed or unsigned:
        return max(signed or unsigned, key=_BITS.get)
    return "bool"


def _float_for_unsigned_64():
    return floatx()
