"""What a clock can't hold still: the size of each workload's Program.

A fusion that is lost, or an array that is kept too long, fails here. The groups of each are printed as CUDA C too: no
card is at hand, but how many kernels a step launches and how many bytes they move can be held still without one.

The numbers are what stood when the table was written; a smaller one is a reason to write it down, a larger one needs an
explanation. (Weights are updated as soon as their gradients are there: some updates leave the group that they shared,
for less memory. Convolutions straight from the image have a kernel for each form of
their blocks. The count of steps is assigned behind the lookups, which may refuse an index. What is made again counts
twice in the GFLOP, and its sources stay in memory longer: 35 kB of the MLP's.)
"""

import numpy as np
import pytest

import kerasish
from benchmarks import workloads
from kerasish.backend.compiler import cost
from kerasish.backend.numpy import native
from kerasish.backend.numpy.team import count
from tests.backend.cuda_groups.harness import bound
from tests.backend.cuda_groups.workloads import look_at

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not native.enabled(), reason="the table is of compiled kernels (llvmlite)"),
]

PROGRAMS = {  # workload: (train: steps, kinds of kernels, megabytes of the arena, GFLOP), (predict: the same)
    "mlp_tiny": ((13, 8, 0.004544, 2.422e-05), (2, 1, 0.002176, 1.027e-05)),
    "mlp": ((28, 13, 2.2, 0.4204), (5, 2, 0.5243, 0.1714)),
    "convnet": ((36, 23, 27.76, 1.852), (6, 5, 13.84, 0.636)),
    "lstm": ((671, 16, 22.04, 2.064), (164, 4, 6.554, 0.6767)),
    "gru": ((912, 13, 18.4, 0.8983), (162, 2, 3.949, 0.3198)),
    "transformer": ((178, 32, 153.2, 11.53), (32, 9, 16.78, 3.824)),
    "autoencoder": ((31, 9, 1.633, 0.2908), (8, 3, 0.5325, 0.1115)),
    "recommender": ((74, 21, 1.067, 0.03091), (14, 5, 0.212, 0.009373)),
    "unet": ((210, 23, 205, 110.6), (52, 7, 67.11, 36.95)),
    "mobilenet_v2": ((1175, 35, 496.1, 15.7), (120, 9, 77.76, 5.019)),
    "resnet50": ((1342, 43, 718.8, 185.7), (137, 12, 57.81, 62.11)),
    "inception_v3": ((2163, 43, 772.8, 276), (276, 15, 66.38, 91.84)),
}

LAUNCHES = {  # workload: kernels in CUDA C that its groups are, training and prediction together
    "mlp_tiny": 12,
    "mlp": 18,
    "convnet": 22,
    "lstm": 255,
    "gru": 340,
    "transformer": 107,
    "autoencoder": 22,
    "recommender": 22,
    "unet": 112,
    "mobilenet_v2": 998,
    "resnet50": 1112,
    "inception_v3": 1736,
}


def programs(name):
    """The Programs of a train step and of a prediction."""
    module = workloads.load(name)
    model = module.build(kerasish)
    x, y = module.data(np.random.default_rng(0), module.BATCH)
    model._prepare((x, y, None))
    train = model.make_train_function(force=True).program(x, y, None)
    return train, model.make_predict_function().program(x, None, None)


def size(program):
    """(steps, distinct kernels, megabytes of the arena, GFLOP)."""
    kernels = {getattr(step, "address", None) or name for step, name in zip(program.steps, program.names)}
    nodes = {id(node): node for made in program.nodes for node in made}
    flops = sum(cost.flops(node) for node in nodes.values())
    return len(program.steps), len(kernels), program.arena_bytes / 1e6, flops / 1e9


@pytest.fixture(autouse=True)
def two_workers():
    """The team of two that the table was written with."""
    before = count.size()
    count.set_size(2)
    yield
    count.set_size(before)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_do_not_grow(name):
    with bound() as groups:
        made = programs(name)
    for found, allowed in zip(map(size, made), PROGRAMS[name]):
        steps, kernels, megabytes, gflop = found
        assert steps <= allowed[0], f"{name}: {steps} steps, {allowed[0]} before"
        assert kernels <= allowed[1], f"{name}: {kernels} kernels, {allowed[1]} before"
        assert megabytes <= allowed[2] * 1.01, f"{name}: an arena of {megabytes:.2f} MB, {allowed[2]} before"
        assert gflop == pytest.approx(allowed[3], rel=0.01), f"{name}: {gflop:.4g} GFLOP, {allowed[3]} before"
    launches, moved, least = look_at(groups)
    assert launches <= LAUNCHES[name], f"{name}: {launches} launches, {LAUNCHES[name]} before"
    assert moved <= 1.15 * least, f"{name}: {moved / 1e6:.1f} MB moved, {least / 1e6:.1f} MB on the CPU"
