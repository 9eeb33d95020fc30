"""What a library for C computes, and what is refused: every primitive's rows drawn, some of them compiled and run.

`KERASISH_C_PRIMITIVES`-th of the rows are compiled; 1 takes all (minutes).
"""

import os

import numpy as np
import pytest

from kerasish.backend.numpy.blueprint import Blueprint
from kerasish.backend.numpy.library.drawing import draw
from kerasish.backend.numpy.library.making import make, product_of
from kerasish.backend.numpy.native.target import target
from kerasish.backend.primitives import PRIMITIVES
from kerasish.export.c.api import graph_of, refuse
from kerasish.export.signatures import signature_of
from tests.backend.primitives.harness import all_rows
from tests.export.library import OK, Library, needs_a_linker, of_the_cpu
from tests.export.running import host, specs

pytestmark = [needs_a_linker, of_the_cpu, pytest.mark.slow]
EACH = int(os.environ.get("KERASISH_C_PRIMITIVES", "24"))
REFUSED = {  # wholly, and why
    "training": "conv_kernel_gradient max_pool_gather max_pool_gradient first_rows put_rows sum_rows sum_pool_gradient "
    "take_gradient put_along_axis_add catch_up",
    "factorisations": "cholesky eig eigh lu qr singular_values svd solve triangular_solve slogdet",
    "transforms": "fft rfft irfft",
    "complex": "complex conj imag magnitude real",
    "rare": "gcd nextafter bitcast erfinv scatter_nd_combine",
    "between ranks": "all_gather all_reduce gathered meet publish reduce_scatter reduce_start reduce_wait seen",
    "python": "host_call",
}
IN_PART = {"power", "max_pool", "sum_pool", "sample", "philox", "conv_input_gradient"}  # some dtypes or sizes
LOOPS = {
    "cond",
    "custom_gradient",
    "scan",
    "while_loop",
    "attention",
    "attention_gradient",
}  # of which there are no rows


def single(x):
    return x.astype("float32") if x.dtype == np.float64 else x


class Row:
    """A row as a function of the operands that are not fixed."""

    def __init__(self, row):
        inputs = [single(x) for x in row.inputs]
        fixed = {place: inputs[place] for place in row.closed}
        self.row, self.arrays = row, [x for place, x in enumerate(inputs) if place not in fixed]

        def call(*tensors):
            remaining = iter(tensors)
            return row.call(*[fixed[i] if i in fixed else next(remaining) for i in range(len(inputs))])

        self.call = call

    def graph(self):
        own = signature_of(None, specs(self.arrays, ()))
        return graph_of(self.call, own.flat, own)[0]


def is_real(row):
    try:
        arrays = [*row.arrays, *host(row.call(*row.arrays))]
    except (ValueError, TypeError, IndexError):
        return False
    return not any(x.dtype.kind == "c" for x in arrays)


def is_drawn(row):
    try:
        draw(row.graph(), Blueprint(target("x86-64-v3"), 1), refuse)
    except ValueError as error:
        assert "for which a library for C has no code" in str(error)
        return False
    return True


def test_what_is_refused_is_known():
    known = {name for names in REFUSED.values() for name in names.split()}
    rows = [row for row in map(Row, all_rows()) if is_real(row)]
    drawn, refused = set(), set()
    for row in rows:
        (drawn if is_drawn(row) else refused).add(row.row.name)
    assert refused - known <= IN_PART, sorted(refused - known - IN_PART)
    assert set(PRIMITIVES) - drawn - LOOPS <= known, sorted(set(PRIMITIVES) - drawn - LOOPS - known)


def test_primitives(tmp_path):
    known = {name for names in REFUSED.values() for name in names.split()}
    rows = [row for row in map(Row, [row for row in all_rows() if row.name not in known][::EACH]) if is_real(row)]
    rows = [row for row in rows if is_drawn(row)]
    graphs = [(f"run_{place}", row.graph()) for place, row in enumerate(rows)]
    made = make(str(tmp_path), "rows", graphs, "host", 1, True, product_of(None), refuse)
    os.rename(made.library, tmp_path / "librows.so")
    library = Library(tmp_path, "rows")
    assert library.code == OK
    for place, (row, (_, outputs)) in enumerate(zip(rows, made.places)):
        found = [np.zeros(out.shape, out.dtype) for out in outputs]
        given = [np.ascontiguousarray(x).reshape(x.shape) for x in row.arrays]
        assert library.run(given, found, f"run_{place}") == OK
        for one, want in zip(found, host(row.call(*row.arrays)), strict=True):
            about = repr(row.row)
            assert one.shape == want.shape and one.dtype == want.dtype, about
            np.testing.assert_allclose(
                one.astype("float64"), want.astype("float64"), rtol=1e-5, atol=1e-6, err_msg=about
            )
    assert library.free() == OK
