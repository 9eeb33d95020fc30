"""What a library for C costs: products beside BLAS's, size, and the time from opening it to the first prediction.

`python -m benchmarks.c_library`. Times are of one thread; a product's is processor time, the best of several.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

PRODUCTS = (  # rows, columns, terms
    (1024, 1024, 1024), (256, 64, 576), (3136, 96, 16), (784, 144, 24), (196, 384, 64), (49, 1280, 320), (32, 512, 128),
    (4, 512, 128), (1, 1000, 1280),
)  # fmt: skip
_FIRST = """
import ctypes, sys, time
import numpy as np
x, y = np.zeros(int(sys.argv[3]), "float32"), np.zeros(int(sys.argv[4]), "float32")
word, count = ctypes.c_void_p, ctypes.c_size_t
begun = time.perf_counter()
library = ctypes.CDLL(sys.argv[1])
context = word()
assert getattr(library, sys.argv[2] + "_create")(ctypes.byref(context), 1) == 0
run = getattr(library, sys.argv[2] + "_run")
given = context, word(x.ctypes.data), count(x.size), word(y.ctypes.data), count(y.size)
assert run(*given) == 0
first = time.perf_counter() - begun
best = 1e9
for _ in range(10):
    begun = time.perf_counter()
    run(*given)
    best = min(best, time.perf_counter() - begun)
print(first * 1e3, best * 1e3)
"""


def _function(address):
    kinds = [ctypes.c_int] * 3 + [ctypes.c_int64] * 3
    kinds += [ctypes.c_float, *[ctypes.c_void_p, ctypes.c_int64] * 2, ctypes.c_float, ctypes.c_void_p, ctypes.c_int64]
    return ctypes.CFUNCTYPE(None, *kinds)(address)


def _rate(function, m, n, k):
    """Floating-point operations a nanosecond."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((m, k)).astype("float32"), rng.standard_normal((k, n)).astype("float32")
    c, turns, best = np.zeros((m, n), "float32"), max(1, int(1e8 / (m * n * k))), 1e9
    given = (101, 111, 111, m, n, k, 1.0, a.ctypes.data, k, b.ctypes.data, n, 0.0, c.ctypes.data, n)
    for _ in range(7):
        begun = time.process_time()
        for _ in range(turns):
            function(*given)
        best = min(best, (time.process_time() - begun) / turns)
    return 2 * m * n * k / best / 1e9


def products() -> None:
    """Print both libraries' rates."""
    from kerasish.backend.numpy.native.products import own_product
    from kerasish.backend.numpy.native.source import address
    from kerasish.backend.numpy.team import blas

    found = blas.symbol("sgemm")
    assert found is not None and found[1] == 64, "NumPy's BLAS has other integers than this asks with"
    own, other = _function(address(own_product("sgemm"))), _function(found[0])
    blas.find()
    with blas.held():
        print("| rows x columns x terms | own, GFLOP/s | BLAS, GFLOP/s |\n|---|---|---|")
        for sizes in PRODUCTS:
            print(f"| {' x '.join(map(str, sizes))} | {_rate(own, *sizes):.0f} | {_rate(other, *sizes):.0f} |")


def libraries() -> None:
    """Print size and times of two models."""
    import kerasish as keras
    from benchmarks import workloads

    models = {
        "convnet": (workloads.load("convnet").build(keras), 28 * 28, 10),
        "mobilenet": (keras.applications.MobileNetV2(weights=None), 224 * 224 * 3, 1000),
    }
    for name, (model, taken, given) in models.items():
        with tempfile.TemporaryDirectory() as folder:
            begun = time.process_time()
            model.export(os.path.join(folder, name), format="c")
            made, path = time.process_time() - begun, os.path.join(folder, f"lib{name}.so")
            words = [sys.executable, "-c", _FIRST, path, name, str(taken), str(given)]
            said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
            first, best = map(float, said.split())
            size = os.path.getsize(path) / 1e6
            print(f"{name}: {size:.2f} MB, made in {made:.1f} s, first prediction {first:.1f} ms, then {best:.2f} ms")


if __name__ == "__main__":
    products()
    libraries()
