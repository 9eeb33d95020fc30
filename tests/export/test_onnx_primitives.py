"""Every primitive as ONNX: the rows of `tests/backend/primitives`, run by onnxruntime."""

import numpy as np
import pytest

from kerasish.backend.primitives import PRIMITIVES
from kerasish.export.onnx import forms
from kerasish.export.onnx.registry import PRIMITIVES as FORMS
from tests.backend.primitives.harness import all_rows
from tests.export.running import agree, exported, host, run, session_of

NONE = {  # what is refused, and why
    "training": "catch_up conv_kernel_gradient first_rows max_pool_gradient max_pool_gather put_rows sum_pool_gradient "
    "sum_rows",
    "factorisations": "cholesky eig eigh lu qr singular_values svd",
    "equations": "solve triangular_solve",
    "complex": "complex conj imag magnitude real",
    "ranks": "all_gather all_reduce gathered meet publish reduce_scatter reduce_start reduce_wait seen",
    "bits": "bitcast gcd nextafter",
    "random": "philox",
}
REFUSED = {name for names in NONE.values() for name in names.split()}
REFUSED |= {"host_call"}


def spoken_of(row):
    """Whether a row is one that ONNX has numbers for."""
    if row.name in REFUSED or any(x.dtype.kind == "c" for x in row.inputs):
        return False
    if row.name == "slice_gradient":
        return set(row.attributes["strides"]) == {1}
    return row.attributes.get("dtype") not in ("bfloat16", "complex64", "complex128")  # which have no arrays here


ROWS = [row for row in all_rows() if spoken_of(row)]


def test_every_primitive_is_spoken_of():
    assert forms and set(FORMS) == set(PRIMITIVES)


def single(x):
    return x.astype("float32") if x.dtype == np.float64 else x


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_primitive(row):
    inputs = [single(x) for x in row.inputs]
    fixed = {i: inputs[i] for i in row.closed}  # their values are part of what is exported
    given = [x for i, x in enumerate(inputs) if i not in fixed]

    def call(*tensors):
        remaining = iter(tensors)
        return row.call(*[fixed[i] if i in fixed else next(remaining) for i in range(len(inputs))])

    session = session_of(exported(call, given, opened=()))
    agree(run(session, given), host(call(*given)), about=row)


REFUSALS = list({row.name: row for row in reversed(all_rows()) if row.name in REFUSED}.values())


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.name)
def test_a_primitive_without_a_form_is_refused_by_name(row):
    with pytest.raises(ValueError, match=row.name if row.name not in ("host_call", "philox") else "host|random"):
        exported(row.call, row.inputs, opened=())
