"""A library for C in this process, called through ctypes, and `predict` by the products that it has."""

import ctypes
import platform
import shutil
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from kerasish.backend.device import device
from kerasish.backend.numpy import native, team
from kerasish.backend.numpy.native import products
from kerasish.backend.numpy.steps import operands
from kerasish.backend.numpy.team import blas

of_the_cpu = pytest.mark.skipif(device().kind != "cpu", reason="a library has the bits of the CPU's predictions")
needs_a_linker = pytest.mark.skipif(
    not native.enabled() or not sys.platform.startswith("linux") or platform.machine() != "x86_64"
    or not any(map(shutil.which, ("cc", "gcc", "ld"))),
    reason="needs llvmlite, Linux on x86-64, and a linker",
)  # fmt: skip
OK, NULL_POINTER, BAD_SHAPE, NO_MEMORY, BUSY, BAD_INDEX, BAD_THREADS, NO_WEIGHTS, BAD_CONTEXT = range(9)


@contextmanager
def own_products(monkeypatch, threads=1):
    """Programs that are compiled inside multiply as libraries do, and share work among so many threads."""

    def forget():
        products.is_own.cache_clear()
        operands._product.cache_clear()
        blas._symbols.clear()

    before = team.set_size(threads)
    monkeypatch.setenv("KERASISH_PRODUCTS", "own")
    forget()
    try:
        yield
    finally:
        monkeypatch.delenv("KERASISH_PRODUCTS")
        team.set_size(before)
        forget()


class Library:
    """lib`name`.so of a folder, with one context."""

    def __init__(self, folder, name, threads=1, weights=None):
        self.name = name
        self._library = ctypes.CDLL(str(folder / f"lib{name}.so"))
        self.context = ctypes.c_void_p()
        more = () if weights is None else (str(weights).encode(),)
        self.code = self._function("create")(ctypes.byref(self.context), threads, *more)

    def _function(self, end):
        return getattr(self._library, f"{self.name}_{end}")

    def run(self, inputs, outputs, end="run", sizes=None):
        """Fill `outputs`; the code."""
        arguments = []
        for place, x in enumerate((*inputs, *outputs)):
            size = x.size if sizes is None else sizes[place]
            arguments += [ctypes.c_void_p(x.ctypes.data), ctypes.c_size_t(size)]
        return self._function(end)(self.context, *arguments)

    def call(self, inputs, outputs, dtypes=None):
        """By shapes; `dtypes`: the codes, by default of float32."""
        arrays = [*inputs, *outputs]
        shapes = [np.array(x.shape, np.int64) for x in arrays]
        words = [[x.ctypes.data, (dtypes or [0] * 99)[i], x.ndim, shapes[i].ctypes.data] for i, x in enumerate(arrays)]
        table = np.array(words, np.int64)
        return self._function("call")(self.context, ctypes.c_void_p(table.ctypes.data), ctypes.c_size_t(len(arrays)))

    def free(self):
        return self._function("free")(self.context)


def computed(folder, name, inputs, shapes, **options):
    """What a library gives for inputs, as float32 arrays of `shapes`."""
    library = Library(folder, name, **options)
    assert library.code == OK
    outputs = [np.full(shape, np.nan, "float32") for shape in shapes]
    assert library.run(inputs, outputs) == OK
    assert library.free() == OK
    return outputs
