"""The strict device: a second device behind the seam, to prove that nothing above it takes arrays for NumPy's.

Its kernels take the plainest way to a result (`reference.py`), and it offers none of the optional parts of the
interface: no views, no shared arena, no prepared calls. What the reference does not spell out (convolutions,
decompositions, random bits) borrows the CPU device's kernel on hidden arrays; those kernels have tests of their own.
"""

import numpy as np

from kerasish.backend.device import Device
from kerasish.backend.numpy import kernels as numpy_kernels
from tests.strict_device.array import StrictArray
from tests.strict_device.reference import REFERENCE


class StrictDevice(Device):
    """A device that refuses everything that is not its own."""

    name = "strict"

    def __init__(self):
        borrowed, _ = numpy_kernels.load()
        self.kernels = {name: _borrow(name, kernel) for name, kernel in borrowed.items()}
        self.kernels.update({name: _from_reference(name, function) for name, function in REFERENCE.items()})

    def empty(self, shape, dtype):
        hidden = np.empty(shape, dtype)
        hidden.fill(1 if dtype == "bool" else 77)  # memory that nobody has written must not pass for zeros
        return StrictArray(hidden)

    def from_host(self, array):
        if not isinstance(array, (np.ndarray, np.generic)):
            raise TypeError(f"`from_host` takes NumPy arrays, got {type(array).__name__}.")
        return StrictArray(np.array(array))

    def to_host(self, array):
        return np.array(_open("to_host", array))

    def is_array(self, value):
        return isinstance(value, StrictArray)

    def copy_into(self, target, source):
        target, source = _open("copy_into", target), _open("copy_into", source)
        if target.shape != source.shape:
            raise ValueError(f"copy_into: shapes {target.shape} and {source.shape} differ.")
        target[...] = source

    def may_share(self, x, y):
        return np.may_share_memory(_open("may_share", x), _open("may_share", y))

    def part(self, array, index):
        return StrictArray(_open("part", array)[index : index + 1].reshape(array.shape[1:]))

    def running(self):
        return np.errstate(all="ignore")


def _open(kernel, array):
    """The hidden values. Raises TypeError for anything that is not this device's own."""
    if not isinstance(array, StrictArray):
        raise TypeError(
            f"The strict device's {kernel!r} was given {type(array).__name__}: host and device values may not be mixed."
        )
    return array._hidden


def _borrow(name, kernel):
    def run(out, *inputs, **attributes):
        opened = tuple(_open(name, o) for o in out) if isinstance(out, tuple) else _open(name, out)
        kernel(opened, *[_open(name, x) for x in inputs], **attributes)

    return run


def _from_reference(name, function):
    def run(out, *inputs, **attributes):
        result = np.asarray(function(*[_open(name, x) for x in inputs], **attributes))
        target = _open(name, out)
        if result.shape != target.shape:
            raise ValueError(f"{name}: the shape rule says {target.shape}, the result has {result.shape}.")
        target[...] = result

    return run
