"""Short ways for eager calls.

Where NumPy's own result is known to have the right dtype, nothing is worked out before it computes.

A shortcut returns None for operands that it is not made for; the call then takes the long way, which also says what is
wrong with them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import UfuncKernel
from kerasish.backend.primitives import PRIMITIVES, Spec

SHORTCUTS = {}
_NUMBERS = (float, int)
_WIDE = "fd"  # float32 and float64: sums of half precision are taken in float32
_MANY = 1 << 12  # numbers whose sum the kernel takes in blocks, so that rounding does not pile up


def _shortcut(name):
    """Decorator: the function below is the short way of primitive `name`."""

    def enter(function):
        SHORTCUTS[name] = function
        return function

    return enter


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
        return type(y) in _NUMBERS and x.dtype.kind == "f" and "f" in kinds
    return type(x) in _NUMBERS and type(y) is np.ndarray and y.dtype.kind == "f" and "f" in kinds


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


_shortcut("negative")(_one(np.negative, "fi"))
_shortcut("max")(_reduction(np.maximum, "fiu"))
_shortcut("min")(_reduction(np.minimum, "fiu"))


@_shortcut("sum")
def _sum(x, axis=None, keepdims=False):
    if type(x) is not np.ndarray or x.dtype.char not in _WIDE or x.size > _MANY:
        return None
    return _computed(np.add.reduce, x, axis, None, None, keepdims)


@_shortcut("matmul")
def _matmul(x, y, transpose_x=False, transpose_y=False):
    if not (
        type(x) is type(y) is np.ndarray and x.dtype is y.dtype and x.dtype.char in _WIDE and x.ndim == y.ndim == 2
    ):
        return None
    return _computed(np.matmul, x.T if transpose_x else x, y.T if transpose_y else y)


@_shortcut("reshape")
def _reshape(x, shape):
    if type(x) is not np.ndarray:
        return None
    try:
        return x.copy().reshape(shape)
    except (ValueError, TypeError):
        return None


@_shortcut("transpose")
def _transpose(x, axes):
    return x.transpose(axes).copy() if type(x) is np.ndarray and len(set(axes)) == x.ndim else None


@_shortcut("cast")
def _cast(x, dtype):
    if type(x) is not np.ndarray:
        return None
    with np.errstate(all="ignore"):
        return x.astype(dtype)


@_shortcut("full")
def _full(shape, value, dtype):
    # Zeros are what states are reset to; other values may need a cast that NumPy would refuse here.
    return np.zeros(shape, dtype) if type(value) is int and value == 0 else None


@_shortcut("where")
def _where(condition, x, y):
    if type(condition) is not np.ndarray or condition.dtype.kind != "b":
        return None
    return _computed(np.where, condition, x, y) if _fit(x, y, "fiub") else None


@_shortcut("concatenate")
def _concatenate(*inputs, axis):
    first = inputs[0]
    if any(type(x) is not np.ndarray or x.dtype is not first.dtype for x in inputs):
        return None
    try:
        return np.concatenate(inputs, axis)
    except ValueError:
        return None


def _kinds(primitive, ufunc):
    """The kinds of dtype of which NumPy makes the dtype that `primitive` is to make."""
    found = ""
    for dtype in ("float32", "int32", "uint32", "bool"):
        try:
            wanted = primitive.shape_rule(*[Spec((), dtype)] * ufunc.nin).dtype
            made = _computed(ufunc, *[np.ones((), dtype)] * ufunc.nin)
        except (TypeError, ValueError):
            continue
        if made is not None and made.dtype.name == wanted:
            found += np.dtype(dtype).kind
    return found


def shortcuts(kernels: dict[str, Any]) -> dict[str, Any]:
    """All of them; a primitive whose kernel is a ufunc needs none of its own."""
    found = {}
    for name, kernel in kernels.items():
        if isinstance(kernel, UfuncKernel):
            kinds, make = _kinds(PRIMITIVES[name], kernel.ufunc), _one if kernel.ufunc.nin == 1 else _two
            if kinds:
                found[name] = make(kernel.ufunc, kinds)
    return {**found, **SHORTCUTS}
