"""BLAS beside the team.

Held to one thread while a Program runs, and its matrix product as an address for native kernels.

NumPy's own library is found through NumPy's extension module with ctypes; others that are loaded (SciPy brings one of
its own) with threadpoolctl. Without threadpoolctl those others keep their threads, and on Windows NumPy's does too:
correct, but two pools then share the processor.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import Any

import numpy as np

from kerasish import forks
from kerasish.backend.numpy import blueprint
from kerasish.backend.numpy.native.available import enabled
from kerasish.backend.numpy.native.products import is_own, own_product
from kerasish.backend.numpy.native.source import address, from_file
from kerasish.backend.numpy.team.count import size
from kerasish.backend.numpy.team.system import system

_THREADS = (  # set, get; {p} and {s} stand for what a build puts around its names
    ("{p}openblas_set_num_threads{s}", "{p}openblas_get_num_threads{s}"),
    ("MKL_Set_Num_Threads", "MKL_Get_Max_Threads"),
    ("bli_thread_set_num_threads", "bli_thread_get_num_threads"),
)
_AFFIXES = (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", "_64"), ("", ""))
_OPENMP = 2  # what openblas_get_parallel says of a library whose number of threads is each calling thread's own

_lock = forks.lock()
_shared, _own = (
    None,
    (),
)  # (set, get) of libraries with one number for the process, and of those with one for each thread
_holders, _before = 0, ()
_local = threading.local()
_searched_with_scipy = False
_MOST = 16  # libraries
_words = (ctypes.c_int64 * (5 + 3 * _MOST))()  # what native code knows of all this
_native_hold = _native_release = _place = None


# ---- finding


def _function(library, names, result, *arguments):
    for prefix, suffix in _AFFIXES:
        for name in names:
            found = getattr(library, name.format(p=prefix, s=suffix), None)
            if found is not None:
                found.restype, found.argtypes = result, arguments
                return found
    return None


def _numpy_library():
    """NumPy's extension module as a ctypes library: its names are those of everything it links to, BLAS too."""
    for name in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        module = sys.modules.get(name)
        if getattr(module, "__file__", None):
            try:
                return ctypes.CDLL(module.__file__)
            except OSError:
                return None
    return None


def _libraries():
    """All BLAS libraries of this process, NumPy's first."""
    found = [_numpy_library()]
    try:
        from threadpoolctl import ThreadpoolController  # an optional package

        controllers = ThreadpoolController().lib_controllers
        found += [c.dynlib for c in controllers if c.user_api == "blas" and hasattr(c, "dynlib")]
    except Exception:  # not installed, or too old or too new to be understood: those libraries are left alone
        pass
    return [library for library in found if library is not None]


def find(again: bool = False) -> None:
    """Look for the libraries, once; once more when SciPy was imported meanwhile.

    A few milliseconds, so done when Programs are put together.
    """
    global _shared, _own, _searched_with_scipy
    scipy = "scipy.linalg" in sys.modules
    if _shared is not None and not again and scipy == _searched_with_scipy:
        return
    shared, own = {}, {}
    for library in _libraries():
        for set_name, get_name in _THREADS:
            setter, getter = (
                _function(library, [set_name], None, ctypes.c_int),
                _function(library, [get_name], ctypes.c_int),
            )
            if setter is None or getter is None:
                continue
            kind = _function(library, ["{p}openblas_get_parallel{s}"], ctypes.c_int) if "openblas" in set_name else None
            place = ctypes.cast(setter, ctypes.c_void_p).value
            (own if kind is not None and kind() == _OPENMP else shared)[place] = (setter, getter)
            break
    with _lock:
        if _holders == 0:
            _shared, _own, _searched_with_scipy = tuple(shared.values()), tuple(own.values()), scipy
            if _native_hold is not None:
                _fill_memory()


# ---- holding


def kept() -> Any:
    """The number of threads BLAS keeps inside a Program.

    One where native kernels call it from the team's threads, else as many as the team has.
    """
    return 1 if enabled() and symbol("sgemm") is not None else size()


def hold(threads: int = 1) -> Any:
    """Let BLAS use no more than `threads` threads, from any thread; the first one's number counts.

    Returns the function that undoes it: the last
    one gives BLAS its threads back.
    """
    if _own:
        _hold_own(threads)
    if _native_hold is not None:
        _native_hold(_place, 0, 0, 0)
        return _release_native
    global _holders, _before
    if _shared is None:
        find()
    with _lock:
        if not _holders:
            _before = [
                (change, now) for change, now in ((change, number()) for change, number in _shared) if now > threads
            ]
            for change, _ in _before:
                change(threads)
        _holders += 1
    return _release


def _release():
    global _holders
    with _lock:
        if _holders:  # a child of fork starts with nobody inside
            _holders -= 1
            if not _holders:
                for change, number in _before:
                    change(number)
    if _own:
        _release_own()


def _release_native():
    _native_release(_place, 0, 0, 0)
    if _own:
        _release_own()


def _hold_own(threads):
    depth = getattr(_local, "depth", 0)
    if not depth:
        _local.before = [(change, number()) for change, number in _own]
        for change, number in _local.before:
            change(min(number, threads))
    _local.depth = depth + 1


def _release_own():
    _local.depth -= 1
    if not _local.depth:
        for change, number in _local.before:
            change(number)


def wrapped(run: Any) -> Any:
    """`run`, which holds BLAS natively, with further libraries held too.

    Those are the ones whose number of threads is the calling thread's own.
    """
    if not _own:
        return run

    def run_held():
        _hold_own(1)
        try:
            run()
        finally:
            _release_own()

    return run_held


class held:
    """`with held():` BLAS is on one thread.

    Several threads may be inside; the first changes it, the last restores it.
    """

    __slots__ = ("_undo",)

    def __enter__(self) -> Any:
        self._undo = hold()

    def __exit__(self, *error: Any) -> None:
        self._undo()


def hold_in_worker() -> None:
    """In a new thread of the team, which does nothing but the team's work.

    One thread, for good, where that is each thread's own.
    """
    for change, _ in _own:
        change(1)


def threads() -> Any:
    """The number of threads that NumPy's BLAS may use now, or None where it can't be told."""
    if _shared is None:
        find()
    for _, number in (*_shared, *_own):
        return number()
    return None


def memory() -> Any:
    """The address of the numbers by which native code holds BLAS (`native/kernels/walk.kernel` says which).

    Holding goes through them from now on.
    """
    global _native_hold, _native_release, _place
    if _shared is None:
        find()
    with _lock:
        if _native_hold is None:
            prototype = ctypes.PYFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
            _fill_memory()
            _place = ctypes.addressof(_words)
            _native_release = prototype(address(from_file("walk", "release_blas")))
            _native_hold = prototype(address(from_file("walk", "hold_blas")))
    return _place


def _fill_memory():
    """Libraries that were found are told to the native code, unless somebody holds them now."""
    if _words[1] == 0:
        known = [
            (ctypes.cast(change, ctypes.c_void_p).value, ctypes.cast(number, ctypes.c_void_p).value, 0)
            for change, number in _shared[:_MOST]
        ]
        flat = [word for library in known for word in library]
        _words[3], _words[4] = system().give_way, kept()
        _words[5 : 5 + len(flat)] = flat
        _words[2] = len(known)


def _after_fork():
    """Only the forking thread lives on in the child: nobody else is inside."""
    global _holders, _before
    if _holders:
        for change, number in _before:
            change(number)
    if _words[1]:
        for change, number in [(change, _words[7 + 3 * i]) for i, (change, _) in enumerate(_shared[: _words[2]])]:
            if number:
                change(number)
    _words[0] = _words[1] = 0
    _holders, _before = 0, ()


forks.in_child(_after_fork)


# ---- the matrix product

_symbols = {}


def symbol(name: str) -> Any:
    """The C function cblas_<name> of NumPy's own library.

    Args:
        name: "sgemm" or "dgemm".
    Returns: (address, 32 or 64: bits of its integers), or None where there is none that can be called.
    """
    drawn = blueprint.current()
    if drawn is not None:
        return _drawn_symbol(drawn, name)
    if name not in _symbols:
        _symbols[name] = _find_symbol(name)
    return _symbols[name]


def _drawn_symbol(drawn, name):
    """The product of what is drawn for another process: of the BLAS that it is linked to, or kerasish's own."""
    if name in drawn.blas:
        function, bits = drawn.blas[name]
        return drawn.kernel(function, function), bits
    return address(own_product(name)), 64


def _find_symbol(name):
    if name not in ("sgemm", "dgemm"):
        raise ValueError(f"`name` must be 'sgemm' or 'dgemm', got {name!r}.")
    if is_own() and enabled():
        return address(own_product(name)), 64
    if os.environ.get("KERASISH_BLAS", "1") == "0":
        return None
    first = _numpy_library()
    for library in [first] if first is not None and _first_gemm(first, name) else _libraries():
        found = _first_gemm(library, name)
        if found is not None and _multiplies(*found, name):
            return found
    return None


def _first_gemm(library, name):
    for prefix, suffix in _AFFIXES:
        function = getattr(library, f"{prefix}cblas_{name}{suffix}", None)
        if function is not None:
            bits = 64 if "64" in suffix or _plain_names_are_64_bit(library) else 32
            return ctypes.cast(function, ctypes.c_void_p).value, bits
    return None


def _plain_names_are_64_bit(library):
    """Whether OpenBLAS was built with 64-bit integers and no suffix that says so."""
    config = _function(library, ["{p}openblas_get_config{s}"], ctypes.c_char_p)
    return config is not None and b"USE64BITINT" in (config() or b"")


def _multiplies(address, bits, name):
    """Whether the function does what it should with small matrices, whole rows of larger ones among them."""
    dtype, number = (np.float32, ctypes.c_float) if name == "sgemm" else (np.float64, ctypes.c_double)
    whole = ctypes.c_int64 if bits == 64 else ctypes.c_int32
    kinds = (
        [ctypes.c_int] * 3
        + [whole] * 3
        + [number, ctypes.c_void_p, whole, ctypes.c_void_p, whole, number, ctypes.c_void_p, whole]
    )
    a, b, c = (
        np.arange(15, dtype=dtype).reshape(3, 5),
        np.arange(28, dtype=dtype).reshape(4, 7) - 3,
        np.ones((3, 9), dtype),
    )
    expected = c.copy()
    expected[:, :6] = 2 * (a[:, :4] @ b[:, :6]) + 3 * c[:, :6]
    place = [x.ctypes.data for x in (a, b, c)]
    ctypes.CFUNCTYPE(None, *kinds)(address)(101, 111, 111, 3, 6, 4, 2.0, place[0], 5, place[1], 7, 3.0, place[2], 9)
    return np.array_equal(c, expected)
