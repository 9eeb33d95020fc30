"""Groups printed as CUDA C: compiled by NVRTC for three cards, run on the CPU, and compared with the CPU's kernels.

All kernels of this file are one program, so that each compiler is called once.
"""

import numpy as np
import pytest

from kerasish import backend, ops
from kerasish.backend.cupy.fused import expressions as cuda
from kerasish.backend.cupy.fused.bind import joined, printed
from kerasish.backend.numpy import native
from kerasish.backend.numpy.fused import expressions as cpu
from tests.backend.cuda_groups.harness import Machine, assert_close, recorded
from tests.cuda_on_cpu import available
from tests.cuda_on_cpu.nvrtc import compiled

pytestmark = pytest.mark.skipif(not (available() and native.enabled()), reason="needs g++ and llvmlite")


def numbers(*shape, dtype="float32", seed=0):
    """Random numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def _normalised(x, scale, offset):
    mean, variance = ops.moments(x, axes=[-1], keepdims=True)
    return (x - mean) * ops.rsqrt(variance + 1e-5) * scale + offset


def _every_function(x, y):
    z = ops.abs(x) + 0.1
    return [
        ops.exp(x), ops.expm1(x), ops.log(z), ops.log1p(z), ops.sqrt(z), ops.rsqrt(z), ops.tanh(x), ops.erf(x),
        ops.sigmoid(x), ops.softplus(x), ops.sign(x), ops.floor(x), ops.ceil(x), ops.trunc(x), ops.round(x),
        ops.square(x), ops.reciprocal(z), -x, ops.relu(x), ops.maximum(x, y), ops.minimum(x, y), x / z,
        ops.where(x > y, x, y), ops.power(z, y), ops.gelu(x, approximate=False), ops.silu(x),
    ]  # fmt: skip


def _whole_numbers(x, n):
    return [
        ops.cast(x > 0, "int32") * n + 1, ops.logical_and(x > 0, n > 0), ops.logical_or(x > 0, n > 0),
        ops.logical_xor(x > 0, n > 0), ops.where(n > 0, x, -x), ops.max(n * 2, axis=1), ops.min(n, axis=1),
        ops.cast(n, "float32") * x, ops.logical_not(ops.equal(n, 3)), ops.cast(n, "bool"), ops.cast(x * 3, "int32"),
        -n, ops.cast(n, "int8") + ops.cast(n, "int8"), ops.cast(n, "int64") * 3, ops.abs(n), ops.not_equal(n, 2),
        ops.less_equal(n, 2), ops.cast(ops.abs(n), "uint8") * 2,
    ]  # fmt: skip


def _special_numbers(x):
    return [
        ops.relu(x), ops.maximum(x, 1.0), ops.exp(x), ops.log(x), ops.tanh(x), ops.sigmoid(x), ops.sqrt(x),
        ops.max(x, axis=-1), ops.min(x * 2.0, axis=-1), ops.sum(x, axis=0), ops.isnan(x), ops.isinf(x),
        ops.isfinite(x), ops.where(x > 0, x, -x), ops.erf(x), ops.abs(x), ops.softplus(x), ops.sign(x),
        ops.argmax(x, axis=-1), ops.divide(x, -0.0),
    ]  # fmt: skip


def _both_ways(x):
    scores = ops.softmax(x)
    return [scores, ops.sum(scores * x, axis=1), ops.max(x, axis=1), ops.sum(scores, axis=0), ops.sum(x * x)]


def _batch_statistics(x):
    mean, variance = ops.moments(x, axes=list(range(len(x.shape) - 1)))
    return [mean, variance, (x - mean) * ops.rsqrt(variance + 1e-3)]


def _adam(w, m, v, g, rate):
    m = m + (g - m) * 0.1
    v = v + (ops.square(g) - v) * 0.001
    return [w - rate * m / (ops.sqrt(v) + 1e-7), m, v]


def _classes(scores, labels):
    hot = ops.one_hot(labels, scores.shape[-1])
    right = ops.cast(ops.equal(ops.argmax(scores, axis=-1), labels), "float32")
    return [-ops.sum(hot * ops.log(ops.softmax(scores)), axis=-1), ops.mean(right)]


def _askew(x, y):
    turned = ops.transpose(x, (0, 2, 1)) * 2.0 + y
    return [
        turned, ops.sum(ops.flip(turned, 1) * y, axis=-1), ops.exp(x[:, ::2, 1:]) + 1.0,
        ops.sum(ops.transpose(x, (2, 0, 1)) * 3.0, axis=(0, 1)),
    ]  # fmt: skip


CASES = {
    "every function": (_every_function, [numbers(6, 5), numbers(6, 5, seed=1)]),
    "every function in double": (_every_function, [numbers(6, 4, dtype="f8"), numbers(6, 4, dtype="f8", seed=1)]),
    "whole numbers": (_whole_numbers, [numbers(9, 21), np.random.default_rng(2).integers(-5, 6, (9, 21), "int32")]),
    "special numbers": (
        _special_numbers,
        [np.array([[np.nan, 1, 2, -np.inf], [np.inf, 0, -0.0, 3], [1, 2, 3, 4]], "float32")],
    ),
    "bias and relu": (lambda x, b: ops.relu(x + b), [numbers(3, 7, 64), numbers(64)]),
    "bias of odd length": (lambda x, b: ops.relu(x + b), [numbers(30, 7), numbers(7)]),
    "a tail of points": (lambda x: ops.tanh(x) * 2.0, [numbers(1027)]),
    "one number": (lambda x: ops.exp(x) * 3.0, [numbers()]),
    "softmax of short rows": (ops.softmax, [numbers(130, 10)]),
    "softmax of rows in a warp": (ops.softmax, [numbers(33, 257)]),
    "softmax of rows in registers": (ops.softmax, [numbers(5, 4096)]),
    "softmax of long rows": (ops.softmax, [numbers(3, 20001)]),
    "softmax of one row": (ops.softmax, [numbers(1, 40)]),
    "layer normalization": (_normalised, [numbers(37, 48), numbers(48), numbers(48)]),
    "layer normalization of long rows": (_normalised, [numbers(4, 768), numbers(768), numbers(768)]),
    "bias gradient": (lambda x: ops.sum(ops.tanh(x), axis=0), [numbers(700, 36)]),
    "bias gradient of many columns": (lambda x: ops.sum(ops.square(x), axis=0), [numbers(40, 1500)]),
    "bias gradient of three columns": (lambda x: ops.sum(ops.square(x), axis=(0, 1)), [numbers(90, 100, 3)]),
    "sums within a batch": (lambda x: ops.sum(ops.square(x), axis=(1, 2)), [numbers(6, 30, 20, 8)]),
    "sums within a batch of rows": (lambda x: ops.sum(ops.square(x), axis=1), [numbers(3, 2000, 5)]),
    "a total": (lambda x: ops.sum(ops.square(x)), [numbers(300, 101)]),
    "a total of few": (lambda x: ops.mean(ops.square(x)), [numbers(5, 3)]),
    "rows and columns": (_both_ways, [numbers(50, 36)]),
    "rows and columns, long": (_both_ways, [numbers(70, 1025)]),
    "rows and columns, very long": (_both_ways, [numbers(3, 20001)]),
    "batch statistics": (_batch_statistics, [numbers(8, 9, 10, 16)]),
    "batch statistics of odd columns": (_batch_statistics, [numbers(800, 7)]),
    "adam": (_adam, [*(numbers(21, 8, seed=i) for i in range(2)), abs(numbers(21, 8)), numbers(21, 8), numbers()]),
    "classes": (_classes, [numbers(50, 10), np.random.default_rng(1).integers(0, 10, 50, "int32")]),
    "operands that lie askew": (_askew, [numbers(6, 4, 5), numbers(6, 5, 4)]),
    "a row and a column": (lambda x, y: ops.tanh(x * y), [numbers(40, 1), numbers(1, 24)]),
    "half precision": (lambda x, y: ops.softmax(x * y) + ops.tanh(y), [numbers(33, 16, dtype="f2")] * 2),
    "half precision, odd": (lambda x, y: [ops.sum(ops.tanh(x) * y, axis=0), x * y], [numbers(33, 17, dtype="f2")] * 2),
    "rounded on the way": (lambda x: ops.cast(ops.cast(x, "float16"), "float32") * 1000.0, [numbers(33, 16)]),
    "brain floats": (lambda x: ops.cast(ops.tanh(ops.cast(x, "bfloat16")), "bfloat16") * 2.0, [numbers(33, 16)]),
}


@pytest.fixture(scope="module")
def recordings():
    """(dict from a name to the Cases of its function, the Machine that has all their kernels)."""
    found, machine = {}, Machine()
    for name, (function, arrays) in CASES.items():
        with recorded() as cases, np.errstate(all="ignore"):
            backend.function(function)(*arrays)
        found[name] = [case for case in cases if hasattr(case, "expected")]
        assert found[name], f"{name!r} made no group"
        for case in found[name]:
            case.bind(machine)
    return found, machine


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_those_of_the_cpu(recordings, name):
    for case in recordings[0][name]:
        case.run()
        for tensor, found, expected in zip(case.group.outputs, case.found, case.expected):
            assert_close(tensor, found, expected, case)


@pytest.mark.parametrize("architecture", ["sm_80", "sm_90", "sm_100"])
def test_nvrtc_compiles_them(recordings, architecture):
    made = compiled(joined(list(recordings[1].bound.values())), architecture)
    assert set(made.registers) == set(recordings[1].bound)
    in_memory = {name for name, size in made.spilled.items() if size}
    long = {step.printed.name for case in recordings[0]["rows and columns, very long"] for step in case.steps}
    assert in_memory <= long  # sums of so many columns that a thread has no registers for them


@pytest.mark.parametrize("name", ["rows and columns, long", "batch statistics", "a total", "softmax of long rows"])
def test_bits_do_not_depend_on_the_order_of_threads(recordings, name):
    function, arrays = CASES[name]
    with recorded() as cases:
        backend.function(function)(*arrays)
    for case in cases:
        case.bind(recordings[1])
        copies = [np.array(array) for array in case.arrays]
        case.run()
        forwards = [np.array(array) for array in case.found]
        for array, copy in zip(case.arrays, copies):
            array[...] = copy
        case.run(backwards=True)
        for first, second in zip(forwards, case.found):
            np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", CASES)
def test_few_kernels_and_few_bytes(recordings, name):
    """At most one launch more than there are groups, for sums over rows, and little memory moved beside operands."""
    for case in recordings[0][name]:
        group = case.group
        moved = sum(step.printed.moved for step in case.steps)
        least = sum(a.nbytes for a in (*case.found, *case.inputs))
        long_rows = "long rows" in name or "very long" in name  # which are read again for each loop
        assert len(case.steps) <= 2
        assert moved <= (3 if long_rows else 1.15) * least + 70_000, f"{group.nodes}: {moved} bytes, {least} at least"


def test_large_arrays_count_in_64_bits():
    with recorded() as cases:
        backend.function(lambda x: ops.tanh(x) * 2.0)(numbers(8, 8))
    group = cases[0].group
    assert "typedef int I" in printed(group)[0].body
    group.space = (70_000, 70_000)
    for tensor in (*group.inputs, *group.outputs):
        tensor.shape = group.space
    (kernel,) = printed(group)
    assert "typedef long long I" in kernel.body
    assert kernel.grid == (-(-70_000 * 70_000 // 1024),)
    assert kernel.moved == 2 * 4 * 70_000**2


def test_every_primitive_that_fuses_has_words_in_both_printers():
    assert set(cuda._EXPRESSIONS) == set(cpu._EXPRESSIONS)
    assert set(cuda._ACCUMULATIONS) == set(cpu._ACCUMULATIONS)
