"""Every primitive.

Values against plain NumPy, slopes and slopes of slopes against central differences, shape rules with open sizes.
"""

import numpy as np
import pytest

from kerasish.backend.autodiff import gradients
from kerasish.backend.device import device
from kerasish.backend.function import function
from kerasish.backend.primitives import PRIMITIVES, p
from tests.backend.primitives.harness import (
    HIGHER_ORDER_NAMES,
    Row,
    Slopes,
    all_rows,
    assert_outputs,
    assert_slopes,
    central_differences,
    strided,
    to_device,
    to_host,
)  # fmt: skip

ROWS = all_rows()
by_row = pytest.mark.parametrize("row", ROWS, ids=str)
differentiable = pytest.mark.parametrize("row", [r for r in ROWS if r.varied], ids=str)


def test_every_primitive_has_a_row():
    """Those that run whole graphs are tested by tests/backend/test_control.py."""
    assert set(PRIMITIVES) - set(HIGHER_ORDER_NAMES) == {row.name for row in ROWS}


def test_every_rule_of_gradients_is_checked():
    ruled = {name for name, primitive in PRIMITIVES.items() if primitive.gradient_rule is not None}
    of_complex = {"complex", "real", "imag", "conj", "magnitude", "eig"}  # in tests/ops/test_complex.py
    assert ruled - set(HIGHER_ORDER_NAMES) - of_complex == {row.name for row in ROWS if row.varied}


@pytest.mark.parametrize(
    "kernel, groups", [((3, 1, 0), 0), ((3, 2, 0), 1)], ids=["no channels, each by itself", "no filters"]
)
def test_a_convolution_of_nothing_is_refused(kernel, groups):
    with pytest.raises(ValueError, match="`conv` needs at least one channel and one filter"):
        x = np.ones((1, 5, 2 * groups), "float32")
        p.conv(x, np.ones(kernel, "float32"), strides=(1,), padding=((0, 0),), dilation=(1,), groups=groups)


def test_the_device_has_every_kernel():
    device().check(set(PRIMITIVES) - set(HIGHER_ORDER_NAMES))


@by_row
def test_values_eagerly(row):
    outputs = row.call(*[to_device(x) for x in row.inputs])
    assert_outputs(row, row.inputs, [to_host(y) for y in outputs], row.rtol)


@by_row
def test_values_of_strided_operands(row):
    outputs = row.call(*[to_device(strided(x)) for x in row.inputs])
    assert_outputs(row, row.inputs, [to_host(y) for y in outputs], row.rtol)


@by_row
def test_values_compiled_and_run_twice(row):
    compiled = function(lambda *xs: row.call(*xs), name=row.name)
    for _ in range(2):
        assert_outputs(row, row.inputs, [to_host(y) for y in compiled(*row.inputs)], row.rtol)


@pytest.mark.parametrize("row", [r for r in ROWS if r.single and any(x.dtype == "float64" for x in r.inputs)], ids=str)
def test_values_in_float32(row):
    inputs = [x.astype("float32") if x.dtype == "float64" else x for x in row.inputs]
    outputs = row.call(*[to_device(x) for x in inputs])
    assert_outputs(row, inputs, [to_host(y) for y in outputs], 3e-5)


@differentiable
def test_gradient(row):
    slopes = Slopes(row)
    found = slopes.first(*slopes.xs)
    assert_slopes(found, central_differences(slopes.value, slopes.xs), row.slope_rtol)


@pytest.mark.parametrize("row", [r for r in ROWS if r.varied and r.second], ids=str)
def test_gradient_of_gradient(row):
    slopes = Slopes(row)
    found = slopes.second(*slopes.xs)
    assert_slopes(found, central_differences(slopes.value_of_first, slopes.xs), row.slope_rtol)


@by_row
def test_open_sizes_agree_with_known_ones(row):
    """A rule given None for some sizes says what it says for known ones, or None."""
    rng = np.random.default_rng(1)
    known = row.specs()
    for trial in range(8):
        share = 1.0 if trial == 0 else 0.4
        shapes = [
            x.shape if i in row.closed else tuple(None if rng.random() < share else d for d in x.shape)
            for i, x in enumerate(row.inputs)
        ]
        found = row.specs(shapes)
        assert [s.dtype for s in found] == [s.dtype for s in known]
        for opened, exact in zip(found, known):
            assert len(opened.shape) == len(exact.shape), f"{shapes}: {opened.shape} for {exact.shape}"
            assert all(a is None or a == b for a, b in zip(opened.shape, exact.shape)), (
                f"{shapes}: {opened.shape} for {exact.shape}"
            )


def test_the_harness_finds_a_wrong_gradient(monkeypatch):
    row = Row("sin", np.array([0.3, 0.4]), reference=np.sin)
    monkeypatch.setattr(PRIMITIVES["sin"], "gradient_rule", lambda node, g: [g])
    with pytest.raises(AssertionError):
        test_gradient(row)


def test_the_harness_finds_a_wrong_shape_rule(monkeypatch):
    row = Row("sin", np.ones((2, 3)), reference=np.sin)
    right = PRIMITIVES["sin"].shape_rule
    monkeypatch.setattr(
        PRIMITIVES["sin"],
        "shape_rule",
        lambda x: right(x)._replace(shape=tuple(7 if d is None else d for d in x.shape)),
    )
    with pytest.raises(AssertionError):
        test_open_sizes_agree_with_known_ones(row)


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_equal_operands_share_the_gradient(name):
    step = function(lambda x, y: gradients(PRIMITIVES[name](x, y), [x, y]))
    assert [to_host(g).tolist() for g in step(np.ones(2), np.ones(2))] == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("name", ["max", "min"])
def test_equal_extremes_share_the_gradient(name):
    step = function(lambda x: gradients(PRIMITIVES[name](x, axis=(0,)), x))
    assert to_host(step(np.array([1.0, 1.0, 1.0, 1.0]))).tolist() == [0.25] * 4


@pytest.mark.parametrize("stride", range(1, 17))
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
def test_negative_of_elements_that_lie_apart(dtype, stride):
    """NumPy 2.4's `negative` gives garbage where elements of both lie 16 or 64 bytes apart."""
    from kerasish.backend.numpy.unary import negative

    x = np.arange(1, 40 * stride + 1).astype(dtype)[::stride]
    out = np.zeros(40 * stride, dtype)[::stride]
    negative(out, x)
    assert out.tolist() == [-v for v in x.tolist()]
