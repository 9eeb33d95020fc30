"""One harness for the parity of `kerasish.ops` with `keras.ops`: a table of cases, each run four ways.

A case names an op and its arguments; every NumPy array among them is a tensor operand, everything else is static.

    CASES = [C("add", x, y), C("nn.softmax", x, axis=0), C("image.resize", images, (4, 4)).but(rtol=1e-4)]

    @pytest.mark.parametrize("case", CASES, ids=str)
    class TestNumpy(parity.Parity):
        pass

The oracle is real Keras on JAX with 64-bit types off, so operands are given in 32 bits or less.
"""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np

from kerasish import ops, tree
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function
from kerasish.backend.graph import Graph, KerasTensor


class C:
    """A case: the op's dotted name below `keras.ops`, and its arguments.

    `but` sets how it is judged:
        rtol, atol: tolerances; atol is relative to the largest expected magnitude.
        gradient: False where the op is not differentiable or the two define the slope differently.
        spec: False where Keras's own shape inference is wrong or refuses (say why beside the case).
        open: False where Keras refuses an unknown first axis; or the indices of the operands whose first axis is
            opened.
        values: False where values are not compared (uninitialised memory), only shapes and dtypes.
    """

    def __init__(self, op, *args, **kwargs):
        self.op, self.args, self.kwargs = op, args, kwargs
        self.rtol, self.atol, self.gradient, self.spec, self.open, self.values = 1e-5, 1e-6, True, True, True, True
        self.note = ""
        self._oracle = None

    def but(self, **judged):
        for name, value in judged.items():
            if not hasattr(self, name):
                raise TypeError(f"A case has no setting {name!r}.")
            setattr(self, name, value)
        return self

    def __str__(self):
        shown = [describe(a) for a in self.args] + [f"{k}={describe(v)}" for k, v in self.kwargs.items()]
        return f"{self.op}({', '.join(shown)}){self.note}".replace(" ", "").replace("::", ":")

    @property
    def operands(self):
        """The tensor operands, in order."""
        return [leaf for leaf in tree.flatten((self.args, self.kwargs)) if isinstance(leaf, np.ndarray)]

    def call(self, root, operands):
        """The op of library `root` on other operands in the same places."""
        remaining = iter(operands)
        args, kwargs = tree.map_structure(
            lambda leaf: next(remaining) if isinstance(leaf, np.ndarray) else leaf, (self.args, self.kwargs)
        )
        return find(root, self.op)(*args, **kwargs)

    @property
    def expected(self):
        """What Keras computes, as a flat list of arrays and numbers."""
        return self.oracle()[0]

    @property
    def slopes(self):
        """JAX's gradients of `weighted_sum` with respect to the float operands; None where the case has none."""
        return self.oracle()[1]

    def oracle(self):
        """(expected, slopes), worked out once.

        With gradients both come from one compilation, which is what the time goes into.
        """
        if self._oracle is None:
            if self.gradient and float_places(self):
                floats = [self.operands[i] for i in float_places(self)]
                (_, results), slopes = jax.jit(
                    jax.value_and_grad(lambda xs: weighted_sum(self, keras.ops, xs), has_aux=True)
                )(floats)
                has_float = any(hasattr(y, "dtype") and y.dtype.kind == "f" for y in results)
                self._oracle = results, slopes if has_float else None
            else:
                self._oracle = flat(self.call(keras.ops, [keras.ops.convert_to_tensor(x) for x in self.operands])), None
        return self._oracle


def float_places(case):
    """Which operands are floating-point."""
    return [i for i, x in enumerate(case.operands) if x.dtype.kind == "f"]


def weighted_sum(case, root, floats):
    """(sum of the float outputs times fixed weights, all outputs) of the case's op in library `root`.

    With `floats` in place of its float operands.
    """
    operands = list(case.operands)
    for place, x in zip(float_places(case), floats):
        operands[place] = x
    results = tree.flatten(case.call(root, operands)) if root is ops else flat(case.call(root, operands))
    total = root.zeros(())
    for i, y in enumerate(results):
        if hasattr(y, "dtype") and "float" in keras.backend.standardize_dtype(y.dtype):
            weights = (
                np.random.RandomState(i).uniform(0.5, 1.5, y.shape).astype(keras.backend.standardize_dtype(y.dtype))
            )
            total = root.add(total, root.sum(root.multiply(y, weights)))
    return total, results


def describe(value):
    """Short text for the name of a test."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype.name.replace('float', 'f').replace('int', 'i')}[{'x'.join(map(str, value.shape))}]"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(describe(v) for v in value) + "]"
    return str(value)


def find(root, dotted):
    """The function `dotted` below module `root`."""
    for part in dotted.split("."):
        root = getattr(root, part)
    return root


def flat(result):
    """The leaves of a result, None left out."""
    return [leaf for leaf in jax.tree_util.tree_leaves(result)]


def assert_same(got, expected, case, rtol=None):
    """Structure, shapes, dtypes and values agree."""
    assert len(got) == len(expected), f"{len(got)} outputs, Keras has {len(expected)}"
    for ours, theirs in zip(got, expected):
        if not hasattr(theirs, "dtype"):
            assert ours == theirs
            continue
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        assert ours.shape == theirs.shape, f"shape {ours.shape}, Keras has {theirs.shape}"
        assert ours.dtype == theirs.dtype, f"dtype {ours.dtype}, Keras has {theirs.dtype}"
        if case.values:
            assert_close(ours, theirs, rtol or case.rtol, case.atol)


def assert_close(ours, theirs, rtol, atol):
    """Exactly equal for integers and bools; for floats within `rtol`, and `atol` of the largest finite magnitude."""
    if theirs.dtype.kind != "f":
        np.testing.assert_array_equal(ours, theirs)
        return
    finite = np.abs(theirs[np.isfinite(theirs)])
    largest = float(finite.max()) if finite.size else 0.0
    half = 1e-3 if theirs.dtype == np.float16 else 0.0
    np.testing.assert_allclose(ours, theirs, rtol=max(rtol, half), atol=max(atol, half) * max(largest, 1e-30))


def check_eager(case):
    """On arrays: same values, and what comes back are plain arrays."""
    got = flat(case.call(ops, case.operands))
    for ours, theirs in zip(got, case.expected):
        assert not hasattr(theirs, "dtype") or ops.is_tensor(ours), (
            f"an eager result must be a plain array, got {type(ours)}"
        )
    assert_same(got, case.expected, case)


def check_compiled(case):
    """Inside a compiled function."""
    operands = case.operands
    run = function(lambda *xs: case.call(ops, xs), specs=specs_of(operands))
    assert_same(flat(run(*operands)), case.expected, case)


def specs_of(arrays):
    """(shape, dtype) of each array."""
    return [(x.shape, x.dtype.name) for x in arrays]


def check_symbolic(case):
    """On KerasTensors: Keras's shapes and dtypes, closed and with an open first axis.

    And the recorded graph computes the same.
    """
    operands = case.operands
    inputs = [KerasTensor(x.shape, x.dtype.name) for x in operands]
    outputs = flat(case.call(ops, inputs))
    if case.spec:
        theirs = flat(case.call(keras.ops, [keras.KerasTensor(x.shape, x.dtype.name) for x in operands]))
        assert_same_specs(outputs, theirs)
    if all(isinstance(t, KerasTensor) for t in outputs):
        assert_same(Graph(inputs, outputs).run(operands), case.expected, case)
    if case.spec and case.open is not False:
        opened = [open_shape(x, case.open is True or i in case.open) for i, x in enumerate(operands)]
        ours = flat(case.call(ops, [KerasTensor(s, x.dtype.name) for s, x in zip(opened, operands)]))
        theirs = flat(case.call(keras.ops, [keras.KerasTensor(s, x.dtype.name) for s, x in zip(opened, operands)]))
        assert_same_specs(ours, theirs)


def open_shape(x, opened):
    """The shape of `x` with the first axis unknown."""
    return (None, *x.shape[1:]) if opened and x.ndim else x.shape


def assert_same_specs(ours, theirs):
    """Shapes and dtypes of symbolic results agree."""
    assert len(ours) == len(theirs), f"{len(ours)} outputs, Keras has {len(theirs)}"
    for a, b in zip(ours, theirs):
        if not hasattr(b, "dtype"):
            assert a == b
            continue
        ours_spec, theirs_spec = (
            (tuple(a.shape), str(a.dtype)),
            (tuple(b.shape), keras.backend.standardize_dtype(b.dtype)),
        )
        assert ours_spec == theirs_spec, f"inferred {ours_spec}, Keras infers {theirs_spec}"


def check_gradient(case):
    """The gradients of a weighted sum of the float outputs, against JAX."""
    floats = [case.operands[i] for i in float_places(case)]
    run = function(
        lambda *xs: [zero_if_none(g, x) for g, x in zip(gradients(weighted_sum(case, ops, xs)[0], list(xs)), xs)],
        specs=specs_of(floats),
    )
    assert_same(list(run(*floats)), case.slopes, case, rtol=max(case.rtol, 2e-5))


def zero_if_none(gradient, x):
    """JAX gives zeros where there is no dependence."""
    return ops.zeros_like(x) if gradient is None else gradient


class Parity:
    """The four tests; subclass it under `@pytest.mark.parametrize("case", CASES, ids=str)`."""

    def test_eager(self, case):
        check_eager(case)

    def test_compiled(self, case):
        check_compiled(case)

    def test_symbolic(self, case):
        check_symbolic(case)

    def test_gradient(self, case):
        if case.slopes is None:
            assert (
                not case.gradient
                or not float_places(case)
                or all(np.asarray(y).dtype.kind != "f" for y in case.expected)
            )
        else:
            check_gradient(case)


def same_signature(ours, theirs):
    """Names, order and plain defaults of parameters agree; returns the differences as a list of strings."""
    a, b = (list(inspect.signature(f).parameters.values()) for f in (theirs, ours))
    if [p.name for p in a] != [p.name for p in b]:
        return [f"{[p.name for p in b]}, Keras has {[p.name for p in a]}"]
    return [
        f"{p.name}={q.default!r}, Keras has {p.default!r}" for p, q in zip(a, b) if repr(p.default) != repr(q.default)
    ]
