"""A rate that falls along a power of the time left."""

from __future__ import annotations

from kerasish import ops
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule, as_step, check_steps
from kerasish.typing import AnyTensor, Config, TensorLike


class PolynomialDecay(LearningRateSchedule):
    """A rate that falls along a power of the time left.

        rate = (initial_learning_rate - end_learning_rate) * (1 - step / decay_steps)**power + end_learning_rate

    Args:
        initial_learning_rate: float, the rate of step 0.
        decay_steps: int above 0; from that step on, the rate is `end_learning_rate`.
        end_learning_rate: float, the rate at the end.
        power: float; 1.0 is a straight line.
        cycle: bool. When the end is reached, start anew over twice, three times, ... as many steps, all counted from 0.
        name: string, which the config keeps.

    Raises:
        ValueError: for `decay_steps` of 0 or less.

    Example:
        >>> import kerasish as keras
        >>> float(keras.optimizers.schedules.PolynomialDecay(1.0, 10, end_learning_rate=0.0)(5))
        0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_steps("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: TensorLike) -> AnyTensor:
        step, steps = as_step(step), float(self.decay_steps)
        if self.cycle:
            cycles = ops.maximum(ops.ceil(ops.divide(step, steps)), 1.0)
            steps = ops.multiply(cycles, steps)
        else:
            step = ops.minimum(step, steps)
        left = ops.power(ops.subtract(1.0, ops.divide(step, steps)), self.power)
        return ops.add(ops.multiply(left, self.initial_learning_rate - self.end_learning_rate), self.end_learning_rate)

    def get_config(self) -> Config:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }
