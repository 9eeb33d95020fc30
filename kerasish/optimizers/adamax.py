"""Adamax."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Adamax(Optimizer):
    """Adam with the largest recent gradient in place of the root of the mean square.

        m += (1 - beta_1) * (gradient - m);  u = max(beta_2 * u, |gradient|)
        variable -= learning_rate / (1 - beta_1**t) * m / (u + epsilon), in step t, counted from 1

    Args:
        beta_1: float in [0, 1), how much of m is kept each step.
        beta_2: float in [0, 1), how much of u is kept each step.
        epsilon: float that keeps the divisor from 0.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.Adamax(0.25).apply([keras.ops.array([3.0])], [weight])
        >>> round(float(weight[0]), 4)
        0.75

    Reference:
        Kingma & Ba 2014, "Adam: a method for stochastic optimization", section 7, arXiv:1412.6980.
    """

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
        self._m, self._u = self.add_optimizer_variables(variables, ["momentum", "norm"])

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate = self.once_a_step(self._corrected_rate, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        m, u = self._m[index], self._u[index]
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.beta_1))
        self.assign(u, ops.maximum(ops.multiply(u, self.beta_2), ops.abs(gradient)))
        self.assign_sub(variable, ops.divide(ops.multiply(m, rate), ops.add(u, self.epsilon)))

    def _corrected_rate(self, learning_rate, dtype):
        step = ops.cast(ops.add(self.iterations, 1), dtype)
        return ops.divide(ops.cast(learning_rate, dtype), ops.subtract(1.0, ops.power(self.beta_1, step)))

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
