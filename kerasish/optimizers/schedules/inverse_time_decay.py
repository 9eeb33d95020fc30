"""A rate that falls as 1 / time."""

from __future__ import annotations

from kerasish import ops
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule, as_step, check_steps
from kerasish.typing import AnyTensor, Config, TensorLike


class InverseTimeDecay(LearningRateSchedule):
    """A rate that falls as 1 / time.

        rate = initial_learning_rate / (1 + decay_rate * step / decay_steps)

    `InverseTimeDecay(rate, 1, decay)` is what the argument `decay` of Keras 1 and 2 did.

    Args:
        initial_learning_rate: float, the rate of step 0.
        decay_steps: int above 0, the steps in which the rate falls.
        decay_rate: float, how fast it falls.
        staircase: bool. Let step / decay_steps be whole: the rate falls only every `decay_steps` steps.
        name: string, which the config keeps.

    Raises:
        ValueError: for `decay_steps` of 0 or less.

    Example:
        >>> import kerasish as keras
        >>> float(keras.optimizers.schedules.InverseTimeDecay(1.0, 10, 2.0)(5))
        0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        check_steps("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: TensorLike) -> AnyTensor:
        time = ops.divide(as_step(step), self.decay_steps)
        if self.staircase:
            time = ops.floor(time)
        return ops.divide(self.initial_learning_rate, ops.add(ops.multiply(time, self.decay_rate), 1.0))

    def get_config(self) -> Config:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }
