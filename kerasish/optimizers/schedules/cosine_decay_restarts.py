"""A rate that falls along half a cosine, over and over."""

from __future__ import annotations

import math

from kerasish import ops
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule, as_step, check_steps
from kerasish.typing import AnyTensor, Config, TensorLike


class CosineDecayRestarts(LearningRateSchedule):
    """A cosine decay that starts anew when it has come to its end, each time over more steps and from another height.

    Decay number i takes first_decay_steps * t_mul**i steps, and goes in half a cosine from initial_learning_rate *
    ((1 - alpha) * m_mul**i + alpha) to initial_learning_rate * alpha.

    Args:
        initial_learning_rate: float, the rate of step 0.
        first_decay_steps: int above 0, the steps of the first decay.
        t_mul: float, how many times longer each decay is than the one before.
        m_mul: float, how many times higher each decay starts than the one before.
        alpha: float, the last rate of a decay as a fraction of the initial one.
        name: string, which the config keeps.

    Raises:
        ValueError: for `first_decay_steps` of 0 or less.

    Example:
        >>> import kerasish as keras
        >>> schedule = keras.optimizers.schedules.CosineDecayRestarts(1.0, 10)
        >>> [round(float(schedule(step)), 4) for step in (0, 5, 10, 20, 30)]
        [1.0, 0.5, 1.0, 0.5, 1.0]

    Reference:
        Loshchilov & Hutter 2016, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_steps("first_decay_steps", first_decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: TensorLike) -> AnyTensor:
        restarts, done = self._progress(ops.divide(as_step(step), self.first_decay_steps))
        height = ops.multiply(ops.power(self._m_mul, restarts), 0.5)
        cosine = ops.multiply(height, ops.add(ops.cos(ops.multiply(done, math.pi)), 1.0))
        rate = ops.add(ops.multiply(cosine, 1 - self.alpha), self.alpha)
        return ops.multiply(rate, self.initial_learning_rate)

    def _progress(self, time):
        """How many decays are over, and the fraction of the running one; `time` is in units of the first decay."""
        growth = float(self._t_mul)
        if growth == 1.0:
            restarts = ops.floor(time)
            return restarts, ops.subtract(time, restarts)
        # Decays 0 ... i - 1 take (growth**i - 1) / (growth - 1) together.
        lengths = ops.divide(ops.log(ops.add(ops.multiply(time, growth - 1.0), 1.0)), math.log(growth))
        restarts = ops.floor(lengths)
        length = ops.power(growth, restarts)
        began = ops.divide(ops.subtract(length, 1.0), growth - 1.0)
        return restarts, ops.divide(ops.subtract(time, began), length)

    def get_config(self) -> Config:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
