"""Native convolutions and products against the NumPy kernels, over random shapes."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.backend.numpy import steps
from kerasish.backend.numpy.native.available import enabled, use
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.steps import cost, direct
from kerasish.backend.numpy.steps.epilogue import attach_epilogue
from kerasish.backend.primitives.windows import counts
from tests.backend.native.harness import assert_same, make, native_result, run

pytestmark = pytest.mark.skipif(not enabled(), reason="llvmlite is not installed")
quick = settings(max_examples=60, deadline=None)
rng = np.random.default_rng(4)


def values(*shape, dtype="float32"):
    return rng.standard_normal(shape).astype(dtype)


@st.composite
def convolutions(draw):
    """(x, kernel, g, placement) of a convolution with one output point or more."""
    rank = draw(st.integers(1, 3))
    axes = [
        (
            draw(st.integers(1, 4)),
            draw(st.integers(1, 3)),
            draw(st.integers(1, 2)),
            (draw(st.integers(-1, 3)), draw(st.integers(-1, 3))),
        )
        for _ in range(rank)
    ]
    window, strides, dilation, padding = zip(*axes)
    least = [
        max(1, (w - 1) * t + 1 - a - b, 1 - min(a, 0) - min(b, 0)) for w, t, (a, b) in zip(window, dilation, padding)
    ]
    space = tuple(d + draw(st.integers(0, 6)) for d in least)
    groups = draw(st.sampled_from([1, 1, 1, 2, 3]))
    kind = draw(st.sampled_from(["float32", "float32", "float64"]))
    depthwise = groups > 1 and draw(st.booleans())
    taken = 1 if depthwise else draw(st.integers(1, 20))
    filters = groups if depthwise else groups * draw(st.integers(1, 20))
    batch = draw(st.integers(1, 3))
    x, kernel = values(batch, *space, taken * groups, dtype=kind), values(*window, taken, filters, dtype=kind)
    g = values(batch, *counts(space, window, strides, padding, dilation), filters, dtype=kind)
    return x, kernel, g, dict(strides=strides, padding=padding, dilation=dilation, groups=groups)


def _three(x, kernel, g, where, workers):
    several = where["groups"] == 1 or kernel.shape[-2] > 1 or kernel.shape[-1] == where["groups"]
    for name, out, inputs, more in (
        ("conv", g, (x, kernel), {}),
        ("conv_kernel_gradient", kernel, (x, g), {"kernel_shape": kernel.shape}),
        ("conv_input_gradient", x, (g, kernel), {"input_shape": x.shape}),
    ):
        assert_same(name, (out.shape, out.dtype), inputs, {**where, **more}, workers, supported=several)


@quick
@given(convolutions(), st.integers(1, 3))
def test_three_directions(case, workers):
    _three(*case, workers)


@pytest.mark.parametrize("straight", [True, False])
@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(
    "space, window, stride, channels, filters",
    [
        ((14, 14), (3, 3), 1, 64, 96), ((14, 15), (3, 3), 2, 64, 200), ((9, 9), (1, 1), 2, 64, 200), ((14, 14), (3, 3),
        1, 48, 200),
        ((5, 5), (3, 3), 1, 1500, 32), ((7, 7), (1, 1), 1, 300, 500), ((30, 30), (3, 3), 1, 3, 32), ((28, 28), (3, 3),
        1, 1, 40),
        ((20, 20), (7, 7), 2, 3, 64), ((9, 8), (5, 5), 1, 1, 32), ((4, 3), (5, 5), 1, 2, 96), ((11, 12), (2, 4), 3, 4,
        32),
    ],
)  # fmt: skip
def test_every_rule_of_cost(monkeypatch, space, window, stride, channels, filters, workers, straight):
    """Sizes beyond each threshold: parts of columns, shares by columns, kernels as they lie, many tiles."""
    if not straight:
        monkeypatch.setattr(cost, "DIRECT_USED", 2)
    padding = tuple(((w - 1) // 2, w // 2) for w in window)
    where = dict(strides=(stride, stride), padding=padding, dilation=(1, 1), groups=1)
    g = values(2, *counts(space, window, where["strides"], padding, (1, 1)), filters)
    _three(values(2, *space, channels), values(*window, channels, filters), g, where, workers)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_depthwise(workers):
    """Points done one by one and by fours, channels beyond whole vectors."""
    for space, stride, channels, window in (
        ((13, 14), 1, 40, 3),
        ((13, 14), 2, 96, 3),
        ((9, 30), 1, 17, 5),
        ((3, 4), 1, 64, 4),
    ):
        padding = tuple(((w - 1) // 2, w // 2) for w in (window, window))
        where = dict(strides=(stride, stride), padding=padding, dilation=(1, 1), groups=channels)
        g = values(2, *counts(space, (window, window), where["strides"], padding, (1, 1)), channels)
        _three(values(2, *space, channels), values(window, window, 1, channels), g, where, workers)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_small_tiles(monkeypatch, workers):
    """Shapes of tests with the thresholds of cost.py made small: tiles that end inside an image, several parts."""
    for name, value in dict(
        TILE_BYTES=2000, TILE_ROWS=16, PART_BYTES=5000, WIDE_FILTERS=8, PARTIAL_BYTES=1000, FEW_ROWS=1, DIRECT_USED=2
    ).items():
        monkeypatch.setattr(cost, name, value)
    for strides in ((1, 1), (2, 2), (1, 3)):
        where = dict(strides=strides, padding=((1, 1), (0, 2)), dilation=(1, 1), groups=1)
        g = values(3, *counts((11, 13), (3, 3), strides, where["padding"], (1, 1)), 24)
        _three(values(3, 11, 13, 20), values(3, 3, 20, 24), g, where, workers)


def _is_direct(name, out, inputs, where):
    """Whether a call is done by a kernel of direct.kernel."""
    with mock.patch.object(direct, "entry", wraps=direct.entry) as asked:
        make(name, out, inputs, where, 1)
    return asked.called


@pytest.mark.parametrize("registers", ["wide", "narrow"])
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    "space, window, strides, dilation, padding, channels, filters, kind",
    [
        ((9, 11), (3, 3), (1, 1), (1, 1), ((1, 1), (1, 1)), 5, 64, "float32"),
        ((9, 17), (5, 5), (1, 1), (1, 1), ((2, 2), (2, 2)), 16, 32, "float32"),
        ((8, 19), (3, 3), (2, 2), (1, 1), ((0, 1), (0, 1)), 16, 48, "float32"),
        ((8, 19), (3, 3), (1, 1), (2, 2), ((2, 2), (2, 2)), 16, 80, "float32"),
        ((12, 32), (2, 3), (1, 3), (1, 1), ((-1, 2), (-2, 1)), 3, 16, "float32"),
        ((9, 20), (3, 4), (1, 1), (1, 1), ((0, 0), (0, 0)), 7, 23, "float32"),
        ((9, 20), (3, 4), (1, 1), (1, 1), ((0, 0), (3, 0)), 16, 9, "float32"),
        ((30,), (5,), (1,), (1,), ((2, 2),), 16, 16, "float32"),
        ((4, 5, 11), (2, 3, 3), (1, 2, 1), (1, 1, 1), ((1, 0), (1, 1), (1, 1)), 16, 20, "float32"),
        ((9, 11), (3, 3), (1, 1), (1, 1), ((1, 1), (1, 1)), 8, 24, "float64"),
    ],
)  # fmt: skip
def test_direct(monkeypatch, space, window, strides, dilation, padding, channels, filters, kind, workers, registers):
    """Blocks that begin sooner at the ends of lines and filters; images in rows of padding of their own."""
    monkeypatch.setattr(direct, "has_wide_registers", lambda: registers == "wide")
    monkeypatch.setattr(cost, "DIRECT_USED", 0.1)
    monkeypatch.setenv("KERASISH_WINOGRAD", "0")
    where = dict(strides=strides, padding=padding, dilation=dilation, groups=1)
    g = values(3, *counts(space, window, strides, padding, dilation), filters, dtype=kind)
    x, kernel = values(3, *space, channels, dtype=kind), values(*window, channels, filters, dtype=kind)
    assert _is_direct("conv", g, (x, kernel), where)
    if filters * g.itemsize % 64 == 0:
        assert _is_direct("conv_kernel_gradient", kernel, (x, g), {**where, "kernel_shape": kernel.shape})
    if channels * g.itemsize >= 64 and set(strides) == {1}:
        assert _is_direct("conv_input_gradient", x, (g, kernel), {**where, "input_shape": x.shape})
    _three(x, kernel, g, where, workers)


def test_direct_reads_images_that_lie_in_larger_ones():
    """Lines of a part of an image, one channel block of points that lie side by side."""
    x, kernel = values(2, 9, 20, 8)[:, 1:8, 3:17], values(3, 3, 8, 32)
    where = dict(strides=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), groups=1)
    g = values(2, 5, 12, 32)
    assert _is_direct("conv", g, (x, kernel), where)
    _three(x, kernel, g, where, 2)


def test_direct_leaves_points_that_lie_apart_to_gathering():
    """Every other point, and one point many times."""
    kernel, g = values(3, 3, 8, 32), values(2, 5, 12, 32)
    where = dict(strides=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), groups=1)
    for x in (values(2, 7, 28, 8)[:, :, ::2], np.broadcast_to(values(2, 7, 1, 8), (2, 7, 14, 8))):
        assert not _is_direct("conv", g, (x, kernel), where)
        _three(x, kernel, g, where, 1)


def test_direct_sums_are_the_same_by_any_number_of_workers():
    """Each is added up in the order of the window, whoever does it."""
    x, kernel = values(2, 21, 20, 16), values(5, 5, 16, 64)
    where = dict(strides=(1, 1), padding=((2, 2), (2, 2)), dilation=(1, 1), groups=1)
    first, *rest = (native_result("conv", ((2, 21, 20, 64), "float32"), (x, kernel), where, n) for n in (1, 2, 3))
    for other in rest:
        np.testing.assert_array_equal(first, other)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(
    "space, channels, filters, padding",
    [
        ((8, 8), 16, 16, ((1, 1), (1, 1))), ((9, 7), 32, 48, ((1, 1), (1, 1))), ((30, 31), 64, 96, ((0, 0), (0, 0))),
        ((3, 3), 16, 32, ((0, 0), (0, 0))),
        ((5, 6), 16, 32, ((2, 2), (0, 2))), ((40, 6), 16, 16, ((-1, 2), (0, 2))), ((50, 64), 16, 16, ((1, 1), (1, 1))),
    ],
)  # fmt: skip
def test_winograd(monkeypatch, space, channels, filters, padding, workers):
    monkeypatch.setattr(cost, "WINOGRAD_GAIN", 1e9)
    where = dict(strides=(1, 1), padding=padding, dilation=(1, 1), groups=1)
    g = values(3, *counts(space, (3, 3), (1, 1), padding, (1, 1)), filters)
    x, kernel = values(3, *space, channels), values(3, 3, channels, filters)
    assert "transform_kernel" in _kernels("conv", g, (x, kernel), where)
    _three(x, kernel, g, where, workers)


def _kernels(name, out, inputs, where):
    """The source names of the kernels of a call's steps."""
    from kerasish.backend.numpy.steps import winograd

    known = {winograd._entry(f, winograd.product(out.dtype)[1]): f for f in ("transform_kernel", "convolve")}
    return [known.get(step.address) for step in make(name, out, inputs, where, 1)]


