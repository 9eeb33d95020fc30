"""`cupy.ndarray` as far as the device uses it: it converts to no NumPy array by itself, and mixes with none."""

import numbers
import operator

import ml_dtypes  # noqa: F401  (NumPy knows bfloat16 and float8 by name)
import numpy as np

from tests.cupy_standin import memory, streams

_COMPUTED = "?bhilqBHILQefdFD"  # and bfloat16: what CuPy has kernels for


def is_computed(dtype):
    """Whether CuPy computes with numbers of `dtype`; of others it knows the memory alone."""
    return dtype.char in _COMPUTED or dtype.name == "bfloat16"


class ndarray:
    """Numbers in a block of device memory."""

    __array_priority__ = 100
    __hash__ = None

    def __new__(cls, shape, dtype=float, memptr=None, strides=None, order="C"):
        self = object.__new__(cls)
        dtype = np.dtype(dtype)
        if dtype.kind in "OUSVM" and not dtype.name.startswith(("bfloat", "float8")):
            raise ValueError(f"Unsupported dtype {dtype}")
        shape = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(map(int, shape))
        if memptr is None:
            memptr = memory.alloc(int(np.prod(shape, dtype=np.int64)) * dtype.itemsize)
        offset = memptr.ptr - memptr.mem.block.address
        hidden = np.ndarray(shape, dtype, memptr.mem.block.bytes, offset, strides)
        return _over(self, hidden, memptr.mem)

    # -- what it is ---------------------------------------------------------------------------------------------------

    shape = property(lambda self: self._hidden.shape)
    dtype = property(lambda self: self._hidden.dtype)
    strides = property(lambda self: self._hidden.strides)
    size = property(lambda self: self._hidden.size)
    ndim = property(lambda self: self._hidden.ndim)
    nbytes = property(lambda self: self._hidden.nbytes)
    itemsize = property(lambda self: self._hidden.itemsize)
    device = property(lambda self: streams.Device(self._block.device))
    T = property(lambda self: self.transpose())
    flags = property(lambda self: self._hidden.flags)
    base = property(lambda self: self._base)

    @property
    def data(self):
        return memory.MemoryPointer(self._mem, self._hidden.ctypes.data - self._mem.ptr)

    @property
    def _block(self):
        return self._mem.block

    @property
    def __cuda_array_interface__(self):
        return {"shape": self.shape, "typestr": self.dtype.str, "data": (self.data.ptr, False), "version": 3}

    @property
    def real(self):
        return self._view(self._hidden.real) if self.dtype.kind == "c" else self

    @real.setter
    def real(self, value):
        self.real[...] = value

    @property
    def imag(self):
        return self._view(self._hidden.imag)

    def __repr__(self):
        return f"<stand-in for cupy.ndarray, shape={self.shape}, dtype={self.dtype}>"

    # -- views --------------------------------------------------------------------------------------------------------

    def _view(self, hidden):
        twin = _over(object.__new__(type(self)), hidden, self._mem)
        twin._base = self if self._base is None else self._base
        return twin

    def reshape(self, *shape, order="C"):
        shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        wanted = np.reshape(self._hidden, shape)
        if np.shares_memory(wanted, self._hidden) or not self.size:
            return self._view(wanted)
        return self.copy().reshape(shape)

    def ravel(self, order="C"):
        return self.reshape(-1)

    def transpose(self, *axes):
        axes = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return self._view(self._hidden.transpose(*([axes] if axes else [])))

    def swapaxes(self, a, b):
        return self._view(self._hidden.swapaxes(a, b))

    def view(self, dtype=None):
        return self._view(self._hidden if dtype is None else self._hidden.view(dtype))

    # -- copies -------------------------------------------------------------------------------------------------------

    def copy(self, order="C"):
        """On the card in use, wherever this one lies."""
        twin = ndarray(self.shape, self.dtype)
        if self._block.device != twin._block.device:
            with streams.Device(self._block.device):
                value = self.get()
            streams.launch(_copying(twin._hidden, value), [], [twin])
            return twin
        streams.launch(_copying(twin._hidden, self._hidden), [self], [twin])
        return twin

    def astype(self, dtype, order="K", casting=None, subok=None, copy=True):
        dtype = np.dtype(dtype)
        if not (is_computed(self.dtype) and is_computed(dtype)) and dtype != self.dtype:
            raise TypeError(f"CuPy does not convert {self.dtype} to {dtype}.")
        if not copy and dtype == self.dtype:
            return self
        twin = ndarray(self.shape, dtype)
        streams.launch(_copying(twin._hidden, self._hidden), [self], [twin])
        return twin

    def fill(self, value):
        if isinstance(value, np.ndarray) and value.ndim:
            raise TypeError("`fill` takes a number.")
        self._computed()
        streams.launch(_copying(self._hidden, np.asarray(value).astype(self.dtype)), [], [self])

    def get(self, stream=None, order="C", out=None, blocking=True):
        streams.refuse_host()
        found = {}
        streams.launch(lambda: found.update(value=np.array(self._hidden, order="C")), [self])
        streams.current().synchronize()
        if out is not None:
            np.copyto(out, found["value"])
            return out
        return found["value"]

    def set(self, arr, stream=None):
        if not isinstance(arr, np.ndarray) or arr.dtype != self.dtype or arr.shape != self.shape:
            raise ValueError(f"`set` takes a NumPy array of shape {self.shape} and dtype {self.dtype}.")
        if not self.flags.c_contiguous:
            raise RuntimeError("Cannot set to non-contiguous array")
        stream = stream or streams.current()
        with stream:
            if memory.is_pinned(arr):
                streams.pinned_copy(stream, arr)
            elif stream.is_capturing():
                streams.refuse_host()
            streams.launch(_copying(self._hidden, arr.copy()), [], [self])

    def item(self, *index):
        return self.get().item(*index)

    def __reduce__(self):
        return made, (self.get(),)

    def __deepcopy__(self, memo):
        return self.copy()

    def tolist(self):
        return self.get().tolist()

    def __array__(self, *args, **kwargs):
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array "
            "explicitly."
        )

    def __bool__(self):
        return bool(self.get())

    def __float__(self):
        return float(self.get())

    def __int__(self):
        return int(self.get())

    def __index__(self):
        return operator.index(self.get().item())

    def __len__(self):
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # -- elements -----------------------------------------------------------------------------------------------------

    def _computed(self):
        if not is_computed(self.dtype):
            raise TypeError(f"CuPy has no kernels for {self.dtype}.")

    def __getitem__(self, key):
        parts = key if isinstance(key, tuple) else (key,)
        hidden = self._hidden
        if any(isinstance(k, (np.ndarray, list)) for k in parts):
            raise IndexError("An index must be an array of the card.")
        if not any(isinstance(k, ndarray) for k in parts):
            return self._view(hidden[parts if any(k is Ellipsis for k in parts) else (*parts, Ellipsis)])
        opened, arrays = _opened(key)
        self._computed()
        probe = hidden[opened]
        twin = ndarray(probe.shape, self.dtype)
        target = twin._hidden
        streams.launch(lambda: np.copyto(target, hidden[opened]), [self._view(probe), *arrays], [twin])
        return twin

    def __setitem__(self, key, value):
        if isinstance(value, np.ndarray) and value.ndim:
            raise TypeError(f"Unsupported type {type(value)}")
        self._computed()
        opened, arrays = _opened(key)
        reads = [value] if isinstance(value, ndarray) else []
        if reads:
            value._computed()
        source = value._hidden if reads else value
        hidden = self._hidden

        def work():
            with np.errstate(all="ignore"):
                hidden[opened] = np.asarray(source).astype(hidden.dtype)

        streams.launch(work, [*reads, *arrays], [self._view(hidden[opened])])


def _opened(key):
    """(the index with hidden arrays, the arrays of the card in it)."""
    parts = key if isinstance(key, tuple) else (key,)
    arrays = [k for k in parts if isinstance(k, ndarray)]
    if any(a.dtype.kind == "b" for a in arrays):
        streams.refuse_host()  # how many are chosen, the host must know
    opened = tuple(k._hidden if isinstance(k, ndarray) else k for k in parts)
    return (opened if isinstance(key, tuple) else opened[0]), arrays


def _over(array, hidden, mem):
    array._hidden, array._mem, array._base = hidden, mem, None
    return array


def _copying(target, source):
    def work():
        with np.errstate(all="ignore"):
            np.copyto(target, source, casting="unsafe")

    return work


def made(value):
    """A new array of the card with the numbers of a host array (memory first, then the launch that fills it)."""
    value = np.asarray(value)
    twin = ndarray(value.shape, value.dtype)
    streams.launch(_copying(twin._hidden, value), [], [twin])
    return twin


def numbers_of(x):
    """The hidden numbers of an operand, or a number. Raises TypeError for host arrays, as CuPy does."""
    if isinstance(x, ndarray):
        x._computed()
        return x._hidden
    if isinstance(x, (numbers.Number, np.generic)):
        return x
    raise TypeError(f"Unsupported type {type(x)}")


def computed(function, *operands, out=None, casting="same_kind"):
    """`function` of the operands' numbers in a new array, or in `out`."""
    hidden = [numbers_of(x) for x in operands]
    reads = [x for x in operands if isinstance(x, ndarray)]
    with np.errstate(all="ignore"):
        probe = np.asarray(function(*hidden))
    if out is None:
        out = ndarray(probe.shape, probe.dtype)
    else:
        out._computed()
        if out.shape != probe.shape:
            raise ValueError(f"Out shape is mismatched: {out.shape} for {probe.shape}.")
        if not np.can_cast(probe.dtype, out.dtype, casting):
            raise TypeError(f"output (typecode {probe.dtype.char!r}) could not be coerced to {out.dtype.char!r}")
    target = out._hidden

    def again():
        with np.errstate(all="ignore"):
            np.copyto(target, np.asarray(function(*hidden)), casting="unsafe")

    streams.launch(again if streams.current().is_capturing() else _copying(target, probe), reads, [out])
    return out


def _operator(function, swapped=False):
    def apply(self, other):
        if isinstance(other, np.ndarray):
            raise TypeError(f"Unsupported type {type(other)}")
        if not isinstance(other, (ndarray, numbers.Number, np.generic)):
            return NotImplemented
        return computed(lambda *a: function(*reversed(a)), self, other) if swapped else computed(function, self, other)

    return apply


for _name in "add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift".split():
    _function = getattr(operator, _name)
    _name = _name.strip("_")
    setattr(ndarray, f"__{_name}__", _operator(_function))
    setattr(ndarray, f"__r{_name}__", _operator(_function, swapped=True))
for _name in "lt le gt ge eq ne".split():
    setattr(ndarray, f"__{_name}__", _operator(getattr(operator, _name)))
for _name, _function in {"neg": np.negative, "abs": np.absolute, "invert": np.invert}.items():
    setattr(ndarray, f"__{_name}__", lambda self, _function=_function: computed(_function, self))
ndarray.__array_ufunc__ = lambda self, *args, **kwargs: NotImplemented
