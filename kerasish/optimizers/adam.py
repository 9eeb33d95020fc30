"""Adam, and AMSGrad."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Adam(Optimizer):
    """The running mean of the gradient, divided by the root of that of its square.

        m += (1 - beta_1) * (gradient - m);  v += (1 - beta_2) * (gradient**2 - v)
        rate = learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t), in step t, counted from 1
        variable -= rate * m / (sqrt(v) + epsilon)

    Args:
        beta_1: float in [0, 1), how much of m, the running mean of the gradient, is kept each step.
        beta_2: float in [0, 1), how much of v, the running mean of its square, is kept each step.
        epsilon: float that keeps the divisor from 0 ("epsilon hat" of the paper); None: `keras.config.epsilon()`.
        amsgrad: bool. Divide by the root of the largest v so far.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.Adam(0.25).apply([keras.ops.array([3.0])], [weight])
        >>> round(float(weight[0]), 4)
        0.75

    Reference:
        Kingma & Ba 2014, "Adam: a method for stochastic optimization", arXiv:1412.6980; Reddi et al. 2018, "On the
        convergence of Adam and beyond", arXiv:1904.09237 (amsgrad).
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2, self.amsgrad = beta_1, beta_2, amsgrad
        self.epsilon = backend.epsilon() if epsilon is None else epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate = self.once_a_step(self._corrected_rate, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.beta_1))
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), 1 - self.beta_2))
        if self.amsgrad:
            largest = self._velocity_hats[index]
            self.assign(largest, ops.maximum(largest, v))
            v = largest
        self.assign_sub(variable, ops.divide(ops.multiply(m, rate), ops.add(ops.sqrt(v), self.epsilon)))

    def _corrected_rate(self, learning_rate, dtype):
        """The rate with the bias of both means, which start at 0, taken out."""
        step = ops.cast(ops.add(self.iterations, 1), dtype)
        bias_1 = ops.subtract(1.0, ops.power(self.beta_1, step))
        bias_2 = ops.subtract(1.0, ops.power(self.beta_2, step))
        return ops.divide(ops.multiply(ops.cast(learning_rate, dtype), ops.sqrt(bias_2)), bias_1)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }
