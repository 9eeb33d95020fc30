"""Groups that programs make on the CPU, printed as CUDA C, run by the executor, and compared."""

import ctypes
from contextlib import contextmanager

import numpy as np

from kerasish.backend.cupy.fused.bind import bind_group, joined
from kerasish.backend.numpy import device
from kerasish.backend.numpy.team import blas
from tests.cuda_on_cpu import Module

TOLERANCE = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-5, "float64": 1e-12}


class Machine:
    """The executor as a device: kernels that were bound are compiled together when the first of them is launched."""

    def __init__(self, checked=True):
        self.checked, self.bound, self.memory, self.functions = checked, {}, [], {}

    def note(self, steps):
        """Remember kernels that will be launched."""
        self.bound.update({step.printed.name: step.printed for step in steps})
        return steps

    def launch(self, printed, arguments, **how):
        if printed.name not in self.functions:
            module = Module(joined(list(self.bound.values())), checked=self.checked)
            self.functions = {name: module.get_function(name) for name in self.bound}
        launched = self.functions[printed.name]
        launched(printed.grid, printed.block, arguments, printed.shared_mem, memory=self.memory, **how)

    def empty(self, shape, dtype):
        return np.full(shape, -7, dtype)

    def address(self, array):
        return array.ctypes.data

    def upload(self, array):
        return np.array(array)


class Case:
    """A Group as a program ran it: its arrays before, and what the CPU made of them."""

    def __init__(self, group, out, inputs, cpu_steps):
        self.group, self.out, self.inputs, self.cpu_steps = group, out, inputs, cpu_steps

    def run_on_cpu(self):
        """The CPU's kernels on the CPU's arrays; the first time with a record."""
        if hasattr(self, "expected"):
            self._run_on_cpu()
        else:
            self.run_and_record()

    def run_and_record(self):
        """The same, with copies of the arrays before and after."""
        copies = {}
        self.arrays = [_copy(array, copies) for array in (*self.out, *self.inputs)]
        self._run_on_cpu()
        self.expected = [np.array(array) for array in self.out]

    def _run_on_cpu(self):
        with blas.held():
            for step in self.cpu_steps:
                step()

    def bind(self, machine):
        count = len(self.out)
        self.found = self.arrays[:count]
        self.steps = machine.note(bind_group(self.group, self.found, self.arrays[count:], machine))

    def run(self, **how):
        for step in self.steps:
            step.launch(step.printed, step.arguments, **how)


def _copy(array, copies):
    low, high = np.lib.array_utils.byte_bounds(array)
    if (low, high) not in copies:
        raw = np.empty(high - low + 64, np.uint8)
        start = (low - raw.ctypes.data) % 64  # aligned as it was
        memory = raw[start : start + high - low]
        memory[:] = np.ndarray((high - low,), np.uint8, buffer=_bytes(low, high))
        copies[low, high] = memory
    memory = copies[low, high]
    return np.ndarray(array.shape, array.dtype, memory, array.ctypes.data - low, array.strides)


def _bytes(low, high):
    return (ctypes.c_char * (high - low)).from_address(low)


@contextmanager
def bound():
    """A list that fills with the Cases of the programs that are made below."""
    cases, original = [], device.fused

    def fused(out, inputs, group):
        steps = original(out, inputs, group)
        cases.append(Case(group, out, inputs, steps))
        return steps

    device.fused = fused
    try:
        yield cases
    finally:
        device.fused = original


@contextmanager
def recorded():
    """A list that fills with the Cases of the programs that run below, each with what the CPU made of its arrays."""
    with bound() as cases:
        note = device.fused

        def fused(out, inputs, group):
            note(out, inputs, group)
            return [cases[-1].run_on_cpu]

        device.fused = fused
        yield cases


def assert_close(tensor, found, expected, case, rtol=None, scale=0.0):
    """As near as rounding allows, and nothing else but NaN where the CPU has NaN."""
    said = (
        f"{tensor} of {[n.operation.name for n in case.group.nodes]} {case.group.space}\n{case.steps[0].printed.body}"
    )
    if str(tensor.dtype) not in TOLERANCE:
        np.testing.assert_array_equal(found, expected, err_msg=said)
        return
    rtol = rtol or TOLERANCE[str(tensor.dtype)]
    found, expected = found.astype("float64"), expected.astype("float64")
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected), err_msg=said)
    np.testing.assert_array_equal(found[~finite], expected[~finite], err_msg=said)
    scale = max(scale, np.abs(expected[finite]).max(initial=1e-30))
    np.testing.assert_allclose(found[finite], expected[finite], rtol=rtol, atol=rtol * scale, err_msg=said)
