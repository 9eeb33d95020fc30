"""Short ways for eager calls.

Where NumPy's own result is known to have the right dtype, nothing is worked out before it computes.

A shortcut returns None for operands that it is not made for; the call then takes the long way, which also says what is
wrong with them.
"""

import numpy as np

_ARITHMETIC = "add subtract multiply maximum minimum"
_FLOATING = "divide floor_divide remainder arctan2"
_COMPARISONS = "equal not_equal less less_equal greater greater_equal"
_ONE_NUMBER = "negative absolute square"
_ONE_FLOAT = (
    "sign floor ceil trunc exp expm1 log log1p sqrt reciprocal sin cos tan arcsin arccos arctan sinh cosh tanh "
    "arcsinh arccosh arctanh "
    "isfinite isnan isinf"
)
_NUMBERS = (float, int)
_MANY = 1 << 12  # numbers whose sum the kernel takes in blocks, so that rounding does not pile up


def _computed(ufunc, *operands):
    try:
        with np.errstate(all="ignore"):
            result = ufunc(*operands)
    except (ValueError, TypeError, OverflowError):
        return None
    return result if type(result) is np.ndarray else np.asarray(result)


def _fit(x, y, kinds):
    """Whether two operands combine to the dtype of the one, or the only, array among them."""
    if type(x) is np.ndarray:
        if type(y) is np.ndarray:
            return x.dtype is y.dtype and x.dtype.kind in kinds
        return type(y) in _NUMBERS and x.dtype.kind == "f"
    return type(x) in _NUMBERS and type(y) is np.ndarray and y.dtype.kind == "f"


def _two(ufunc, kinds):
    return lambda x, y: _computed(ufunc, x, y) if _fit(x, y, kinds) else None


def _one(ufunc, kinds):
    def shortcut(x):
        return _computed(ufunc, x) if type(x) is np.ndarray and x.dtype.kind in kinds else None

    return shortcut


def _reduction(ufunc, kinds):
    def shortcut(x, axis=None, keepdims=False):
        if type(x) is not np.ndarray or x.dtype.kind not in kinds:
            return None
        return _computed(ufunc.reduce, x, axis, None, None, keepdims)

    return shortcut


def _sum(x, axis=None, keepdims=False):
    if type(x) is not np.ndarray or x.dtype.kind != "f" or x.size > _MANY:
        return None
    return _computed(np.add.reduce, x, axis, None, None, keepdims)


def _matmul(x, y, transpose_x=False, transpose_y=False):
    if not (type(x) is type(y) is np.ndarray and x.dtype is y.dtype and x.dtype.kind == "f" and x.ndim == y.ndim == 2):
        return None
    return _computed(np.matmul, x.T if transpose_x else x, y.T if transpose_y else y)


def _reshape(x, shape):
    if type(x) is not np.ndarray:
        return None
    try:
        return x.copy().reshape(shape)
    except (ValueError, TypeError):
        return None


def _transpose(x, axes):
    return x.transpose(axes).copy() if type(x) is np.ndarray and len(set(axes)) == x.ndim else None


def _cast(x, dtype):
    if type(x) is not np.ndarray or dtype == "bfloat16":
        return None
    with np.errstate(all="ignore"):
        return x.astype(dtype)


def _full(shape, value, dtype):
    # Zeros are what states are reset to; other values may need a cast that NumPy would refuse here.
    return np.zeros(shape, dtype) if type(value) is int and value == 0 and dtype != "bfloat16" else None


def _where(condition, x, y):
    if type(condition) is not np.ndarray or condition.dtype.kind != "b":
        return None
    return _computed(np.where, condition, x, y) if _fit(x, y, "fiub") else None


def _concatenate(*inputs, axis):
    first = inputs[0]
    if any(type(x) is not np.ndarray or x.dtype is not first.dtype for x in inputs):
        return None
    try:
        return np.concatenate(inputs, axis)
    except ValueError:
        return None


SHORTCUTS = {
    **{name: _two(getattr(np, name), "fiu") for name in _ARITHMETIC.split()},
    **{name: _two(getattr(np, name), "f") for name in _FLOATING.split()},
    **{name: _two(getattr(np, name), "fiub") for name in _COMPARISONS.split()},
    **{name: _one(getattr(np, name), "fi") for name in _ONE_NUMBER.split()},
    **{name: _one(getattr(np, name), "f") for name in _ONE_FLOAT.split()},
    "sum": _sum,
    "max": _reduction(np.maximum, "fiu"),
    "min": _reduction(np.minimum, "fiu"),
    "where": _where,
    "concatenate": _concatenate,
    "matmul": _matmul,
    "reshape": _reshape,
    "transpose": _transpose,
    "cast": _cast,
    "full": _full,
}
