"""NumPy as tests know it, on a device whose arrays NumPy may not ask for: what it is handed is fetched first.

CuPy's arrays refuse `np.asarray`, and so they should in kerasish. A test that only wants to look at numbers would have
to say so at each place; here its module's `np` says so. kerasish's own modules keep the real one.
"""

import functools
import sys

import numpy as np

from kerasish import backend

OWN_MODULES = ("tests.cupy_standin", "tests.cuda_on_cpu", "tests.strict_device", __name__)


_OF_UFUNCS = ("accumulate", "at", "outer", "reduce", "reduceat")


class Reading:
    """A module of NumPy whose functions, and those of its parts, fetch what they are handed."""

    def __init__(self, module):
        self._module = module

    def __getattr__(self, name):
        found = getattr(self._module, name)
        if type(found) is type(np):
            found = Reading(found)
        elif callable(found) and not isinstance(found, type):
            found = _reading(found)
        setattr(self, name, found)
        return found


def _reading(function):
    @functools.wraps(function)
    def read(*args, **kwargs):
        return function(*map(_fetched, args), **{name: _fetched(value) for name, value in kwargs.items()})

    for name in _OF_UFUNCS if isinstance(function, np.ufunc) else ():
        setattr(read, name, _reading(getattr(function, name)))
    return read


def _fetched(x):
    if isinstance(x, list | tuple) and type(x) in (list, tuple):
        return type(x)(map(_fetched, x))
    return backend.device().to_host(x) if backend.device().is_array(x) else x


def install():
    """Give it to all modules of tests that are imported by now."""
    reading = Reading(np)
    for name, module in list(sys.modules.items()):
        is_test = name.startswith("tests.") or name.rpartition(".")[2].startswith("test_")
        if is_test and not name.startswith(OWN_MODULES) and getattr(module, "np", None) is np:
            module.np = reading
