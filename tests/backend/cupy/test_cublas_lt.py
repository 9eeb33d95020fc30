"""Products with a bias and relu in one kernel, on the stand-in; and the descriptors of the real cuBLASLt."""

import ctypes
import importlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from kerasish import backend, ops
from kerasish.backend.function import function
from kerasish.backend.primitives import p
from tests import cupy_standin
from tests.cupy_standin.cublas_lt import _WIDTHS

pytestmark = pytest.mark.skipif(cupy_standin.has_card(), reason="asks for what the stand-in has")
RNG = np.random.default_rng(0)
X, W, B = (RNG.standard_normal(shape).astype("float32") for shape in ((5, 8), (8, 16), (16,)))
FOLLOWED = {
    "bias": lambda x, w, b: p.add(p.matmul(x, w), b),
    "bias first": lambda x, w, b: p.add(b, p.matmul(x, w)),
    "bias and relu": lambda x, w, b: p.relu(p.add(p.matmul(x, w), b)),
    "relu": lambda x, w, b: p.relu(p.matmul(x, w)),
    "bias and gelu": lambda x, w, b: ops.gelu(p.add(p.matmul(x, w), b)),
    "gelu": lambda x, w, b: ops.gelu(p.matmul(x, w)),
    "turned": lambda x, w, b: p.relu(p.add(p.matmul(p.transpose(x, axes=(1, 0)), w, transpose_x=True), b)),
    "turned weights": lambda x, w, b: p.add(p.matmul(x, p.transpose(w, axes=(1, 0)), transpose_y=True), b),
}
ALONE = {
    "tanh": lambda x, w, b: p.tanh(p.add(p.matmul(x, w), b)),
    "exact gelu": lambda x, w, b: ops.gelu(p.add(p.matmul(x, w), b), approximate=False),
    "swish": lambda x, w, b: ops.silu(p.add(p.matmul(x, w), b)),
    "read by others": lambda x, w, b: (lambda made: (made, p.add(made, b)))(p.matmul(x, w)),
    "a column": lambda x, w, b: p.add(p.matmul(x, w), p.sum(x, axis=(1,), keepdims=True)),
}


def agree(fresh, body, arrays, tolerance, launches):
    compiled = function(body)
    found = [fresh.to_host(y) for _ in range(3) for y in _listed(compiled(*arrays))]
    names = compiled.program(*arrays).names
    backend.set_backend("numpy")
    wanted = _listed(function(body)(*arrays)) * 3
    for mine, other in zip(found, wanted):
        np.testing.assert_allclose(
            mine.astype("float32"), np.asarray(other).astype("float32"), rtol=tolerance, atol=tolerance
        )
    assert ("matmul + fused" in names) is launches, names


def _listed(found):
    return list(found) if isinstance(found, (list, tuple)) else [found]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("case", FOLLOWED)
def test_what_follows_is_done_by_the_product(card, case, dtype):
    arrays = [x.astype(dtype) for x in (X, W, B)]
    agree(card, FOLLOWED[case], arrays, {"float32": 1e-5, "float16": 2e-2, "bfloat16": 1e-1}[dtype], True)


@pytest.mark.parametrize("case", ALONE)
def test_the_rest_stays_a_group(card, case):
    agree(card, ALONE[case], [X, W, B], 1e-5, False)


def test_rows_of_several_axes_are_one_product(card):
    x = RNG.standard_normal((3, 5, 8)).astype("float32")
    agree(card, FOLLOWED["bias and relu"], [x, W, B], 1e-5, True)


def test_each_of_a_batch_has_its_own(card):
    x, y = (RNG.standard_normal(shape).astype("float32") for shape in ((3, 5, 8), (3, 8, 16)))
    agree(card, FOLLOWED["bias and relu"], [x, y, B], 1e-5, True)


def test_weights_are_read_each_time(card):
    variable = importlib.import_module("kerasish").Variable(W)
    step = function(lambda x, b: ops.relu(ops.matmul(x, variable) + b))
    for scale in (1.0, 2.0, -1.0):
        variable.assign(W * scale)
        found = card.to_host(step(X, B))
        np.testing.assert_allclose(found, np.maximum(X @ (W * scale) + B, 0), rtol=1e-4, atol=1e-5)


def library():
    """The real cuBLASLt, whose descriptors need no card; or None."""
    if importlib.util.find_spec("nvidia") is None:
        return None
    roots = importlib.util.find_spec("nvidia").submodule_search_locations
    found = [path for root in roots for path in Path(root).glob("cu13/lib/libcublasLt.so.13")]
    return ctypes.CDLL(str(found[0])) if found else None


@pytest.mark.skipif(library() is None, reason="needs the wheel nvidia-cublas")
def test_the_real_one_takes_these_attributes():
    real, c = library(), ctypes
    made = {kind: c.c_void_p() for kind in _WIDTHS}
    assert not real.cublasLtMatmulDescCreate(c.byref(made["MatmulDesc"]), c.c_int(77), c.c_int(0))
    sizes = c.c_uint64(8), c.c_uint64(16), c.c_int64(8)
    assert not real.cublasLtMatrixLayoutCreate(c.byref(made["MatrixLayout"]), c.c_int(14), *sizes)
    assert not real.cublasLtMatmulPreferenceCreate(c.byref(made["MatmulPreference"]))
    for kind, widths in _WIDTHS.items():
        setter = getattr(real, f"cublasLt{kind}SetAttribute")
        for attribute, width in widths.items():
            value = (c.c_uint32 if width == 4 else c.c_uint64)(16 if kind == "MatmulPreference" else 1)
            status = setter(made[kind], c.c_int(attribute), c.byref(value), c.c_size_t(width))
            assert not status, (kind, attribute)
        assert not getattr(real, f"cublasLt{kind}Destroy")(made[kind])
