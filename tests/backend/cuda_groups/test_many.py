"""One launch for all parameters of an optimizer's step."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, ops
from kerasish.backend.cupy.fused.many import merged
from kerasish.backend.device import device
from kerasish.backend.numpy import native
from tests.backend.cuda_groups.harness import Machine, assert_close, recorded
from tests.cuda_on_cpu import available
from tests.cuda_on_cpu.nvrtc import compiled

pytestmark = pytest.mark.skipif(not (available() and native.enabled()), reason="needs g++ and llvmlite")


def trained(optimizer):
    """The Cases of a training step of five layers of odd sizes, updates last."""
    keras.utils.set_random_seed(0)
    sizes = (7, 16, 33, 64, 5)
    model = keras.Sequential([keras.Input((12,)), *(layers.Dense(n, "tanh") for n in sizes), layers.Dense(1)])
    model.compile(optimizer, "mse")
    x, y = np.random.default_rng(0).standard_normal((2, 40, 12)).astype("float32")
    with recorded() as cases:
        model.train_on_batch(x, y[:, :1])
    return [case for case in cases if hasattr(case, "expected")]


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_the_updates_of_all_parameters_are_one_launch(monkeypatch, optimizer):
    monkeypatch.setattr(type(device()), "updates_together", True)
    cases = trained(optimizer)
    machine, alone = Machine(), []
    for case in cases:
        case.bind(machine)
        alone += case.steps
        machine.memory += case.arrays
    together = merged(alone, machine)
    updated = max(together, key=lambda step: len(step.keep or ()))
    assert len(updated.keep) == 11  # of 12: the last bias is one number, with an expression of its own
    assert len(together) == len(alone) - 10
    machine.note(together)
    for step in together:
        step()
    for case in cases:
        for tensor, found, expected in zip(case.group.outputs, case.found, case.expected):
            assert_close(tensor, found, expected, case)
    for architecture in ("sm_80", "sm_90", "sm_100"):
        compiled(updated.printed.code, architecture)


def test_what_depends_on_one_another_stays_in_order():
    x = np.random.default_rng(0).standard_normal(1000).astype("float32")
    with recorded() as cases:
        backend.function(lambda x: ops.matmul(ops.reshape(ops.tanh(x), (10, 100)), ops.ones((100, 100))))(x)
    case, machine = cases[0], Machine()
    case.bind(machine)
    (step,) = case.steps
    assert len(merged([step, step], machine)) == 2  # both write the same array
    assert merged([step, print, step], machine) == [step, print, step]
