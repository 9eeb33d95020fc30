"""Random chains of operations over random shapes, as CUDA C on the CPU beside the CPU's kernels.

`KERASISH_CUDA_CHAINS` says how many (48 by default), `KERASISH_CUDA_SEED` which.
"""

import os

import numpy as np
import pytest

from kerasish import backend
from kerasish.backend.cupy.fused.bind import joined
from kerasish.backend.numpy import native
from tests.backend.cuda_groups.harness import Machine, assert_close, recorded
from tests.backend.native.test_fused_kernels import BINARY, REDUCTIONS, UNARY, apply, operands
from tests.cuda_on_cpu import available
from tests.cuda_on_cpu.nvrtc import compiled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (available() and native.enabled()), reason="needs g++ and llvmlite"),
]
_COUNT = int(os.environ.get("KERASISH_CUDA_CHAINS", "48"))
_SEED = int(os.environ.get("KERASISH_CUDA_SEED", "0"))
_DECIDED_BY_ROUNDING = ("floor", "sign", "where", "equal")


def chain(random):
    """(shape, moves, seed) as `test_fused_kernels` has them."""
    shape = tuple(int(n) for n in random.choice([1, 2, 3, 5, 16, 33, 64, 130], random.integers(1, 4)))
    moves = []
    for place in range(random.integers(1, 10)):
        first, second = (int(n) for n in random.integers(0, place + 1, 2))
        kind = random.choice(["unary", "unary", "binary", "binary", "broadcast", "rows", "columns"])
        if kind == "unary":
            names = sorted(set(UNARY).difference(_DECIDED_BY_ROUNDING))
            moves.append(("unary", str(random.choice(names)), first))
        elif kind == "binary":
            names = sorted(set(BINARY).difference(_DECIDED_BY_ROUNDING))
            moves.append(("binary", str(random.choice(names)), first, second))
        elif kind == "broadcast":
            moves.append(("broadcast", [bool(n) for n in random.integers(0, 2, len(shape))], first))
        else:
            count = int(random.integers(1, len(shape) + 1))
            axes = tuple(range(len(shape) - count, len(shape))) if kind == "rows" else tuple(range(count))
            moves.append(("reduce", str(random.choice(REDUCTIONS)), axes, first))
    return shape, moves, int(random.integers(1000))


def test_random_chains():
    random, machine, cases = np.random.default_rng(_SEED), Machine(), []
    for _ in range(_COUNT):
        shape, moves, seed = chain(random)
        with recorded() as found, np.errstate(all="ignore"):
            backend.function(apply(shape, moves))(*operands(shape, moves, seed, "float32"))
        cases += [case for case in found if hasattr(case, "expected")]
    for case in cases:
        case.bind(machine)
    for case in cases:
        copies = [np.array(array) for array in case.arrays]
        case.run()
        # sums of what nearly cancels out are a matter of rounding: the scale is that of the largest operand
        scale = max([1e-30, *(float(np.abs(x[np.isfinite(x)]).max(initial=0)) for x in copies if x.dtype.kind == "f")])
        for tensor, found, expected in zip(case.group.outputs, case.found, case.expected):
            assert_close(tensor, found, expected, case, rtol=1e-4, scale=scale)
        forwards = [np.array(array) for array in case.found]
        for array, copy in zip(case.arrays, copies):
            array[...] = copy
        case.run(backwards=True)
        for first, second in zip(forwards, case.found):
            np.testing.assert_array_equal(first, second)
    for architecture in ("sm_80", "sm_90", "sm_100"):
        compiled(joined(list(machine.bound.values())), architecture)
