"""Random graphs give the same numbers with and without the passes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.backend.autodiff import gradients
from kerasish.backend.primitives import p
from tests.backend.compiler.harness import evaluated, simplify, traced

pytestmark = pytest.mark.slow

CONSTANTS = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, -0.25)
UNARY = ("negative", "square", "absolute", "relu", "identity", "stop_gradient", "floor", "tanh", "exp", "sigmoid")
BINARY = ("add", "subtract", "multiply", "maximum", "minimum")
COMPARISONS = ("less", "greater_equal")
REDUCTIONS = ("sum", "max", "min")


class Builder:
    """Draws calls on what was made so far. The values stay bounded: exp and products are followed by tanh."""

    def __init__(self, draw, tensors):
        self.draw, self.tensors, self.conditions = draw, list(tensors), []

    def pick(self, *options):
        return self.draw(st.sampled_from(options))

    def operand(self):
        """A tensor, mostly one of the last."""
        return self.tensors[-1 - self.draw(st.integers(0, min(4, len(self.tensors) - 1)))]

    def shaped(self, x, shape):
        """`x` reduced and broadcast to `shape`."""
        if tuple(x.shape) == tuple(shape):
            return x
        if len(x.shape) > len(shape):
            x = p.sum(x, axis=tuple(range(len(x.shape) - len(shape))), keepdims=False)
        extra = len(shape) - len(x.shape)
        axis = tuple(i for i, d in enumerate(x.shape) if d not in (1, shape[i + extra]))
        x = p.max(x, axis=axis, keepdims=True) if axis else x
        return p.broadcast_to(x, shape=tuple(shape))

    def step(self):
        """One more tensor."""
        kind = self.pick(
            "unary", "binary", "constant", "compare", "where", "reduce", "layout", "power", "center", "full", "cast"
        )
        x = self.operand()
        made = getattr(self, f"_{kind}")(x)
        if made is not None:
            self.tensors.append(made)

    def _unary(self, x):
        name = self.pick(*UNARY)
        made = getattr(p, name)(p.add(x, 0.31731) if name == "floor" else x)
        return p.tanh(made) if name in ("exp", "square") else made

    def _binary(self, x):
        y = self.shaped(self.operand(), x.shape) if self.draw(st.booleans()) else x
        return p.tanh(getattr(p, self.pick(*BINARY))(x, y))

    def _constant(self, x):
        value = self.pick(*CONSTANTS)
        name = self.pick("add", "subtract", "multiply", "divide")
        if name == "divide" and value == 0:
            name = "multiply"
        return (
            getattr(p, name)(x, value) if name == "divide" or self.draw(st.booleans()) else getattr(p, name)(value, x)
        )

    def _compare(self, x):
        limit = p.add(self.shaped(self.operand(), x.shape), 0.1234567)  # not where rounding errors would decide
        condition = getattr(p, self.pick(*COMPARISONS))(x, limit)
        self.conditions.append(p.logical_not(condition) if self.draw(st.booleans()) else condition)

    def _where(self, x):
        fitting = [c for c in self.conditions if c.shape == x.shape]
        condition = self.pick(*fitting) if fitting else p.greater(x, 0.0)
        y = self.shaped(self.operand(), x.shape) if self.draw(st.booleans()) else self.pick(*CONSTANTS)
        return p.where(condition, x, y) if self.draw(st.booleans()) else p.where(condition, y, x)

    def _reduce(self, x):
        if not x.shape:
            return None
        axis = tuple(sorted(self.draw(st.sets(st.integers(0, len(x.shape) - 1), min_size=1))))
        return p.tanh(getattr(p, self.pick(*REDUCTIONS))(x, axis=axis, keepdims=self.draw(st.booleans())))

    def _layout(self, x):
        kind = self.pick("reshape", "transpose", "broadcast", "flip")
        size = int(np.prod(x.shape))
        if kind == "reshape":
            return p.reshape(x, shape=self.pick((size,), (1, size), (size, 1), tuple(x.shape)))
        if kind == "transpose":
            return p.transpose(x, axes=tuple(self.draw(st.permutations(range(len(x.shape))))))
        if kind == "flip":
            return p.flip(x, axis=self.draw(st.integers(0, len(x.shape) - 1))) if x.shape else None
        return p.broadcast_to(x, shape=(2, *x.shape)) if size < 200 else None

    def _power(self, x):
        base = p.absolute(x) if self.draw(st.booleans()) else p.sigmoid(x)
        return p.power(base, self.pick(0.0, 1.0, 2.0, 3.0, 0.5))

    def _center(self, x):
        if not x.shape:
            return None
        axis = self.draw(st.integers(0, len(x.shape) - 1))
        return p.subtract(x, p.multiply(p.sum(x, axis=(axis,), keepdims=True), 1 / x.shape[axis]))

    def _full(self, x):
        return p.full(shape=tuple(x.shape), value=self.pick(*CONSTANTS), dtype=x.dtype)

    def _cast(self, x):
        return p.cast(p.cast(x, dtype="float64"), dtype=x.dtype)


def _differ(before, after, atol):
    return [
        (x, y)
        for x, y in zip(before, after)
        if not np.allclose(x, y, rtol=2e-4, atol=atol, equal_nan=True) or x.dtype != y.dtype or x.shape != y.shape
    ]


ARRAYS = [np.random.default_rng(i).uniform(-2, 2, shape) for i, shape in enumerate([(3, 4), (4,), (2, 3, 4)])]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_values(data):
    def body(*inputs):
        builder = Builder(data.draw, inputs)
        for _ in range(data.draw(st.integers(1, 14))):
            builder.step()
        return builder.tensors[-3:]

    graph = traced(body, *ARRAYS)  # float64, so that what differs is a mistake and not a rounding error
    nodes, alias, constants = simplify(graph)
    before = evaluated(graph.nodes, graph.constants, graph, ARRAYS)
    after = evaluated(nodes, constants, graph, ARRAYS, alias)
    assert not _differ(before, after, 1e-9)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_gradients(data):
    def body(*inputs):
        builder = Builder(data.draw, inputs)
        for _ in range(data.draw(st.integers(1, 8))):
            builder.step()
        loss = p.sum(p.tanh(builder.tensors[-1]), axis=None, keepdims=False)
        return [g if g is not None else p.identity(x) for g, x in zip(gradients(loss, list(inputs)), inputs)]

    graph = traced(body, *ARRAYS)
    nodes, alias, constants = simplify(graph)
    before = evaluated(graph.nodes, graph.constants, graph, ARRAYS)
    after = evaluated(nodes, constants, graph, ARRAYS, alias)
    assert len(nodes) <= len(graph.nodes) + 4
    assert not _differ(before, after, 1e-7)
