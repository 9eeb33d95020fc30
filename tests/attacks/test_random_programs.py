"""Random programs of ops: at once and compiled, by one thread and three, in two precisions, beside differences."""

import numpy as np
import pytest

from kerasish import backend, ops
from kerasish.backend.numpy.native.available import use
from kerasish.backend.numpy.steps import cost
from tests.attacks.sizes import chance, size

pytestmark = pytest.mark.slow

# Whatever is large or steep is bounded behind, so that programs of any length stay where numbers are good.
UNARY = {
    "exp": lambda x: ops.exp(ops.minimum(x, 2.0)),
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
    "relu": ops.relu,
    "square": lambda x: ops.square(ops.tanh(x)),
    "abs": ops.abs,
    "sqrt": lambda x: ops.sqrt(ops.abs(x) + 0.5),
    "log": lambda x: ops.log(ops.abs(x) + 0.5),
    "erf": ops.erf,
    "softplus": ops.softplus,
    "rsqrt": lambda x: ops.rsqrt(ops.abs(x) + 0.5),
    "log1p": lambda x: ops.log1p(ops.abs(x)),
    "gelu": lambda x: ops.gelu(x, approximate=False),
    "silu": ops.silu,
    "elu": ops.elu,
    "sin": ops.sin,
    "cos": ops.cos,
    "softmax": lambda x: ops.softmax(x, axis=-1),
    "log_softmax": lambda x: ops.log_softmax(x, axis=-1),
    "clip": lambda x: ops.clip(x, -0.7, 0.9),
}
BINARY = {
    "add": ops.add,
    "subtract": ops.subtract,
    "multiply": lambda x, y: ops.multiply(ops.tanh(x), y),
    "divide": lambda x, y: x / (ops.abs(y) + 0.7),
    "maximum": ops.maximum,
    "minimum": ops.minimum,
    "where": lambda x, y: ops.where(x > y, x, y),
    "logaddexp": ops.logaddexp,
    "hypot": lambda x, y: ops.sqrt(x * x + y * y + 0.3),
}
REDUCTIONS = {
    "sum": ops.sum, "mean": ops.mean, "max": ops.max, "min": ops.min, "logsumexp": ops.logsumexp,
    "var": ops.var,
}  # fmt: skip
SIZES = (1, 2, 3, 5, 8, 17)


class Program:
    """A function of three arrays, drawn once: a list of moves, each of which makes one more value of those before."""

    def __init__(self, draw):
        shape = tuple(draw.choice(SIZES) for _ in range(draw.randint(1, 3)))
        self.shapes = [shape, shape[-1:], (shape[-1], draw.choice(SIZES))]
        self.moves = [(draw.choice(self.KINDS), draw.random(), draw.random(), draw.random()) for _ in range(12)]
        self.moves = self.moves[: draw.randint(2, 12)]
        self.seed = draw.randrange(1 << 30)

    KINDS = ("unary", "unary", "unary", "binary", "binary", "reduce", "center", "product", "layout", "window", "join")

    def arrays(self, dtype):
        random = np.random.default_rng(self.seed)
        return [random.uniform(-1.5, 1.5, shape).astype("float32").astype(dtype) for shape in self.shapes]

    def __call__(self, *inputs):
        values = [inputs[0], inputs[0] + inputs[1]]
        for kind, *draws in self.moves:
            made = getattr(self, f"_{kind}")(values, inputs, *draws)
            if made is not None:
                values.append(made)
        return [values[-1], values[len(values) // 2]]

    @staticmethod
    def _one(values, draw):
        return values[-1 - int(draw * min(4, len(values)))]

    def _unary(self, values, inputs, a, b, c):
        x, name = self._one(values, a), sorted(UNARY)[int(b * len(UNARY))]
        return UNARY[name if x.shape or "softmax" not in name else "sigmoid"](x)

    def _binary(self, values, inputs, a, b, c):
        x = self._one(values, a)
        fitting = [value for value in values if tuple(value.shape) == tuple(x.shape)]
        return BINARY[sorted(BINARY)[int(b * len(BINARY))]](x, fitting[int(c * len(fitting))])

    def _reduce(self, values, inputs, a, b, c):
        x = self._one(values, a)
        if not x.shape:
            return None
        axis = int(b * len(x.shape))
        return ops.tanh(REDUCTIONS[sorted(REDUCTIONS)[int(c * len(REDUCTIONS))]](x, axis=axis, keepdims=a > 0.4))

    def _center(self, values, inputs, a, b, c):
        x = self._one(values, a)
        if not x.shape:
            return None
        axis = int(b * len(x.shape))
        return (x - ops.mean(x, axis=axis, keepdims=True)) * ops.rsqrt(ops.var(x, axis=axis, keepdims=True) + 0.2)

    def _product(self, values, inputs, a, b, c):
        x = self._one(values, a)
        if x.shape and x.shape[-1] == self.shapes[2][0]:
            return ops.tanh(ops.matmul(x, inputs[2]))
        if len(x.shape) > 1:
            return ops.tanh(ops.matmul(x, ops.swapaxes(x, -1, -2)) * 0.3)
        return None

    def _layout(self, values, inputs, a, b, c):
        x = self._one(values, a)
        if not x.shape:
            return ops.reshape(x, (1, 1))
        axis = int(b * len(x.shape))
        return (
            lambda: ops.flip(x, axis=axis),
            lambda: ops.swapaxes(x, axis, -1),
            lambda: ops.reshape(x, (-1,)),
            lambda: ops.expand_dims(x, axis) if len(x.shape) < 4 else x,
            lambda: ops.roll(x, 1, axis=axis),
            lambda: ops.pad(x, [(1, 0)] * len(x.shape)) if int(np.prod(x.shape)) < 2000 else x,
        )[int(c * 6)]()

    def _window(self, values, inputs, a, b, c):
        x = self._one(values, a)
        if not x.shape or x.shape[0] < 2:
            return None
        first = int(b * (x.shape[0] - 1))
        if c < 0.4:
            return x[first:] if c < 0.2 else x[::-1]
        if c < 0.7:
            return ops.take(x, [first, 0, first], axis=0)
        return ops.tanh(ops.cumsum(x, axis=0))

    def _join(self, values, inputs, a, b, c):
        x = self._one(values, a)
        if not x.shape or int(np.prod(x.shape)) > 2000:
            return None
        fitting = [value for value in values if tuple(value.shape) == tuple(x.shape)]
        y = fitting[int(c * len(fitting))]
        return ops.concatenate([x, y], axis=int(b * len(x.shape))) if a < 0.5 else ops.stack([x, y])


def loss_and_gradients(program, weights):
    """A function of the program's arrays: a scalar of all its results, and its gradient for each array."""

    def run(*inputs):
        with backend.GradientTape() as tape:
            inputs = [tape.watch(x) for x in inputs]
            results = program(*inputs)
            loss = sum(ops.sum(ops.tanh(result)) * weight for result, weight in zip(results, weights))
        return [
            *results,
            loss,
            *(g if g is not None else ops.zeros_like(x) for g, x in zip(tape.gradient(loss, inputs), inputs)),
        ]

    return run


def compiled(function, arrays, native=True, workers=1):
    """Of the second run: nothing may be left from the first."""
    before = use(native)
    try:
        with cost.forced_workers(workers):
            step = backend.function(function)
            step(*arrays)
            return [np.asarray(x) for x in step(*arrays)]
    finally:
        use(before)


WAYS = {  # beside at once in float32, at once in float64, and central differences
    "one thread": {},
    "two threads": {"workers": 2},
    "three threads": {"workers": 3},
    "without kernels": {"native": False},
    "in float64": {},
}


def differ(found, expected, tolerance):
    """The places of results that are not within a tolerance of the largest number of theirs."""
    return [
        place
        for place, (x, y) in enumerate(zip(found, expected, strict=True))
        if x.shape != y.shape
        or not np.allclose(x, y, rtol=tolerance, atol=tolerance * max(1.0, float(np.abs(y).max(initial=0.0))))
    ]


def slope_is_right(function, arrays, gradients, random):
    """Whether the gradient in a random direction is the difference quotient; beside a kink, a shorter one."""
    direction = [random.uniform(-1, 1, x.shape) for x in arrays]
    told = sum(float(np.sum(g * d)) for g, d in zip(gradients, direction))
    for step in (1e-5, 1e-6, 1e-7):
        there, back = (
            float(function(*(x + sign * step * d for x, d in zip(arrays, direction)))[2]) for sign in (1, -1)
        )
        if abs((there - back) / (2 * step) - told) <= 1e-4 * max(1.0, abs(told)):
            return True
    return False


def test_random_programs(strikes):
    runs = wrong = 0
    failures = []
    for number in range(size("random programs")):
        draw = chance("random programs", number)
        program = Program(draw)
        function = loss_and_gradients(program, [draw.uniform(-1, 1), draw.uniform(-1, 1)])
        small, large = program.arrays("float32"), program.arrays("float64")
        right = [np.asarray(x) for x in function(*large)]
        at_once = [np.asarray(x) for x in function(*small)]
        found = {
            name: compiled(function, large if name == "in float64" else small, **way) for name, way in WAYS.items()
        }
        bad = [
            name for name, results in found.items() if differ(results, right, 1e-9 if name == "in float64" else 5e-4)
        ]
        bad += ["at once"] if differ(at_once, right, 5e-4) else []
        if not slope_is_right(function, large, right[3:], np.random.default_rng(program.seed)):
            bad.append("differences")
        runs += len(WAYS) + 3
        wrong += len(bad)
        if bad:
            failures.append((number, bad, program.shapes, program.moves))
    strikes("random programs", runs=runs, wrong=wrong)
    assert not failures, failures[:5]
