"""A rate that falls by the same factor in the same number of steps."""

from __future__ import annotations

from kerasish import ops
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule, as_step, check_steps
from kerasish.typing import AnyTensor, Config, TensorLike


class ExponentialDecay(LearningRateSchedule):
    """A rate that falls by the same factor in the same number of steps.

        rate = initial_learning_rate * decay_rate**(step / decay_steps)

    Args:
        initial_learning_rate: float, the rate of step 0.
        decay_steps: int above 0, the steps in which the rate falls.
        decay_rate: float, the factor of `decay_steps` steps.
        staircase: bool. Let the exponent be whole: the rate falls only every `decay_steps` steps.
        name: string, which the config keeps.

    Raises:
        ValueError: for `decay_steps` of 0 or less.

    Example:
        >>> import kerasish as keras
        >>> float(keras.optimizers.schedules.ExponentialDecay(1.0, 10, 0.25)(5))
        0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        check_steps("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: TensorLike) -> AnyTensor:
        exponent = ops.divide(as_step(step), self.decay_steps)
        if self.staircase:
            exponent = ops.floor(exponent)
        return ops.multiply(ops.power(self.decay_rate, exponent), self.initial_learning_rate)

    def get_config(self) -> Config:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }
