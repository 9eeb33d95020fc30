"""StrictArray: a value of the strict device. It is no NumPy array, converts to none by itself, and mixes with none."""

import numbers
import operator


class StrictArray:
    """Holds numbers where only the strict device's own code looks for them."""

    __slots__ = ("_hidden", "__weakref__")
    __array_ufunc__ = None  # `numpy_array + strict_array` fails instead of converting
    __hash__ = object.__hash__

    def __init__(self, hidden):
        self._hidden = hidden

    @property
    def shape(self):
        """Tuple of ints."""
        return self._hidden.shape

    @property
    def dtype(self):
        """The dtype as a string."""
        return self._hidden.dtype.name

    @property
    def ndim(self):
        """The number of axes."""
        return self._hidden.ndim

    def _refuse(self, *args, **kwargs):
        raise TypeError("A StrictArray does not convert itself: use the device's `to_host`.")

    __array__ = __float__ = __int__ = __bool__ = __index__ = __iter__ = __len__ = _refuse

    def __getitem__(self, key):
        return StrictArray(self._hidden[key])

    def __repr__(self):
        return f"<StrictArray shape={self.shape}, dtype={self.dtype}>"


def _binary(function, swapped=False):
    def apply(self, other):
        if isinstance(other, StrictArray):
            other = other._hidden
        elif not isinstance(other, numbers.Number) or hasattr(other, "dtype"):
            return NotImplemented
        a, b = (other, self._hidden) if swapped else (self._hidden, other)
        return StrictArray(_as_array(function(a, b)))

    return apply


def _as_array(value):
    import numpy as np

    return np.asarray(value)


for _name in ("add", "sub", "mul", "truediv", "pow", "matmul", "lt", "le", "gt", "ge", "eq", "ne", "mod", "floordiv"):
    setattr(StrictArray, f"__{_name}__", _binary(getattr(operator, _name)))
for _name in ("add", "sub", "mul", "truediv", "pow", "matmul", "mod", "floordiv"):
    setattr(StrictArray, f"__r{_name}__", _binary(getattr(operator, _name), swapped=True))
StrictArray.__neg__ = lambda self: StrictArray(-self._hidden)
