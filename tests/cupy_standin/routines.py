"""Functions of the stand-in's `cupy`: those that the device uses, with CuPy's own parameters."""

import numpy as np
from scipy import special

from tests.cupy_standin import streams
from tests.cupy_standin.array import computed, made, ndarray, numbers_of

_UFUNCS = (
    "add subtract multiply divide floor_divide remainder power maximum minimum arctan2 equal not_equal less less_equal "
    "greater greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor left_shift "
    "right_shift negative absolute sign floor ceil trunc rint square exp expm1 log log1p sqrt reciprocal sin cos tan "
    "arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh logical_not invert isfinite isnan isinf gcd "
    "nextafter conjugate"
).split()


class ufunc:
    """As `cupy.ufunc`: takes arrays of the card and numbers."""

    def __init__(self, function):
        self._function, self.__name__ = function, function.__name__
        self.nin, self.nout = function.nin, function.nout

    def __call__(self, *args, out=None, dtype=None, casting="same_kind"):
        if len(args) > self.nin:
            *args, out = args
        if not any(isinstance(a, ndarray) for a in args):
            raise TypeError(f"`{self.__name__}` needs an array of the card.")
        return computed(self._with(dtype), *args, out=out, casting=casting)

    def _with(self, dtype):
        return self._function if dtype is None else lambda *a: self._function(*a, dtype=dtype)


UFUNCS = {name: ufunc(getattr(np, name)) for name in _UFUNCS}
SPECIAL = {name: ufunc(getattr(special, name)) for name in ("erf", "erfc", "erfinv")}


def empty(shape, dtype=float, order="C"):
    return ndarray(shape, dtype)


def asarray(a, dtype=None, order=None, *, blocking=False):
    """Host arrays are copied to the card."""
    if isinstance(a, ndarray):
        return a if dtype is None else a.astype(dtype, copy=False)
    streams.refuse_host()
    return made(np.asarray(a, dtype))


def copyto(dst, src, casting="same_kind", where=None):
    source, target = numbers_of(src), numbers_of(dst)
    if isinstance(src, ndarray) and not np.can_cast(src.dtype, dst.dtype, casting):
        raise TypeError(f"Cannot cast {src.dtype} to {dst.dtype} in {casting} casting mode")
    mask = True if where is None else numbers_of(where)
    if where is not None and where.dtype != bool:
        raise TypeError("`where` must be an array of bools.")

    def work():
        with np.errstate(all="ignore"):
            np.copyto(target, source, casting="unsafe", where=mask)

    streams.launch(work, [a for a in (src, where) if isinstance(a, ndarray)], [dst])


def where(condition, x=None, y=None):
    if x is None or y is None:
        raise ValueError("Must provide both 'x' and 'y' or neither.")
    return computed(np.where, condition, x, y)


def concatenate(tup, axis=0, out=None, *, dtype=None, casting="same_kind"):
    return computed(lambda *arrays: np.concatenate(arrays, axis=axis), *tup, out=out, casting=casting)


def take(a, indices, axis=None, out=None):
    """Indices out of range come in again at the other end."""
    size = a.size if axis is None else a.shape[axis]
    return computed(
        lambda x, i: np.take(x, np.remainder(np.asarray(i, np.int64), max(1, size)), axis=axis), a, indices, out=out
    )


def take_along_axis(a, indices, axis):
    return computed(lambda x, i: np.take_along_axis(x, np.remainder(i, x.shape[axis]), axis), a, indices)


def _reduction(function):
    def reduce(a, axis=None, out=None, keepdims=False):
        return computed(lambda x: function(x, axis=axis, keepdims=keepdims), a, out=out)

    return reduce


def _total(function):
    def reduce(a, axis=None, dtype=None, out=None, keepdims=False):
        return computed(lambda x: function(x, axis=axis, dtype=dtype, keepdims=keepdims), a, out=out)

    return reduce


amax, amin = _reduction(np.max), _reduction(np.min)
sum_, prod = _total(np.sum), _total(np.prod)


def any_(a, axis=None, out=None, keepdims=False):
    return computed(lambda x: np.any(x, axis=axis, keepdims=keepdims), a, out=out)


def all_(a, axis=None, out=None, keepdims=False):
    return computed(lambda x: np.all(x, axis=axis, keepdims=keepdims), a, out=out)


def argmax(a, axis=None, dtype=None, out=None, *, keepdims=False):
    return computed(lambda x: np.argmax(x, axis=axis, keepdims=keepdims), a, out=out)


def argmin(a, axis=None, dtype=None, out=None, *, keepdims=False):
    return computed(lambda x: np.argmin(x, axis=axis, keepdims=keepdims), a, out=out)


