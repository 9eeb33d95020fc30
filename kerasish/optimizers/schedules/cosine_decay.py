"""A rate that falls along half a cosine, after a linear warmup."""

from __future__ import annotations

import math

from kerasish import ops
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule, as_step, check_steps
from kerasish.typing import AnyTensor, Config, TensorLike


class CosineDecay(LearningRateSchedule):
    """A rate that falls along half a cosine, after a linear warmup.

        rate = start * ((1 - alpha) * (1 + cos(pi * step / decay_steps)) / 2 + alpha)

    With a `warmup_target`, the rate first goes in a straight line from `initial_learning_rate` to that target, in
    `warmup_steps` steps, and starts to fall from there; else `start` is `initial_learning_rate`.

    Args:
        initial_learning_rate: float, the rate of step 0.
        decay_steps: int above 0, without the warmup.
        alpha: float, the last rate as a fraction of the start.
        name: string, which the config keeps.
        warmup_target: float, the rate at which the warmup ends, or None for no warmup.
        warmup_steps: int, the steps of the warmup.

    Raises:
        ValueError: for `decay_steps` of 0 or less.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.optimizers.schedules.CosineDecay(1.0, 10)(5)), 6)
        0.5

    Reference:
        Loshchilov & Hutter 2016, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        check_steps("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: TensorLike) -> AnyTensor:
        step = as_step(step)
        if self.warmup_target is None:
            return self._fall(step, self.initial_learning_rate)
        if self.warmup_steps <= 0:
            return self._fall(step, self.warmup_target)
        rise = (self.warmup_target - self.initial_learning_rate) / self.warmup_steps
        rising = ops.add(ops.multiply(step, rise), self.initial_learning_rate)
        falling = self._fall(ops.subtract(step, self.warmup_steps), self.warmup_target)
        return ops.where(ops.less(step, self.warmup_steps), rising, falling)

    def _fall(self, step, start):
        angle = ops.multiply(ops.minimum(step, self.decay_steps), math.pi / self.decay_steps)
        half = 0.5 * (1 - self.alpha) * start
        return ops.add(ops.multiply(ops.add(ops.cos(angle), 1.0), half), self.alpha * start)

    def get_config(self) -> Config:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }
