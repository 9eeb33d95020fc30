"""What a training step of the benchmark's workloads asks of a card: launches, kernels, memory.

On the stand-in, with batches of 8. The numbers are what stood when the table was written; a smaller one is a reason to
write it down. (`test_workload_programs.py` counts the groups of larger ones, and the bytes that they move.)
"""

import numpy as np
import pytest

import kerasish
from benchmarks import workloads
from tests.backend.cupy.on_standin import standing_in
from tests.cuda_on_cpu import available
from tests.cupy_standin import streams

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not available(), reason="needs g++")]

STEPS = {  # workload: launches of a captured step (copies, and the graph), kernels in the graph, megabytes of the arena
    "mlp_tiny": (9, 14, 0.0014),
    "mlp": (9, 23, 2.70),
    "convnet": (9, 29, 1.87),
    "recommender": (12, 53, 26.5),
    "lstm": (10, 673, 12.5),
    "transformer": (10, 166, 44.3),
    "autoencoder": (10, 18, 1.76),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_one_graph_of_few_kernels(name):
    launches, kernels, megabytes = STEPS[name]
    module = workloads.load(name)
    with standing_in():
        model = module.build(kerasish)
        x, y = (_first(8, arrays) for arrays in module.data(np.random.default_rng(0), module.BATCH))
        model.train_on_batch(x, y)  # compiles
        counted = []
        for _ in range(2):  # captures; replays
            before = dict(streams.COUNTS)
            model.train_on_batch(x, y)
            counted.append({what: count - before[what] for what, count in streams.COUNTS.items()})
        program = model.train_function.program(x, y, None)
    capturing, replaying = counted
    assert replaying["launches"] <= launches
    assert capturing["kernels"] - replaying["kernels"] <= kernels
    assert program.arena_bytes / 1e6 <= megabytes


def _first(count, arrays):
    if isinstance(arrays, dict):
        return {name: array[:count] for name, array in arrays.items()}
    return [array[:count] for array in arrays] if isinstance(arrays, (list, tuple)) else arrays[:count]