def cumsum(a, axis=None, dtype=None, out=None):
    return computed(lambda x: np.cumsum(x, axis=axis, dtype=dtype), a, out=out)


def cumprod(a, axis=None, dtype=None, out=None):
    return computed(lambda x: np.cumprod(x, axis=axis, dtype=dtype), a, out=out)


def argsort(a, axis=-1, kind=None):
    """Stable; through Thrust, which waits for the card and so can't be captured."""
    streams.refuse_host()
    return computed(lambda x: np.argsort(x, axis=axis, kind="stable"), a)


def searchsorted(a, v, side="left", sorter=None):
    return computed(lambda x, y: np.searchsorted(x, y, side=side), a, v)


def arange(start, stop=None, step=1, dtype=None):
    found = np.arange(start, stop, step, dtype) if stop is not None else np.arange(start, dtype=dtype)
    return made(found)


def tril(m, k=0):
    return computed(lambda x: np.tril(x, k), m)


def triu(m, k=0):
    return computed(lambda x: np.triu(x, k), m)


def flip(a, axis=None):
    return a._view(np.flip(a._hidden, axis))


def moveaxis(a, source, destination):
    return a._view(np.moveaxis(a._hidden, source, destination))


def broadcast_to(array, shape):
    return array._view(np.broadcast_to(array._hidden, shape))


def as_strided(x, shape=None, strides=None):
    return x._view(np.lib.stride_tricks.as_strided(x._hidden, shape, strides))


def may_share_memory(a, b, max_work=None):
    return a._block is b._block and np.may_share_memory(a._hidden, b._hidden)


def matmul(*args, out=None):
    """Products of floats are cuBLAS's, those of integers are a kernel of CuPy's own."""
    if args[0].dtype.kind in "fc":
        streams.refuse_library("cuBLAS")
    return computed(np.matmul, *args, out=out)


def from_dlpack(array):
    if not hasattr(array, "__dlpack__"):
        raise AttributeError("the array has no __dlpack__")
    raise BufferError("CPU arrays cannot be imported to CuPy.")


class linalg:
    """cuSOLVER's answers, which are NaN where NumPy raises."""

    class LinAlgError(np.linalg.LinAlgError):
        pass

    @staticmethod
    def cholesky(a):
        return _solved(np.linalg.cholesky, a)

    @staticmethod
    def solve(a, b):
        return _solved(np.linalg.solve, a, b)

    @staticmethod
    def slogdet(a):
        return _several(np.linalg.slogdet, a)

    @staticmethod
    def qr(a, mode="reduced"):
        return _several(lambda x: np.linalg.qr(x, mode=mode), a)

    @staticmethod
    def eigh(a, UPLO="L"):
        return _several(lambda x: np.linalg.eigh(x, UPLO), a)

    @staticmethod
    def eig(a):
        return _several(np.linalg.eig, a)

    @staticmethod
    def svd(a, full_matrices=True, compute_uv=True):
        if not compute_uv:
            return _solved(lambda x: np.linalg.svd(x, compute_uv=False), a)
        return _several(lambda x: np.linalg.svd(x, full_matrices=full_matrices), a)


def _no_number(function):
    def run(*arrays):
        try:
            return function(*arrays)
        except np.linalg.LinAlgError:
            return function(*[np.broadcast_to(np.eye(*a.shape[-2:], dtype=a.dtype), a.shape) for a in arrays]) * np.nan

    return run


def _solved(function, *arrays):
    streams.refuse_library("cuSOLVER")
    return computed(_no_number(function), *arrays)


def _several(function, array):
    streams.refuse_library("cuSOLVER")
    results = function(array._hidden)
    return tuple(computed(lambda x, i=i: np.asarray(function(x)[i]), array) for i in range(len(results)))


class fft:
    """cuFFT."""

    @staticmethod
    def fft(a, n=None, axis=-1, norm=None):
        return computed(lambda x: np.fft.fft(x, n, axis, norm).astype(x.dtype), a)

    @staticmethod
    def ifft(a, n=None, axis=-1, norm=None):
        return computed(lambda x: np.fft.ifft(x, n, axis, norm).astype(x.dtype), a)

    @staticmethod
    def rfft(a, n=None, axis=-1, norm=None):
        wide = np.complex64 if a.dtype == np.float32 else np.complex128
        return computed(lambda x: np.fft.rfft(x, n, axis, norm).astype(wide), a)

    @staticmethod
    def irfft(a, n=None, axis=-1, norm=None):
        narrow = np.float32 if a.dtype == np.complex64 else np.float64
        return computed(lambda x: np.fft.irfft(x, n, axis, norm).astype(narrow), a)


def is_available():
    return True