def test_winograd_reads_images_that_lie_in_larger_ones(monkeypatch):
    monkeypatch.setattr(cost, "WINOGRAD_GAIN", 1e9)
    x, kernel = values(2, 9, 20, 50)[:, :, 3:14, 2:34], values(3, 3, 32, 16)
    where = dict(strides=(1, 1), padding=((1, 1), (0, 1)), dilation=(1, 1), groups=1)
    g = values(2, 9, 10, 16)
    assert "transform_kernel" in _kernels("conv", g, (x, kernel), where)
    _three(x, kernel, g, where, 2)


def test_winograd_can_be_turned_off(monkeypatch):
    monkeypatch.setenv("KERASISH_WINOGRAD", "0")
    x, kernel = values(1, 24, 24, 64), values(3, 3, 64, 64)
    where = dict(strides=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    assert _kernels("conv", x, (x, kernel), where) == [None]


@pytest.mark.parametrize("word", ["off", "false", "no", "2"])
def test_other_words_are_refused(monkeypatch, word):
    monkeypatch.setenv("KERASISH_WINOGRAD", word)
    x, kernel = values(1, 24, 24, 64), values(3, 3, 64, 64)
    where = dict(strides=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    with pytest.raises(ValueError, match=f"KERASISH_WINOGRAD must be 0 .off. or 1 .on., got '{word}'"):
        make("conv", x, (x, kernel), where, 1)


@pytest.mark.parametrize("special", [np.nan, np.inf])
def test_how_far_winograd_spreads_a_special_value(monkeypatch, special):
    """Over the tiles that see it, as docs/performance.md says, and no further.

    Without Winograd over the windows that hold it.
    """
    monkeypatch.setattr(cost, "WINOGRAD_GAIN", 1e9)
    x, kernel = np.ones((1, 24, 24, 64), "float32"), np.ones((3, 3, 64, 64), "float32")
    x[0, 9, 9, 0] = special
    where = dict(strides=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    tiles, windows = np.zeros((24, 24), bool), np.zeros((24, 24), bool)
    tiles[8:12, 8:12] = windows[8:11, 8:11] = True
    for switch, touched in (("1", tiles), ("0", windows)):
        monkeypatch.setenv("KERASISH_WINOGRAD", switch)
        with np.errstate(all="ignore"):
            found = native_result("conv", (x.shape, "float32"), (x, kernel), where, 1)
        np.testing.assert_array_equal(~np.isfinite(found[0, :, :, 0]), touched)


def test_winograd_is_nearly_as_accurate(monkeypatch):
    """Its error, against float64, stays within ten times that of the direct algorithm."""
    monkeypatch.setattr(cost, "WINOGRAD_GAIN", 1e9)
    x, kernel = np.maximum(values(1, 24, 24, 64), 0), values(3, 3, 64, 64)
    where = dict(strides=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    exact = native_result("conv", (x.shape, "float64"), (x.astype("float64"), kernel.astype("float64")), where, 1)
    found = native_result("conv", (x.shape, "float32"), (x, kernel), where, 1)
    assert "transform_kernel" in _kernels("conv", x, (x, kernel), where)
    assert np.abs(found - exact).max() < 3e-6 * np.abs(exact).max()


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_special_values_stay_where_they_belong(special):
    x, kernel = values(1, 9, 9, 4), np.abs(values(3, 3, 4, 5)) + 0.1
    x[0, 4, 4, 1] = special
    where = dict(strides=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    assert_same("conv", ((1, 9, 9, 5), "float32"), (x, kernel), where, 2)


def test_strided_operands_are_copied_first():
    x, kernel = values(5, 2, 12, 10).transpose(1, 2, 3, 0)[:, ::2], values(4, 3, 3, 3).transpose(1, 2, 3, 0)
    kernel = np.concatenate([kernel, kernel[:, :, :2]], axis=2)[..., ::2]
    where = dict(strides=(1, 1), padding=((0, 0), (1, 1)), dilation=(1, 1), groups=1)
    assert_same("conv", ((2, 4, 10, 2), "float32"), (x, kernel), where, 2)


def test_other_cases_are_left_to_numpy():
    where = dict(strides=(1,), padding=((0, 0),), dilation=(1,), groups=1)
    half = values(2, 5, 3).astype("float16"), values(2, 3, 4).astype("float16")
    assert make("conv", np.empty((2, 4, 4), "float16"), half, where, 1) is None
    assert make("conv", np.empty((0, 4, 4), "float32"), (values(0, 5, 3), values(2, 3, 4)), where, 1) is None
    before = use(False)
    assert steps.make("conv", np.empty((2, 4, 4), "float32"), (values(2, 5, 3), values(2, 3, 4)), where) is None
    use(before)


def test_bits_depend_on_the_number_of_workers_alone():
    x, kernel = values(2, 40, 40, 16), values(3, 3, 16, 24)
    where = dict(strides=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    for name, spec, inputs, more in (
        ("conv", ((2, 40, 40, 24), "float32"), (x, kernel), {}),
        ("conv_kernel_gradient", (kernel.shape, "float32"), (x, values(2, 40, 40, 24)), {"kernel_shape": kernel.shape}),
    ):
        for workers in (1, 2, 3):
            first, second = (native_result(name, spec, inputs, {**where, **more}, workers) for _ in range(2))
            np.testing.assert_array_equal(first, second)


@st.composite
def products(draw):
    """(x, y, transpose_x, transpose_y), batches that broadcast."""
    rows, inner, columns = (draw(st.sampled_from([1, 2, 5, 16, 33, 70])) for _ in range(3))
    lead = [draw(st.integers(1, 4)) for _ in range(draw(st.integers(0, 3)))]
    kind = draw(st.sampled_from(["float32", "float64"]))
    flips = draw(st.booleans()), draw(st.booleans())
    operands = []
    for shape, flip in (((rows, inner), flips[0]), ((inner, columns), flips[1])):
        there = [1 if draw(st.integers(0, 4)) == 0 else d for d in lead][
            draw(st.integers(0, len(lead))) if draw(st.booleans()) else 0 :
        ]
        matrix = values(*there, *(shape[::-1] if flip else shape), dtype=kind)
        if draw(st.booleans()):  # the same values, laid out in another order
            order = draw(st.permutations(range(matrix.ndim)))
            matrix = np.ascontiguousarray(matrix.transpose(order)).transpose(np.argsort(order))
        operands.append(matrix)
    return (*operands, *flips)


@quick
@given(products(), st.integers(1, 3))
def test_products(case, workers):
    x, y, transpose_x, transpose_y = case
    shape = np.matmul(x.swapaxes(-1, -2) if transpose_x else x, y.swapaxes(-1, -2) if transpose_y else y).shape
    assert_same("matmul", (shape, x.dtype), (x, y), dict(transpose_x=transpose_x, transpose_y=transpose_y), workers)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(
    "rows, inner, columns, flip",
    [(1, 300, 700, False), (700, 30, 50, False), (40, 5000, 30, True), (900, 400, 3, False)],
)
def test_products_of_odd_forms(rows, inner, columns, flip, workers):
    x = values(inner, rows) if flip else values(rows, inner)
    assert_same("matmul", ((rows, columns), "float32"), (x, values(inner, columns)), dict(transpose_x=flip), workers)


def _noting(out):
    """An epilogue that adds 1 to its rows of `out` and notes for each how often it came."""
    from kerasish.backend.numpy.native.source import Source, address

    text = """
def kernel(args, lo, hi, worker):
    for row in range(lo, hi):
        line, seen = pointer(args[0] + row * args[2] * 4, float32), pointer(args[1] + row * 8, int64)
        seen[0] += 1
        for i in range(uint64(args[2])):
            line[i] += float32(1)
"""
    rows = out.reshape(-1, out.shape[-1])
    seen = np.zeros(len(rows), np.int64)
    step = NativeStep(
        address(Source(text)),
        [out.ctypes.data, seen.ctypes.data, rows.shape[1]],
        [out, seen],
        len(rows),
        workers=1,
        name="note",
    )
    return step, seen


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(
    "name", ["conv", "winograd", "pointwise", "depthwise", "few channels", "strided", "matmul", "few rows", "batch"]
)
def test_epilogues_follow_once_on_every_row(name, workers):
    kinds = {  # window, stride, channels, filters, groups
        "conv": (3, 1, 32, 40, 1), "winograd": (3, 1, 32, 48, 1), "pointwise": (1, 1, 32, 40, 1), "depthwise": (3, 1,
        24, 24, 24),
        "few channels": (3, 1, 3, 32, 1), "strided": (3, 2, 32, 40, 1),
    }  # fmt: skip
    if name in kinds:
        window, stride, channels, filters, groups = kinds[name]
        where = dict(
            strides=(stride, stride), padding=((window // 2, window // 2),) * 2, dilation=(1, 1), groups=groups
        )
        inputs = values(2, 33, 20, channels), values(window, window, channels // groups, filters)
        out = np.zeros(
            (2, *counts((33, 20), (window, window), where["strides"], where["padding"], (1, 1)), filters), "float32"
        )
        name = "conv"
    else:
        shapes = {
            "matmul": ((900, 30), (30, 50)),
            "few rows": ((3, 30), (30, 200)),
            "batch": ((7, 40, 30), (7, 30, 20)),
        }[name]
        inputs, where, name = tuple(values(*s) for s in shapes), {}, "matmul"
        out = np.matmul(*inputs)
    wanted = native_result(name, (out.shape, "float32"), inputs, where, workers) + 1
    made = make(name, out, inputs, where, workers)
    epilogue, seen = _noting(out)
    run(attach_epilogue(made, epilogue), times=1)
    np.testing.assert_allclose(out, wanted, rtol=1e-5, atol=1e-5)  # tiles of other sizes may round otherwise
    np.testing.assert_array_equal(seen, 1)
