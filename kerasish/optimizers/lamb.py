"""Lamb."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Lamb(Optimizer):
    """Adam with steps in proportion to the size of each variable, for large batches.

        m += (1 - beta_1) * (gradient - m);  v += (1 - beta_2) * (gradient**2 - v)
        step = m / (1 - beta_1**t) / (sqrt(v / (1 - beta_2**t)) + epsilon), in step t, counted from 1
        variable -= learning_rate * step * |variable| / |step|, with L2 norms; without their ratio where one of them is
        0

    Args:
        beta_1: float in [0, 1), how much of m, the running mean of the gradient, is kept each step.
        beta_2: float in [0, 1), how much of v, the running mean of its square, is kept each step.
        epsilon: float that keeps the root from 0.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([4.0])
        >>> keras.optimizers.Lamb(0.25).apply([keras.ops.array([3.0])], [weight])
        >>> round(float(weight[0]), 4)
        3.0

    Reference:
        You et al. 2019, "Large batch optimization for deep learning: training BERT in 76 minutes", arXiv:1904.00962.
    """

    needs_whole_tables: str = "the norm of a variable"

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = backend.epsilon() if epsilon is None else epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        correction_1, correction_2 = self.once_a_step(self._corrections, None, variable.dtype)
        rate = self.once_a_step(ops.cast, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.beta_1))
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), 1 - self.beta_2))
        root = ops.add(ops.sqrt(ops.multiply(v, correction_2)), self.epsilon)
        step = ops.divide(ops.multiply(m, correction_1), root)
        self.assign_sub(variable, ops.multiply(step, ops.multiply(rate, _ratio(_norm(variable), _norm(step)))))

    def _corrections(self, _, dtype):
        step = ops.cast(ops.add(self.iterations, 1), dtype)
        return [ops.divide(1.0, ops.subtract(1.0, ops.power(beta, step))) for beta in (self.beta_1, self.beta_2)]

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }


def _norm(x):
    return ops.sqrt(ops.sum(ops.square(x)))


def _ratio(of_variable, of_step):
    """1 where a norm is 0. The divisor is made 1 there as well, so that nothing is divided by 0."""
    both = ops.logical_and(ops.greater(of_variable, 0.0), ops.greater(of_step, 0.0))
    return ops.where(both, ops.divide(of_variable, ops.where(both, of_step, 1.0)), 1.0)
