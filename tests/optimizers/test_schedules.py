"""Every learning rate schedule against real Keras over many steps, eager and compiled; configs, bad input."""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.backend.function import function
from kerasish.optimizers import schedules

STEPS = [*range(26), 29, 30, 31, 50, 70, 99, 100, 101, 150, 310, 1000, 99999]
CASES = [
    ("ExponentialDecay", dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.9)),
    ("ExponentialDecay", dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5, staircase=True)),
    ("InverseTimeDecay", dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.9)),
    ("InverseTimeDecay", dict(initial_learning_rate=0.1, decay_steps=7, decay_rate=0.5, staircase=True)),
    ("PiecewiseConstantDecay", dict(boundaries=[10, 20, 100], values=[0.1, 0.05, 0.01, 0.001])),
    ("PiecewiseConstantDecay", dict(boundaries=[3], values=[0.1, 0.7])),
    ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=20)),
    ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=20, end_learning_rate=0.01, power=0.5)),
    ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=20, end_learning_rate=0.01, power=2.0, cycle=True)),
    ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=30)),
    ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=30, alpha=0.2)),
    ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=30, warmup_target=1.0, warmup_steps=10)),
    ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=30, alpha=0.1, warmup_target=0.3, warmup_steps=0)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=10)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=7, t_mul=1.5, m_mul=0.8, alpha=0.1)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=10, t_mul=1.0, m_mul=0.9)),
]


def without_annotations(signature):
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return signature.replace(parameters=parameters, return_annotation=signature.empty)


@pytest.mark.parametrize("name, arguments", CASES, ids=lambda x: x if isinstance(x, str) else "")
class TestSchedule:
    def test_values(self, name, arguments):
        ours, theirs = (getattr(library.optimizers.schedules, name)(**arguments) for library in (kerasish, keras))
        compiled = function(lambda step: ours(step))
        # Keras's cosines hold a `cond`, which is slow uncompiled; compiled, XLA makes NaN of its PolynomialDecay's end.
        oracle = jax.jit(theirs.__call__) if name.startswith("Cosine") else theirs
        for step in STEPS:
            expected = float(oracle(np.int32(step)))
            # A cosine near its minimum is a difference of numbers near 1.
            for value in (ours(step), ours(kerasish.Variable(step, dtype="int32")), compiled(np.int32(step))):
                assert float(value) == pytest.approx(expected, rel=1e-5, abs=3e-8), step
                assert kerasish.backend.standardize_dtype(value.dtype) == "float32"

    def test_config(self, name, arguments):
        ours, theirs = (getattr(library.optimizers.schedules, name)(**arguments) for library in (kerasish, keras))
        assert ours.get_config() == theirs.get_config()
        saved = schedules.serialize(ours)
        assert saved == keras.optimizers.schedules.serialize(theirs)
        assert schedules.deserialize(saved).get_config() == ours.get_config()
        assert keras.optimizers.schedules.deserialize(saved).get_config() == ours.get_config()

    def test_signature(self, name, arguments):
        found = (inspect.signature(getattr(library.optimizers.schedules, name)) for library in (kerasish, keras))
        ours, theirs = map(without_annotations, found)
        assert str(ours) == str(theirs)


def test_in_an_optimizer():
    optimizer = kerasish.optimizers.SGD(schedules.InverseTimeDecay(1.0, 1, 1.0))
    weight = kerasish.Variable([0.0])
    rates = []
    for _ in range(3):
        rates.append(float(optimizer.learning_rate))
        optimizer.apply([ops.ones(1)], [weight])
    assert rates == pytest.approx([1.0, 1 / 2, 1 / 3]) and float(weight.numpy()[0]) == pytest.approx(-11 / 6)
    again = kerasish.optimizers.deserialize(kerasish.optimizers.serialize(optimizer))
    assert float(again.learning_rate) == 1.0 and len(again.variables) == 1


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "`decay_steps`"),
        (lambda: schedules.InverseTimeDecay(0.1, -1, 0.5), "`decay_steps`"),
        (lambda: schedules.PolynomialDecay(0.1, 0), "`decay_steps`"),
        (lambda: schedules.CosineDecay(0.1, 0), "`decay_steps`"),
        (lambda: schedules.CosineDecayRestarts(0.1, 0), "`first_decay_steps`"),
        (lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]), "one shorter"),
        (lambda: schedules.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3]), "increase"),
        (lambda: schedules.deserialize({"class_name": "CosineDecya", "config": {}}), "CosineDecya"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_base_class():
    class Silent(schedules.LearningRateSchedule):
        """Defines nothing."""

    with pytest.raises(NotImplementedError, match="__call__"):
        Silent()(0)
    with pytest.raises(NotImplementedError, match="get_config"):
        Silent().get_config()
