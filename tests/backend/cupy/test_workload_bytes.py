"""What a step of the benchmark's workloads reads and writes in a card's memory, beside what it does in the CPU's.

At full size, on the stand-in, which computes nothing: it counts the operands and results of each kernel, copies too.
Kernels of our own that read by indices or addresses say themselves what they move. The CPU's count is what its Program
moves at least: each operand of a step read once, each result written once, and what an epilogue reads not at all.
"""

import pytest

from kerasish.backend.compiler import cost
from kerasish.backend.numpy import native
from tests.backend.cupy.on_standin import standing_in
from tests.cupy_standin import streams
from tests.test_workload_programs import programs, two_workers  # noqa: F401  (a fixture)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not native.enabled(), reason="the table is beside compiled kernels (llvmlite)"),
]
MOST = 1.15  # times what the CPU's Program moves
MOVED = {  # workload: megabytes that a training step moves on a card, and a prediction
    "mlp_tiny": (0.02577, 0.005892),
    "mlp": (32.83, 4.144),
    "convnet": (168.5, 37.82),
    "lstm": (244.6, 51.41),
    "gru": (116.8, 35.91),
    "transformer": (970.8, 259.8),
    "autoencoder": (22.4, 3.938),
    "recommender": (12.35, 0.8474),
    "unet": (1855, 532.1),
    "mobilenet_v2": (3950, 653.6),
    "resnet50": (7100, 1149),
    "inception_v3": (7608, 1490),
}
MORE = {
    # Most of what it moves are weights and their updates. The CPU hands their gradients to the optimizer while they are
    # in its caches; cuBLAS writes them, and the optimizer's kernel reads them: 2.7 MB each way.
    "mlp": (1.20, MOST),
    # So the CPU does with logits and their softmax, and with gelu behind a product: cuBLASLt's is not the exact one.
    "transformer": (MOST, 1.40),
}


def moved_on_a_card(program):
    """Bytes that a run of a Program moves."""
    total = 0
    for step in program._assembled._steps:
        before = streams.COUNTS["bytes"]
        step()
        total += getattr(step, "moved", streams.COUNTS["bytes"] - before)
    return total


@pytest.mark.parametrize("name", MOVED)
def test_a_step_moves_little_more_than_the_cpus(name):
    least = [cost.moved_by_steps(program.innermost) for program in programs(name)]
    with standing_in(), streams.counting():
        found = [moved_on_a_card(program) for program in programs(name)]
    for moved, allowed, cpu, most in zip(found, MOVED[name], least, MORE.get(name, (MOST, MOST))):
        assert moved / 1e6 <= allowed * 1.001, f"{name}: {moved / 1e6:.4g} MB moved, {allowed} before"
        assert moved <= most * cpu, f"{name}: {moved} bytes moved, {cpu} on the CPU"
