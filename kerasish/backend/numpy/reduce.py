"""NumPy kernels of `primitives/reduce.py`."""

import numpy as np

from kerasish.backend.numpy.kernels import kernel


def _reduction(name, ufunc):
    @kernel(name)
    def reduce(out, x, axis=None, keepdims=False):
        ufunc.reduce(x, axis=axis if axis is None or isinstance(axis, int) else tuple(axis), keepdims=keepdims, out=out)


for _name, _ufunc in {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum, "any": np.logical_or, "all": np.logical_and}.items():
    _reduction(_name, _ufunc)


@kernel("argmax")
def argmax(out, x, axis, keepdims=False):
    np.copyto(out, np.argmax(x, axis=axis, keepdims=keepdims), casting="unsafe")


@kernel("argmin")
def argmin(out, x, axis, keepdims=False):
    np.copyto(out, np.argmin(x, axis=axis, keepdims=keepdims), casting="unsafe")


def _cumulative(name, ufunc):
    @kernel(name)
    def accumulate(out, x, axis, reverse=False):
        if reverse:
            x, out = np.flip(x, axis), np.flip(out, axis)
        ufunc.accumulate(x, axis=axis, out=out)


for _name, _ufunc in {"cumsum": np.add, "cumprod": np.multiply, "cummax": np.maximum}.items():
    _cumulative(_name, _ufunc)
