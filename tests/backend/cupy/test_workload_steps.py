"""What a training step of the benchmark's workloads asks of a card: launches, kernels, memory.

On the stand-in, which orders and counts what is launched and computes nothing: so workloads have their full size, but
for batches of 8 (of 2, where pictures are large). The numbers are what stood when the table was written; a smaller one
is a reason to write it down. (`test_workload_bytes.py` counts the bytes that they move.)
"""

import numpy as np
import pytest

import kerasish
from benchmarks import workloads
from kerasish.backend.compiler import cost, sparse_rows
from tests.backend.cupy.on_standin import standing_in
from tests.cupy_standin import streams

pytestmark = pytest.mark.slow

STEPS = {  # workload: launches of a captured step (copies, and the graph), kernels in the graph, megabytes of the arena
    "mlp_tiny": (9, 14, 0.0014),
    "mlp": (9, 22, 2.70),
    "convnet": (9, 28, 1.87),
    "recommender": (12, 35, 0.89),
    "lstm": (10, 431, 3.96),
    "gru": (10, 588, 4.61),
    "transformer": (10, 131, 39.1),
    "autoencoder": (9, 18, 1.76),
    "unet": (11, 117, 205.01),
    "mobilenet_v2": (10, 709, 132),
    "resnet50": (10, 768, 236),
    "inception_v3": (10, 1330, 241),
}
LARGE = ("mobilenet_v2", "resnet50", "inception_v3")


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_one_graph_of_few_kernels(name):
    launches, kernels, megabytes = STEPS[name]
    with standing_in(), streams.counting():
        program, counted = counted_steps(name)
    capturing, replaying = counted
    assert "launched as one CUDA graph" in program.launch
    assert replaying["launches"] <= launches
    assert capturing["kernels"] - replaying["kernels"] <= kernels
    assert program.arena_bytes / 1e6 <= megabytes


def test_the_transformer_attends_in_two_kernels_a_layer_in_half_precision():
    """With products and a softmax for it a step was 183 kernels."""
    kerasish.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        with standing_in(), streams.counting():
            program, (capturing, replaying) = counted_steps("transformer")
    finally:
        kerasish.mixed_precision.set_global_policy("float32")
    assert program.names.count("attention") == program.names.count("attention_gradient") == 2
    assert "launched as one CUDA graph" in program.launch
    assert capturing["kernels"] - replaying["kernels"] <= 143


def counted_steps(name):
    """The Program of a training step, and what its second and third run launch."""
    module = workloads.load(name)
    kerasish.utils.clear_session()
    model = module.build(kerasish)
    batch = 2 if name in LARGE else 8
    x, y = (_first(batch, arrays) for arrays in module.data(np.random.default_rng(0), min(8, module.BATCH)))
    model.train_on_batch(x, y)  # compiles
    counted = []
    for _ in range(2):  # captures; replays
        before = dict(streams.COUNTS)
        model.train_on_batch(x, y)
        counted.append({what: count - before[what] for what, count in streams.COUNTS.items()})
    return model.train_function.program(x, y, None), counted


def _first(count, arrays):
    if isinstance(arrays, dict):
        return {name: array[:count] for name, array in arrays.items()}
    return [array[:count] for array in arrays] if isinstance(arrays, (list, tuple)) else arrays[:count]


@pytest.mark.parametrize("elements, megabytes", [(None, 7.3), (0, 0.88)], ids=["as it is", "rows of every table"])
def test_the_recommender_moves_the_rows_of_its_batch_alone(monkeypatch, elements, megabytes):
    """What it would of larger tables too: with dense updates of its four tables and their slots it was 212 MB."""
    if elements is not None:
        monkeypatch.setattr(sparse_rows, "_ELEMENTS_LATER", elements)
    with standing_in(), streams.counting():
        program, _ = counted_steps("recommender")
    nodes = {id(node): node for made in program.nodes for node in made}
    assert sum(map(cost.bytes_moved, nodes.values())) / 1e6 <= megabytes
