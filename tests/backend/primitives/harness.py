"""What every primitive is held to, written once.

A row names a primitive, operands and attributes, and what it should compute.

A file `rows_<family>.py` beside this one holds a list `ROWS`; `test_primitives.py` runs all of them on the current
device (`--device`).

    ROWS = [Row("multiply", values(3, 1), values(4), reference=np.multiply)]
"""

import importlib
import pathlib

import numpy as np

from kerasish.backend.autodiff import gradients
from kerasish.backend.device import device
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.function import function
from kerasish.backend.primitives import PRIMITIVES, p
from kerasish.backend.primitives.primitive import Spec, is_several

HIGHER_ORDER_NAMES = (
    "scan",
    "while_loop",
    "cond",
    "custom_gradient",
    "catch_up",
    "attention",
    "attention_gradient",
)  # these run graphs, need no kernel of a device, and have no row
_random = np.random.default_rng(20)


def values(*shape, low=-2.0, high=2.0, apart=0.0):
    """Random float64; with `apart` no two of them are closer than that, and none is so close to 0 (kinks, ties)."""
    size = int(np.prod(shape))
    if not apart:
        return _random.uniform(low, high, shape)
    grid = np.arange(low + apart / 2, high, 1.5 * apart)
    grid = grid[np.abs(grid) > apart / 2]
    return _random.permutation(grid)[:size].reshape(shape)


def integers(*shape, low=-5, high=6, dtype="int32"):
    """Random integers in low ... high - 1."""
    return _random.integers(low, high, shape).astype(dtype)


def bools(*shape):
    """Random bools."""
    return _random.random(shape) < 0.5


class Row:
    """One call of a primitive.

    Args:
        primitive: its name. inputs: NumPy arrays (float64 where a gradient is to be checked).
        reference: function (*inputs, **attributes) -> array or tuple, in plain NumPy; None where `check` says what is
            right.
        check: function (inputs, outputs) that asserts what the outputs have in common, where they are not unique or
            have no reference.
        gradient: False where the primitive has a rule but these inputs or outputs take no part in it.
        second: False where the second derivative is not looked at (it needs much time, or has no meaning).
        rtol: of values; slope_rtol: of gradients, relative to the largest element.
        fixed: numbers of the inputs that are constants of the function (their gradient is not checked).
        closed: numbers of the inputs whose sizes the shape rule may rely on.
        single: False where float32 is not tried.
        within: function (*tensors) -> operands, put before the primitive when slopes are taken, where single elements
            can't vary alone.
        **attributes: of the call.
    """

    def __init__(
        self, primitive, /, *inputs, reference=None, check=None, gradient=True, second=True, rtol=1e-12,
        slope_rtol=1e-6, fixed=(), closed=(), single=True,
        within=None,         **attributes,
    ):  # fmt: skip
        if reference is None and check is None:
            raise ValueError(f"The row of {primitive!r} says nothing about its values: give `reference` or `check`.")
        self.name, self.inputs, self.attributes = primitive, [np.asarray(x) for x in inputs], attributes
        self.reference, self.check, self.rtol, self.slope_rtol = reference, check, rtol, slope_rtol
        self.gradient, self.second, self.fixed, self.closed, self.single, self.within = (
            gradient,
            second,
            fixed,
            closed,
            single,
            within,
        )

    def __str__(self):
        shown = ["x".join(map(str, x.shape)) + f":{x.dtype}" for x in self.inputs]
        shown += [
            f"{k}={v}" for k, v in self.attributes.items() if isinstance(v, (int, float, str, tuple)) or v is None
        ]
        return f"{self.name}({','.join(shown)})".replace(" ", "")

    def call(self, *inputs):
        """The primitive on device arrays or tensors; always a list of outputs."""
        result = PRIMITIVES[self.name](*inputs, **self.attributes)
        return list(result) if isinstance(result, (list, tuple)) else [result]

    def specs(self, shapes=None):
        """What the shape rule says, for the inputs' own shapes or others; always a list."""
        shapes = shapes or [x.shape for x in self.inputs]
        found = PRIMITIVES[self.name].shape_rule(
            *[Spec(tuple(s), x.dtype.name) for s, x in zip(shapes, self.inputs)], **self.attributes
        )
        return list(found) if is_several(found) else [found]

    def expected(self, inputs):
        """The reference's outputs; always a list."""
        found = self.reference(*inputs, **self.attributes)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    @property
    def varied(self):
        """Numbers of the inputs whose gradient is checked."""
        rule = PRIMITIVES[self.name].gradient_rule
        if rule is None or not self.gradient or not any(is_float_dtype(s.dtype) for s in self.specs()):
            return []
        return [i for i, x in enumerate(self.inputs) if x.dtype == np.float64 and i not in self.fixed]


def all_rows():
    """The rows of every `rows_*.py`."""
    here = pathlib.Path(__file__).parent
    return [
        row
        for path in sorted(here.glob("rows_*.py"))
        for row in importlib.import_module(f"tests.backend.primitives.{path.stem}").ROWS
    ]


def to_device(array):
    return device().from_host(np.asarray(array))


def to_host(array):
    return device().to_host(array)


def strided(array):
    """The same values, laid out so that no axis is contiguous."""
    if not array.ndim:
        return array
    wide = np.empty([2 * d + 1 for d in array.shape[::-1]], array.dtype)
    view = wide.T[tuple(slice(1, 2 * d + 1, 2) for d in array.shape)]
    view[...] = array
    return view


def assert_outputs(row, inputs, outputs, rtol):
    """The outputs have the shapes and dtypes of the rule and the values of the reference."""
    specs = PRIMITIVES[row.name].shape_rule(*[Spec(x.shape, x.dtype.name) for x in inputs], **row.attributes)
    specs = list(specs) if is_several(specs) else [specs]
    assert [(tuple(y.shape), y.dtype.name) for y in outputs] == [(tuple(s.shape), s.dtype) for s in specs]
    if row.check is not None:
        row.check(inputs, outputs)
    if row.reference is not None:
        for found, wanted in zip(outputs, row.expected(inputs)):
            wanted = np.asarray(wanted)
            if wanted.dtype.kind in "fc":
                scale = np.max(np.abs(wanted[np.isfinite(wanted)]), initial=1e-30)
                np.testing.assert_allclose(found, wanted, rtol=rtol, atol=rtol * scale)
            else:
                np.testing.assert_array_equal(found, wanted)


class Slopes:
    """The gradient of a weighted sum of a row's outputs, and of a weighted sum of that gradient.

    Both compiled and by central differences.
    """

    def __init__(self, row):
        self.row, self.varied = row, row.varied
        rng = np.random.default_rng(3)
        self.weights = [rng.uniform(0.5, 1.5, s.shape) if is_float_dtype(s.dtype) else None for s in row.specs()]
        self.second_weights = [rng.uniform(0.5, 1.5, row.inputs[i].shape) for i in self.varied]
        self.first = function(lambda *xs: self._first(xs), name=f"first_{row.name}")
        self.second = function(lambda *xs: self._second(xs), name=f"second_{row.name}")

    def _all(self, xs):
        inputs = [to_device(x) for x in self.row.inputs]
        for i, x in zip(self.varied, xs):
            inputs[i] = x
        return self.row.within(*inputs) if self.row.within else inputs

    def _loss(self, xs):
        return _weighted(self.row.call(*self._all(xs)), self.weights)

    def _first(self, xs):
        return [_zeros_like(x) if g is None else g for g, x in zip(gradients(self._loss(xs), list(xs)), xs)]

    def _second(self, xs):
        found = [g for g in gradients(self._loss(xs), list(xs))]
        pairs = [(g, w) for g, w in zip(found, self.second_weights) if g is not None]
        total = _weighted([g for g, _ in pairs], [w for _, w in pairs])
        return [_zeros_like(x) if g is None else g for g, x in zip(gradients(total, list(xs)), xs)]

    def value(self, xs):
        """The weighted sum, on the host."""
        outputs = self.row.call(*self._all([to_device(x) for x in xs]))
        return sum(np.sum(to_host(y) * w) for y, w in zip(outputs, self.weights) if w is not None)

    def value_of_first(self, xs):
        """The weighted sum of the gradients, on the host."""
        return sum(np.sum(to_host(g) * w) for g, w in zip(self.first(*xs), self.second_weights))

    @property
    def xs(self):
        """The inputs that vary."""
        return [self.row.inputs[i] for i in self.varied]


def _weighted(tensors, weights):
    total = None
    for y, w in zip(tensors, weights):
        if w is not None:
            part = p.sum(p.multiply(y, to_device(w)), axis=None, keepdims=False)
            total = part if total is None else p.add(total, part)
    return total


def _zeros_like(x):
    return p.full(shape=tuple(x.shape), value=0.0, dtype=x.dtype)


def central_differences(value, xs, step=1e-5):
    """The slope, d value / d each element of `xs`, of fourth order: the error is step**4."""
    found = []
    for i, x in enumerate(xs):
        slope = np.zeros(x.shape)
        for place in np.ndindex(*x.shape):
            total = 0.0
            for times, weight in ((1, 8.0), (-1, -8.0), (2, -1.0), (-2, 1.0)):
                moved = [np.array(a) for a in xs]
                moved[i][place] += times * step
                total += weight * value(moved)
            slope[place] = total / (12 * step)
        found.append(slope)
    return found


def assert_slopes(found, wanted, rtol):
    for g, w in zip(found, wanted):
        scale = np.max(np.abs(w), initial=1.0)
        np.testing.assert_allclose(to_host(g), w, rtol=rtol, atol=rtol * scale)
