"""Numbers of channels without axes of size 1 before them."""

import numpy as np
import pytest

from kerasish.backend.compiler import checks, pipeline
from kerasish.backend.primitives.primitive import p
from tests.backend.compiler.harness import evaluated, passes_named, simplified, traced

PASS = passes_named("leading_ones")
X = np.random.default_rng(0).standard_normal((2, 3, 4, 5)).astype("float32")
ROW = np.arange(1.0, 6.0, dtype="float32")


def normalized(x, scale):
    """Means with axes, scales without, and both ways between."""
    mean = p.multiply(p.sum(x, axis=(0, 1, 2), keepdims=True), 1 / 24)
    variance = p.multiply(p.sum(p.square(p.subtract(x, mean)), axis=(0, 1, 2), keepdims=True), 1 / 24)
    factor = p.multiply(p.reshape(p.rsqrt(p.add(variance, 1e-3)), shape=(5,)), scale)
    return p.multiply(p.subtract(x, mean), p.reshape(factor, shape=(1, 1, 1, 5))), p.reshape(mean, shape=(5,))


def handed_out(x, scale):
    """As it was: who asked for axes of size 1 gets them."""
    mean = p.sum(x, axis=(0, -2, 1), keepdims=True)
    return mean, p.where(p.greater(mean, 0.0), p.reshape(scale, shape=(1, 1, 1, 5)), mean)


def stretched(x, scale):
    row = p.negative(p.reshape(scale, shape=(1, 1, 1, 5)))
    return p.add(p.broadcast_to(row, shape=(2, 3, 4, 5)), x), p.cast(row, dtype="float64")


BODIES = {"normalized": normalized, "handed out": handed_out, "stretched": stretched}


def both(body, *arrays):
    """(graph, the Draft before the pass, the Draft behind it)."""
    graph = traced(body, *arrays)
    before = simplified(graph)
    after = pipeline.run(before, PASS)
    assert not [said for check in PASS[0].checks for said in check(after)] and not list(checks.no_dead_nodes(after))
    return graph, before, after


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_computed_is_the_same(body):
    graph, before, after = both(body, X, ROW)
    wanted, found = (evaluated(d.nodes, d.constants, graph, [X, ROW], d.alias) for d in (before, after))
    for one, other in zip(wanted, found):
        np.testing.assert_array_equal(other, one)
        assert other.shape == one.shape


def test_numbers_of_channels_are_rows():
    _, before, after = both(normalized, X, ROW)
    shapes = [tuple(n.outputs[0].shape) for n in after.nodes if n.operation is not p.reshape]
    assert set(shapes) == {X.shape, ROW.shape}
    assert len([n for n in after.nodes if n.operation is p.reshape]) <= 1 < len(before.nodes)


OTHERS = {
    "rows": lambda x, row: p.subtract(x, p.sum(x, axis=-1, keepdims=True)),
    "one number": lambda x, row: p.subtract(x, p.sum(x, axis=None, keepdims=True)),
    "two axes are left": lambda x, row: p.add(x, p.sum(x, axis=(0, 2), keepdims=True)),
    "none": lambda x, row: p.add(x, row),
}


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS)
def test_others_stay(body):
    _, before, after = both(body, X, ROW)
    assert after is before
