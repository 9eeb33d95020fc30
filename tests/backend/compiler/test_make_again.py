"""Groups make again what costs little, and do not store it; what is computed of rows joins their Group."""

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.compiler import pipeline
from kerasish.backend.function import function
from kerasish.backend.primitives.primitive import Spec, p
from kerasish.backend.trace import trace
from tests.backend.compiler.harness import passes_named, simplified

RNG = np.random.default_rng(0)


def drafts(body, *specs):
    """The Drafts before and behind the pass."""
    graph = trace(body, [Spec(*spec) for spec in specs])
    before = pipeline.run(simplified(graph), passes_named("widen", "fuse"))
    return before, pipeline.run(before, passes_named("make_again"))


def full_reads_and_writes(draft, shape):
    """How many values of `shape` the Groups read and write."""
    nodes = [node for node in draft.nodes if node.operation.name == "fused"]
    return tuple(sum(tuple(t.shape) == shape for node in nodes for t in ts(node)) for ts in (_inputs, _outputs))


def _inputs(node):
    return node.inputs


def _outputs(node):
    return node.outputs


def normalized(x, axis):
    mean = ops.mean(x, axis=axis, keepdims=True)
    variance = ops.mean(ops.square(x - mean), axis=axis, keepdims=True)
    return (x - mean) * ops.rsqrt(variance + 1e-3)


SPECS = [((40, 30), "float32"), ((30,), "float32"), ((30, 20), "float32"), ((40, 20), "float32")]


def step(axis):
    def forward_and_back(x, w, m, g):
        made = ops.matmul(normalized(x, axis) * w, m)
        return [made, *gradients(made, [x, w], g)]

    return forward_and_back


@pytest.mark.parametrize("axis, groups, moved", [((1,), 2, (3, 2)), ((0,), 9, (8, 2))], ids=["rows", "columns"])
def test_a_normalization_stores_its_results_and_nothing_else(axis, groups, moved):
    """Forward one read and one write of rows, which need their product, and backward two and one."""
    before, after = drafts(step(axis), *SPECS)
    assert full_reads_and_writes(after, (40, 30)) == moved
    assert sum(node.operation.name == "fused" for node in after.nodes) == groups
    reads, writes = full_reads_and_writes(before, (40, 30))
    assert reads >= moved[0] and writes > moved[1]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("axis", [(1,), (0,)])
def test_the_numbers_stay(axis, dtype, monkeypatch):
    arrays = [RNG.standard_normal(shape).astype(dtype) for shape, _ in SPECS]
    found = function(step(axis))(*arrays)
    monkeypatch.setattr(pipeline, "PIPELINE", tuple(s for s in pipeline.PIPELINE if s.name != "make_again"))
    tolerance = {"float32": 1e-6, "float64": 1e-13, "float16": 4e-3}[dtype]
    for mine, other in zip(found, function(step(axis))(*arrays)):
        np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance * max(1, abs(other).max()))


def test_conversions_count_for_nothing():
    """Differences from the mean, in float32 between two conversions and a rounding, are made of the two bytes."""
    before, after = drafts(lambda x: [normalized(x, (0,))], ((40, 30), "bfloat16"))
    assert full_reads_and_writes(after, (40, 30))[1] == 1 < full_reads_and_writes(before, (40, 30))[1]
    read = {t.dtype for node in after.nodes if node.operation.name == "fused" for t in node.inputs if t.shape[0] == 40}
    assert read == {"bfloat16"}


def test_what_two_values_are_made_of_is_made_once():
    def body(x, y):
        shared = (x - 1.0) * 0.5
        first, second = shared + 2.0, shared - 3.0
        return [_reader(first, y), _reader(second, first) * second]

    _, after = drafts(body, ((40, 30), "float32"), ((40, 30), "float32"))
    for node in after.nodes:
        if node.operation.name == "fused":
            made = [(n.operation.name, tuple(map(id, n.inputs))) for n in node.attributes["group"].nodes]
            assert len(made) == len(set(made))


def _reader(x, t):
    """Something that begins when the sum over rows is there."""
    return t * p.sum(x, axis=(0,), keepdims=True)


STORED = {  # what is made, and read by a later Group, but had better be stored
    "an exponential": lambda x, y: ops.exp(x),
    "of two arrays": lambda x, y: x * y,
    "a mask, which is smaller": lambda x, y: x > 0.5,
    "a long chain": lambda x, y: ((((x + 1.0) * 3.0 - 0.5) * x + 2.0) * x - 0.25) * x,
}


@pytest.mark.parametrize("case", STORED)
def test_what_costs_more_is_stored(case):
    def body(x, y):
        t = STORED[case](x, y)
        first = t if t.dtype == "float32" else p.cast(t, dtype="float32")
        return [p.where(t, p.sum(first, axis=(0,), keepdims=True), 0.0) if t.dtype == "bool" else _reader(first, t)]

    shape = (40, 30)
    before, after = drafts(body, (shape, "float32"), (shape, "float32"))
    assert full_reads_and_writes(before, shape) == full_reads_and_writes(after, shape)


def test_what_is_returned_or_read_by_others_is_stored():
    def body(x, w):
        t = x - 1.0
        return [t, _reader(t, t), ops.matmul(x - 2.0, w), _reader(x, x - 2.0)]

    before, after = drafts(body, ((40, 30), "float32"), ((30, 40), "float32"))
    assert full_reads_and_writes(before, (40, 30))[1] == full_reads_and_writes(after, (40, 30))[1]
