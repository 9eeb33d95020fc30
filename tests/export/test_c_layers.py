"""Every layer of the parity tables in libraries for C: all bits are those of a Program that multiplies as they do.

How many cases each run takes: every `KERASISH_C_LAYERS`-th, 1 for all (compiling them takes minutes).
"""

import os

import numpy as np
import pytest

from kerasish.backend import context
from kerasish.backend.function import Function
from kerasish.backend.numpy.library.making import make, product_of
from kerasish.export.c.api import graph_of, refuse
from kerasish.export.signatures import signature_of
from tests.export.library import OK, Library, needs_a_linker, of_the_cpu, own_products
from tests.export.running import host, specs
from tests.export.test_onnx_layers import CASES, Called

pytestmark = [needs_a_linker, of_the_cpu, pytest.mark.slow]
EACH = int(os.environ.get("KERASISH_C_LAYERS", "16"))
TOGETHER = 64  # in one library
CHOSEN = CASES[::EACH]
SUMMED_OTHERWISE = {"GroupNormalization"}  # over axes that don't lie side by side: NumPy adds in another order


@pytest.mark.parametrize("start", range(0, len(CHOSEN), TOGETHER))
def test_layers(start, tmp_path, monkeypatch):
    cases, graphs = [Called(case) for case in CHOSEN[start : start + TOGETHER]], []
    for place, called in enumerate(cases):
        own = signature_of(None, specs(called.arrays, ()))
        graphs.append((f"run_{place}", graph_of(called, own.flat, own)[0]))
    made = make(str(tmp_path), "layers", graphs, "host", 1, True, product_of(None), refuse)
    os.rename(made.library, tmp_path / "liblayers.so")
    library = Library(tmp_path, "layers")
    assert library.code == OK
    wrong = []
    with own_products(monkeypatch):
        for place, (called, (_, outputs)) in enumerate(zip(cases, made.places)):
            found = [np.zeros(out.shape, out.dtype) for out in outputs]
            assert library.run([np.ascontiguousarray(x) for x in called.arrays], found, f"run_{place}") == OK
            wanted = host(Function(inference(called), "layer")(*[x.copy() for x in called.arrays]))
            for one, want in zip(found, wanted, strict=True):
                np.testing.assert_allclose(one, want, rtol=1e-5, atol=1e-5, err_msg=repr(called.case))
                if not np.array_equal(one, want, equal_nan=one.dtype.kind == "f"):
                    wrong.append(called.case)
    assert library.free() == OK
    assert {case.name for case in wrong} <= SUMMED_OTHERWISE, wrong


def inference(called):
    def run(*arrays):
        with context.scope(training=False):
            return called(*arrays)

    return run
