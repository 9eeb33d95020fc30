"""The matrix product that libraries for C have, called as BLAS is."""

import ctypes
import itertools

import numpy as np
import pytest

from kerasish.backend.numpy import native
from kerasish.backend.numpy.native import products

pytestmark = pytest.mark.skipif(not native.enabled(), reason="llvmlite is not installed, or KERASISH_NATIVE=0")
WIDE = [False, True]  # few registers of 32 bytes, or many of 64: either is made everywhere


def product_of(dtype):
    number = {"float32": ctypes.c_float, "float64": ctypes.c_double}[dtype]
    kinds = [ctypes.c_int] * 3 + [ctypes.c_int64] * 3
    kinds += [number, *[ctypes.c_void_p, ctypes.c_int64] * 2, number, ctypes.c_void_p, ctypes.c_int64]
    name = {"float32": "sgemm", "float64": "dgemm"}[dtype]
    return ctypes.CFUNCTYPE(None, *kinds)(native.address(products.own_product(name)))


def multiplied(function, a, b, c, m, n, k, turned=(False, False), beta=0.0):
    flags = [112 if turn else 111 for turn in turned]
    sizes = [a.ctypes.data, a.shape[1], b.ctypes.data, b.shape[1]]
    function(101, *flags, m, n, k, 1.0, *sizes, beta, c.ctypes.data, c.shape[1])


@pytest.fixture(params=WIDE, ids=["narrow", "wide"])
def registers(request, monkeypatch):
    monkeypatch.setattr(products, "has_wide_registers", lambda: request.param)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_the_product(dtype, registers):
    rng, function = np.random.default_rng(0), product_of(dtype)
    sizes = itertools.product((1, 2, 6, 13, 250), (1, 16, 33, 140), (1, 255, 258, 600))
    for place, (m, n, k) in enumerate(sizes):
        for turn_a, turn_b in itertools.product((False, True), repeat=2):
            a = rng.standard_normal((k, m + 2) if turn_a else (m, k + 2)).astype(dtype)
            b = rng.standard_normal((n, k + 3) if turn_b else (k, n + 3)).astype(dtype)
            c = rng.standard_normal((m, n + 1)).astype(dtype)
            before, beta = c.copy(), float(place % 2)
            multiplied(function, a, b, c, m, n, k, (turn_a, turn_b), beta)
            want = (a[:, :m].T if turn_a else a[:, :k]) @ (b[:, :k].T if turn_b else b[:, :n])
            want = want + (beta * before[:, :n] if beta else 0)
            tolerance = 1e-13 if dtype == "float64" else 2e-5
            np.testing.assert_allclose(c[:, :n], want, rtol=tolerance, atol=tolerance * 10 * k**0.5)
            assert np.array_equal(c[:, n], before[:, n])


def test_bits_do_not_depend_on_the_cut(registers):
    """Rows and columns alone, or among others, transposed or not: the terms are added in one order."""
    rng, function = np.random.default_rng(1), product_of("float32")
    m, n, k = 41, 77, 700
    a, b = (rng.standard_normal(shape).astype("float32") for shape in ((m, k), (k, n)))
    whole = np.zeros((m, n), "float32")
    multiplied(function, a, b, whole, m, n, k)
    one = np.zeros((1, n), "float32")
    multiplied(function, a[5:6], b, one, 1, n, k)
    assert np.array_equal(one[0], whole[5])
    turned, other = np.ascontiguousarray(a.T), np.ascontiguousarray(b.T)
    for pair, turns in (((turned, b), (True, False)), ((a, other), (False, True)), ((turned, other), (True, True))):
        again = np.zeros((m, n), "float32")
        multiplied(function, *pair, again, m, n, k, turns)
        assert np.array_equal(again, whole)


def test_nothing_is_read_of_what_is_written_first(registers):
    a, b = np.ones((3, 4), "float32"), np.ones((4, 5), "float32")
    c = np.full((3, 5), np.nan, "float32")
    multiplied(product_of("float32"), a, b, c, 3, 5, 4)
    assert (c == 4).all()


def test_a_word_that_is_no_product(monkeypatch):
    monkeypatch.setenv("KERASISH_PRODUCTS", "mine")
    products.is_own.cache_clear()
    with pytest.raises(ValueError, match="KERASISH_PRODUCTS must be 'own' or 'blas', got 'mine'"):
        products.is_own()
    products.is_own.cache_clear()
