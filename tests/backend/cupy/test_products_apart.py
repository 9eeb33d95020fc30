"""Products of matrices that no one stride leads through, as heads of attention lie: none of them is copied."""

import importlib

import numpy as np
import pytest

from kerasish.backend.function import function
from kerasish.backend.primitives import p
from tests import cupy_standin
from tests.cupy_standin import streams

pytestmark = pytest.mark.skipif(cupy_standin.has_card(), reason="asks for what the stand-in has")
RNG = np.random.default_rng(0)
TOLERANCE = {"float32": 1e-5, "float64": 1e-12, "complex64": 1e-5, "float16": 2e-2}


def heads(x):
    return p.transpose(x, axes=(0, 2, 1, 3))


CASES = {  # body of two arrays (2, 5, 3, 8), kernels that it takes
    "logits": (lambda x, y: p.matmul(heads(x), heads(y), transpose_y=True), 1),
    "gradient of keys": (lambda x, y: p.matmul(heads(x), heads(y), transpose_x=True), 1),
    "one for all of a batch": (lambda x, y: p.matmul(heads(x), heads(y)[:1], transpose_y=True), 1),
    "one for each head": (lambda x, y: p.matmul(heads(x), heads(y)[1], transpose_y=True), 1),
    "turned round": (lambda x, y: p.matmul(heads(x), p.flip(heads(y), axis=(1,)), transpose_y=True), 1),
    "one stride": (lambda x, y: p.matmul(x, y, transpose_y=True), 1),
    "numbers that lie apart": (lambda x, y: p.matmul(heads(x)[..., ::2], heads(y)[..., ::2], transpose_y=True), 3),
}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
def test_they_are_multiplied_where_they_lie(card, case, dtype):
    body, kernels = CASES[case]
    x, y = (RNG.standard_normal((2, 5, 3, 8)).astype(dtype) for _ in range(2))
    compiled = function(body)
    wanted = card.to_host(body(card.from_host(x), card.from_host(y)))
    for _ in range(3):
        np.testing.assert_allclose(card.to_host(compiled(x, y)), wanted, rtol=0, atol=TOLERANCE[dtype] * 9)
    kind = importlib.import_module("kerasish.backend.cupy.linalg").Step
    (product,) = [step for step in compiled.program(x, y).steps if isinstance(step, kind)]
    before = streams.COUNTS["kernels"]
    product()
    assert streams.COUNTS["kernels"] - before == kernels


def test_a_step_with_them_is_one_graph(card):
    def step(x, y):
        weights = p.tanh(p.matmul(heads(x), heads(y), transpose_y=True))
        return p.tanh(p.matmul(weights, heads(y))), p.tanh(p.matmul(weights, heads(x), transpose_x=True))

    x, y = (RNG.standard_normal((2, 5, 3, 8)).astype("float32") for _ in range(2))
    compiled = function(step)
    for _ in range(3):
        found = compiled(x, y)
    assert "launched as one CUDA graph" in compiled.program(x, y).launch
    w = np.tanh(np.einsum("bthd,bshd->bhts", x, y))
    np.testing.assert_allclose(card.to_host(found[0]), np.tanh(np.einsum("bhts,bshd->bhtd", w, y)), rtol=0, atol=1e-5)
    np.testing.assert_allclose(card.to_host(found[1]), np.tanh(np.einsum("bhts,bthd->bhsd", w, x)), rtol=0, atol=1e-5)
