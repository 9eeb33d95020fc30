"""What the groups of a workload's programs are as CUDA C: compiled by NVRTC, run on the CPU, counted.

`KERASISH_CUDA_POINTS` is the largest group that is run (by default 100,000 points: each kernel on the smallest group
that has it).
"""

import os

import numpy as np

from kerasish.backend.cupy.fused.bind import bind_group, can_print, joined
from tests.backend.cuda_groups.harness import Machine, assert_close
from tests.cuda_on_cpu import available
from tests.cuda_on_cpu.nvrtc import compiled

ARCHITECTURES = ("sm_80", "sm_90", "sm_100")
_LARGEST = int(os.environ.get("KERASISH_CUDA_POINTS", "100000"))
_seen = set()  # kernels that this process has looked at


class _Counted(Machine):
    """A device that is only bound to."""

    def empty(self, shape, dtype):
        return np.broadcast_to(np.zeros((), dtype), shape)


def look_at(cases):
    """(launches, bytes moved, bytes that the CPU's plan moves) of groups; kernels that are new are compiled and run."""
    machine, new, launches, moved, least = _Counted(), {}, 0, 0, 0
    for case in cases:
        assert can_print(case.group), case.group.nodes
        steps = bind_group(case.group, case.out, case.inputs, machine)
        launches += len(steps)
        moved += sum(step.printed.moved for step in steps)
        least += sum(array.nbytes for array in (*case.out, *case.inputs))
        for step in steps:
            if step.printed.name not in _seen:
                new.setdefault(step.printed.name, (step.printed, []))[1].append(case)
    _seen.update(new)
    if new:
        program = joined([printed for printed, _ in new.values()])
        for architecture in ARCHITECTURES:
            spilled = compiled(program, architecture).spilled
            assert set(spilled) == set(new) and not any(spilled.values()), spilled
        if available():
            _run([min(found, key=_points) for _, found in new.values()])
    return launches, moved, least


def _points(case):
    return int(np.prod(case.group.space))


def _run(cases):
    machine = Machine()
    cases = [case for case in {id(case): case for case in cases}.values() if _points(case) <= _LARGEST]
    for case in cases:
        _fill(case)
        case.run_and_record()
        case.bind(machine)
    for case in cases:
        case.run()
        for tensor, found, expected in zip(case.group.outputs, case.found, case.expected):
            assert_close(tensor, found, expected, case, rtol=1e-4 if str(tensor.dtype) == "float32" else None)


def _fill(case):
    """Numbers for which no function is undefined, and which are in range as indices."""
    random = np.random.default_rng(0)
    for array in (*case.out, *case.inputs):
        if not array.flags.writeable or 0 in array.strides and array.size > 1:
            continue
        if array.dtype.kind in "biu":
            array[...] = random.integers(0, 2, array.shape)
        else:
            array[...] = random.uniform(0.05, 1, array.shape).astype(array.dtype)
